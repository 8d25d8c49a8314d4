//! The permissions of this server, for its two demonstration routes: they show what an API key can do.

use usermgr::prelude::*;

use super::{Accounts, Store};

/// What a user may do.
#[derive(Clone, Copy, Permission)]
pub(crate) enum Can {
    /// Everyone reads their own account.
    #[permission("account:read")]
    AccountRead,
    /// Superusers read the accounts of others.
    #[permission("users:read")]
    UsersRead,
}

impl<S: Store> Permits for Accounts<S> {
    type Permission = Can;

    fn permits(&self, user: &User) -> Permissions<Can> {
        if user.is_superuser { Permissions::all() } else { Can::AccountRead.into() }
    }
}
