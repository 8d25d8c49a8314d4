//! What superusers do with the accounts of others.

use std::future::Future;

use crate::{
    admin::Admin,
    change::errors::{DeleteError, UpdateError},
    context::Context,
    error::Fault,
    manager::{IdOf, ManagedUser, ProfileOf, UserManager},
    mark::outside,
    op::Op,
    slices::{
        administration,
        sealing::{self, Resealed},
    },
    store::{CredentialStore, Directory, ListQuery, Page},
    user::{AdminUpdate, NoProfile, User},
};

/// What every user manager can do for a superuser. Each operation demands the witness [`Admin`].
pub trait Administration: UserManager {
    /// Changes any field of any user. The password of another one only where the engine
    /// [lets superusers](crate::engine::EngineBuilder::superusers_set_passwords) do so; a new password or address of their own account needs a fresh
    /// login.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// use usermgr::user::AdminUpdate;
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
        async move { administration::update_user(Op::begin(self, cx)?, admin, id, update).await }
    }

    /// Changes the profile of any user, the fields that no request sets included: a plan, credits, a role. The gate `on_before_update` is
    /// asked, `on_before_commit` joins, the event is raised and `on_after_update` is called, as for every update; what changes nothing
    /// writes nothing.
    ///
    /// `change` is called anew when another write was in the way, so it must say what shall be, and not count its calls.
    ///
    /// ```
    /// use serde::{Deserialize, Serialize};
    /// use usermgr::{UpdateError, prelude::*};
    ///
    /// #[derive(Clone, Debug, Serialize, Deserialize, Profile)]
    /// struct Customer {
    ///     name: String,
    ///     #[profile(server)]
    ///     credits: u32,
    /// }
    ///
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore<Customer>>, user: User<Customer>) -> Result<(), UpdateError> {
    /// let billing = Admin::system("billing");
    /// let user = accounts.update_profile(&billing, &user.id, |customer| customer.credits += 10, &Context::default()).await?;
    /// println!("{} credits", user.profile.credits);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// See [`UpdateError`]: [`UpdateError::InvalidProfile`] for a profile that could not be read back from the store.
    fn update_profile(
        &self,
        admin: &Admin,
        id: &IdOf<Self>,
        change: impl Fn(&mut ProfileOf<Self>) + Send + Sync,
        cx: &Context,
    ) -> impl Future<Output = Result<ManagedUser<Self>, UpdateError>> + Send {
        async move { administration::update_profile(Op::begin(self, cx)?, admin, id, &change).await }
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
        async move { administration::set_active(Op::begin(self, cx)?, admin, id, active).await }
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
        async move { administration::set_superuser(Op::begin(self, cx)?, admin, id, superuser).await }
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
        async move { administration::delete_user(Op::begin(self, cx)?, admin, id).await }
    }

    /// A page of all users, in the order of their ids. Those whose profile cannot be read stand apart, see [`Page::unreadable`].
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// use usermgr::store::ListQuery;
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

    /// Seals with the current key all that credentials hold in sealed form, after [`data_secret`](crate::settings::Settings::data_secret), or the
    /// root that it comes from, was replaced: unlike tokens, what lies in rows does not run out, so that the secret of before stays
    /// needed until this is done. Call it once all processes have the new secret.
    ///
    /// Each row is one swap of its own. Rows that have the current key are left alone, so that it goes on where it was broken off. Of
    /// each row that does not open an event `seal_unreadable` tells.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>) -> Result<(), Box<dyn std::error::Error>> {
    /// let done = accounts.reseal(&Admin::system("rotation"), &Context::default()).await?;
    /// println!("{} rows have the new key, {} do not open", done.rows, done.unreadable);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Only faults: [`Fault::Busy`] when others changed the same rows again and again.
    fn reseal(&self, admin: &Admin, cx: &Context) -> impl Future<Output = Result<Resealed, Fault>> + Send
    where
        Self::Store: CredentialStore,
    {
        async move {
            outside()?;
            sealing::reseal(self, admin, cx).await
        }
    }
}

impl<M: UserManager + ?Sized> Administration for M {}
