//! Creates the session of an authenticated user. It contains the only call of
//! [`Strategy::issue`](crate::session::Strategy::issue).

use std::{fmt, time::Duration};

use jiff::Timestamp;

use crate::{
    amr::Amr,
    audit::EventKind,
    change::right::Right,
    context::Context,
    engine::Engine,
    error::Fault,
    hook::{hook, raise},
    login::{LoginError, demand, note_failure},
    manager::UserManager,
    session::{Authenticated, Backend, FailedLoginReason, Issued, Login, Origin, Principal, SessionActor, SessionInfo},
    settings::Configured,
    store::{RecordOf, StoreError, UserOf, UserStore},
    token::{AccessToken, RefreshToken},
};

/// The result of a login: the user, their tokens, and what hooks add to the response.
#[non_exhaustive]
pub struct LoggedIn<S: UserStore> {
    /// The user.
    pub user: UserOf<S>,
    /// The access token. Send it only to its owner.
    pub token: AccessToken,
    /// The refresh token, if the strategy has one. Send it only to its owner.
    pub refresh: Option<RefreshToken>,
    /// How long the token is valid, in whole seconds, if the strategy says so.
    pub expires_in: Option<Duration>,
    /// The session, with the additions of `on_after_login`.
    pub login: Login,
}

impl<S: UserStore> fmt::Debug for LoggedIn<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoggedIn").field("user", &self.user).field("login", &self.login).finish_non_exhaustive()
    }
}

/// Returns the backend of this name, if it supports logins.
pub(crate) fn login_backend<'a, S: UserStore>(engine: &'a Engine<S>, name: &str) -> Result<&'a Backend<S>, LoginError> {
    let backend = engine.backend(name).filter(|backend| backend.strategy().accepts_login());
    backend.ok_or(LoginError::UnknownBackend)
}

/// Creates a session for a user who has proved their identity with a first step, or starts the second step if one is
/// required.
///
/// - `username`: the address as typed, for reports of a failure.
pub(crate) async fn establish<M: UserManager + ?Sized>(
    manager: &M,
    who: Authenticated<M::Store>,
    backend: &Backend<M::Store>,
    username: &str,
    cx: &Context,
) -> Result<LoggedIn<M::Store>, LoginError> {
    let (engine, user) = (manager.engine_ref(), who.user());
    // A service account never logs in, whatever its program has proved.
    let refused = match (user.is_active && !user.is_service_account(), user.is_verified || !engine.requires_verified())
    {
        (false, _) => Some((FailedLoginReason::Inactive, LoginError::BadCredentials)),
        (true, false) => Some((FailedLoginReason::NotVerified, LoginError::NotVerified)),
        (true, true) => None,
    };
    if let Some((reason, error)) = refused {
        note_failure(manager, username, Some(user), reason, cx).await;
        return Err(error);
    }
    if let Some(pending) = demand(manager, &who, Some(backend), cx).await? {
        return Err(LoginError::SecondFactorRequired(pending));
    }
    complete(manager, who, backend, username, cx).await
}

/// Creates the session itself.
async fn issue<S: UserStore>(
    engine: &Engine<S>,
    configured: &Configured,
    who: &Authenticated<S>,
    backend: &Backend<S>,
    cx: &Context,
) -> Result<Issued, Fault> {
    let origin = Origin { ip: cx.ip, user_agent: cx.user_agent.as_deref() };
    backend.strategy().issue(&engine.strategy_context(backend, configured), who, origin).await
}

/// Creates a session in which an administrator acts as its user. It is no login of the user: no gate and no hook of
/// logins is called, and no session of the user ends. The caller has checked the right, and reports it.
pub(crate) async fn act_as<M: UserManager + ?Sized>(
    manager: &M,
    record: RecordOf<M::Store>,
    (actor, until): (SessionActor, Timestamp),
    backend: &Backend<M::Store>,
    cx: &Context,
) -> Result<LoggedIn<M::Store>, Fault> {
    let engine = manager.engine_ref();
    let configured = engine.configured(|| manager.settings())?;
    // The user has proved nothing.
    let who = Authenticated::new(record, Amr::of([]), engine.now()).acted_by(actor, until);
    let Issued { token, refresh, expires_in, session, .. } = issue(engine, &configured, &who, backend, cx).await?;
    let login = Login::new(session, None);
    Ok(LoggedIn { user: who.into_user(), token, refresh, expires_in, login })
}

/// Ends a new session again, and refuses it, if the session that it replaces has ended since the user proved themselves in
/// it. No one has its token yet.
async fn demand_replaced<S: UserStore>(
    engine: &Engine<S>,
    configured: &Configured,
    who: &Authenticated<S>,
    backend: &Backend<S>,
    new: &SessionInfo,
) -> Result<(), Fault> {
    let Some(old) = who.replaces() else { return Ok(()) };
    let Err(lost) = Right::through(&who.user().id.to_string(), old).demand(engine).await else { return Ok(()) };
    let new = Principal::new(who.record().clone(), new.clone());
    backend.strategy().end(&engine.strategy_context(backend, configured), &new).await?;
    Err(lost)
}

/// Creates a session after all proofs: asks the gate, writes the session and reports it.
pub(super) async fn complete<M: UserManager + ?Sized>(
    manager: &M,
    who: Authenticated<M::Store>,
    backend: &Backend<M::Store>,
    username: &str,
    cx: &Context,
) -> Result<LoggedIn<M::Store>, LoginError> {
    let (engine, user) = (manager.engine_ref(), who.user());
    let configured = engine.configured(|| manager.settings())?;
    if let Err(rejection) = hook!(decided(manager, Some(&user.id), cx): on_before_login(user)).await? {
        note_failure(manager, username, Some(user), FailedLoginReason::Rejected, cx).await;
        return Err(rejection.into());
    }
    let issued = issue(engine, &configured, &who, backend, cx).await;
    let Issued { token, refresh, expires_in, session, evicted } = match issued {
        Ok(issued) => issued,
        // The user was deleted after the proof.
        Err(Fault::Store(StoreError::Stale)) => {
            note_failure(manager, username, None, FailedLoginReason::UnknownAccount, cx).await;
            return Err(LoginError::BadCredentials);
        }
        Err(fault) => return Err(fault.into()),
    };
    demand_replaced(engine, &configured, &who, backend, &session).await?;
    if evicted > 0 {
        let sessions = format!("{evicted} over the limit of sessions");
        raise(engine, EventKind::SessionsEvicted, Some(&user.id), Some(sessions.into()), cx);
    }
    // A step-up is no login, and a password or a code of a mail was counted when it was proved.
    if who.replaces().is_none() && !who.is_counted() {
        let pair = configured.pairs.pair(user.email.canonical(), cx.ip);
        engine.limiter().welcome(pair, engine.now()).await;
    }
    let mut login = Login::new(session, who.claims().cloned());
    raise(engine, EventKind::LoggedIn, Some(&user.id), None, cx);
    engine.note_login(&user.id, Ok(who.methods()), cx);
    hook!(after(manager, Some(&user.id), cx): on_after_login(user, &mut login)).await;
    Ok(LoggedIn { user: who.into_user(), token, refresh, expires_in, login })
}
