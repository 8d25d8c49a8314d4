//! The operations of users, or of the application on their behalf: registration, login, logout, tokens and changes.

use std::{future::Future, sync::Arc};

use crate::{
    amr::Amr,
    change::errors::{DeleteError, UpdateError},
    config_error::ConfigError,
    context::Context,
    engine::{Deadline, Proof, Readiness},
    error::Fault,
    login::{self, LoggedIn, LoginError},
    manager::{IdOf, ManagedUser, ProfileOf, UserManager},
    mark::outside,
    op::Begun,
    session::Principal,
    slices::{
        ChangeEmailError, ChangePasswordError, MailedPurpose, RegisterError, ResetError, TokenState, VerifyError,
        email_change, inspection, password_login, profile, registration, reset, verification,
    },
    store::{LoginEntry, Lookup, UserStore},
    token::{ChangeEmailToken, PendingToken, ResetToken, Token, VerifyToken},
    user::{Credentials, EmailAddress, NewUser, Password, Register, UpdateMe, Username},
};

/// The operations for users, on every user manager. In scope through the prelude.
///
/// The futures are `Send`, so they can be spawned. The operations cannot be overridden; use the hooks of
/// [`UserManager`] to customize them. Inside [`on_before_commit`](UserManager::on_before_commit) all that use the store
/// fail with [`Fault::InsideTransaction`].
///
/// ```
/// # async fn example(accounts: impl usermgr::UserManager<Store = usermgr::MemoryStore>) -> Result<(), Box<dyn std::error::Error>> {
/// use usermgr::prelude::*;
///
/// let cx = Context::default();
/// let user = accounts.register(Register::new("ada@example.com", "correct horse battery"), &cx).await?;
/// accounts.request_verify(&user, &cx).await?;
/// # Ok(())
/// # }
/// ```
pub trait Operations: UserManager {
    /// Checks the settings and the engine, and reports all errors at once: secrets must be present and long enough,
    /// audiences must differ, and backend names must be unique. `usermgr::axum::router` calls it.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// accounts.check()?; // before anything is served
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ConfigError`] lists every error.
    fn check(&self) -> Result<(), ConfigError> {
        let faults = self.engine_ref().faults(|| self.settings());
        let faults = faults.into_iter().chain(crate::slices::mail_login::faults(self));
        let faults = faults.chain(crate::slices::invitations::faults(self));
        let faults: Vec<_> = faults.chain(crate::slices::api_keys::faults(self)).collect();
        #[cfg(feature = "oauth-bare")]
        let faults: Vec<_> = faults.into_iter().chain(crate::slices::oauth::faults(self)).collect();
        if faults.is_empty() { Ok(()) } else { Err(ConfigError::join(faults)) }
    }

    /// Evaluates the settings of the attribute again, so that a changed value, such as a secret in a file, takes effect
    /// for the next request. Requests in progress keep the settings with which they started. Tokens signed with a
    /// replaced secret stay valid as long as the secret is in [`SecretSet::previous`](crate::SecretSet::previous). The
    /// keys of earlier settings stay in memory.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::sync::Mutex;
    /// use usermgr::prelude::*;
    ///
    /// struct Accounts { engine: Engine<MemoryStore>, secrets: Mutex<SecretSet> }
    ///
    /// #[user_manager(store = MemoryStore, secret = self.secrets.lock().unwrap().clone())]
    /// impl Accounts {}
    ///
    /// let engine = Engine::builder(MemoryStore::new()).backend(Backend::bearer("jwt", Jwt::new())).build()?;
    /// let old = Secret::new("only-for-an-example-0123456789abcdef");
    /// let accounts = Accounts { engine, secrets: Mutex::new(old.clone().into()) };
    /// accounts.check()?;
    /// let new = Secret::new("only-for-an-example-fedcba9876543210");
    /// *accounts.secrets.lock().unwrap() = SecretSet::new(new, [old]);
    /// accounts.reload_settings()?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ConfigError`] if the new settings are invalid. The previous settings then stay in effect.
    fn reload_settings(&self) -> Result<(), ConfigError> {
        self.engine_ref().reconfigure(&self.settings())?;
        self.engine_ref().cache().changed_for_all();
        Ok(())
    }

    /// Asks everything that requests need whether it answers: the store of the accounts, that of the sessions, and the
    /// counters of the limits, all at once and for two seconds at most. Also returns how far delivery is behind, which the
    /// [metrics](crate::Engine::metrics) repeat from then on. A
    /// route for a load balancer answers 200 if the manager [is ready](Readiness::is_ready), and otherwise 503. Each call
    /// costs a look-up in each store.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>) {
    /// let readiness = accounts.ready().await;
    /// if !readiness.is_ready() {
    ///     eprintln!("not ready: {readiness}");
    /// }
    /// # }
    /// ```
    fn ready(&self) -> impl Future<Output = Readiness> + Send {
        async move { self.engine_ref().ask().await }
    }

    /// Ends the work of this manager by the deadline. Call it after the server has stopped, with the deadline that
    /// `serve` returned: requests, and what follows them, then share one deadline.
    ///
    /// 1. The background work of requests is finished, and its messages are sent.
    /// 2. Each [`deliver`](crate::Delivery::deliver) delivers what is due, and ends.
    /// 3. A store that has opened its database by itself closes it. SQLite moves its log into the file.
    ///
    /// The first two may take two thirds of the time that is left. What has not ended by then is cut off, and the log
    /// says so. Nothing is lost by that: a row of the outbox is delivered after the next start, perhaps a second time,
    /// and SQLite reads its log then. Without an outbox, a mail that is cut off is lost.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>) {
    /// use std::time::Duration;
    /// use usermgr::engine::Deadline;
    ///
    /// accounts.shutdown(Deadline::after(Duration::from_secs(10))).await;
    /// # }
    /// ```
    fn shutdown(&self, deadline: Deadline) -> impl Future<Output = ()> + Send {
        async move { self.engine_ref().shut_down(deadline).await }
    }

    /// Returns the accounts at providers that are linked to a user, the oldest first.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// for identity in accounts.identities(&user, &Context::default()).await? {
    ///     println!("{} as {}", identity.provider, identity.subject);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Fault`] if the store fails.
    #[cfg(feature = "oauth-bare")]
    fn identities(
        &self,
        user: &ManagedUser<Self>,
        cx: &Context,
    ) -> impl Future<Output = Result<Vec<crate::slices::LinkedIdentity>, Fault>> + Send {
        async move { crate::slices::oauth::identities(Begun::new(self, cx)?.op(), user).await }
    }

    /// Unlinks an account at a provider from a user. The last way in stays: a user without a password keeps at least one
    /// identity at a configured provider.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// let cx = Context::default();
    /// for identity in accounts.identities(&user, &cx).await?.iter().filter(|identity| identity.provider == "forge") {
    ///     accounts.unlink_identity(&user, &identity.id, &cx).await?;
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// See [`OAuthError`](crate::oauth::OAuthError): `NotFound`, `LastLoginMethod`, `Rejected` and `Fault`.
    #[cfg(feature = "oauth-bare")]
    fn unlink_identity(
        &self,
        user: &ManagedUser<Self>,
        id: &crate::store::CredentialId,
        cx: &Context,
    ) -> impl Future<Output = Result<ManagedUser<Self>, crate::slices::OAuthError>> + Send {
        async move { crate::slices::oauth::unlink(Begun::new(self, cx)?.op(), user, id).await }
    }

    /// Returns an access token with which the application calls the API of a provider in the name of a user. The provider
    /// must be configured with [`keep_tokens`](crate::oauth::Provider::keep_tokens). `id` is that of one of the user's
    /// [`identities`](Self::identities), since a user may have several at one provider.
    ///
    /// A token that expires within a minute is refreshed first (RFC 6749, 6). Of several callers at the same time, also in
    /// several processes, one asks the provider, and the others wait for its token. The refresh goes on in the background
    /// if the caller stops waiting, so that a refresh token which the provider has replaced is not lost. If the provider
    /// cannot be reached, a token that has not expired yet is returned as it is. It costs one look-up in the store, and
    /// a refresh two writes.
    ///
    /// Whether the user is active is not checked here.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// use std::sync::Arc;
    /// use usermgr::oauth::OAuthError;
    ///
    /// # async fn example(accounts: Arc<impl UserManager<Store = MemoryStore>>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// let cx = Context::default();
    /// for identity in accounts.identities(&user, &cx).await?.iter().filter(|identity| identity.provider == "github") {
    ///     match accounts.provider_token(&user, &identity.id, &cx).await {
    ///         Ok(token) => println!("Authorization: Bearer {}", token.expose()),
    ///         Err(OAuthError::SignInAgain) => println!("sign in with GitHub again"),
    ///         Err(error) => return Err(error.into()),
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// See [`OAuthError`](crate::oauth::OAuthError):
    /// - `NotFound`: the user has no such identity, or its provider is not configured.
    /// - `TokensNotKept`: the provider is configured without `keep_tokens`.
    /// - `SignInAgain`: there is no token, and none can be had without the user.
    /// - `Unavailable`: the provider cannot be reached. The tokens stay.
    /// - `Refused`: the provider's answer is not what it must be, as after a change of the client's secret. The tokens stay.
    /// - `Fault`: the store failed, the tokens cannot be opened, or too much background work is waiting.
    #[cfg(feature = "oauth-bare")]
    fn provider_token(
        self: &Arc<Self>,
        user: &ManagedUser<Self>,
        id: &crate::store::CredentialId,
        cx: &Context,
    ) -> impl Future<Output = Result<crate::oauth::ProviderToken, crate::slices::OAuthError>> + Send {
        async move { crate::slices::oauth::provider_token(self, user, id, cx).await }
    }

    /// Begins a login with a passkey and nothing else, for the backend of this name. It knows no user, so it is the same
    /// for everyone. Nothing is written. The challenge is good for ten minutes and one answer.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>) -> Result<(), Box<dyn std::error::Error>> {
    /// let cx = Context::default();
    /// let challenge = accounts.begin_passkey_login("bearer", &cx).await?;
    /// // The browser answers `challenge.options`.
    /// # let answer = serde_json::json!({});
    /// let login = accounts.login_with_passkey(&challenge.token, &answer, "bearer", &cx).await?;
    /// println!("hello, {}", login.user.email);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// See [`LoginError`]: `UnknownBackend`, also without the part [`Passkeys`](crate::passkeys::Passkeys), and `Fault`.
    #[cfg(feature = "passkeys")]
    fn begin_passkey_login(
        &self,
        backend: &str,
        cx: &Context,
    ) -> impl Future<Output = Result<crate::passkeys::PasskeyChallenge, LoginError>> + Send {
        async move { crate::slices::passkeys::begin_login(Begun::new(self, cx)?.op(), backend) }
    }

    /// Logs in with a passkey: the answer to [`begin_passkey_login`](Self::begin_passkey_login), as the JSON of the
    /// browser's `PublicKeyCredential.toJSON()`. The authenticator must have verified its user, so the session is that of
    /// two factors ([`Method::MULTI_FACTOR`](crate::session::Method::MULTI_FACTOR)) and no further one is asked for.
    ///
    /// A passkey whose counter was set back is refused, with the event `passkey_suspected`.
    ///
    /// # Errors
    /// See [`LoginError`]: `NotPending` for a challenge that was answered before, has expired, or is of another backend;
    /// `BadCredentials` for a wrong answer or an unknown passkey; `NotVerified`, `Rejected`, `UnknownBackend` and `Fault`.
    #[cfg(feature = "passkeys")]
    fn login_with_passkey(
        &self,
        token: &crate::token::PasskeyToken,
        answer: &serde_json::Value,
        backend: &str,
        cx: &Context,
    ) -> impl Future<Output = Result<LoggedIn<Self::Store>, LoginError>> + Send {
        async move { crate::slices::passkeys::log_in(Begun::new(self, cx)?.op(), token, answer, backend).await }
    }

    /// Registers a user: checks the password, asks `on_before_register`, hashes, writes, then calls
    /// `on_after_register`. The new user is active, not verified and not a superuser. The unique index alone decides
    /// whether the address is taken. Of two concurrent registrations one succeeds and the other gets an error. The
    /// owner of a taken address is notified through `on_after_duplicate_register`.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// let ada = Register::new("ada@example.com", "correct horse battery");
    /// let user = accounts.register(ada, &Context::default()).await?;
    /// assert!(user.is_active && !user.is_verified);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// See [`RegisterError`].
    fn register(
        &self,
        register: Register<ProfileOf<Self>>,
        cx: &Context,
    ) -> impl Future<Output = Result<ManagedUser<Self>, RegisterError>> + Send {
        async move { registration::register(Begun::new(self, cx)?.op(), register).await }
    }

    /// Like [`register`](Self::register), without revealing whether the address is taken. The routes use it with
    /// [`Answers::Discreet`](crate::engine::Answers::Discreet). Every check that can refuse runs before the address is
    /// looked up. The account is written, or the owner of the address notified, in the background.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: std::sync::Arc<impl UserManager<Store = MemoryStore>>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// let ada = Register::new("ada@example.com", "correct horse battery");
    /// accounts.register_discreetly(ada, &Context::default()).await?;
    /// println!("the mail says how to go on");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// See [`RegisterError`]; never [`RegisterError::AlreadyExists`].
    fn register_discreetly(
        self: &Arc<Self>,
        register: Register<ProfileOf<Self>>,
        cx: &Context,
    ) -> impl Future<Output = Result<(), RegisterError>> + Send {
        async move {
            outside()?;
            registration::register_discreetly(self, register, cx).await
        }
    }

    /// Creates a user on behalf of the application, for example a seed, an import or a command. The password policy
    /// applies, the gate `on_before_register` is asked, and `on_after_register` is called.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// let root = NewUser::new(EmailAddress::parse("root@example.com")?, NoProfile);
    /// let root = root.password("a long enough first password").superuser(true);
    /// accounts.create(root, &Context::system("seed")).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// See [`RegisterError`].
    fn create(
        &self,
        new: NewUser<ProfileOf<Self>>,
        cx: &Context,
    ) -> impl Future<Output = Result<ManagedUser<Self>, RegisterError>> + Send {
        async move { registration::create(Begun::new(self, cx)?.op(), new).await }
    }

    /// Verifies a password and returns its user, active or not, as FastAPI Users does. To log in, use
    /// [`login`](Self::login). Unknown addresses, accounts without a password and wrong passwords take the same time. A
    /// hash with outdated parameters is replaced if the user is active.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// let user = accounts.authenticate(Credentials::new("ada@example.com", "correct horse battery"), &Context::default()).await?;
    /// assert!(user.is_active, "an inactive user is returned too");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`LoginError::BadCredentials`]; [`LoginError::SecondFactorRequired`] for a user with a second factor, to be
    /// finished by [`finish_authentication`](Self::finish_authentication); or a fault.
    fn authenticate(
        &self,
        credentials: Credentials,
        cx: &Context,
    ) -> impl Future<Output = Result<ManagedUser<Self>, LoginError>> + Send {
        async move { password_login::authenticate(Begun::new(self, cx)?.op(), credentials).await }
    }

    /// Logs in through the backend of this name. Verifies the password and requires an active user, a verified address
    /// if the engine demands it, and the second factor if the user has one. Then asks `on_before_login`, writes the
    /// session and calls `on_after_login`.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// let credentials = Credentials::new("ada@example.com", "correct horse battery");
    /// let login = accounts.login(credentials, "bearer", &Context::default()).await?;
    /// println!("authorization: Bearer {}", login.token.expose());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// See [`LoginError`].
    fn login(
        &self,
        credentials: Credentials,
        backend: &str,
        cx: &Context,
    ) -> impl Future<Output = Result<LoggedIn<Self::Store>, LoginError>> + Send {
        async move { password_login::login(Begun::new(self, cx)?.op(), credentials, backend).await }
    }

    /// Finishes a login that needs a second factor, through the backend of its first step. Then continues as
    /// [`login`](Self::login) does: `on_before_login`, the session, `on_after_login`.
    ///
    /// At most five answers are judged for one pending login. A right answer finishes it once, even if it is sent
    /// several times concurrently. Wrong answers count for the client and for the user.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// use usermgr::{store::CredentialKind, LoginError, engine::Proof};
    ///
    /// let cx = Context::default();
    /// let credentials = Credentials::new("ada@example.com", "correct horse battery");
    /// let login = match accounts.login(credentials, "bearer", &cx).await {
    ///     Err(LoginError::SecondFactorRequired(pending)) => {
    ///         let proof = Proof::new(CredentialKind::new("shop:badge"), "what the user has typed");
    ///         accounts.finish_login(&pending.token, &proof, "bearer", &cx).await?
    ///     }
    ///     login => login?,
    /// };
    /// println!("logged in by {}", login.login.session.amr);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`LoginError::BadSecondFactor`], after which another answer may be sent; [`LoginError::NotPending`], after which
    /// the login must start again; those of `login`.
    fn finish_login(
        &self,
        token: &PendingToken,
        proof: &Proof,
        backend: &str,
        cx: &Context,
    ) -> impl Future<Output = Result<LoggedIn<Self::Store>, LoginError>> + Send {
        async move {
            outside()?;
            login::finish_login(self, token, proof, backend, cx).await
        }
    }

    /// Returns a login that waits for its second step once more: the factors of which one is asked for, and their options. It is for a
    /// client that has the token and nothing else, such as a page that was loaded again. It counts as no attempt.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, token: usermgr::token::PendingToken) -> Result<(), Box<dyn std::error::Error>> {
    /// let pending = accounts.pending_login(&token, "cookie").await?;
    /// for factor in pending.factors {
    ///     println!("{}", factor.kind);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`LoginError::NotPending`] for a token that is used up, too old, or of another backend; [`LoginError::UnknownBackend`] and faults.
    fn pending_login(
        &self,
        token: &PendingToken,
        backend: &str,
    ) -> impl Future<Output = Result<crate::error::PendingLogin, LoginError>> + Send {
        async move {
            outside()?;
            login::pending_login(self, token, backend).await
        }
    }

    /// Finishes an [`authenticate`](Self::authenticate) of a user with a second factor, in the same way as
    /// [`finish_login`](Self::finish_login), and returns the user without a session.
    ///
    /// ```
    /// # use usermgr::{engine::Proof, prelude::*};
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, pending: usermgr::error::PendingLogin, proof: Proof) -> Result<(), Box<dyn std::error::Error>> {
    /// let user = accounts.finish_authentication(&pending.token, &proof, &Context::default()).await?;
    /// assert!(user.is_active);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The same as [`finish_login`](Self::finish_login).
    fn finish_authentication(
        &self,
        token: &PendingToken,
        proof: &Proof,
        cx: &Context,
    ) -> impl Future<Output = Result<ManagedUser<Self>, LoginError>> + Send {
        async move {
            outside()?;
            login::finish_authentication(self, token, proof, cx).await
        }
    }

    /// Logs in a user that the application has authenticated itself, for example with LDAP, SAML or its own token.
    /// Requires an active user, a verified address if the engine demands it, and the second factor if the user has one.
    /// Then asks `on_before_login`, writes the session and calls `on_after_login`.
    ///
    /// `methods` lists what was proved. If it contains [`Method::MULTI_FACTOR`](crate::session::Method::MULTI_FACTOR),
    /// the application has proved two factors, and no second factor is requested.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>) -> Result<(), Box<dyn std::error::Error>> {
    /// use usermgr::session::{Amr, Method};
    ///
    /// // The company directory has verified the password of this user.
    /// let cx = Context::default();
    /// let user = accounts.get_by_email(&EmailAddress::for_lookup("ada@example.com")).await?.ok_or("no such user")?;
    /// let login = accounts.sign_in(&user, Amr::from(Method::FEDERATED), "bearer", &cx).await?;
    /// println!("authorization: Bearer {}", login.token.expose());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`LoginError::BadCredentials`] if the user is inactive or was deleted; those of [`login`](Self::login).
    fn sign_in(
        &self,
        user: &ManagedUser<Self>,
        methods: Amr,
        backend: &str,
        cx: &Context,
    ) -> impl Future<Output = Result<LoggedIn<Self::Store>, LoginError>> + Send {
        async move {
            outside()?;
            login::sign_in(self, user, methods, backend, cx).await
        }
    }

    /// Returns the principal of a token received through the backend of this name, or `None` if the token is invalid
    /// for any reason. An inactive user is returned too.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// match accounts.identify("bearer", "what came in the header").await? {
    ///     Some(principal) if principal.user().is_active => println!("it is {}", principal.user().email),
    ///     _ => println!("access denied"),
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// A failing store is a fault, never `None`.
    fn identify(
        &self,
        backend: &str,
        token: &str,
    ) -> impl Future<Output = Result<Option<Principal<Self::Store>>, Fault>> + Send {
        async move {
            outside()?;
            login::identify(self, backend, token).await
        }
    }

    /// Ends the session of a principal if its strategy can, then calls `on_after_logout`.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// if let Some(principal) = accounts.identify("bearer", "what came in the header").await? {
    ///     accounts.logout(&principal, &Context::default()).await?;
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Returns only a [`Fault`].
    fn logout(
        &self,
        principal: &Principal<Self::Store>,
        cx: &Context,
    ) -> impl Future<Output = Result<(), Fault>> + Send {
        async move { password_login::logout(Begun::new(self, cx)?.op(), principal).await }
    }

    /// Returns what the [login history](crate::engine::LoginHistory) keeps of a user: logins and refused logins, the latest
    /// first.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// for entry in accounts.login_history(&user).await? {
    ///     println!("{} from {:?}: {}", entry.at, entry.ip, entry.outcome);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Returns only a [`Fault`]: [`Fault::Config`] without the part.
    fn login_history(
        &self,
        user: &ManagedUser<Self>,
    ) -> impl Future<Output = Result<Vec<LoginEntry<IdOf<Self>>>, Fault>> + Send {
        async move {
            outside()?;
            self.engine_ref().login_history(&user.id).await
        }
    }

    /// Returns the user with the given id.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// assert_eq!(accounts.get(&user.id).await?.map(|user| user.email), Some(user.email));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Returns only a [`Fault`].
    fn get(&self, id: &IdOf<Self>) -> impl Future<Output = Result<Option<ManagedUser<Self>>, Fault>> + Send {
        async {
            outside()?;
            Ok(self.engine_ref().store().find(Lookup::Id(id)).await?.map(|record| record.user))
        }
    }

    /// Returns the user with the given address, in any case. The input is not validated but only [normalized for the
    /// lookup](crate::EmailAddress::for_lookup), so every stored user is found.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// let ada = accounts.get_by_email(&EmailAddress::for_lookup("ADA@example.com")).await?;
    /// assert!(ada.is_none_or(|ada| ada.email.as_str() == "ada@example.com"));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Returns only a [`Fault`].
    fn get_by_email(
        &self,
        email: &EmailAddress,
    ) -> impl Future<Output = Result<Option<ManagedUser<Self>>, Fault>> + Send {
        async {
            outside()?;
            Ok(self.engine_ref().store().find(Lookup::Email(email)).await?.map(|record| record.user))
        }
    }

    /// Returns the user with the given user name, in any case. The input is not validated, so every stored name is found.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>) -> Result<(), Box<dyn std::error::Error>> {
    /// use usermgr::user::Username;
    /// let ada = accounts.get_by_username(&Username::for_lookup("ADA")).await?;
    /// # let _ = ada;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Returns only a [`Fault`], also if the store keeps no user names.
    fn get_by_username(
        &self,
        username: &Username,
    ) -> impl Future<Output = Result<Option<ManagedUser<Self>>, Fault>> + Send {
        async {
            outside()?;
            Ok(self.engine_ref().store().find(Lookup::Username(username)).await?.map(|record| record.user))
        }
    }

    /// Makes a verification token and passes it to `on_after_request_verify`. It counts as a mail to the address and
    /// for the network of `cx`, as over HTTP; see [`Limits`](crate::Limits#requests-for-mail).
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// accounts.request_verify(&user, &Context::system("reminder")).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`VerifyError::Inactive`], [`VerifyError::AlreadyVerified`], or a fault: [`Fault::Limited`] if too many mails
    /// were requested.
    fn request_verify(
        &self,
        user: &ManagedUser<Self>,
        cx: &Context,
    ) -> impl Future<Output = Result<(), VerifyError>> + Send {
        async move { verification::request_verify(Begun::new(self, cx)?.op(), user).await }
    }

    /// Like [`request_verify`](Self::request_verify), for the user with an address, as
    /// `POST /auth/request-verify-token` does. The result and its timing do not reveal whether the address is
    /// registered: the account is looked up later, in the background or by the worker of the outbox.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: std::sync::Arc<impl UserManager<Store = MemoryStore>>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// accounts.request_verify_for(&EmailAddress::for_lookup("ada@example.com"), &Context::default()).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Returns only a [`Fault`]: [`Fault::Limited`] if too many mails were requested, [`Fault::Overloaded`] if the
    /// background queue is full.
    fn request_verify_for(
        self: &Arc<Self>,
        email: &EmailAddress,
        cx: &Context,
    ) -> impl Future<Output = Result<(), Fault>> + Send {
        async move {
            outside()?;
            verification::request_for(self, email, cx).await
        }
    }

    /// Marks the user of a verification token as verified, once, then calls `on_after_verify`. Inactive users can be
    /// verified too.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// let user = accounts.verify(&"what the link in the mail holds".into(), &Context::default()).await?;
    /// assert!(user.is_verified);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// See [`VerifyError`].
    fn verify(
        &self,
        token: &VerifyToken,
        cx: &Context,
    ) -> impl Future<Output = Result<ManagedUser<Self>, VerifyError>> + Send {
        async move { verification::verify(Begun::new(self, cx)?.op(), token).await }
    }

    /// Looks at a token that was sent by mail, without using it: a page can say at once that a link is too old, and can show whose password
    /// is to be set, as password managers need it. One read, and no write. A wrong token counts as a wrong secret of the network of `cx`, as
    /// when it is used. Whatever the answer, only the operation decides: between the two, another request may use the token.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, token: ResetToken) -> Result<(), Box<dyn std::error::Error>> {
    /// use usermgr::TokenState;
    ///
    /// let page = match accounts.inspect(&token, &Context::default()).await? {
    ///     TokenState::Good { email, .. } => format!("a new password for {email}"),
    ///     TokenState::Spent | TokenState::Expired => "this link is too old".to_owned(),
    ///     _ => "this link does not work".to_owned(),
    /// };
    /// # let _ = page;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Returns only a [`Fault`].
    fn inspect<P: MailedPurpose>(
        &self,
        token: &Token<P>,
        cx: &Context,
    ) -> impl Future<Output = Result<TokenState, Fault>> + Send {
        async move { inspection::inspect(Begun::new(self, cx)?.op(), token).await }
    }

    /// Makes a reset token and passes it to `on_after_forgot_password`. It counts as a mail to the address and for the
    /// network of `cx`, as over HTTP; see [`Limits`](crate::Limits#requests-for-mail).
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// accounts.forgot_password(&user, &Context::system("after a leak")).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ResetError::Inactive`], or a fault: [`Fault::Limited`] if too many mails were requested.
    fn forgot_password(
        &self,
        user: &ManagedUser<Self>,
        cx: &Context,
    ) -> impl Future<Output = Result<(), ResetError>> + Send {
        async move { reset::forgot_password(Begun::new(self, cx)?.op(), user).await }
    }

    /// Like [`forgot_password`](Self::forgot_password), for the user with an address, as `POST /auth/forgot-password`
    /// does. The result and its timing do not reveal whether the address is registered: the account is looked up later,
    /// in the background or by the worker of the outbox.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: std::sync::Arc<impl UserManager<Store = MemoryStore>>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// accounts.request_reset_for(&EmailAddress::for_lookup("ada@example.com"), &Context::default()).await?;
    /// println!("if the address is registered, a mail is on its way");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Returns only a [`Fault`]: [`Fault::Limited`] if too many mails were requested, [`Fault::Overloaded`] if the
    /// background queue is full.
    fn request_reset_for(
        self: &Arc<Self>,
        email: &EmailAddress,
        cx: &Context,
    ) -> impl Future<Output = Result<(), Fault>> + Send {
        async move {
            outside()?;
            reset::request_for(self, email, cx).await
        }
    }

    /// Sets the password of a reset token's user, once, and ends all their sessions. Then calls
    /// `on_after_reset_password`. The user is not logged in by it.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// let token = ResetToken::from("what the link in the mail holds");
    /// accounts.reset_password(&token, "another long enough one".into(), &Context::default()).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// See [`ResetError`].
    fn reset_password(
        &self,
        token: &ResetToken,
        password: Password,
        cx: &Context,
    ) -> impl Future<Output = Result<ManagedUser<Self>, ResetError>> + Send {
        async move { reset::reset_password(Begun::new(self, cx)?.op(), token, password).await }
    }

    /// Changes a password after verifying the current one. The user's other sessions end. The session in `cx` is kept
    /// if its strategy supports that.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// let (current, new) = ("correct horse battery".into(), "another long enough one".into());
    /// accounts.change_password(&user, current, new, &Context::default()).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// See [`ChangePasswordError`].
    fn change_password(
        &self,
        user: &ManagedUser<Self>,
        current: Password,
        new: Password,
        cx: &Context,
    ) -> impl Future<Output = Result<ManagedUser<Self>, ChangePasswordError>> + Send {
        async move { password_login::change_password(Begun::new(self, cx)?.op(), user, current, new).await }
    }

    /// Makes a token that changes the user's address and passes it to `on_after_request_email_change`, for a mail to
    /// the new address. The account keeps the old address until the token is used. Requires [`Context::system`], or in
    /// `cx` a fresh login of this user after which the password has not been reset. It counts as a mail to the new
    /// address and for the network of `cx`, as over HTTP; see [`Limits`](crate::Limits#requests-for-mail).
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// let new = EmailAddress::parse("countess@example.com")?;
    /// accounts.request_email_change(&user, &new, &Context::system("by letter")).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// See [`ChangeEmailError`].
    fn request_email_change(
        &self,
        user: &ManagedUser<Self>,
        new: &EmailAddress,
        cx: &Context,
    ) -> impl Future<Output = Result<(), ChangeEmailError>> + Send {
        async move { email_change::request_email_change(Begun::new(self, cx)?.op(), user, new).await }
    }

    /// Like [`request_email_change`](Self::request_email_change), without revealing whether the new address is taken,
    /// as `POST /auth/request-email-change` does. The check runs in the background or by the worker of the outbox, and
    /// no mail is sent to an address that is taken.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: std::sync::Arc<impl UserManager<Store = MemoryStore>>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// let new = EmailAddress::parse("countess@example.com")?;
    /// accounts.request_email_change_discreetly(&user, &new, &Context::system("by letter")).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// See [`ChangeEmailError`]; never [`ChangeEmailError::AlreadyExists`].
    fn request_email_change_discreetly(
        self: &Arc<Self>,
        user: &ManagedUser<Self>,
        new: &EmailAddress,
        cx: &Context,
    ) -> impl Future<Output = Result<(), ChangeEmailError>> + Send {
        async move {
            outside()?;
            email_change::request_email_change_discreetly(self, user, new, cx).await
        }
    }

    /// Replaces the old address with the address of a token, once, and marks it as verified. Asks `on_before_update`,
    /// then calls `on_after_update` and `on_after_change_email`. A new password, address or stamp since the request
    /// invalidates the token.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// let user = accounts.confirm_email_change(&"what the link in the mail holds".into(), &Context::default()).await?;
    /// println!("mail goes to {} now", user.email);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// See [`ChangeEmailError`].
    fn confirm_email_change(
        &self,
        token: &ChangeEmailToken,
        cx: &Context,
    ) -> impl Future<Output = Result<ManagedUser<Self>, ChangeEmailError>> + Send {
        async move { email_change::confirm_email_change(Begun::new(self, cx)?.op(), token).await }
    }

    /// Changes a user at their own request. A new address makes them unverified; a new password ends their other
    /// sessions. Either requires the current password, a fresh login of this user in `cx`, or [`Context::system`]. The
    /// proof is invalid if the stamp of the row has changed since.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// let update = UpdateMe::default().email("countess@example.com").current_password("correct horse battery");
    /// let user = accounts.update(&user, update, &Context::default()).await?;
    /// assert!(!user.is_verified);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// See [`UpdateError`].
    fn update(
        &self,
        user: &ManagedUser<Self>,
        update: UpdateMe<ProfileOf<Self>>,
        cx: &Context,
    ) -> impl Future<Output = Result<ManagedUser<Self>, UpdateError>> + Send {
        async move { profile::update(Begun::new(self, cx)?.op(), user, update).await }
    }

    /// Like [`update`](Self::update), but a new address is not written at once. A token is sent to it, as
    /// [`request_email_change_discreetly`](Self::request_email_change_discreetly) does, and the account keeps the old
    /// address until the token is used. `PATCH /users/me` uses it if the engine [proves new
    /// addresses](crate::engine::EngineBuilder::prove_new_addresses).
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: std::sync::Arc<impl UserManager<Store = MemoryStore>>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// let update = UpdateMe::default().email("countess@example.com").current_password("correct horse battery");
    /// let user = accounts.update_proving_email(&user, update, &Context::default()).await?;
    /// assert_ne!(user.email.as_str(), "countess@example.com");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// See [`UpdateError`]; [`UpdateError::EmailAlreadyExists`] only with [`Answers::Explicit`](crate::engine::Answers::Explicit).
    fn update_proving_email(
        self: &Arc<Self>,
        user: &ManagedUser<Self>,
        update: UpdateMe<ProfileOf<Self>>,
        cx: &Context,
    ) -> impl Future<Output = Result<ManagedUser<Self>, UpdateError>> + Send {
        async move {
            outside()?;
            profile::update_proving_email(self, user, update, cx).await
        }
    }

    /// Deletes a user with all their data: asks `on_before_delete`, writes, then calls `on_after_delete`. The last
    /// active superuser cannot be deleted.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// accounts.delete(&user, &Context::system("two years unused")).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// See [`DeleteError`].
    fn delete(&self, user: &ManagedUser<Self>, cx: &Context) -> impl Future<Output = Result<(), DeleteError>> + Send {
        async move { profile::delete(Begun::new(self, cx)?.op(), user).await }
    }
}

impl<M: UserManager + ?Sized> Operations for M {}
