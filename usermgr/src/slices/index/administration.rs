//! What superusers do with the accounts of other users.

use std::future::Future;

use crate::{
    admin::Admin,
    change::errors::{DeleteError, UpdateError},
    context::Context,
    error::Fault,
    login::LoggedIn,
    manager::{IdOf, ManagedUser, ProfileOf, UserManager},
    mark::outside,
    op::Begun,
    slices::{
        ImpersonateError, SessionError, administration, impersonation,
        sealing::{self, Resealed},
    },
    store::{CredentialStore, Directory, ListQuery, Page, SessionStore, UserFilter},
    user::{AdminUpdate, EmailAddress, NoProfile, User},
};

/// The operations for superusers, on every user manager. Each one requires an [`Admin`] value, which proves the right.
pub trait Administration: UserManager {
    /// Changes any field of any user. Another user's password can be changed only if the engine [allows
    /// it](crate::engine::EngineBuilder::superusers_set_passwords). A new password or address for the superuser's own
    /// account requires a fresh login. With a second factor, superusers prove their own new address as every user does:
    /// see [`UpdateError::EmailProofRequired`].
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// use usermgr::user::AdminUpdate;
    ///
    /// let update = AdminUpdate::default().verified(true);
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
        async move { administration::update_user(Begun::new(self, cx)?.op(), admin, id, update).await }
    }

    /// Changes the profile of any user, including the fields that no request sets, such as a plan, credits or a role.
    /// The steps are those of every update: it asks the gate `on_before_update`, joins `on_before_commit`, raises the
    /// event and calls `on_after_update`. If nothing changes, nothing is written.
    ///
    /// `change` is called again after a concurrent write, so it must set values and must not count its calls.
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
        async move { administration::update_profile(Begun::new(self, cx)?.op(), admin, id, &change).await }
    }

    /// Activates or deactivates a user. Deactivating ends all their sessions. Returns the fixed fields only, because it
    /// also works for an account whose profile cannot be read; for such an account no hook is called.
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
        async move { administration::set_active(Begun::new(self, cx)?.op(), admin, id, active).await }
    }

    /// Grants or removes superuser rights.
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
        async move { administration::set_superuser(Begun::new(self, cx)?.op(), admin, id, superuser).await }
    }

    /// Deletes any user, as [`Operations::delete`](crate::Operations::delete) does. If the profile cannot be read, no
    /// hook is called.
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
        async move { administration::delete_user(Begun::new(self, cx)?.op(), admin, id).await }
    }

    /// Ends all sessions of any user, as [`Sessions::revoke_all`](crate::Sessions::revoke_all) does. Outstanding reset
    /// tokens stay valid.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// accounts.revoke_user_sessions(&Admin::system("lost phone"), &user.id, &Context::default()).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`SessionError::NotFound`] if there is no such user; or a fault.
    fn revoke_user_sessions(
        &self,
        admin: &Admin,
        id: &IdOf<Self>,
        cx: &Context,
    ) -> impl Future<Output = Result<(), SessionError>> + Send
    where
        Self::Store: SessionStore,
    {
        async move { administration::revoke_user_sessions(Begun::new(self, cx)?.op(), admin, id).await }
    }

    /// Gives a superuser a session in which they act as a user, with the part [`Impersonation`](crate::impersonation::Impersonation). It
    /// is a session of the superuser's backend, which ends after [an hour](crate::impersonation::Impersonation::lifetime), with the
    /// superuser's own session, and as soon as the superuser is not an active one any more, or the user is one.
    ///
    /// The session is never fresh and proves no factor. In it, no password, address, user name, factor, passkey, linked
    /// provider or API key can be changed or made. It is no login of the user: hooks of logins are not called, and none of the
    /// user's sessions ends. It raises the event `impersonated` and calls `on_after_impersonate`.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, admin: Admin, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// let acting = accounts.impersonate(&admin, &user.id, &Context::default()).await?;
    /// let session = &acting.login.session;
    /// println!("{:?} acts as {} until {}", session.actor, acting.user.email, session.expires_at);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// See [`ImpersonateError`]. [`Admin::system`] has no session, and cannot act as a user.
    fn impersonate(
        &self,
        admin: &Admin,
        id: &IdOf<Self>,
        cx: &Context,
    ) -> impl Future<Output = Result<LoggedIn<Self::Store>, ImpersonateError>> + Send {
        async move { impersonation::impersonate(Begun::new(self, cx)?.op(), admin, id).await }
    }

    /// Returns a page of all users, ordered by id. Users whose profile cannot be read are listed separately, in
    /// [`Page::unreadable`].
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// use usermgr::store::ListQuery;
    ///
    /// let (admin, mut query) = (Admin::system("report"), ListQuery::default().limit(100));
    /// loop {
    ///     let page = accounts.list_users(&admin, query).await?;
    ///     page.users.iter().for_each(|user| println!("{}", user.email));
    ///     let Some(cursor) = page.next_cursor else { break };
    ///     query = ListQuery::default().limit(100).after(cursor.parse()?);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Returns only a [`Fault`].
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

    /// Returns a page of the users that a filter matches, ordered by their canonical address. Users whose profile cannot
    /// be read are listed separately, in [`Page::unreadable`].
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>) -> Result<(), Box<dyn std::error::Error>> {
    /// use usermgr::store::{ListQuery, UserFilter};
    ///
    /// let (admin, inactive) = (Admin::system("report"), UserFilter::default().email_prefix("ada").active(false));
    /// let mut query = ListQuery::default();
    /// loop {
    ///     let page = accounts.search_users(&admin, &inactive, query).await?;
    ///     page.users.iter().for_each(|user| println!("{}", user.email));
    ///     let Some(cursor) = page.next_cursor else { break };
    ///     query = ListQuery::default().after(EmailAddress::from_stored(cursor));
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Returns only a [`Fault`].
    fn search_users(
        &self,
        admin: &Admin,
        filter: &UserFilter,
        query: ListQuery<EmailAddress>,
    ) -> impl Future<Output = Result<Page<ProfileOf<Self>, IdOf<Self>>, Fault>> + Send
    where
        Self::Store: Directory,
    {
        async move {
            outside()?;
            administration::search_users(self, admin, filter, query).await
        }
    }

    /// Reseals everything that credentials hold in sealed form with the current key. Call it after you have replaced
    /// [`data_secret`](crate::settings::Settings::data_secret), or the root secret from which it is derived, and once
    /// all processes have the new secret. Unlike tokens, stored rows do not expire, so the previous secret is needed
    /// until this is done.
    ///
    /// Each row is one compare-and-swap. Rows that already use the current key are skipped, so an interrupted run can
    /// be repeated. Each row that cannot be opened raises a `seal_unreadable` event.
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
    /// Returns only a [`Fault`]: [`Fault::Busy`] if concurrent writes changed the same rows too often.
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
