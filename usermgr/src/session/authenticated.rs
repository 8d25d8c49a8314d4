//! The proof that a session begins with: who was authenticated, by which methods, and when.

use std::fmt;

use jiff::Timestamp;

use crate::{
    amr::Amr,
    store::{RecordOf, UserOf, UserStore},
};

/// A user who has just been authenticated, with the methods by which that was done. It is what a [`Strategy`](crate::session::Strategy) makes a
/// session of, and the library alone can make one, after all that a login asks. An application that has proved a user by its own means
/// calls [`sign_in`](crate::Operations::sign_in).
pub struct Authenticated<S: UserStore> {
    record: RecordOf<S>,
    methods: Amr,
    at: Timestamp,
}

impl<S: UserStore> Authenticated<S> {
    pub(crate) fn new(record: RecordOf<S>, methods: Amr, at: Timestamp) -> Self {
        Self { record, methods, at }
    }

    /// The account, as it was read for the proof.
    pub fn record(&self) -> &RecordOf<S> {
        &self.record
    }

    /// The user.
    pub fn user(&self) -> &UserOf<S> {
        &self.record.user
    }

    /// By which methods.
    pub fn methods(&self) -> &Amr {
        &self.methods
    }

    /// When. Of several proofs it is the time of the last one.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    pub(crate) fn into_user(self) -> UserOf<S> {
        self.record.user
    }
}

impl<S: UserStore> fmt::Debug for Authenticated<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticated")
            .field("user", self.user())
            .field("methods", &self.methods)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}
