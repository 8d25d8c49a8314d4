//! The fields that an update changes, with their old and new values: the argument of the update hooks.

use super::{EmailAddress, NoProfile, Username};

/// One changed field.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change<T> {
    /// The value before the change.
    pub old: T,
    /// The value after the change.
    pub new: T,
}

impl<T: Clone + PartialEq> Change<T> {
    /// Returns `None` if both values are equal.
    pub(crate) fn between(old: &T, new: &T) -> Option<Self> {
        (old != new).then(|| Self { old: old.clone(), new: new.clone() })
    }
}

/// The fields that an update changes. A field that stays is `None`. A new password is only indicated, never shown.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Changes<P = NoProfile> {
    /// The address, even if only its displayed form changes.
    pub email: Option<Change<EmailAddress>>,
    /// The user name, even if only its displayed form changes. The old one is `None` for a user who had none.
    pub username: Option<Change<Option<Username>>>,
    /// Whether a new password is set.
    pub password: bool,
    /// See [`User::is_active`](crate::User::is_active).
    pub is_active: Option<Change<bool>>,
    /// See [`User::is_superuser`](crate::User::is_superuser).
    pub is_superuser: Option<Change<bool>>,
    /// See [`User::is_verified`](crate::User::is_verified). A new address sets it to `false`.
    pub is_verified: Option<Change<bool>>,
    /// The profile, if the request named any field of it.
    pub profile: Option<Change<P>>,
}

impl<P> Changes<P> {
    /// Returns whether nothing changes.
    pub fn is_empty(&self) -> bool {
        let Self { email, username, password, is_active, is_superuser, is_verified, profile } = self;
        let flags = [is_active, is_superuser, is_verified];
        email.is_none()
            && username.is_none()
            && !password
            && flags.iter().all(|flag| flag.is_none())
            && profile.is_none()
    }
}
