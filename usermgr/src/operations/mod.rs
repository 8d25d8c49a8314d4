//! What a manager can do: the traits are the index, and each body is one function in a file of its theme. An operation reads, decides
//! and writes; it knows no HTTP.

mod admin;
mod delete;
#[cfg(feature = "outbox")]
mod delivery;
pub(crate) mod email_change;
#[cfg(feature = "outbox")]
mod entry;
mod login;
pub(crate) mod notice;
mod password;
pub(crate) mod register;
mod run;
mod sessions;
mod transaction;
pub(crate) mod update;
mod verify;

use std::future::Future;

#[cfg(feature = "outbox")]
use jiff::Timestamp;

#[cfg(feature = "outbox")]
use crate::store::OutboxStore;
use crate::{
    context::Context,
    error::{
        ChangeEmailError, ChangePasswordError, ConfigError, DeleteError, Fault, LoginError, RefreshError,
        RegisterError, ResetError, SessionError, UpdateError, VerifyError,
    },
    manager::UserManager,
    session::{Principal, SessionInfo},
    store::{Directory, ListQuery, Lookup, Page, SessionId, SessionStore, UserOf, UserStore},
    token::{ChangeEmailToken, RefreshToken, ResetToken, VerifyToken},
    user::{AdminUpdate, Credentials, EmailAddress, NewUser, Password, Register, UpdateMe},
};

use transaction::outside;

pub use admin::Admin;
pub use login::LoggedIn;
pub use sessions::Refreshed;

type ProfileOf<M> = <<M as UserManager>::Store as UserStore>::Profile;
type IdOf<M> = <<M as UserManager>::Store as UserStore>::Id;
type ManagedUser<M> = UserOf<<M as UserManager>::Store>;

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
    /// # Errors
    /// See [`RegisterError`].
    fn register(
        &self,
        register: Register<ProfileOf<Self>>,
        cx: &Context,
    ) -> impl Future<Output = Result<ManagedUser<Self>, RegisterError>> + Send {
        async move {
            outside()?;
            register::register(self, register, cx).await
        }
    }

    /// Creates a user on the application's own account: a seed, an import, a command. The password policy holds, the gate
    /// `on_before_register` is asked, and `on_after_register` is called.
    ///
    /// # Errors
    /// See [`RegisterError`].
    fn create(
        &self,
        new: NewUser<ProfileOf<Self>>,
        cx: &Context,
    ) -> impl Future<Output = Result<ManagedUser<Self>, RegisterError>> + Send {
        async move {
            outside()?;
            register::create(self, new, cx).await
        }
    }

    /// Proves a password and returns its user, active or not, as FastAPI Users does; a login is [`login`](Self::login). Unknown
    /// addresses, accounts without a password and wrong passwords cost the same time. A hash with outdated parameters is made anew, if the
    /// user is active.
    ///
    /// # Errors
    /// [`LoginError::BadCredentials`], or a fault.
    fn authenticate(
        &self,
        credentials: Credentials,
        cx: &Context,
    ) -> impl Future<Output = Result<ManagedUser<Self>, LoginError>> + Send {
        async move {
            outside()?;
            login::authenticate(self, credentials, cx).await
        }
    }

    /// Logs in through the backend of this name: proves the password, demands an active (and, if the engine says so, verified) user,
    /// asks `on_before_login`, writes the session, then calls `on_after_login`.
    ///
    /// # Errors
    /// See [`LoginError`].
    fn login(
        &self,
        credentials: Credentials,
        backend: &str,
        cx: &Context,
    ) -> impl Future<Output = Result<LoggedIn<Self::Store>, LoginError>> + Send {
        async move {
            outside()?;
            login::login(self, credentials, backend, cx).await
        }
    }

    /// The principal of a token that came in through the backend of this name, or `None` for whatever is wrong with it. An inactive
    /// user is returned too.
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
    /// # Errors
    /// Only faults.
    fn logout(
        &self,
        principal: &Principal<Self::Store>,
        cx: &Context,
    ) -> impl Future<Output = Result<(), Fault>> + Send {
        async move {
            outside()?;
            login::logout(self, principal, cx).await
        }
    }

    /// The user of an id.
    ///
    /// # Errors
    /// Only faults.
    fn get(&self, id: &IdOf<Self>) -> impl Future<Output = Result<Option<ManagedUser<Self>>, Fault>> + Send {
        async {
            outside()?;
            Ok(self.engine_ref().store().find(Lookup::Id(id)).await?.map(|record| record.user))
        }
    }

    /// The user of an address, in whatever case.
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

    /// Makes a verification token and gives it to `on_after_request_verify`.
    ///
    /// # Errors
    /// [`VerifyError::Inactive`], [`VerifyError::AlreadyVerified`], or a fault.
    fn request_verify(
        &self,
        user: &ManagedUser<Self>,
        cx: &Context,
    ) -> impl Future<Output = Result<(), VerifyError>> + Send {
        async move {
            outside()?;
            verify::request_verify(self, user, cx).await
        }
    }

    /// Marks the user of a verification token as verified, once, then calls `on_after_verify`. Inactive users can be verified.
    ///
    /// # Errors
    /// See [`VerifyError`].
    fn verify(
        &self,
        token: &VerifyToken,
        cx: &Context,
    ) -> impl Future<Output = Result<ManagedUser<Self>, VerifyError>> + Send {
        async move {
            outside()?;
            verify::verify(self, token, cx).await
        }
    }

    /// Makes a reset token and gives it to `on_after_forgot_password`.
    ///
    /// # Errors
    /// [`ResetError::Inactive`], or a fault.
    fn forgot_password(
        &self,
        user: &ManagedUser<Self>,
        cx: &Context,
    ) -> impl Future<Output = Result<(), ResetError>> + Send {
        async move {
            outside()?;
            password::forgot_password(self, user, cx).await
        }
    }

    /// Sets the password of a reset token's user, once, and ends all his sessions, then calls `on_after_reset_password`. Nobody is
    /// logged in by it.
    ///
    /// # Errors
    /// See [`ResetError`].
    fn reset_password(
        &self,
        token: &ResetToken,
        password: Password,
        cx: &Context,
    ) -> impl Future<Output = Result<ManagedUser<Self>, ResetError>> + Send {
        async move {
            outside()?;
            password::reset_password(self, token, password, cx).await
        }
    }

    /// Changes a password, proved by the current one. The user's other sessions end; the one in `cx` stays, where its strategy can
    /// keep it.
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
        async move {
            outside()?;
            password::change_password(self, user, current, new, cx).await
        }
    }

    /// Makes a token that changes the user's address and gives it to `on_after_request_email_change`, for a mail to the new address.
    /// Until it comes back the account keeps the old one. Needs a fresh login of this user in `cx`, since which the password has not been
    /// reset, or [`Context::system`].
    ///
    /// # Errors
    /// See [`ChangeEmailError`].
    fn request_email_change(
        &self,
        user: &ManagedUser<Self>,
        new: &EmailAddress,
        cx: &Context,
    ) -> impl Future<Output = Result<(), ChangeEmailError>> + Send {
        async move {
            outside()?;
            email_change::request_email_change(self, user, new, cx).await
        }
    }

    /// Puts the address of a token in place of the old one, once, and verified; `on_before_update` is asked, then `on_after_update` and
    /// `on_after_change_email` are called. A new password, address or stamp since the request has ended the token.
    ///
    /// # Errors
    /// See [`ChangeEmailError`].
    fn confirm_email_change(
        &self,
        token: &ChangeEmailToken,
        cx: &Context,
    ) -> impl Future<Output = Result<ManagedUser<Self>, ChangeEmailError>> + Send {
        async move {
            outside()?;
            email_change::confirm_email_change(self, token, cx).await
        }
    }

    /// Changes a user as he asks himself. A new address makes him unverified; a new password ends his other sessions. Either needs the
    /// current password, or a fresh login of this user in `cx`, or [`Context::system`]; and none of them is good for a row whose stamp has
    /// changed since.
    ///
    /// # Errors
    /// See [`UpdateError`].
    fn update(
        &self,
        user: &ManagedUser<Self>,
        update: UpdateMe<ProfileOf<Self>>,
        cx: &Context,
    ) -> impl Future<Output = Result<ManagedUser<Self>, UpdateError>> + Send {
        async move {
            outside()?;
            update::update(self, user, update, cx).await
        }
    }

    /// Deletes a user with all that belongs to him: asks `on_before_delete`, writes, then calls `on_after_delete`. The last active
    /// superuser stays.
    ///
    /// # Errors
    /// See [`DeleteError`].
    fn delete(&self, user: &ManagedUser<Self>, cx: &Context) -> impl Future<Output = Result<(), DeleteError>> + Send {
        async move {
            outside()?;
            delete::delete(self, user, cx).await
        }
    }
}

impl<M: UserManager + ?Sized> Operations for M {}

/// What a user manager whose store keeps sessions can do with them. In scope through the prelude.
///
/// Signed tokens without a row, of [`Jwt`](crate::Jwt) and [`RevocableJwt`](crate::RevocableJwt), are not listed and cannot be ended
/// one by one; what ends all sessions of a user ends them too.
///
/// ```
/// # async fn example(accounts: impl usermgr::UserManager<Store = usermgr::MemoryStore>, user: usermgr::User) -> Result<(), Box<dyn std::error::Error>> {
/// use usermgr::prelude::*;
///
/// let cx = Context::default();
/// for session in accounts.sessions(&user, &cx).await? {
///     println!("{} since {}", session.backend, session.authenticated_at);
/// }
/// accounts.revoke_all(&user, &cx).await?;
/// # Ok(())
/// # }
/// ```
pub trait Sessions: UserManager<Store: SessionStore> {
    /// The sessions of a user that have not ended, the latest login first. The one of `cx` is marked.
    ///
    /// # Errors
    /// Only faults.
    fn sessions(
        &self,
        user: &ManagedUser<Self>,
        cx: &Context,
    ) -> impl Future<Output = Result<Vec<SessionInfo>, Fault>> + Send {
        async move {
            outside()?;
            sessions::sessions(self, user, cx).await
        }
    }

    /// Ends one session of a user, whichever it is, then calls `on_after_revoke_session`.
    ///
    /// # Errors
    /// [`SessionError::NotFound`] for one that is not there, has ended or is somebody else's; or a fault.
    fn revoke_session(
        &self,
        user: &ManagedUser<Self>,
        id: &SessionId,
        cx: &Context,
    ) -> impl Future<Output = Result<(), SessionError>> + Send {
        async move {
            outside()?;
            sessions::revoke_session(self, user, id, cx).await
        }
    }

    /// Ends all sessions of a user, signed tokens and outstanding reset tokens included, then calls `on_after_revoke_session` for
    /// each that was listed.
    ///
    /// # Errors
    /// [`SessionError::NotFound`] when the user is gone; or a fault.
    fn revoke_all(
        &self,
        user: &ManagedUser<Self>,
        cx: &Context,
    ) -> impl Future<Output = Result<(), SessionError>> + Send {
        async move {
            outside()?;
            sessions::revoke_all(self, user, sessions::Extent::Every, cx).await
        }
    }

    /// Ends all sessions of a user but the one of `cx`, as [`revoke_all`](Self::revoke_all) does. A signed token without a row cannot
    /// stay: a request that came through one ends it too.
    ///
    /// # Errors
    /// As [`revoke_all`](Self::revoke_all).
    fn revoke_others(
        &self,
        user: &ManagedUser<Self>,
        cx: &Context,
    ) -> impl Future<Output = Result<(), SessionError>> + Send {
        async move {
            outside()?;
            sessions::revoke_all(self, user, sessions::Extent::Others, cx).await
        }
    }

    /// Gets the next tokens of a session through the backend of this name. A refresh token is used once; presented again after the
    /// grace it ends its session, and `on_after_token_theft` is called (RFC 9700, 4.14.2).
    ///
    /// # Errors
    /// See [`RefreshError`].
    fn refresh(
        &self,
        token: &RefreshToken,
        backend: &str,
        cx: &Context,
    ) -> impl Future<Output = Result<Refreshed<Self::Store>, RefreshError>> + Send {
        async move {
            outside()?;
            sessions::refresh(self, token, backend, cx).await
        }
    }
}

impl<M: UserManager<Store: SessionStore> + ?Sized> Sessions for M {}

/// What every user manager can do for a superuser. Each operation demands the witness [`Admin`].
pub trait Administration: UserManager {
    /// Changes any field of any user. The password of another one only where the engine
    /// [lets superusers](crate::EngineBuilder::superusers_set_passwords) do so; a new password or address of his own account needs a fresh
    /// login.
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

    /// Lets a user in or keeps him out. Keeping him out ends all his sessions.
    ///
    /// # Errors
    /// See [`UpdateError`].
    fn set_active(
        &self,
        admin: &Admin,
        id: &IdOf<Self>,
        active: bool,
        cx: &Context,
    ) -> impl Future<Output = Result<ManagedUser<Self>, UpdateError>> + Send {
        async move {
            outside()?;
            update::set_active(self, admin, id, active, cx).await
        }
    }

    /// Makes a user a superuser, or an ordinary one.
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

    /// Deletes any user, as [`Operations::delete`] does.
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

    /// A page of all users, in the order of their ids.
    ///
    /// # Errors
    /// Only faults.
    fn list_users(
        &self,
        admin: &Admin,
        query: ListQuery<IdOf<Self>>,
    ) -> impl Future<Output = Result<Page<ManagedUser<Self>>, Fault>> + Send
    where
        Self::Store: Directory,
    {
        async move {
            outside()?;
            admin::list_users(self, admin, query).await
        }
    }
}

impl<M: UserManager + ?Sized> Administration for M {}

/// What a user manager whose store has an outbox can do with it (feature `outbox`). In scope through the prelude.
///
/// With [`EngineBuilder::outbox`](crate::EngineBuilder::outbox) what users are to be told is written in the transaction of the change;
/// somebody has to deliver it. The guide's page on [durable delivery](crate::guide::delivery) says which hooks that are.
///
/// ```
/// # use usermgr::prelude::*;
/// # async fn example(accounts: std::sync::Arc<impl UserManager<Store = MemoryStore>>) -> Result<(), Box<dyn std::error::Error>> {
/// let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
/// let worker = tokio::spawn({
///     let accounts = accounts.clone();
///     async move { accounts.deliver(async { drop(stopped.await) }).await }
/// });
/// // .. serve, and at the end:
/// drop(stop);
/// worker.await??;
/// # Ok(())
/// # }
/// ```
#[cfg(feature = "outbox")]
pub trait Delivery: UserManager<Store: OutboxStore> {
    /// Delivers until told to stop: claims rows, reads their users anew, makes the tokens and calls the hooks, up to 16 at once. A push
    /// in this process wakes it at once; the store is asked every second for what others have pushed and for what is due again. What is
    /// under way when `stop` ends is finished first. Faults of the store are logged and waited out.
    ///
    /// A hook that fails is called again after 10 seconds, and then after pauses twice as long each, up to an hour; after
    /// [`delivery_attempts`](crate::EngineBuilder::delivery_attempts) the row stays as failed, with an event `delivery_failed`. A row
    /// whose process died is delivered anew after twice the hook's time limit, at least 10 seconds. Any number of processes may deliver.
    ///
    /// # Errors
    /// [`Fault::Config`] at once, when the engine has no outbox.
    fn deliver(&self, stop: impl Future<Output = ()> + Send) -> impl Future<Output = Result<(), Fault>> + Send {
        async move {
            outside()?;
            delivery::deliver(self, stop).await
        }
    }

    /// Delivers what is due now, and what the hooks push meanwhile, and says how many rows were delivered: for tests, and for an
    /// application that has a timer of its own.
    ///
    /// # Errors
    /// Only faults, of the store.
    fn deliver_due(&self) -> impl Future<Output = Result<u64, Fault>> + Send {
        async move {
            outside()?;
            delivery::deliver_due(self).await
        }
    }

    /// Deletes the rows that were given up before that time and says how many.
    ///
    /// # Errors
    /// Only faults.
    fn purge_undelivered(&self, before: Timestamp) -> impl Future<Output = Result<u64, Fault>> + Send {
        async move {
            outside()?;
            Ok(self.engine_ref().store().purge_failed(before).await?)
        }
    }
}

#[cfg(feature = "outbox")]
impl<M: UserManager<Store: OutboxStore> + ?Sized> Delivery for M {}
