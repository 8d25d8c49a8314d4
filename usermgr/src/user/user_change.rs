//! The change that is about to be committed: the argument of the hook that runs in the transaction.

use uuid::Uuid;

use super::{Changes, EmailAddress, NoProfile, User};

/// A change of an account within its transaction, as [`on_before_commit`](crate::UserManager::on_before_commit)
/// receives it. Each transaction has one change. [`user`](Self::user) is the account after the change, which is all
/// that rows that mirror accounts need.
///
/// Replacing an outdated hash at a login and ending sessions are not changes of an account.
///
/// ```
/// use usermgr::prelude::*;
/// fn name(change: &UserChange) -> &'static str {
///     match change {
///         UserChange::Registered(_) => "welcome",
///         UserChange::Deleted(_) => "good-bye",
///         _ => "still here",
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum UserChange<'a, P = NoProfile, I = Uuid> {
    /// A user was registered, invited, or created by the application. The row is written and has its id.
    Registered(&'a User<P, I>),
    /// The user or a superuser changed fields: the address, the password, a flag or the profile.
    Updated {
        /// The account after the change.
        user: &'a User<P, I>,
        /// The changed fields with their old and new values.
        changes: &'a Changes<P>,
    },
    /// A token verified the address.
    Verified(&'a User<P, I>),
    /// A token or the current password set a new password.
    PasswordChanged(&'a User<P, I>),
    /// A token replaced the address.
    EmailChanged {
        /// The account after the change.
        user: &'a User<P, I>,
        /// The previous address.
        old: &'a EmailAddress,
    },
    /// An identity at a provider was linked to the account.
    Linked(&'a User<P, I>),
    /// An identity at a provider was unlinked from the account.
    Unlinked(&'a User<P, I>),
    /// A second factor was added to the account.
    FactorAdded(&'a User<P, I>),
    /// A second factor was removed from the account.
    FactorRemoved(&'a User<P, I>),
    /// An API key was made, or made in place of another one.
    ApiKeyCreated(&'a User<P, I>),
    /// An API key was revoked.
    ApiKeyRevoked(&'a User<P, I>),
    /// The owner of the address, which the account had never verified, has proved it: by a trusted provider, or by a login
    /// by mail. It belongs to them now: its password, its sessions and its other credentials are gone.
    Claimed(&'a User<P, I>),
    /// The owner of the address has accepted an invitation: the address is verified, and nothing is left of what the
    /// account may have had before.
    InvitationAccepted(&'a User<P, I>),
    /// The account will be deleted by the last statement of the transaction. Rows that refer to it must be deleted
    /// first.
    Deleted(&'a User<P, I>),
}

impl<'a, P, I> UserChange<'a, P, I> {
    /// Returns the account after the change, or before it for a deletion.
    pub fn user(&self) -> &'a User<P, I> {
        match self {
            Self::Registered(user)
            | Self::Updated { user, .. }
            | Self::Verified(user)
            | Self::PasswordChanged(user)
            | Self::EmailChanged { user, .. }
            | Self::Linked(user)
            | Self::Unlinked(user)
            | Self::FactorAdded(user)
            | Self::FactorRemoved(user)
            | Self::ApiKeyCreated(user)
            | Self::ApiKeyRevoked(user)
            | Self::Claimed(user)
            | Self::InvitationAccepted(user)
            | Self::Deleted(user) => user,
        }
    }
}
