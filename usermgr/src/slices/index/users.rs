//! What users do for themselves, or the application for them: registering, logging in and out, tokens, changes.

use std::{future::Future, sync::Arc};

use crate::{
    amr::Amr,
    change::errors::{DeleteError, UpdateError},
    config_error::ConfigError,
    context::Context,
    engine::Proof,
    error::Fault,
    login::{self, LoggedIn, LoginError},
    manager::{IdOf, ManagedUser, ProfileOf, UserManager},
    mark::outside,
    op::Op,
    session::Principal,
    slices::{
        ChangeEmailError, ChangePasswordError, RegisterError, ResetError, VerifyError, email_change, password_login,
        profile, registration, reset, verification,
    },
    store::{Lookup, UserStore},
    token::{ChangeEmailToken, PendingToken, ResetToken, VerifyToken},
    user::{Credentials, EmailAddress, NewUser, Password, Register, UpdateMe},
};

/// What every user manager can do for the users themselves. In scope through the prelude.
///
/// The futures are `Send`, so that they can be spawned. The operations cannot be overridden; the hooks of [`UserManager`] are the
/// places to step in. Inside [`on_before_commit`](UserManager::on_before_commit) all of them are refused with
/// [`Fault::InsideTransaction`].
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
    /// Checks the settings and the engine, all at once: the secrets are there and long enough, the audiences differ, the backends
    /// have names that are unique. `usermgr::axum::router` calls it before anything is served.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// accounts.check()?; // before anything is served
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ConfigError`] lists all that is wrong.
    fn check(&self) -> Result<(), ConfigError> {
        let faults = self.engine_ref().faults(|| self.settings());
        if faults.is_empty() { Ok(()) } else { Err(ConfigError::join(faults)) }
    }

    /// Evaluates the settings of the attribute again, so that what their expressions read anew, such as a file of a secret, holds from
    /// the next request on. Requests that are under way end with what they began with. What replaced secrets had signed is good as long
    /// as they are in [`SecretSet::previous`](crate::SecretSet::previous). The keys of earlier settings stay in memory.
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
    /// let engine = Engine::builder(MemoryStore::new()).backend(Backend::bearer("jwt", Jwt::new())).build();
    /// let old = Secret::new("only-for-an-example-0123456789abcdef");
    /// let accounts = Accounts { engine, secrets: Mutex::new(old.clone().into()) };
    /// accounts.check()?;
    /// let new = Secret::new("only-for-an-example-fedcba9876543210");
    /// *accounts.secrets.lock().unwrap() = SecretSet { current: new, previous: vec![old] };
    /// accounts.reload_settings()?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ConfigError`] when the new settings are wrong; those from before stay.
    fn reload_settings(&self) -> Result<(), ConfigError> {
        self.engine_ref().configuration().replace(self.settings().resolve()?);
        self.engine_ref().cache().changed_for_all();
        Ok(())
    }

    /// Registers somebody: judges the password, asks `on_before_register`, hashes, writes, then calls `on_after_register`. The new user
    /// is active, neither verified nor a superuser. Whether the address is taken is decided by the unique index alone, so that of two
    /// registrations at once one wins and the other is told; its owner is told through `on_after_duplicate_register`.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// let ada = Register { email: "ada@example.com".into(), password: "correct horse battery".into(), profile: NoProfile };
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
        async move { registration::register(Op::begin(self, cx)?, register).await }
    }

    /// As [`register`](Self::register), without telling whether the address is taken: what the routes do with
    /// [`Answers::Discreet`](crate::engine::Answers::Discreet). Everything that may be refused is refused before anybody looks at the address;
    /// the account is written, or its owner told, in the background.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: std::sync::Arc<impl UserManager<Store = MemoryStore>>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// let ada = Register { email: "ada@example.com".into(), password: "correct horse battery".into(), profile: NoProfile };
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

    /// Creates a user on the application's own account: a seed, an import, a command. The password policy holds, the gate
    /// `on_before_register` is asked, and `on_after_register` is called.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// let root = NewUser {
    ///     password: Some("a long enough first password".into()),
    ///     is_superuser: true,
    ///     ..NewUser::new(EmailAddress::parse("root@example.com")?, NoProfile)
    /// };
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
        async move { registration::create(Op::begin(self, cx)?, new).await }
    }

    /// Proves a password and returns its user, active or not, as FastAPI Users does; a login is [`login`](Self::login). Unknown
    /// addresses, accounts without a password and wrong passwords cost the same time. A hash with outdated parameters is made anew, if the
    /// user is active.
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
    /// [`LoginError::BadCredentials`]; [`LoginError::SecondFactorRequired`] for a user who has a second factor, to be finished by
    /// [`finish_authentication`](Self::finish_authentication); or a fault.
    fn authenticate(
        &self,
        credentials: Credentials,
        cx: &Context,
    ) -> impl Future<Output = Result<ManagedUser<Self>, LoginError>> + Send {
        async move { password_login::authenticate(Op::begin(self, cx)?, credentials).await }
    }

    /// Logs in through the backend of this name: proves the password, demands an active (and, if the engine says so, verified) user and
    /// the second factor of a user who has one, asks `on_before_login`, writes the session, then calls `on_after_login`.
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
        async move { password_login::login(Op::begin(self, cx)?, credentials, backend).await }
    }

    /// Finishes a login that needs a second factor, through the backend of its first step. Then it goes on as [`login`](Self::login)
    /// does: `on_before_login`, the session, `on_after_login`.
    ///
    /// Of a pending login five answers are judged at most, and one right answer finishes it once, however many send it at the same time.
    /// Wrong answers count for the client and for the user.
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
    /// [`LoginError::BadSecondFactor`], after which the answer may be another; [`LoginError::NotPending`], after which the login begins
    /// anew; those of `login`.
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

    /// Finishes what [`authenticate`](Self::authenticate) has begun for a user who has a second factor, in the same way as
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
    /// As [`finish_login`](Self::finish_login).
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

    /// Logs in a user whom the application has proved by its own means, such as LDAP, SAML or a token of its own: demands an active (and,
    /// if the engine says so, verified) user and the second factor of a user who has one, asks `on_before_login`, writes the session,
    /// then calls `on_after_login`.
    ///
    /// `methods` says what was proved. With [`Method::MULTI_FACTOR`](crate::session::Method::MULTI_FACTOR) among them no second factor is asked
    /// for: it says that the application has proved two.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>) -> Result<(), Box<dyn std::error::Error>> {
    /// use usermgr::session::{Amr, Method};
    ///
    /// // The directory of the company has proved the password of this user.
    /// let cx = Context::default();
    /// let user = accounts.get_by_email(&EmailAddress::sought("ada@example.com")).await?.ok_or("no such user")?;
    /// let login = accounts.sign_in(&user, Amr::from(Method::FEDERATED), "bearer", &cx).await?;
    /// println!("authorization: Bearer {}", login.token.expose());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`LoginError::BadCredentials`] for a user who is not active or is gone; those of [`login`](Self::login).
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

    /// The principal of a token that came in through the backend of this name, or `None` for whatever is wrong with it. An inactive
    /// user is returned too.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// match accounts.identify("bearer", "what came in the header").await? {
    ///     Some(principal) if principal.user().is_active => println!("it is {}", principal.user().email),
    ///     _ => println!("nobody who may come in"),
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// A store that fails is a fault, never `None`.
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

    /// Ends the session of a principal, where its strategy can, then calls `on_after_logout`.
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
    /// Only faults.
    fn logout(
        &self,
        principal: &Principal<Self::Store>,
        cx: &Context,
    ) -> impl Future<Output = Result<(), Fault>> + Send {
        async move { password_login::logout(Op::begin(self, cx)?, principal).await }
    }

    /// The user of an id.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// assert_eq!(accounts.get(&user.id).await?.map(|user| user.email), Some(user.email));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Only faults.
    fn get(&self, id: &IdOf<Self>) -> impl Future<Output = Result<Option<ManagedUser<Self>>, Fault>> + Send {
        async {
            outside()?;
            Ok(self.engine_ref().store().find(Lookup::Id(id)).await?.map(|record| record.user))
        }
    }

    /// The user of an address, in whatever case. What was typed is not parsed but [sought](crate::EmailAddress::sought): whoever is stored
    /// is found.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// let ada = accounts.get_by_email(&EmailAddress::sought("ADA@example.com")).await?;
    /// assert!(ada.is_none_or(|ada| ada.email.as_str() == "ada@example.com"));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Only faults.
    fn get_by_email(
        &self,
        email: &EmailAddress,
    ) -> impl Future<Output = Result<Option<ManagedUser<Self>>, Fault>> + Send {
        async {
            outside()?;
            Ok(self.engine_ref().store().find(Lookup::Email(email)).await?.map(|record| record.user))
        }
    }

    /// Makes a verification token and gives it to `on_after_request_verify`. It counts as a mail to the address and for the network of
    /// `cx`, as over HTTP; see [`Limits`](crate::Limits#requests-for-mail).
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// accounts.request_verify(&user, &Context::system("reminder")).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`VerifyError::Inactive`], [`VerifyError::AlreadyVerified`], or a fault: [`Fault::Limited`] when too many mails were asked for.
    fn request_verify(
        &self,
        user: &ManagedUser<Self>,
        cx: &Context,
    ) -> impl Future<Output = Result<(), VerifyError>> + Send {
        async move { verification::request_verify(Op::begin(self, cx)?, user).await }
    }

    /// As [`request_verify`](Self::request_verify), for the user of an address, as `POST /auth/request-verify-token` does. The answer and
    /// its time are the same whether or not somebody has it: the account is looked for later, in the background or by the worker of the
    /// outbox.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: std::sync::Arc<impl UserManager<Store = MemoryStore>>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// accounts.request_verify_for(&EmailAddress::sought("ada@example.com"), &Context::default()).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Only faults: [`Fault::Limited`] when too many mails were asked for, [`Fault::Overloaded`] when too much work is waiting.
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

    /// Marks the user of a verification token as verified, once, then calls `on_after_verify`. Inactive users can be verified.
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
        async move { verification::verify(Op::begin(self, cx)?, token).await }
    }

    /// Makes a reset token and gives it to `on_after_forgot_password`. It counts as a mail to the address and for the network of `cx`,
    /// as over HTTP; see [`Limits`](crate::Limits#requests-for-mail).
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// accounts.forgot_password(&user, &Context::system("after a leak")).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ResetError::Inactive`], or a fault: [`Fault::Limited`] when too many mails were asked for.
    fn forgot_password(
        &self,
        user: &ManagedUser<Self>,
        cx: &Context,
    ) -> impl Future<Output = Result<(), ResetError>> + Send {
        async move { reset::forgot_password(Op::begin(self, cx)?, user).await }
    }

    /// As [`forgot_password`](Self::forgot_password), for the user of an address, as `POST /auth/forgot-password` does. The answer and its
    /// time are the same whether or not somebody has it: the account is looked for later, in the background or by the worker of the
    /// outbox.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: std::sync::Arc<impl UserManager<Store = MemoryStore>>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// accounts.request_reset_for(&EmailAddress::sought("ada@example.com"), &Context::default()).await?;
    /// println!("if somebody has that address, a mail is on its way");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Only faults: [`Fault::Limited`] when too many mails were asked for, [`Fault::Overloaded`] when too much work is waiting.
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

    /// Sets the password of a reset token's user, once, and ends all their sessions, then calls `on_after_reset_password`. Nobody is
    /// logged in by it.
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
        async move { reset::reset_password(Op::begin(self, cx)?, token, password).await }
    }

    /// Changes a password, proved by the current one. The user's other sessions end; the one in `cx` stays, where its strategy can
    /// keep it.
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
        async move { password_login::change_password(Op::begin(self, cx)?, user, current, new).await }
    }

    /// Makes a token that changes the user's address and gives it to `on_after_request_email_change`, for a mail to the new address.
    /// Until it comes back the account keeps the old one. Needs a fresh login of this user in `cx`, since which the password has not been
    /// reset, or [`Context::system`]. It counts as a mail to the new address and for the network of `cx`, as over HTTP; see
    /// [`Limits`](crate::Limits#requests-for-mail).
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
        async move { email_change::request_email_change(Op::begin(self, cx)?, user, new).await }
    }

    /// As [`request_email_change`](Self::request_email_change), without telling whether somebody has the new address, as
    /// `POST /auth/request-email-change` does: that is looked at in the background or by the worker of the outbox, and no mail is sent to
    /// an address that is taken.
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

    /// Puts the address of a token in place of the old one, once, and verified; `on_before_update` is asked, then `on_after_update` and
    /// `on_after_change_email` are called. A new password, address or stamp since the request has ended the token.
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
        async move { email_change::confirm_email_change(Op::begin(self, cx)?, token).await }
    }

    /// Changes a user at their own request. A new address makes them unverified; a new password ends their other sessions. Either needs the
    /// current password, or a fresh login of this user in `cx`, or [`Context::system`]; and none of them is good for a row whose stamp has
    /// changed since.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: impl UserManager<Store = MemoryStore>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// let update = UpdateMe {
    ///     email: Some("countess@example.com".into()),
    ///     password: None,
    ///     current_password: Some("correct horse battery".into()),
    ///     profile: NoProfile,
    /// };
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
        async move { profile::update(Op::begin(self, cx)?, user, update).await }
    }

    /// As [`update`](Self::update), but a new address is asked for and not written: a token goes there, as
    /// [`request_email_change_discreetly`](Self::request_email_change_discreetly) sends it, and the account keeps the old address until it
    /// comes back. `PATCH /users/me` does so where the engine
    /// [proves new addresses](crate::engine::EngineBuilder::prove_new_addresses).
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # async fn example(accounts: std::sync::Arc<impl UserManager<Store = MemoryStore>>, user: User) -> Result<(), Box<dyn std::error::Error>> {
    /// let update = UpdateMe {
    ///     email: Some("countess@example.com".into()),
    ///     password: None,
    ///     current_password: Some("correct horse battery".into()),
    ///     profile: NoProfile,
    /// };
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

    /// Deletes a user with all that belongs to them: asks `on_before_delete`, writes, then calls `on_after_delete`. The last active
    /// superuser stays.
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
        async move { profile::delete(Op::begin(self, cx)?, user).await }
    }
}

impl<M: UserManager + ?Sized> Operations for M {}
