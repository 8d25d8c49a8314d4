//! What superusers do with the accounts of others.

use std::future::Future;

use crate::{
    admin::Admin,
    change::{delete, transaction::outside, update},
    context::Context,
    error::{DeleteError, Fault, UpdateError},
    manager::{IdOf, ManagedUser, ProfileOf, UserManager},
    slices::administration,
    store::{Directory, ListQuery, Page},
    user::{AdminUpdate, NoProfile, User},
};

/// What every user manager can do for a superuser. Each operation demands the witness [`Admin`].
pub trait Administration: UserManager {
    /// Changes any field of any user. The password of another one only where the engine
    /// [lets superusers](crate::EngineBuilder::superusers_set_passwords) do so; a new password or address of his own account needs a fresh
    /// login.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// use usermgr::AdminUpdate;
    ///
    /// let update = AdminUpdate {
    ///     email: None,
    ///     password: None,
    ///     is_active: None,
    ///     is_superuser: None,
    ///     is_verified: Some(true),
    ///     profile: NoProfile,
    /// };
    /// let user = accounts.update_user(&Admin::system("by letter"), &user.id, update, &Context::default()).await?;
    /// assert!(user.is_verified);
    /// # Ok(()) }
    /// ```
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

    /// Lets a user in or keeps them out. Keeping them out ends all their sessions. The answer has the fixed fields alone, since this
    /// works for an account whose profile cannot be read, too; no hook is asked there.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// let user = accounts.set_active(&Admin::system("support"), &user.id, false, &Context::default()).await?;
    /// assert!(!user.is_active);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// See [`UpdateError`].
    fn set_active(
        &self,
        admin: &Admin,
        id: &IdOf<Self>,
        active: bool,
        cx: &Context,
    ) -> impl Future<Output = Result<User<NoProfile, IdOf<Self>>, UpdateError>> + Send {
        async move {
            outside()?;
            update::set_active(self, admin, id, active, cx).await
        }
    }

    /// Makes a user a superuser, or an ordinary one.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// accounts.set_superuser(&Admin::system("promote"), &user.id, true, &Context::default()).await?;
    /// # Ok(()) }
    /// ```
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

    /// Deletes any user, as [`Operations::delete`](crate::Operations::delete) does. No hook is asked where the profile cannot be read.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// accounts.delete_user(&Admin::system("support"), &user.id, &Context::default()).await?;
    /// # Ok(()) }
    /// ```
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

    /// A page of all users, in the order of their ids. Those whose profile cannot be read stand apart, see [`Page::unreadable`].
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// use usermgr::ListQuery;
    ///
    /// let (admin, mut query) = (Admin::system("report"), ListQuery { after: None, limit: 100 });
    /// loop {
    ///     let page = accounts.list_users(&admin, query).await?;
    ///     page.users.iter().for_each(|user| println!("{}", user.email));
    ///     let Some(cursor) = page.next_cursor else { break };
    ///     query = ListQuery { after: Some(cursor.parse()?), limit: 100 };
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Only faults.
    fn list_users(
        &self,
        admin: &Admin,
        query: ListQuery<IdOf<Self>>,
    ) -> impl Future<Output = Result<Page<ProfileOf<Self>, IdOf<Self>>, Fault>> + Send
    where
        Self::Store: Directory,
    {
        async move {
            outside()?;
            administration::list_users(self, admin, query).await
        }
    }
}

impl<M: UserManager + ?Sized> Administration for M {}
