//! What an update changes, field by field, with the old and the new value: the argument of the update hooks.

use super::{EmailAddress, NoProfile};

/// One changed field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change<T> {
    /// The value before.
    pub old: T,
    /// The value after.
    pub new: T,
}

impl<T: Clone + PartialEq> Change<T> {
    /// `None` when nothing changes.
    pub(crate) fn between(old: &T, new: &T) -> Option<Self> {
        (old != new).then(|| Self { old: old.clone(), new: new.clone() })
    }
}

/// The fields that an update changes; `None` where a field stays. A new password is told, never shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes<P = NoProfile> {
    /// The address, also when only its shown form changes.
    pub email: Option<Change<EmailAddress>>,
    /// Whether a new password is set.
    pub password: bool,
    /// See [`User::is_active`](crate::User::is_active).
    pub is_active: Option<Change<bool>>,
    /// See [`User::is_superuser`](crate::User::is_superuser).
    pub is_superuser: Option<Change<bool>>,
    /// See [`User::is_verified`](crate::User::is_verified). A new address makes it `false`.
    pub is_verified: Option<Change<bool>>,
    /// The profile, when the request named any field of it.
    pub profile: Option<Change<P>>,
}

impl<P> Changes<P> {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        let Self { email, password, is_active, is_superuser, is_verified, profile } = self;
        let flags = [is_active, is_superuser, is_verified];
        email.is_none() && !password && flags.iter().all(|flag| flag.is_none()) && profile.is_none()
    }
}
