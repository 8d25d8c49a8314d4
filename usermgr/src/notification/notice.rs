//! A notification and its recipient.

use crate::{
    audit::EventKind,
    store::{ApiKeyInfo, FactorInfo},
    user::EmailAddress,
};

/// A notification with the additional arguments of its hook.
#[derive(Clone)]
pub(crate) struct Notice<'a> {
    pub(super) name: &'static str,
    pub(super) requested: Option<EventKind>,
    /// What it is about, besides the user.
    pub(super) about: About<'a>,
    /// The part of the stamp that tokens carry, if a new stamp invalidates the request.
    pub(super) stamp: Option<String>,
    /// The digest of the pending step that waits for what the message contains.
    pub(super) step: Option<String>,
}

/// The additional argument of a hook.
#[derive(Clone, Copy)]
pub(crate) enum About<'a> {
    Nothing,
    /// The other address, for a change of address.
    Address(&'a EmailAddress),
    /// A second factor.
    Factor(&'a FactorInfo),
    /// An API key.
    Key(&'a ApiKeyInfo),
}

impl<'a> Notice<'a> {
    pub(crate) fn about(self, address: &'a EmailAddress) -> Self {
        Self { about: About::Address(address), ..self }
    }

    pub(crate) fn about_factor(self, factor: &'a FactorInfo) -> Self {
        Self { about: About::Factor(factor), ..self }
    }

    pub(crate) fn about_key(self, key: &'a ApiKeyInfo) -> Self {
        Self { about: About::Key(key), ..self }
    }

    pub(crate) fn of_step(self, digest: &str) -> Self {
        Self { step: Some(digest.to_owned()), ..self }
    }

    pub(crate) fn bound_to(self, stamp: String) -> Self {
        Self { stamp: Some(stamp), ..self }
    }
}

/// The recipient.
pub(crate) enum Recipient<'a, I> {
    /// A user. The event of a request is raised when the request is recorded.
    User(&'a I),
    /// The user with this address, if there is one. The user is not looked up when the request is recorded, so that
    /// known and unknown addresses take the same time. The event names the user, so the first attempt to deliver raises
    /// it.
    Address(&'a EmailAddress),
}
