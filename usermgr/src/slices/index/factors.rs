//! The operations on second factors.

use std::future::Future;

#[cfg(any(feature = "passkeys", feature = "totp"))]
use crate::slices::AddedFactor;
#[cfg(feature = "totp")]
use crate::slices::{
    TotpEnrolment,
    totp::{begin_totp, confirm_totp},
};
#[cfg(feature = "totp")]
use crate::token::PendingToken;
use crate::{
    admin::Admin,
    context::Context,
    error::Fault,
    login::{self, LoggedIn, LoginError, StepUp},
    manager::{IdOf, ManagedUser, UserManager},
    op::Begun,
    session::Principal,
    slices::{
        RecoveryCodes,
        factors::{self, FactorError},
    },
    store::{CredentialId, FactorInfo},
};

/// The operations on the second factors of users. In scope through the prelude.
///
/// ```
/// # async fn example(accounts: impl usermgr::UserManager<Store = usermgr::MemoryStore>, user: usermgr::User) -> Result<(), Box<dyn std::error::Error>> {
/// use usermgr::prelude::*;
///
/// for factor in accounts.factors(&user, &Context::default()).await? {
///     println!("{} {:?} since {}", factor.kind, factor.label, factor.created_at);
/// }
/// # Ok(())
/// # }
/// ```
pub trait Factors: UserManager {
    /// Returns the second factors of a user, the oldest first, and then their recovery codes.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// let has_one = !accounts.factors(&user, &Context::default()).await?.is_empty();
    /// # let _ = has_one; Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Returns only a [`Fault`].
    fn factors(
        &self,
        user: &ManagedUser<Self>,
        cx: &Context,
    ) -> impl Future<Output = Result<Vec<FactorInfo>, Fault>> + Send {
        async move { factors::factors(Begun::new(self, cx)?.op(), user).await }
    }

    /// Gives a factor of a user another label, of at most 64 characters. `None` removes the label.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// let cx = Context::default();
    /// if let Some(first) = accounts.factors(&user, &cx).await?.first() {
    ///     accounts.rename_factor(&user, &first.id, Some("the blue phone"), &cx).await?;
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`FactorError::NotFound`], [`FactorError::InvalidLabel`], [`FactorError::SecondFactorRequired`], or a fault.
    fn rename_factor(
        &self,
        user: &ManagedUser<Self>,
        id: &CredentialId,
        label: Option<&str>,
        cx: &Context,
    ) -> impl Future<Output = Result<FactorInfo, FactorError>> + Send {
        async move { factors::rename(Begun::new(self, cx)?.op(), &user.id, id, label).await }
    }

    /// Removes a factor of a user, then calls `on_after_remove_factor`. The last one takes the recovery codes with it. The
    /// session of `cx` must have proved a second factor.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User, id: usermgr::store::CredentialId) -> Result<(), Box<dyn std::error::Error>> {
    /// accounts.remove_factor(&user, &id, &Context::system("the phone was stolen")).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`FactorError::NotFound`], [`FactorError::SecondFactorRequired`], [`FactorError::Rejected`] by `on_before_commit`, or a
    /// fault.
    fn remove_factor(
        &self,
        user: &ManagedUser<Self>,
        id: &CredentialId,
        cx: &Context,
    ) -> impl Future<Output = Result<(), FactorError>> + Send {
        async move { factors::remove(Begun::new(self, cx)?.op(), &user.id, id).await }
    }

    /// Removes all second factors of a user who has lost them, ends the user's sessions, and calls `on_after_remove_factor`
    /// for each factor.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// accounts.remove_all_factors(&Admin::system("help desk"), &user.id, &Context::default()).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`FactorError::NotFound`] for a user who has none, [`FactorError::Rejected`] by `on_before_commit`, or a fault.
    fn remove_all_factors(
        &self,
        admin: &Admin,
        id: &IdOf<Self>,
        cx: &Context,
    ) -> impl Future<Output = Result<(), FactorError>> + Send {
        async move { factors::remove_all(Begun::new(self, cx)?.op(), admin, id).await }
    }

    /// Makes new recovery codes for a user, then calls `on_after_add_factor`. The earlier ones end.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// for code in accounts.replace_recovery_codes(&user, &Context::default()).await?.expose() {
    ///     println!("{code}");
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`FactorError::Missing`] for a user without a factor, [`FactorError::SecondFactorRequired`],
    /// [`FactorError::Rejected`] by `on_before_commit`, or a fault.
    fn replace_recovery_codes(
        &self,
        user: &ManagedUser<Self>,
        cx: &Context,
    ) -> impl Future<Output = Result<RecoveryCodes, FactorError>> + Send {
        async move { factors::replace_codes(Begun::new(self, cx)?.op(), &user.id).await }
    }

    /// Replaces a session by a new one in which the user has proved more, or has proved it just now. The old session ends.
    /// A plain [`Jwt`](crate::Jwt) cannot be ended and runs out.
    ///
    /// With the password and, for a user who has one, a second factor, the new session counts as a fresh login. With a second
    /// factor alone, the session has proved two factors, is as old as before, and lasts no longer.
    ///
    /// ```
    /// # use usermgr::{engine::Proof, prelude::*, session::Principal, store::CredentialKind, StepUp};
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, principal: Principal<MemoryStore>) -> Result<(), Box<dyn std::error::Error>> {
    /// let proof = Proof::new(CredentialKind::new("totp"), "123456");
    /// let login = accounts.step_up(&principal, StepUp::new().proof(proof), &Context::default()).await?;
    /// assert!(login.login.session.amr.is_multi_factor());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`LoginError::BadCredentials`] for a wrong or missing password; [`LoginError::SecondFactorRequired`] if a factor is to be
    /// answered, with the token for the next call; [`Fault::RightLost`](crate::Fault::RightLost) if the session has ended, also
    /// while the user is asked; otherwise as [`finish_login`](crate::Operations::finish_login).
    fn step_up(
        &self,
        principal: &Principal<Self::Store>,
        step_up: StepUp,
        cx: &Context,
    ) -> impl Future<Output = Result<LoggedIn<Self::Store>, LoginError>> + Send {
        async move { login::step_up(Begun::new(self, cx)?.op(), principal, step_up).await }
    }

    /// Proves a user again for one action, such as a transfer, without a new session. It demands what
    /// [`step_up`](Self::step_up) demands.
    ///
    /// ```
    /// # use usermgr::{prelude::*, session::Principal, StepUp};
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, principal: Principal<MemoryStore>) -> Result<(), Box<dyn std::error::Error>> {
    /// let typed = StepUp::new().password("correct horse battery");
    /// let user = accounts.confirm_identity(&principal, typed, &Context::default()).await?;
    /// println!("{} has confirmed the transfer", user.email);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`step_up`](Self::step_up).
    fn confirm_identity(
        &self,
        principal: &Principal<Self::Store>,
        step_up: StepUp,
        cx: &Context,
    ) -> impl Future<Output = Result<ManagedUser<Self>, LoginError>> + Send {
        async move { login::confirm(Begun::new(self, cx)?.op(), principal, step_up).await }
    }

    /// Begins to add an authenticator app to the account of a user. Nothing is added until
    /// [`confirm_totp`](Self::confirm_totp) has proved the app.
    ///
    /// ```
    /// # use usermgr::{prelude::*, session::Principal};
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, principal: Principal<MemoryStore>) -> Result<(), Box<dyn std::error::Error>> {
    /// let enrolment = accounts.begin_totp(&principal, &Context::default()).await?;
    /// println!("<a href='{}'>{}</a>", enrolment.uri(), enrolment.secret());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`FactorError::NotInstalled`], [`FactorError::NotVerified`], [`FactorError::TooMany`],
    /// [`FactorError::SecondFactorRequired`], or a fault.
    #[cfg(feature = "totp")]
    fn begin_totp(
        &self,
        principal: &Principal<Self::Store>,
        cx: &Context,
    ) -> impl Future<Output = Result<TotpEnrolment, FactorError>> + Send {
        async move { begin_totp(Begun::new(self, cx)?.op(), principal).await }
    }

    /// Adds the authenticator app that [`begin_totp`](Self::begin_totp) has set up in the same session, if the code is one of
    /// its codes. Then calls `on_after_add_factor`. The first second factor of a user ends all their other sessions.
    ///
    /// ```
    /// # use usermgr::{prelude::*, session::Principal};
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, principal: Principal<MemoryStore>, token: usermgr::token::PendingToken) -> Result<(), Box<dyn std::error::Error>> {
    /// let added = accounts.confirm_totp(&principal, &token, "123456", Some("phone"), &Context::default()).await?;
    /// for code in added.recovery_codes.iter().flat_map(|codes| codes.expose()) {
    ///     println!("keep this code: {code}");
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`FactorError::BadCode`], after which another code may be sent; [`FactorError::NotPending`];
    /// [`FactorError::InvalidLabel`]; [`FactorError::Rejected`] by `on_before_add_factor` or `on_before_commit`; and those of
    /// `begin_totp`.
    #[cfg(feature = "totp")]
    fn confirm_totp(
        &self,
        principal: &Principal<Self::Store>,
        token: &PendingToken,
        code: &str,
        label: Option<&str>,
        cx: &Context,
    ) -> impl Future<Output = Result<AddedFactor, FactorError>> + Send {
        async move { confirm_totp(Begun::new(self, cx)?.op(), principal, token, code, label).await }
    }

    /// Returns the passkeys of a user, the oldest first, with what a page needs to tell the browser about them.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// for passkey in accounts.passkeys(&user, &Context::default()).await?.passkeys {
    ///     println!("{} {}", passkey.label.unwrap_or_default(), if passkey.is_synced { "(synced)" } else { "" });
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`FactorError::NotInstalled`], or a fault.
    #[cfg(feature = "passkeys")]
    fn passkeys(
        &self,
        user: &ManagedUser<Self>,
        cx: &Context,
    ) -> impl Future<Output = Result<crate::passkeys::PasskeyList, FactorError>> + Send {
        async move { crate::slices::passkeys::list(Begun::new(self, cx)?.op(), user).await }
    }

    /// Begins to add a passkey to the account of a user. Nothing is added until [`add_passkey`](Self::add_passkey) has
    /// judged the answer. The challenge is good for ten minutes, for one answer, and for the session of the principal.
    ///
    /// ```
    /// # use usermgr::{prelude::*, session::Principal};
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, principal: Principal<MemoryStore>) -> Result<(), Box<dyn std::error::Error>> {
    /// let cx = Context::default();
    /// let challenge = accounts.begin_passkey(&principal, &cx).await?;
    /// // The browser answers `challenge.options`.
    /// # let answer = serde_json::json!({});
    /// accounts.add_passkey(&principal, &challenge.token, &answer, Some("my phone"), &cx).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`FactorError::NotInstalled`], [`FactorError::NotVerified`], [`FactorError::TooMany`],
    /// [`FactorError::SecondFactorRequired`], or a fault.
    #[cfg(feature = "passkeys")]
    fn begin_passkey(
        &self,
        principal: &Principal<Self::Store>,
        cx: &Context,
    ) -> impl Future<Output = Result<crate::passkeys::PasskeyChallenge, FactorError>> + Send {
        async move { crate::slices::passkeys::begin(Begun::new(self, cx)?.op(), principal).await }
    }

    /// Adds a passkey: the answer to [`begin_passkey`](Self::begin_passkey) in the same session, as the JSON of the
    /// browser's `PublicKeyCredential.toJSON()`. Then calls `on_after_add_factor`. The first second factor of a user ends
    /// all their other sessions.
    ///
    /// # Errors
    /// [`FactorError::BadCode`] for an answer that is refused, [`FactorError::AlreadyAdded`] for a passkey in use,
    /// [`FactorError::NotPending`], [`FactorError::InvalidLabel`], and those of `begin_passkey`; or a refusal of
    /// `on_before_add_factor` or `on_before_commit`.
    #[cfg(feature = "passkeys")]
    fn add_passkey(
        &self,
        principal: &Principal<Self::Store>,
        token: &crate::token::PasskeyToken,
        answer: &serde_json::Value,
        label: Option<&str>,
        cx: &Context,
    ) -> impl Future<Output = Result<AddedFactor, FactorError>> + Send {
        async move { crate::slices::passkeys::add(Begun::new(self, cx)?.op(), principal, token, answer, label).await }
    }
}

impl<M: UserManager + ?Sized> Factors for M {}
