//! The trait that `#[user_manager]` implements: it joins the store, the settings and the hooks. Every hook is
//! documented here.

use std::future::ready;

use crate::{
    api_key::{NewApiKey, PermissionsByName},
    context::Context,
    default_store::Tx,
    engine::{Engine, messages::Unwritten},
    error::{HookError, HookFuture, Rejection},
    mailer::{LoginMail, Message},
    password::{self, InvalidPassword},
    session::{FailedLogin, Lockout, Login, SessionInfo, TokenTheft},
    settings::Settings,
    store::{ApiKeyInfo, ChangesOf, DraftOf, FactorInfo, Identity, PasswordSubjectOf, UserChangeOf, UserOf, UserStore},
    token::{ChangeEmailToken, InvitationToken, ResetToken, VerifyToken},
    user::{EmailAddress, OAuthClaims, Password},
};

pub(crate) type ProfileOf<M> = <<M as UserManager>::Store as UserStore>::Profile;
pub(crate) type IdOf<M> = <<M as UserManager>::Store as UserStore>::Id;
pub(crate) type ManagedUser<M> = UserOf<<M as UserManager>::Store>;

/// A user manager. [`#[user_manager]`](macro@crate::user_manager) implements it from an impl block. The operations come
/// with it, from [`Operations`](crate::Operations), [`Sessions`](crate::Sessions) and
/// [`Administration`](crate::Administration).
///
/// The methods from [`validate_password`](Self::validate_password) on are the hooks. Write the ones you need as
/// `async fn` in the annotated impl block, with `&self` and the arguments shown here. The last argument,
/// `cx: &Context`, may be left out. The default of a hook does nothing, unless its documentation names a message: then
/// it passes that message to the engine's [`Messenger`](crate::mail::Messenger), if there is one.
///
/// - **Gates** (`on_before_..`) run before anything is written and while no transaction is open. An error stops the
///   operation and is sent to the client. A gate that panics or exceeds the time limit stops the operation too.
/// - **The transaction hook** (`on_before_commit`) runs inside the transaction of a change. An error rolls the change back.
/// - **After-hooks** (`on_after_..`) run after the commit, in the order of the operation. They return nothing,
///   `Result<(), HookError>`, or a `Result` with any other error. If one fails, panics or exceeds the time limit, a
///   `hook_failed` event is raised and the response stays a success.
/// - Only [`validate_password`](Self::validate_password) sees a password.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a user manager",
    label = "the trait `UserManager` is not implemented for it",
    note = "add `#[user_manager(..)]` to an `impl` block of the type",
    note = "a manager and all its parts must be `Send`, `Sync` and `'static`"
)]
pub trait UserManager: Send + Sync + 'static {
    /// The store that the engine works with.
    type Store: UserStore;

    /// The engine.
    fn engine_ref(&self) -> &Engine<Self::Store>;

    /// The settings. They are evaluated once.
    fn settings(&self) -> Settings;

    /// The permissions of users by their names, if the manager [permits](crate::permissions::Permits) any.
    #[doc(hidden)]
    fn permissions_by_name(&self) -> Option<&dyn PermissionsByName<Self::Store>> {
        None
    }

    /// Accepts or refuses a new password. Called at registration, reset, change and update, before the password is
    /// hashed; at registration also before any lookup. The response to a refusal contains its reason. Default:
    /// [`password::policy`]. [`Breaches`](crate::password::Breaches) are asked after it.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn validate_password(&self, password: &Password, subject: &PasswordSubject<'_>) -> Result<(), InvalidPassword> {
    ///     usermgr::password::policy(password, subject)?;
    ///     match password.expose().contains("shop") {
    ///         true => Err(InvalidPassword::new("it must not contain our name")),
    ///         false => Ok(()),
    ///     }
    /// }
    /// # }
    /// ```
    fn validate_password<'a>(
        &'a self,
        password: &'a Password,
        subject: &'a PasswordSubjectOf<'a, Self::Store>,
        cx: &'a Context,
    ) -> HookFuture<'a, InvalidPassword> {
        let _ = cx;
        Box::pin(ready(password::policy(password, subject)))
    }

    /// Makes the profile of a new user from what a provider says about them. Called before `on_before_register`, and
    /// before anything is written.
    ///
    /// Default: the fields that name a claim, by [`FromClaims`](crate::user::FromClaims). A profile without that trait
    /// needs this hook and [`OAuth::profile_by_hook`](crate::oauth::OAuth::profile_by_hook).
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn oauth_profile(&self, claims: &usermgr::user::OAuthClaims) -> Result<NoProfile, Rejection> {
    ///     match claims.provider.as_str() {
    ///         "corp" => Ok(NoProfile),
    ///         _ => Err(Rejection::new("CORPORATE_ACCOUNT_REQUIRED").status(403)),
    ///     }
    /// }
    /// # }
    /// ```
    fn oauth_profile<'a>(
        &'a self,
        claims: &'a OAuthClaims,
        cx: &'a Context,
    ) -> HookFuture<'a, Rejection, Option<<Self::Store as UserStore>::Profile>> {
        let _ = (claims, cx);
        Box::pin(ready(Ok(None)))
    }

    /// Whether [`oauth_profile`](Self::oauth_profile) is written.
    #[doc(hidden)]
    fn makes_profiles(&self) -> bool {
        false
    }

    /// Decides whether a registration continues. Called after the password policy and before hashing, whether or not
    /// the address is taken. It may change the profile, for example trim a name or set a field that only the server
    /// sets. The changed profile is stored.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_before_register(&self, draft: &mut Draft) -> Result<(), Rejection> {
    ///     match draft.email().as_str().ends_with("@shop.example") {
    ///         true => Ok(()),
    ///         false => Err(Rejection::new("STAFF_ONLY").reason("register with your address at work").status(403)),
    ///     }
    /// }
    /// # }
    /// ```
    fn on_before_register<'a>(
        &'a self,
        draft: &'a mut DraftOf<Self::Store>,
        cx: &'a Context,
    ) -> HookFuture<'a, Rejection> {
        let _ = (draft, cx);
        Box::pin(ready(Ok(())))
    }

    /// Decides whether a login continues. Called after everything required is proved, including a second factor, so
    /// that a refusal reveals nothing to strangers.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_before_login(&self, user: &User) -> Result<(), Rejection> {
    ///     match user.is_superuser {
    ///         true => Err(Rejection::new("USE_THE_CONSOLE")),
    ///         false => Ok(()),
    ///     }
    /// }
    /// # }
    /// ```
    fn on_before_login<'a>(&'a self, user: &'a UserOf<Self::Store>, cx: &'a Context) -> HookFuture<'a, Rejection> {
        let _ = (user, cx);
        Box::pin(ready(Ok(())))
    }

    /// Decides whether an update continues. It receives the changes. It may be called again if a concurrent write came
    /// first.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_before_update(&self, user: &User, changes: &Changes) -> Result<(), Rejection> {
    ///     match changes.email.is_some() && user.is_superuser {
    ///         true => Err(Rejection::new("ADDRESS_IS_FIXED").status(409)),
    ///         false => Ok(()),
    ///     }
    /// }
    /// # }
    /// ```
    fn on_before_update<'a>(
        &'a self,
        user: &'a UserOf<Self::Store>,
        changes: &'a ChangesOf<Self::Store>,
        cx: &'a Context,
    ) -> HookFuture<'a, Rejection> {
        let _ = (user, changes, cx);
        Box::pin(ready(Ok(())))
    }

    /// Decides whether a user may be deleted.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_before_delete(&self, user: &User, cx: &Context) -> Result<(), Rejection> {
    ///     match cx.actor {
    ///         Some(_) => Ok(()),
    ///         None => Err(Rejection::new("ACTOR_REQUIRED").reason(format!("{} cannot be deleted anonymously", user.email))),
    ///     }
    /// }
    /// # }
    /// ```
    fn on_before_delete<'a>(&'a self, user: &'a UserOf<Self::Store>, cx: &'a Context) -> HookFuture<'a, Rejection> {
        let _ = (user, cx);
        Box::pin(ready(Ok(())))
    }

    /// Decides whether an account at a provider may be linked to a user: by the user, or because a trusted provider has
    /// verified the same address. Not called for a new account.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_before_link(&self, user: &User, claims: &usermgr::user::OAuthClaims) -> Result<(), Rejection> {
    ///     match user.is_superuser && claims.provider != "corp" {
    ///         true => Err(Rejection::new("CORPORATE_ACCOUNT_REQUIRED").status(403)),
    ///         false => Ok(()),
    ///     }
    /// }
    /// # }
    /// ```
    fn on_before_link<'a>(
        &'a self,
        user: &'a UserOf<Self::Store>,
        claims: &'a OAuthClaims,
        cx: &'a Context,
    ) -> HookFuture<'a, Rejection> {
        let _ = (user, claims, cx);
        Box::pin(ready(Ok(())))
    }

    /// Joins the transaction of every change of an account, as its last step. What it writes through `tx` is committed
    /// together with the account, or not at all. For a deletion it is called before the account's row is deleted, so
    /// that rows which refer to it can be deleted first.
    ///
    /// An error rolls the change back. The hook returns `Result<(), Rejection>` or `Result<(), HookError>`; `?` turns
    /// every error into a `HookError`. A [`Rejection`] is answered as a gate's. A failing database is answered with
    /// 503, any other error with 500. If the database aborts the transaction in favor of another one, the change is
    /// decided again and the hook is called again.
    ///
    /// Operations called inside it fail with [`Fault::InsideTransaction`](crate::Fault::InsideTransaction), because
    /// they would wait for what the transaction holds. Keep the hook short: other writers may be waiting.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_before_commit(&self, change: &UserChange<'_>, tx: &mut Tx<MemoryStore>) -> Result<(), HookError> {
    ///     // Over a database, the application's own rows are written through `tx` here.
    ///     let _ = tx;
    ///     match change {
    ///         UserChange::Deleted(user) if user.is_superuser => Err(Rejection::new("SUPERUSERS_STAY").into()),
    ///         _ => Ok(()),
    ///     }
    /// }
    /// # }
    /// ```
    fn on_before_commit<'a>(
        &'a self,
        change: &'a UserChangeOf<'a, Self::Store>,
        tx: &'a mut Tx<Self::Store>,
        cx: &'a Context,
    ) -> HookFuture<'a, HookError> {
        let _ = (change, tx, cx);
        Box::pin(ready(Ok(())))
    }

    /// Called after a user has registered.
    ///
    /// Default: if the engine has a messenger, requests a verification, unless the user is inactive or already
    /// verified.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_register(&self, user: &User, cx: &Context) -> Result<(), HookError> {
    ///     // An account that the application creates may already be verified.
    ///     if !user.is_verified {
    ///         self.request_verify(user, cx).await?;
    ///     }
    ///     Ok(())
    /// }
    /// # }
    /// ```
    fn on_after_register<'a>(&'a self, user: &'a UserOf<Self::Store>, cx: &'a Context) -> HookFuture<'a, HookError> {
        let _ = user;
        // The registration itself requests the verification if there is a messenger.
        Unwritten::note(cx);
        Box::pin(ready(Ok(())))
    }

    /// Called after [`on_after_register`](Self::on_after_register) if the user has registered through a provider.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_oauth_register(&self, user: &User, claims: &usermgr::user::OAuthClaims) {
    ///     println!("{} came from {}", user.email, claims.provider);
    /// }
    /// # }
    /// ```
    fn on_after_oauth_register<'a>(
        &'a self,
        user: &'a UserOf<Self::Store>,
        claims: &'a OAuthClaims,
        cx: &'a Context,
    ) -> HookFuture<'a, HookError> {
        let _ = (user, claims, cx);
        Box::pin(ready(Ok(())))
    }

    /// Called after a registration with the address of this existing user. Notify the owner by mail; do not reveal it
    /// to anyone else.
    ///
    /// Default: sends [`Message::AlreadyRegistered`] to the engine's messenger.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_duplicate_register(&self, user: &User) {
    ///     println!("to {}: you already have an account; did you forget the password?", user.email);
    /// }
    /// # }
    /// ```
    fn on_after_duplicate_register<'a>(
        &'a self,
        user: &'a UserOf<Self::Store>,
        cx: &'a Context,
    ) -> HookFuture<'a, HookError> {
        self.engine_ref().send(Message::AlreadyRegistered { user }, cx)
    }

    /// Called after a login, when the token is stored. [`Login`] can add headers and fields to the response.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_login(&self, user: &User, login: &mut Login) {
    ///     login.header("x-welcome", "back");
    ///     login.field("is_verified", user.is_verified);
    /// }
    /// # }
    /// ```
    fn on_after_login<'a>(
        &'a self,
        user: &'a UserOf<Self::Store>,
        login: &'a mut Login,
        cx: &'a Context,
    ) -> HookFuture<'a, HookError> {
        let _ = (user, login, cx);
        Box::pin(ready(Ok(())))
    }

    /// Called after a failed login, for known and unknown accounts alike. Do the same work for both.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_failed_login(&self, failed: &FailedLogin, cx: &Context) {
    ///     println!("a login from {:?} failed: {:?}", cx.ip, failed.reason);
    /// }
    /// # }
    /// ```
    fn on_after_failed_login<'a>(&'a self, failed: &'a FailedLogin, cx: &'a Context) -> HookFuture<'a, HookError> {
        let _ = (failed, cx);
        Box::pin(ready(Ok(())))
    }

    /// Called after too many wrong passwords have locked the login to an account for a while, whether or not the
    /// account exists. Do the same work for both, and do not mail the owner each time.
    ///
    /// Default: sends [`Message::LockedOut`] to the engine's messenger, if
    /// [`lockout_messages`](crate::engine::EngineBuilder::lockout_messages) is on.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_lockout(&self, lockout: &Lockout) {
    ///     println!("locked until {}", lockout.until);
    /// }
    /// # }
    /// ```
    fn on_after_lockout<'a>(&'a self, lockout: &'a Lockout, cx: &'a Context) -> HookFuture<'a, HookError> {
        let _ = lockout;
        // The login itself calls the messenger if lockout messages are on, because it has the user.
        Unwritten::note(cx);
        Box::pin(ready(Ok(())))
    }

    /// Called after an administrator has begun to act as a user, with the session, whose `actor` has the id of the
    /// administrator. The actor of the context is the administrator too.
    ///
    /// Default: sends [`Message::Impersonated`] to the engine's messenger, unless
    /// [`notify_user`](crate::impersonation::Impersonation::notify_user) is off.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_impersonate(&self, user: &User, session: &SessionInfo) {
    ///     println!("{:?} acts as {} until {}", session.actor, user.email, session.expires_at);
    /// }
    /// # }
    /// ```
    fn on_after_impersonate<'a>(
        &'a self,
        user: &'a UserOf<Self::Store>,
        session: &'a SessionInfo,
        cx: &'a Context,
    ) -> HookFuture<'a, HookError> {
        let _ = session;
        let engine = self.engine_ref();
        match engine.sends_impersonations() {
            true => engine.send(Message::Impersonated { user }, cx),
            false => Box::pin(ready(Ok(()))),
        }
    }

    /// Called after a user has logged out of a session.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_logout(&self, user: &User, session: &SessionInfo) {
    ///     println!("{} has logged out of {}", user.email, session.backend);
    /// }
    /// # }
    /// ```
    fn on_after_logout<'a>(
        &'a self,
        user: &'a UserOf<Self::Store>,
        session: &'a SessionInfo,
        cx: &'a Context,
    ) -> HookFuture<'a, HookError> {
        let _ = (user, session, cx);
        Box::pin(ready(Ok(())))
    }

    /// Called after a session was ended: by the user from the list, together with all others, or by the application.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_revoke_session(&self, user: &User, session: &SessionInfo) {
    ///     println!("the session of {} from {:?} has ended", user.email, session.ip);
    /// }
    /// # }
    /// ```
    fn on_after_revoke_session<'a>(
        &'a self,
        user: &'a UserOf<Self::Store>,
        session: &'a SessionInfo,
        cx: &'a Context,
    ) -> HookFuture<'a, HookError> {
        let _ = (user, session, cx);
        Box::pin(ready(Ok(())))
    }

    /// Called after a refresh token was used a second time, by its owner or by a thief, and its session has ended.
    /// Notify the user by mail.
    ///
    /// Default: sends [`Message::TokenTheft`] to the engine's messenger.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_token_theft(&self, user: &User, theft: &TokenTheft) {
    ///     println!("to {}: your login of {} may be in use by someone else", user.email, theft.session.authenticated_at);
    /// }
    /// # }
    /// ```
    fn on_after_token_theft<'a>(
        &'a self,
        user: &'a UserOf<Self::Store>,
        theft: &'a TokenTheft,
        cx: &'a Context,
    ) -> HookFuture<'a, HookError> {
        let _ = theft;
        self.engine_ref().send(Message::TokenTheft { user }, cx)
    }

    /// Called when a verification was requested. Send the token to the user's address.
    ///
    /// Default: sends [`Message::Verify`] to the engine's messenger.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_request_verify(&self, user: &User, token: &VerifyToken) {
    ///     println!("to {}: https://shop.example/verify#{}", user.email, token.expose());
    /// }
    /// # }
    /// ```
    fn on_after_request_verify<'a>(
        &'a self,
        user: &'a UserOf<Self::Store>,
        token: &'a VerifyToken,
        cx: &'a Context,
    ) -> HookFuture<'a, HookError> {
        self.engine_ref().send(Message::Verify { user, token }, cx)
    }

    /// Called after an address was verified.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_verify(&self, user: &User) {
    ///     println!("{} is verified", user.email);
    /// }
    /// # }
    /// ```
    fn on_after_verify<'a>(&'a self, user: &'a UserOf<Self::Store>, cx: &'a Context) -> HookFuture<'a, HookError> {
        let _ = (user, cx);
        Box::pin(ready(Ok(())))
    }

    /// Called when a password reset was requested. Send the token to the user's address.
    ///
    /// Default: sends [`Message::Reset`] to the engine's messenger.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_forgot_password(&self, user: &User, token: &ResetToken) {
    ///     println!("to {}: https://shop.example/reset#{}", user.email, token.expose());
    /// }
    /// # }
    /// ```
    fn on_after_forgot_password<'a>(
        &'a self,
        user: &'a UserOf<Self::Store>,
        token: &'a ResetToken,
        cx: &'a Context,
    ) -> HookFuture<'a, HookError> {
        self.engine_ref().send(Message::Reset { user, token }, cx)
    }

    /// Called when a mail for a login was requested, with the part [`MailLogin`](crate::mail_login::MailLogin). Send the link, the code
    /// or both to the user's address.
    ///
    /// Default: sends [`Message::Login`] to the engine's messenger.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_request_login(&self, user: &User, mail: &LoginMail) {
    ///     if let Some(code) = &mail.code {
    ///         println!("to {}: your code is {}, until {}", user.email, code.expose(), mail.expires_at);
    ///     }
    /// }
    /// # }
    /// ```
    fn on_after_request_login<'a>(
        &'a self,
        user: &'a UserOf<Self::Store>,
        mail: &'a LoginMail,
        cx: &'a Context,
    ) -> HookFuture<'a, HookError> {
        self.engine_ref().send(Message::Login { user, mail }, cx)
    }

    /// Whether [`on_after_request_login`](Self::on_after_request_login) is written.
    #[doc(hidden)]
    fn mails_logins(&self) -> bool {
        false
    }

    /// Called when a user was invited, or an invitation was sent again, with the part
    /// [`Invitations`](crate::invitations::Invitations). Send the token to the user's address. It is called in place of
    /// [`on_after_register`](Self::on_after_register).
    ///
    /// Default: sends [`Message::Invitation`] to the engine's messenger.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_invite(&self, user: &User, token: &InvitationToken) {
    ///     println!("to {}: https://shop.example/accept#{}", user.email, token.expose());
    /// }
    /// # }
    /// ```
    fn on_after_invite<'a>(
        &'a self,
        user: &'a UserOf<Self::Store>,
        token: &'a InvitationToken,
        cx: &'a Context,
    ) -> HookFuture<'a, HookError> {
        self.engine_ref().send(Message::Invitation { user, token }, cx)
    }

    /// Whether [`on_after_invite`](Self::on_after_invite) is written.
    #[doc(hidden)]
    fn mails_invitations(&self) -> bool {
        false
    }

    /// Called after a user has accepted an invitation. Their address is verified.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_accept_invitation(&self, user: &User) {
    ///     println!("{} is here", user.email);
    /// }
    /// # }
    /// ```
    fn on_after_accept_invitation<'a>(
        &'a self,
        user: &'a UserOf<Self::Store>,
        cx: &'a Context,
    ) -> HookFuture<'a, HookError> {
        let _ = (user, cx);
        Box::pin(ready(Ok(())))
    }

    /// Called after a password was reset and all sessions have ended. Notify the user by mail.
    ///
    /// Default: sends [`Message::PasswordChanged`] to the engine's messenger.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_reset_password(&self, user: &User) {
    ///     println!("to {}: your password was reset", user.email);
    /// }
    /// # }
    /// ```
    fn on_after_reset_password<'a>(
        &'a self,
        user: &'a UserOf<Self::Store>,
        cx: &'a Context,
    ) -> HookFuture<'a, HookError> {
        self.engine_ref().send(Message::PasswordChanged { user }, cx)
    }

    /// Called after a password was changed, with the current one or by an update, and the user's other sessions have
    /// ended. Notify the user by mail: someone else may have changed it.
    ///
    /// Default: sends [`Message::PasswordChanged`] to the engine's messenger.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_change_password(&self, user: &User) {
    ///     println!("to {}: your password has changed", user.email);
    /// }
    /// # }
    /// ```
    fn on_after_change_password<'a>(
        &'a self,
        user: &'a UserOf<Self::Store>,
        cx: &'a Context,
    ) -> HookFuture<'a, HookError> {
        self.engine_ref().send(Message::PasswordChanged { user }, cx)
    }

    /// Called when a change of address was requested. Send the token to the new address. The account keeps the old
    /// address until the token is used.
    ///
    /// Default: sends [`Message::ChangeEmail`] to the engine's messenger.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_request_email_change(&self, user: &User, new: &EmailAddress, token: &ChangeEmailToken) {
    ///     println!("to {new}: {} has requested this address: https://shop.example/address#{}", user.email, token.expose());
    /// }
    /// # }
    /// ```
    fn on_after_request_email_change<'a>(
        &'a self,
        user: &'a UserOf<Self::Store>,
        new: &'a EmailAddress,
        token: &'a ChangeEmailToken,
        cx: &'a Context,
    ) -> HookFuture<'a, HookError> {
        self.engine_ref().send(Message::ChangeEmail { user, new, token }, cx)
    }

    /// Called after an address was changed, by a token or by an update. Notify the old address: its owner may not have
    /// changed it.
    ///
    /// Default: sends [`Message::EmailChanged`] to the engine's messenger.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_change_email(&self, user: &User, old: &EmailAddress) {
    ///     println!("to {old}: the new address of your account is {}", user.email);
    /// }
    /// # }
    /// ```
    fn on_after_change_email<'a>(
        &'a self,
        user: &'a UserOf<Self::Store>,
        old: &'a EmailAddress,
        cx: &'a Context,
    ) -> HookFuture<'a, HookError> {
        self.engine_ref().send(Message::EmailChanged { user, old }, cx)
    }

    /// Called after a user name was set or changed by an update, with the part [`Usernames`](crate::engine::Usernames). Notify the
    /// user by mail: someone else may have changed it. [`on_after_update`](Self::on_after_update) gets the previous name.
    ///
    /// Default: sends [`Message::UsernameChanged`] to the engine's messenger.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_change_username(&self, user: &User) {
    ///     if let Some(name) = &user.username {
    ///         println!("to {}: your user name is {name} now", user.email);
    ///     }
    /// }
    /// # }
    /// ```
    fn on_after_change_username<'a>(
        &'a self,
        user: &'a UserOf<Self::Store>,
        cx: &'a Context,
    ) -> HookFuture<'a, HookError> {
        self.engine_ref().send(Message::UsernameChanged { user }, cx)
    }

    /// Decides whether a user may add a second factor. It is asked after the user has proved it.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_before_add_factor(&self, user: &User, factor: &FactorInfo) -> Result<(), Rejection> {
    ///     match user.is_superuser && factor.kind.as_str() == "totp" {
    ///         true => Err(Rejection::new("PASSKEY_ONLY").reason("Superusers use passkeys.")),
    ///         false => Ok(()),
    ///     }
    /// }
    /// # }
    /// ```
    fn on_before_add_factor<'a>(
        &'a self,
        user: &'a UserOf<Self::Store>,
        factor: &'a FactorInfo,
        cx: &'a Context,
    ) -> HookFuture<'a, Rejection> {
        let _ = (user, factor, cx);
        Box::pin(ready(Ok(())))
    }

    /// Called after a user has added a second factor, or has made new recovery codes (of the kind `recovery`). Notify the
    /// owner (ASVS 5.0, 6.3.7).
    ///
    /// Default: sends [`Message::FactorAdded`] to the engine's messenger.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_add_factor(&self, user: &User, factor: &FactorInfo) {
    ///     println!("to {}: your account has a new second factor of the kind {}", user.email, factor.kind);
    /// }
    /// # }
    /// ```
    fn on_after_add_factor<'a>(
        &'a self,
        user: &'a UserOf<Self::Store>,
        factor: &'a FactorInfo,
        cx: &'a Context,
    ) -> HookFuture<'a, HookError> {
        self.engine_ref().send(Message::FactorAdded { user, factor }, cx)
    }

    /// Called after a second factor was removed, by its user or by a superuser. Notify the owner (ASVS 5.0, 6.3.7).
    ///
    /// Default: sends [`Message::FactorRemoved`] to the engine's messenger.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_remove_factor(&self, user: &User, factor: &FactorInfo) {
    ///     println!("to {}: {} does not protect your account any more", user.email, factor.kind);
    /// }
    /// # }
    /// ```
    fn on_after_remove_factor<'a>(
        &'a self,
        user: &'a UserOf<Self::Store>,
        factor: &'a FactorInfo,
        cx: &'a Context,
    ) -> HookFuture<'a, HookError> {
        self.engine_ref().send(Message::FactorRemoved { user, factor }, cx)
    }

    /// Decides whether a user may have a new API key, also one that takes the place of another. The lifetime is the one that
    /// it will have.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_before_create_api_key(&self, user: &User, key: &NewApiKey) -> Result<(), Rejection> {
    ///     match user.is_superuser && key.expires_in.is_none_or(|lifetime| lifetime.as_secs() > 7 * 24 * 3600) {
    ///         true => Err(Rejection::new("KEY_TOO_LONG").reason("Keys of superusers work for a week.")),
    ///         false => Ok(()),
    ///     }
    /// }
    /// # }
    /// ```
    fn on_before_create_api_key<'a>(
        &'a self,
        user: &'a UserOf<Self::Store>,
        key: &'a NewApiKey,
        cx: &'a Context,
    ) -> HookFuture<'a, Rejection> {
        let _ = (user, key, cx);
        Box::pin(ready(Ok(())))
    }

    /// Called after an API key was made, also in place of another one. Notify the owner: it is a way in without a password.
    ///
    /// Default: sends [`Message::ApiKeyCreated`] to the engine's messenger.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_create_api_key(&self, user: &User, key: &ApiKeyInfo) {
    ///     println!("to {}: you have a new key that ends in {}", user.email, key.hint);
    /// }
    /// # }
    /// ```
    fn on_after_create_api_key<'a>(
        &'a self,
        user: &'a UserOf<Self::Store>,
        key: &'a ApiKeyInfo,
        cx: &'a Context,
    ) -> HookFuture<'a, HookError> {
        self.engine_ref().send(Message::ApiKeyCreated { user, key }, cx)
    }

    /// Called after an API key was revoked, by its owner or by a superuser. Not called for keys that end with something else,
    /// such as a reset of the password or the account.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_revoke_api_key(&self, user: &User, key: &ApiKeyInfo) {
    ///     println!("{} has revoked {:?}", user.id, key.label);
    /// }
    /// # }
    /// ```
    fn on_after_revoke_api_key<'a>(
        &'a self,
        user: &'a UserOf<Self::Store>,
        key: &'a ApiKeyInfo,
        cx: &'a Context,
    ) -> HookFuture<'a, HookError> {
        let _ = (user, key, cx);
        Box::pin(ready(Ok(())))
    }

    /// Called after the first wrong answer of a login whose first step was right: another person may know the password. Tell the
    /// owner.
    ///
    /// Default: sends [`Message::SecondFactorFailed`] to the engine's messenger.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_failed_second_factor(&self, user: &User) {
    ///     println!("to {}: was it you? Otherwise change your password", user.email);
    /// }
    /// # }
    /// ```
    fn on_after_failed_second_factor<'a>(
        &'a self,
        user: &'a UserOf<Self::Store>,
        cx: &'a Context,
    ) -> HookFuture<'a, HookError> {
        self.engine_ref().send(Message::SecondFactorFailed { user }, cx)
    }

    /// Called after a login with a recovery code; [`codes_left`](FactorInfo::codes_left) says how many are left.
    ///
    /// Default: sends [`Message::RecoveryCodeUsed`] to the engine's messenger.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_use_recovery_code(&self, user: &User, codes: &FactorInfo) {
    ///     println!("to {}: {:?} recovery codes are left", user.email, codes.codes_left);
    /// }
    /// # }
    /// ```
    fn on_after_use_recovery_code<'a>(
        &'a self,
        user: &'a UserOf<Self::Store>,
        codes: &'a FactorInfo,
        cx: &'a Context,
    ) -> HookFuture<'a, HookError> {
        self.engine_ref().send(Message::RecoveryCodeUsed { user, codes }, cx)
    }

    /// Called after a login has rehashed the password with the current parameters.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_rehash_password(&self, user: &User) {
    ///     println!("rehashed the password of {}", user.id);
    /// }
    /// # }
    /// ```
    fn on_after_rehash_password<'a>(
        &'a self,
        user: &'a UserOf<Self::Store>,
        cx: &'a Context,
    ) -> HookFuture<'a, HookError> {
        let _ = (user, cx);
        Box::pin(ready(Ok(())))
    }

    /// Called after an account at a provider was linked to a user. Notify the owner: it is a new way in.
    ///
    /// Default: sends [`Message::IdentityLinked`] to the engine's messenger.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_link(&self, user: &User, identity: &usermgr::store::Identity) {
    ///     println!("to {}: you can log in with {} now", user.email, identity.provider);
    /// }
    /// # }
    /// ```
    fn on_after_link<'a>(
        &'a self,
        user: &'a UserOf<Self::Store>,
        identity: &'a Identity,
        cx: &'a Context,
    ) -> HookFuture<'a, HookError> {
        self.engine_ref().send(Message::IdentityLinked { user, identity }, cx)
    }

    /// Called after an account at a provider was unlinked from a user.
    ///
    /// Default: sends [`Message::IdentityUnlinked`] to the engine's messenger.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_unlink(&self, user: &User, identity: &usermgr::store::Identity) {
    ///     println!("to {}: you cannot log in with {} any more", user.email, identity.provider);
    /// }
    /// # }
    /// ```
    fn on_after_unlink<'a>(
        &'a self,
        user: &'a UserOf<Self::Store>,
        identity: &'a Identity,
        cx: &'a Context,
    ) -> HookFuture<'a, HookError> {
        self.engine_ref().send(Message::IdentityUnlinked { user, identity }, cx)
    }

    /// Called after a login was refused because the counter of a passkey was set back: there may be a copy of it. The
    /// passkey stays. Tell its owner, who can remove it.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_suspicious_passkey(&self, user: &User, factor: &FactorInfo) {
    ///     let label = factor.label.as_deref().unwrap_or("a passkey");
    ///     println!("to {}: {label} may have been copied; remove it if you do not know why", user.email);
    /// }
    /// # }
    /// ```
    fn on_after_suspicious_passkey<'a>(
        &'a self,
        user: &'a UserOf<Self::Store>,
        factor: &'a FactorInfo,
        cx: &'a Context,
    ) -> HookFuture<'a, HookError> {
        let _ = (user, factor, cx);
        Box::pin(ready(Ok(())))
    }

    /// Called after a user was changed, by themselves or by a superuser. Not called for an update that changes nothing.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_update(&self, user: &User, changes: &Changes) {
    ///     if changes.is_active.is_some() {
    ///         println!("{} is active: {}", user.email, user.is_active);
    ///     }
    /// }
    /// # }
    /// ```
    fn on_after_update<'a>(
        &'a self,
        user: &'a UserOf<Self::Store>,
        changes: &'a ChangesOf<Self::Store>,
        cx: &'a Context,
    ) -> HookFuture<'a, HookError> {
        let _ = (user, changes, cx);
        Box::pin(ready(Ok(())))
    }

    /// Called after a user was deleted together with their sessions.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_delete(&self, user: &User) {
    ///     println!("{} is gone, so remove the name from their orders", user.id);
    /// }
    /// # }
    /// ```
    fn on_after_delete<'a>(&'a self, user: &'a UserOf<Self::Store>, cx: &'a Context) -> HookFuture<'a, HookError> {
        let _ = (user, cx);
        Box::pin(ready(Ok(())))
    }
}
