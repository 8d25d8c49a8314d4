//! The manager: the trait that `#[user_manager]` implements, made of the store, the settings and the hooks. Every hook's
//! documentation is here.

use std::future::ready;

use crate::{
    context::Context,
    default_store::Tx,
    engine::{Engine, messages::Unwritten},
    error::{HookError, HookFuture, Rejection},
    mail::Message,
    password::{self, InvalidPassword},
    session::{FailedLogin, Lockout, Login, SessionInfo, TokenTheft},
    settings::Settings,
    store::{ChangesOf, DraftOf, PasswordSubjectOf, UserChangeOf, UserOf, UserStore},
    token::{ChangeEmailToken, ResetToken, VerifyToken},
    user::{EmailAddress, Password},
};

pub(crate) type ProfileOf<M> = <<M as UserManager>::Store as UserStore>::Profile;
pub(crate) type IdOf<M> = <<M as UserManager>::Store as UserStore>::Id;
pub(crate) type ManagedUser<M> = UserOf<<M as UserManager>::Store>;

/// A user manager: what [`#[user_manager]`](macro@crate::user_manager) makes of an impl block. All operations come with it, from
/// [`Operations`](crate::Operations), [`Sessions`](crate::Sessions) and [`Administration`](crate::Administration).
///
/// The methods from [`validate_password`](Self::validate_password) on are the hooks. Write the ones you need as `async fn` in the annotated impl
/// block, with `&self` and the arguments shown here; the last one, `cx: &Context`, may be left out. A hook that is not written does
/// nothing, except that those which say so hand a message to the engine's [`Messenger`](crate::mail::Messenger), if it has one.
///
/// - **Gates** (`on_before_..`) run before anything is written and while no transaction is open. An error stops the operation and is
///   answered to the client. A gate that panics or takes too long stops it too.
/// - **The join** (`on_before_commit`) runs inside the transaction of a change. An error takes the change back.
/// - **After-hooks** (`on_after_..`) run when everything is written and committed, in the order of the operation. They return nothing
///   or `Result<(), HookError>`, or that of any other error. What fails in them, panics or takes too long becomes an event `hook_failed`; the answer stays a success.
/// - No hook but [`validate_password`](Self::validate_password) sees a password.
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

    /// The settings; they are evaluated once.
    fn settings(&self) -> Settings;

    /// Judges a new password: at registration, reset, change and update, before it is hashed and, at registration, before anything is
    /// looked up. What it refuses is answered with its reason. Default: [`password::policy`].
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

    /// Decides whether a registration goes on: after the password policy, before hashing, whether or not the address is taken. It may
    /// change the profile, such as a name to be trimmed or a field that only the server sets; what it leaves is stored.
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

    /// Decides whether a login goes on: after all that it asks for was proved, a second factor included, so that a refusal tells
    /// strangers nothing.
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

    /// Decides whether an update goes on. It sees what will change and may be asked again when somebody else was faster.
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
    ///         None => Err(Rejection::new("WHO_ASKS").reason(format!("nobody deletes {} unseen", user.email))),
    ///     }
    /// }
    /// # }
    /// ```
    fn on_before_delete<'a>(&'a self, user: &'a UserOf<Self::Store>, cx: &'a Context) -> HookFuture<'a, Rejection> {
        let _ = (user, cx);
        Box::pin(ready(Ok(())))
    }

    /// Joins the transaction of every change of an account, as its last step: what it writes through `tx` becomes durable together with
    /// the account, or not at all. Of a deletion it is called before the account's row goes, so that rows which refer to it can go first.
    ///
    /// An error takes everything back. A [`Rejection`] is answered as a gate's; the hook may return `Result<(), Rejection>`, or
    /// `Result<(), HookError>`, which `?` makes of every error. A failing database is then 503, and anything else 500. When the
    /// database gives the transaction up for another's sake, the change is decided anew and the hook is asked again.
    ///
    /// Operations are refused inside it with [`Fault::InsideTransaction`](crate::Fault::InsideTransaction): they would wait for what the
    /// transaction holds. Keep it short; other writers may be waiting.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_before_commit(&self, change: &UserChange<'_>, tx: &mut Tx<MemoryStore>) -> Result<(), HookError> {
    ///     // Over a database, rows of the application's own are written through `tx` here.
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

    /// Somebody has registered.
    ///
    /// Default: if the engine has a messenger, a verification is asked for, unless the user is inactive or verified already.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_register(&self, user: &User, cx: &Context) -> Result<(), HookError> {
    ///     // An account that the application creates may be verified already.
    ///     if !user.is_verified {
    ///         self.request_verify(user, cx).await?;
    ///     }
    ///     Ok(())
    /// }
    /// # }
    /// ```
    fn on_after_register<'a>(&'a self, user: &'a UserOf<Self::Store>, cx: &'a Context) -> HookFuture<'a, HookError> {
        let _ = user;
        // The registration asks for the verification, where there is a messenger.
        Unwritten::note(cx);
        Box::pin(ready(Ok(())))
    }

    /// Somebody tried to register the address of this user. Tell the owner by mail, and nobody else.
    ///
    /// Default: [`Message::AlreadyRegistered`] to the engine's messenger.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_duplicate_register(&self, user: &User) {
    ///     println!("to {}: you have an account already; did you forget the password?", user.email);
    /// }
    /// # }
    /// ```
    fn on_after_duplicate_register<'a>(
        &'a self,
        user: &'a UserOf<Self::Store>,
        cx: &'a Context,
    ) -> HookFuture<'a, HookError> {
        self.engine_ref().tell(Message::AlreadyRegistered { user }, cx)
    }

    /// A user has logged in and their token is written. [`Login`] takes headers and fields to add to the answer.
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

    /// A login has failed. It is called for known and unknown accounts alike; do the same work for both.
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

    /// Too many wrong passwords have locked the login to an account, known or unknown, for a while. Do the same work for both; do not
    /// mail the owner each time.
    ///
    /// Default: [`Message::LockedOut`] to the engine's messenger, if
    /// [`lockout_messages`](crate::engine::EngineBuilder::lockout_messages) are wanted.
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
        // The login tells the messenger, where that is wanted: it has the user.
        Unwritten::note(cx);
        Box::pin(ready(Ok(())))
    }

    /// A user has logged out of a session.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_logout(&self, user: &User, session: &SessionInfo) {
    ///     println!("{} has left {}", user.email, session.backend);
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

    /// A session of the user was ended: by the user from the list, with all others, or by the application.
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

    /// A refresh token was used a second time, by its owner or by a thief, and its session has ended. Tell the user by mail.
    ///
    /// Default: [`Message::TokenTheft`] to the engine's messenger.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_token_theft(&self, user: &User, theft: &TokenTheft) {
    ///     println!("to {}: the login of {} may be in other hands", user.email, theft.session.authenticated_at);
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
        self.engine_ref().tell(Message::TokenTheft { user }, cx)
    }

    /// A mail to verify the address is wanted: send the token to the user's address.
    ///
    /// Default: [`Message::Verify`] to the engine's messenger.
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
        self.engine_ref().tell(Message::Verify { user, token }, cx)
    }

    /// The address is verified.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_verify(&self, user: &User) {
    ///     println!("{} is his", user.email);
    /// }
    /// # }
    /// ```
    fn on_after_verify<'a>(&'a self, user: &'a UserOf<Self::Store>, cx: &'a Context) -> HookFuture<'a, HookError> {
        let _ = (user, cx);
        Box::pin(ready(Ok(())))
    }

    /// A mail to reset the password is wanted: send the token to the user's address.
    ///
    /// Default: [`Message::Reset`] to the engine's messenger.
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
        self.engine_ref().tell(Message::Reset { user, token }, cx)
    }

    /// The password is reset, and all sessions have ended. Tell the user by mail.
    ///
    /// Default: [`Message::PasswordChanged`] to the engine's messenger.
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
        self.engine_ref().tell(Message::PasswordChanged { user }, cx)
    }

    /// The password has changed, with the current one or by an update, and the user's other sessions have ended. Tell them by mail: it may
    /// not have been their doing.
    ///
    /// Default: [`Message::PasswordChanged`] to the engine's messenger.
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
        self.engine_ref().tell(Message::PasswordChanged { user }, cx)
    }

    /// The user wants another address: send the token to the new one. The account has the old one until the token comes back.
    ///
    /// Default: [`Message::ChangeEmail`] to the engine's messenger.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_request_email_change(&self, user: &User, new: &EmailAddress, token: &ChangeEmailToken) {
    ///     println!("to {new}: {} wants this address: https://shop.example/address#{}", user.email, token.expose());
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
        self.engine_ref().tell(Message::ChangeEmail { user, new, token }, cx)
    }

    /// The address has changed, by a token or by an update. Tell the old one by mail: its owner may not be the one who changed it.
    ///
    /// Default: [`Message::EmailChanged`] to the engine's messenger.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_change_email(&self, user: &User, old: &EmailAddress) {
    ///     println!("to {old}: your account belongs to {} now", user.email);
    /// }
    /// # }
    /// ```
    fn on_after_change_email<'a>(
        &'a self,
        user: &'a UserOf<Self::Store>,
        old: &'a EmailAddress,
        cx: &'a Context,
    ) -> HookFuture<'a, HookError> {
        self.engine_ref().tell(Message::EmailChanged { user, old }, cx)
    }

    /// The stored hash was made anew with the current parameters at a login.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_rehash_password(&self, user: &User) {
    ///     println!("{} has a hash of today", user.id);
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

    /// A user was changed, by themselves or by a superuser. An update that changes nothing does not call it.
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

    /// A user was deleted, with their sessions.
    ///
    /// ```
    /// # use usermgr::prelude::*; struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))] impl Accounts {
    /// async fn on_after_delete(&self, user: &User) {
    ///     println!("{} is gone, and his orders must lose the name", user.id);
    /// }
    /// # }
    /// ```
    fn on_after_delete<'a>(&'a self, user: &'a UserOf<Self::Store>, cx: &'a Context) -> HookFuture<'a, HookError> {
        let _ = (user, cx);
        Box::pin(ready(Ok(())))
    }
}
