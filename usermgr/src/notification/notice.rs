//! What is to be told, and who.

use crate::{audit::EventKind, user::EmailAddress};

/// A notification with what its hook needs beside the user.
#[derive(Clone)]
pub(crate) struct Notice<'a> {
    pub(super) name: &'static str,
    pub(super) requested: Option<EventKind>,
    /// The other address, where an address changes.
    pub(super) address: Option<&'a EmailAddress>,
    /// The part of the stamp that tokens carry, where a new stamp ends the request.
    pub(super) stamp: Option<String>,
}

impl<'a> Notice<'a> {
    pub(crate) fn about(self, address: &'a EmailAddress) -> Self {
        Self { address: Some(address), ..self }
    }

    pub(crate) fn bound_to(self, stamp: String) -> Self {
        Self { stamp: Some(stamp), ..self }
    }
}

/// Who is notified.
pub(crate) enum Recipient<'a, I> {
    /// A user. The event of a request is raised when the request is recorded.
    User(&'a I),
    /// The user who has this address, if there is one. Nobody is looked up when the request is recorded, so that known and unknown addresses
    /// cost the same; the event, which names the user, is raised by the first attempt to deliver.
    Address(&'a EmailAddress),
}
