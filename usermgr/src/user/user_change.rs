//! What is about to become durable: the argument of the hook that joins the transaction.

use uuid::Uuid;

use super::{Changes, EmailAddress, NoProfile, User};

/// A change of an account inside its transaction, as [`on_before_commit`](crate::UserManager::on_before_commit) sees it. Each
/// transaction has one. [`user`](Self::user) is the account as it will be, whatever the change: rows that mirror it need no more.
///
/// A hash made anew at a login and ended sessions are no change of an account.
///
/// ```
/// use usermgr::prelude::*;
/// fn told(change: &UserChange) -> &'static str {
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
    /// A user was registered, or created by the application. The row is there, with its id.
    Registered(&'a User<P, I>),
    /// Fields were changed, by the user or by a superuser: the address, the password, a flag or the profile.
    Updated {
        /// The account as it will be.
        user: &'a User<P, I>,
        /// The fields, with their old and new values.
        changes: &'a Changes<P>,
    },
    /// A token has verified the address.
    Verified(&'a User<P, I>),
    /// A token or the current password has set a new password.
    PasswordChanged(&'a User<P, I>),
    /// A token has put a new address in place of the old one.
    EmailChanged {
        /// The account as it will be.
        user: &'a User<P, I>,
        /// The address until now.
        old: &'a EmailAddress,
    },
    /// The account is deleted, as the last statement of the transaction: rows that refer to it must go first.
    Deleted(&'a User<P, I>),
}

impl<'a, P, I> UserChange<'a, P, I> {
    /// The account as it will be; of a deletion, as it was.
    pub fn user(&self) -> &'a User<P, I> {
        match self {
            Self::Registered(user)
            | Self::Updated { user, .. }
            | Self::Verified(user)
            | Self::PasswordChanged(user)
            | Self::EmailChanged { user, .. }
            | Self::Deleted(user) => user,
        }
    }
}
