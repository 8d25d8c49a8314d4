//! The operations on API keys.

use std::{future::Future, time::Duration};

use crate::{
    admin::Admin,
    api_key::{CreatedApiKey, NewApiKey},
    context::Context,
    manager::{IdOf, ManagedUser, ProfileOf, UserManager},
    op::Begun,
    session::Principal,
    slices::{
        ApiKeyError, RegisterError,
        api_keys::{self, create_service_account},
    },
    store::{ApiKeyInfo, CredentialId},
};

/// The operations on the API keys of users, with the part [`ApiKeys`](crate::api_keys::ApiKeys). In scope through the prelude.
///
/// ```
/// # async fn example(accounts: impl usermgr::UserManager<Store = usermgr::MemoryStore>, user: usermgr::User) -> Result<(), Box<dyn std::error::Error>> {
/// use usermgr::prelude::*;
///
/// for key in accounts.api_keys(&user, &Context::default()).await? {
///     println!("{:?} ..{} expires at {:?}", key.label, key.hint, key.expires_at);
/// }
/// # Ok(())
/// # }
/// ```
pub trait ApiKeyring: UserManager {
    /// Returns the API keys of a user that have not expired, the oldest first.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// let has_one = !accounts.api_keys(&user, &Context::default()).await?.is_empty();
    /// # let _ = has_one; Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ApiKeyError::NotInstalled`], or a fault.
    fn api_keys(
        &self,
        user: &ManagedUser<Self>,
        cx: &Context,
    ) -> impl Future<Output = Result<Vec<ApiKeyInfo>, ApiKeyError>> + Send {
        async move { api_keys::list(Begun::new(self, cx)?.op(), user).await }
    }

    /// Makes an API key of the user of a session, after asking `on_before_create_api_key`, and calls
    /// `on_after_create_api_key`. The scopes must be permissions that the user has now. The session may be old; the route
    /// demands a fresh one.
    ///
    /// ```
    /// # use usermgr::{prelude::*, session::Principal};
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, principal: Principal<MemoryStore>) -> Result<(), Box<dyn std::error::Error>> {
    /// let new = NewApiKey::new(["orders:read"]).label("nightly report");
    /// let created = accounts.create_api_key(&principal, new, &Context::default()).await?;
    /// println!("copy it now, it is shown once: {}", created.key.expose());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ApiKeyError::NotInstalled`], [`ApiKeyError::ScopeNotAllowed`], [`ApiKeyError::InvalidLifetime`],
    /// [`ApiKeyError::InvalidLabel`], [`ApiKeyError::TooMany`], [`ApiKeyError::NotVerified`],
    /// [`ApiKeyError::SecondFactorRequired`], [`ApiKeyError::Rejected`] by a hook, or a fault.
    fn create_api_key(
        &self,
        principal: &Principal<Self::Store>,
        new: NewApiKey,
        cx: &Context,
    ) -> impl Future<Output = Result<CreatedApiKey, ApiKeyError>> + Send {
        async move { api_keys::create(Begun::new(self, cx)?.op(), principal, new).await }
    }

    /// Makes an API key with the label, the scopes and the lifetime of another one, which ends. The old key lives on for
    /// `overlap`, in whole seconds and at most a day, and is in the list under another id until then. It asks and calls the
    /// hooks of [`create_api_key`](Self::create_api_key).
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use usermgr::{prelude::*, session::Principal};
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, principal: Principal<MemoryStore>, id: usermgr::store::CredentialId) -> Result<(), Box<dyn std::error::Error>> {
    /// let hour = Duration::from_secs(3600);
    /// let created = accounts.rotate_api_key(&principal, &id, hour, &Context::default()).await?;
    /// println!("replace the key within an hour by {}", created.key.expose());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ApiKeyError::NotFound`]; [`ApiKeyError::InvalidLifetime`] for an overlap of more than a day; and those of
    /// `create_api_key` but for the scopes, which are not judged again.
    fn rotate_api_key(
        &self,
        principal: &Principal<Self::Store>,
        id: &CredentialId,
        overlap: Duration,
        cx: &Context,
    ) -> impl Future<Output = Result<CreatedApiKey, ApiKeyError>> + Send {
        async move { api_keys::rotate(Begun::new(self, cx)?.op(), principal, id, overlap).await }
    }

    /// Gives an API key of a user another label, of at most 64 characters. `None` removes the label.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User, id: usermgr::store::CredentialId) -> Result<(), Box<dyn std::error::Error>> {
    /// accounts.rename_api_key(&user, &id, Some("the old laptop"), &Context::default()).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ApiKeyError::NotInstalled`], [`ApiKeyError::NotFound`], [`ApiKeyError::InvalidLabel`], or a fault.
    fn rename_api_key(
        &self,
        user: &ManagedUser<Self>,
        id: &CredentialId,
        label: Option<&str>,
        cx: &Context,
    ) -> impl Future<Output = Result<ApiKeyInfo, ApiKeyError>> + Send {
        async move { api_keys::rename(Begun::new(self, cx)?.op(), &user.id, id, label).await }
    }

    /// Revokes an API key of a user, then calls `on_after_revoke_api_key`. The next request with it is refused.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User, id: usermgr::store::CredentialId) -> Result<(), Box<dyn std::error::Error>> {
    /// accounts.revoke_api_key(&user, &id, &Context::system("it was in a public repository")).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ApiKeyError::NotInstalled`], [`ApiKeyError::NotFound`], [`ApiKeyError::Rejected`] by `on_before_commit`, or a fault.
    fn revoke_api_key(
        &self,
        user: &ManagedUser<Self>,
        id: &CredentialId,
        cx: &Context,
    ) -> impl Future<Output = Result<(), ApiKeyError>> + Send {
        async move { api_keys::revoke(Begun::new(self, cx)?.op(), &user.id, id).await }
    }

    /// Revokes one API key of any user, or all of them if `only` is `None`, and calls `on_after_revoke_api_key` for each.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// accounts.revoke_user_api_keys(&Admin::system("help desk"), &user.id, None, &Context::default()).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ApiKeyError::NotFound`] for a user who has none; and those of [`revoke_api_key`](Self::revoke_api_key).
    fn revoke_user_api_keys(
        &self,
        admin: &Admin,
        id: &IdOf<Self>,
        only: Option<&CredentialId>,
        cx: &Context,
    ) -> impl Future<Output = Result<(), ApiKeyError>> + Send {
        async move { api_keys::revoke_all(Begun::new(self, cx)?.op(), admin, id, only).await }
    }

    /// Makes the account of a program, which owns API keys, has no password and never logs in. Its address is
    /// `name@service.invalid`, to which no mail is sent. It is verified, and asks and calls the hooks of
    /// [`create`](crate::Operations::create). Its permissions are those that [`Permits`](crate::permissions::Permits) gives it, such as
    /// by roles in the profile.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>) -> Result<(), Box<dyn std::error::Error>> {
    /// let (admin, cx) = (Admin::system("setup"), Context::default());
    /// let robot = accounts.create_service_account(&admin, "nightly-report", NoProfile, &cx).await?;
    /// assert!(robot.is_service_account());
    /// let new = NewApiKey::new(["orders:read"]);
    /// println!("{}", accounts.create_service_api_key(&admin, &robot.id, new, &cx).await?.key.expose());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`RegisterError::InvalidEmail`] for a name that cannot stand before an `@`, [`RegisterError::AlreadyExists`], and the
    /// others of `create`.
    fn create_service_account(
        &self,
        admin: &Admin,
        name: &str,
        profile: ProfileOf<Self>,
        cx: &Context,
    ) -> impl Future<Output = Result<ManagedUser<Self>, RegisterError>> + Send {
        async move { create_service_account(Begun::new(self, cx)?.op(), admin, name, profile).await }
    }

    /// Makes an API key of a service account. The scopes must be permissions that this account has now. For the keys of a
    /// person there is no such operation: they alone make them.
    ///
    /// # Errors
    /// [`ApiKeyError::NoServiceAccount`], [`ApiKeyError::NotFound`], and those of [`create_api_key`](Self::create_api_key).
    fn create_service_api_key(
        &self,
        admin: &Admin,
        id: &IdOf<Self>,
        new: NewApiKey,
        cx: &Context,
    ) -> impl Future<Output = Result<CreatedApiKey, ApiKeyError>> + Send {
        async move { api_keys::create_for_service(Begun::new(self, cx)?.op(), admin, id, new).await }
    }
}

impl<M: UserManager + ?Sized> ApiKeyring for M {}
