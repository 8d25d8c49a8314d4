//! What superusers do with the accounts of others.

use std::future::Future;

use super::super::{Admin, IdOf, ManagedUser, ProfileOf, admin, delete, transaction::outside, update};
use crate::{
    context::Context,
    error::{DeleteError, Fault, UpdateError},
    manager::UserManager,
    store::{Directory, ListQuery, Page},
    user::AdminUpdate,
};

/// What every user manager can do for a superuser. Each operation demands the witness [`Admin`].
pub trait Administration: UserManager {
    /// Changes any field of any user. The password of another one only where the engine
    /// [lets superusers](crate::EngineBuilder::superusers_set_passwords) do so; a new password or address of his own account needs a fresh
    /// login.
    ///
    /// # Errors
    /// See [`UpdateError`].
    fn update_user(
        &self,
        admin: &Admin,
        id: &IdOf<Self>,
        update: AdminUpdate<ProfileOf<Self>>,
        cx: &Context,
    ) -> impl Future<Output = Result<ManagedUser<Self>, UpdateError>> + Send {
        async move {
            outside()?;
            update::update_user(self, admin, id, update, cx).await
        }
    }

    /// Lets a user in or keeps him out. Keeping him out ends all his sessions.
    ///
    /// # Errors
    /// See [`UpdateError`].
    fn set_active(
        &self,
        admin: &Admin,
        id: &IdOf<Self>,
        active: bool,
        cx: &Context,
    ) -> impl Future<Output = Result<ManagedUser<Self>, UpdateError>> + Send {
        async move {
            outside()?;
            update::set_active(self, admin, id, active, cx).await
        }
    }

    /// Makes a user a superuser, or an ordinary one.
    ///
    /// # Errors
    /// See [`UpdateError`].
    fn set_superuser(
        &self,
        admin: &Admin,
        id: &IdOf<Self>,
        superuser: bool,
        cx: &Context,
    ) -> impl Future<Output = Result<ManagedUser<Self>, UpdateError>> + Send {
        async move {
            outside()?;
            update::set_superuser(self, admin, id, superuser, cx).await
        }
    }

    /// Deletes any user, as [`Operations::delete`] does.
    ///
    /// # Errors
    /// See [`DeleteError`].
    fn delete_user(
        &self,
        admin: &Admin,
        id: &IdOf<Self>,
        cx: &Context,
    ) -> impl Future<Output = Result<(), DeleteError>> + Send {
        async move {
            outside()?;
            delete::delete_user(self, admin, id, cx).await
        }
    }

    /// A page of all users, in the order of their ids.
    ///
    /// # Errors
    /// Only faults.
    fn list_users(
        &self,
        admin: &Admin,
        query: ListQuery<IdOf<Self>>,
    ) -> impl Future<Output = Result<Page<ManagedUser<Self>>, Fault>> + Send
    where
        Self::Store: Directory,
    {
        async move {
            outside()?;
            admin::list_users(self, admin, query).await
        }
    }
}

impl<M: UserManager + ?Sized> Administration for M {}
