//! The manager: the trait that `#[user_manager]` implements, made of the store, the settings and the hooks. Every hook's
//! documentation is here.

use async_trait::async_trait;

use crate::{
    context::Context,
    engine::Engine,
    error::{HookError, InvalidPassword, Rejection},
    login::{FailedLogin, Login},
    password,
    session::SessionInfo,
    settings::Settings,
    store::{ChangesOf, DraftOf, PasswordSubjectOf, UserOf, UserStore},
    token::{ResetToken, VerifyToken},
    user::Password,
};

/// A user manager: what [`#[user_manager]`](macro@crate::user_manager) makes of an impl block. All operations come with it, from
/// [`Operations`](crate::Operations) and [`Administration`](crate::Administration).
///
/// The methods from [`validate_password`](Self::validate_password) on are the hooks. Write the ones you need as `async fn` in the annotated impl
/// block, with `&self` and the arguments shown here; the last one, `cx: &Context`, may be left out. A hook that is not written does
/// nothing.
///
/// - **Gates** (`on_before_..`) run before anything is written and while no transaction is open. An error stops the operation and is
///   answered to the client. A gate that panics or takes too long stops it too.
/// - **After-hooks** (`on_after_..`) run when everything is written and committed, in the order of the operation. They return nothing
///   or `Result<(), HookError>`. What fails in them, panics or takes too long becomes an event `hook_failed`; the answer stays a success.
/// - No hook but [`validate_password`](Self::validate_password) sees a password.
#[async_trait]
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
    async fn validate_password(
        &self,
        password: &Password,
        subject: &PasswordSubjectOf<'_, Self::Store>,
        cx: &Context,
    ) -> Result<(), InvalidPassword> {
        let _ = cx;
        password::policy(password, subject)
    }

    /// Decides whether a registration goes on: after the password policy, before hashing, whether or not the address is taken.
    async fn on_before_register(&self, draft: &DraftOf<Self::Store>, cx: &Context) -> Result<(), Rejection> {
        let _ = (draft, cx);
        Ok(())
    }

    /// Decides whether a login goes on: after the password was proved, so that a refusal tells strangers nothing.
    async fn on_before_login(&self, user: &UserOf<Self::Store>, cx: &Context) -> Result<(), Rejection> {
        let _ = (user, cx);
        Ok(())
    }

    /// Decides whether an update goes on. It sees what will change and may be asked again when somebody else was faster.
    async fn on_before_update(
        &self,
        user: &UserOf<Self::Store>,
        changes: &ChangesOf<Self::Store>,
        cx: &Context,
    ) -> Result<(), Rejection> {
        let _ = (user, changes, cx);
        Ok(())
    }

    /// Decides whether a user may be deleted.
    async fn on_before_delete(&self, user: &UserOf<Self::Store>, cx: &Context) -> Result<(), Rejection> {
        let _ = (user, cx);
        Ok(())
    }

    /// Somebody has registered.
    async fn on_after_register(&self, user: &UserOf<Self::Store>, cx: &Context) -> Result<(), HookError> {
        let _ = (user, cx);
        Ok(())
    }

    /// Somebody tried to register the address of this user. Tell the owner by mail, and nobody else.
    async fn on_after_duplicate_register(&self, user: &UserOf<Self::Store>, cx: &Context) -> Result<(), HookError> {
        let _ = (user, cx);
        Ok(())
    }

    /// A user has logged in and his token is written. [`Login`] takes headers and fields to add to the answer.
    async fn on_after_login(
        &self,
        user: &UserOf<Self::Store>,
        login: &mut Login,
        cx: &Context,
    ) -> Result<(), HookError> {
        let _ = (user, login, cx);
        Ok(())
    }

    /// A login has failed. It is called for known and unknown accounts alike; do the same work for both.
    async fn on_after_failed_login(&self, failed: &FailedLogin, cx: &Context) -> Result<(), HookError> {
        let _ = (failed, cx);
        Ok(())
    }

    /// A user has logged out of a session.
    async fn on_after_logout(
        &self,
        user: &UserOf<Self::Store>,
        session: &SessionInfo,
        cx: &Context,
    ) -> Result<(), HookError> {
        let _ = (user, session, cx);
        Ok(())
    }

    /// A mail to verify the address is wanted: send the token to the user's address.
    async fn on_after_request_verify(
        &self,
        user: &UserOf<Self::Store>,
        token: &VerifyToken,
        cx: &Context,
    ) -> Result<(), HookError> {
        let _ = (user, token, cx);
        Ok(())
    }

    /// The address is verified.
    async fn on_after_verify(&self, user: &UserOf<Self::Store>, cx: &Context) -> Result<(), HookError> {
        let _ = (user, cx);
        Ok(())
    }

    /// A mail to reset the password is wanted: send the token to the user's address.
    async fn on_after_forgot_password(
        &self,
        user: &UserOf<Self::Store>,
        token: &ResetToken,
        cx: &Context,
    ) -> Result<(), HookError> {
        let _ = (user, token, cx);
        Ok(())
    }

    /// The password is reset, and all sessions have ended. Tell the user by mail.
    async fn on_after_reset_password(&self, user: &UserOf<Self::Store>, cx: &Context) -> Result<(), HookError> {
        let _ = (user, cx);
        Ok(())
    }

    /// The user has changed his password, and his other sessions have ended. Tell him by mail.
    async fn on_after_change_password(&self, user: &UserOf<Self::Store>, cx: &Context) -> Result<(), HookError> {
        let _ = (user, cx);
        Ok(())
    }

    /// The stored hash was made anew with the current parameters at a login.
    async fn on_after_rehash_password(&self, user: &UserOf<Self::Store>, cx: &Context) -> Result<(), HookError> {
        let _ = (user, cx);
        Ok(())
    }

    /// A user was changed, by himself or by a superuser. An update that changes nothing does not call it.
    async fn on_after_update(
        &self,
        user: &UserOf<Self::Store>,
        changes: &ChangesOf<Self::Store>,
        cx: &Context,
    ) -> Result<(), HookError> {
        let _ = (user, changes, cx);
        Ok(())
    }

    /// A user was deleted, with his sessions.
    async fn on_after_delete(&self, user: &UserOf<Self::Store>, cx: &Context) -> Result<(), HookError> {
        let _ = (user, cx);
        Ok(())
    }
}
