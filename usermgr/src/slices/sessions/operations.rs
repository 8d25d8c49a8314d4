//! A user's sessions: listing them, ending one or all, and refreshing the tokens of one.

use std::{fmt, time::Duration};

use crate::{
    audit::EventKind,
    change::{
        right::Right,
        transaction::{Swap, hold},
        written::{Unwritten, until_written},
    },
    context::{Actor, Context},
    error::Fault,
    hook::{hook, new_stamp, raise},
    limits::{Judgement, Subject},
    manager::{IdOf, ManagedUser, UserManager},
    op::Op,
    session::{Issued, Origin, RefreshOutcome, SessionInfo, TokenTheft},
    slices::sessions::{RefreshError, SessionError},
    store::{Lookup, RecordOf, Session, SessionFilter, SessionId, SessionLookup, SessionStore, UserOf, UserStore},
    token::{AccessToken, RefreshToken},
    user::Record,
};

/// The result of a refresh: the next tokens of a session.
#[non_exhaustive]
pub struct Refreshed<S: UserStore> {
    /// The user.
    pub user: UserOf<S>,
    /// The access token. Send it only to its owner.
    pub token: AccessToken,
    /// The next refresh token. Send it only to its owner. The presented one is used up.
    pub refresh: Option<RefreshToken>,
    /// How long `token` is valid, in whole seconds, if the strategy says so.
    pub expires_in: Option<Duration>,
    /// The session. Its expiry and the time of the login are unchanged.
    pub session: SessionInfo,
}

impl<S: UserStore> fmt::Debug for Refreshed<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refreshed").field("user", &self.user).field("session", &self.session).finish_non_exhaustive()
    }
}

pub(crate) async fn refresh<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    token: &RefreshToken,
    backend: &str,
) -> Result<Refreshed<M::Store>, RefreshError> {
    let Op { manager, engine, configured, cx } = op;
    let backend = engine.backend(backend).filter(|backend| backend.strategy().refreshes());
    let backend = backend.ok_or(RefreshError::UnknownBackend)?;
    let strategy_context = engine.strategy_context(backend, configured);
    let origin = Origin { ip: cx.ip, user_agent: cx.user_agent.as_deref() };
    let work = backend.strategy().refresh(&strategy_context, token, origin);
    let judge = |outcome: &Result<_, Fault>| match outcome {
        Ok(RefreshOutcome::Refused) => Judgement::Counts,
        Ok(_) => Judgement::Succeeded,
        Err(_) => Judgement::Unjudged,
    };
    let (outcome, _) = engine.limiter().attempt(&[Subject::Network(cx.ip)], engine.now(), work, judge).await?;
    let outcome = outcome?;
    if let RefreshOutcome::Renewed(user, _)
    | RefreshOutcome::RenewedElsewhere(user, _)
    | RefreshOutcome::Stolen(user, _) = &outcome
    {
        engine.cache().changed(&user.id);
    }
    if let RefreshOutcome::RenewedElsewhere(user, Issued { session, .. }) = &outcome {
        raise(engine, EventKind::RefreshRepeatedElsewhere, Some(&user.id), Some(named(&session.id)), cx);
    }
    match outcome {
        RefreshOutcome::Renewed(user, Issued { token, refresh, expires_in, session, .. })
        | RefreshOutcome::RenewedElsewhere(user, Issued { token, refresh, expires_in, session, .. }) => {
            raise(engine, EventKind::TokenRefreshed, Some(&user.id), Some(named(&session.id)), cx);
            Ok(Refreshed { user: *user, token, refresh, expires_in, session })
        }
        RefreshOutcome::Refused => {
            raise(engine, EventKind::RefreshFailed, None, None, cx);
            Err(RefreshError::InvalidToken)
        }
        RefreshOutcome::Stolen(user, session) => {
            raise(engine, EventKind::TokenTheft, Some(&user.id), Some(named(&session.id)), cx);
            let theft = TokenTheft { session };
            hook!(after(manager, Some(&user.id), cx): on_after_token_theft(&user, &theft)).await;
            Err(RefreshError::InvalidToken)
        }
    }
}

pub(crate) async fn sessions<M: UserManager<Store: SessionStore> + ?Sized>(
    op: Op<'_, M>,
    user: &ManagedUser<M>,
) -> Result<Vec<SessionInfo>, Fault> {
    let Op { engine, .. } = op;
    match engine.store().find(Lookup::Id(&user.id)).await? {
        Some(record) => living(op, &record).await,
        None => Ok(Vec::new()),
    }
}

pub(crate) async fn revoke_session<M: UserManager<Store: SessionStore> + ?Sized>(
    op: Op<'_, M>,
    user: &ManagedUser<M>,
    id: &SessionId,
) -> Result<(), SessionError> {
    let Op { manager, engine, cx, .. } = op;
    let store = engine.store();
    let own = |(session, record): &(Session<_>, _)| session.user_id == user.id && lives(manager, session, record);
    let read =
        || async move { store.find_session(SessionLookup::Id(id)).await?.filter(own).ok_or(SessionError::NotFound) };
    let write = |(session, record): (Session<_>, RecordOf<M::Store>)| async move {
        let (mut held, now) = hold(engine, &record, Right::of(cx).delegated(), false).await?;
        let one = SessionFilter::One { user_id: &now.user.id, id: &session.id };
        let ended = store.revoke_sessions(&mut held.tx, one).await? > 0;
        store.commit(held.tx).await?;
        if ended { Ok((session, record)) } else { Err(Unwritten::Because(SessionError::NotFound)) }
    };
    let (session, record) = until_written(None, read, write).await?;
    let is_current = is_current(&session.id, cx);
    ended(op, &record.user, &SessionInfo::of(session, is_current)).await;
    Ok(())
}

/// Which sessions to end.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Extent {
    /// All of them.
    Every,
    /// All except the session of the request.
    Others,
}

/// Ends the sessions with a new stamp, which also invalidates signed tokens without a row. The rows are invalid from
/// then on, even if they cannot be deleted. The session to keep gets the new stamp in the same write. The half of the
/// stamp that mailed reset tokens carry is kept: the holder of a session must not be able to keep the owner of the
/// account from setting a new password.
pub(crate) async fn revoke_all<M: UserManager<Store: SessionStore> + ?Sized>(
    op: Op<'_, M>,
    id: &IdOf<M>,
    extent: Extent,
    right: Right<'_>,
) -> Result<(), SessionError> {
    let Op { manager, engine, cx, .. } = op;
    let store = engine.store();
    let stays = current(cx).filter(|_| extent == Extent::Others);
    let read = || async move {
        let old = store.find(Lookup::Id(id)).await?.ok_or(SessionError::NotFound)?;
        let listed = living(op, &old).await?;
        Ok((old, listed))
    };
    let write = |(old, listed): (RecordOf<M::Store>, Vec<SessionInfo>)| async move {
        let (mut held, now) = hold(engine, &old, right, false).await?;
        held.stays = held.stays.filter(|_| extent == Extent::Others);
        if extent == Extent::Every {
            held.end_api_keys(id).await?;
        }
        let new = Record { stamp: now.stamp.with_other_sessions(&new_stamp()?), ..now.clone() };
        held.write(Swap { old: &now, new: &new }).await?;
        Ok::<_, Unwritten<SessionError>>((new, listed))
    };
    let (record, listed) = until_written(None, read, write).await?;
    clear(manager, &record.user.id, stays).await?;
    raise(engine, EventKind::SessionsRevoked, Some(&record.user.id), None, cx);
    for session in listed.iter().filter(|session| stays != Some(&session.id)) {
        ended(op, &record.user, session).await;
    }
    Ok(())
}

/// Deletes rows that are invalid.
async fn clear<M: UserManager<Store: SessionStore> + ?Sized>(
    manager: &M,
    user_id: &IdOf<M>,
    stays: Option<&SessionId>,
) -> Result<(), Fault> {
    let store = manager.engine_ref().store();
    let write = |()| async move {
        let mut tx = store.begin().await?;
        store.find_locked(&mut tx, [user_id; 2]).await?;
        let filter = match stays {
            Some(id) => SessionFilter::Others { user_id, id },
            None => SessionFilter::User(user_id),
        };
        store.revoke_sessions(&mut tx, filter).await?;
        Ok(store.commit(tx).await?)
    };
    until_written(None, || async { Ok(()) }, write).await
}

/// The active sessions of a user, latest login first.
async fn living<M: UserManager<Store: SessionStore> + ?Sized>(
    op: Op<'_, M>,
    record: &RecordOf<M::Store>,
) -> Result<Vec<SessionInfo>, Fault> {
    let Op { manager, engine, cx, .. } = op;
    let rows = engine.store().list_sessions(&record.user.id).await?;
    let rows = rows.into_iter().filter(|session| lives(manager, session, record));
    Ok(rows
        .map(|session| {
            let is_current = is_current(&session.id, cx);
            SessionInfo::of(session, is_current)
        })
        .collect())
}

/// Whether a row is still valid: its backend exists, and neither the stamp nor the time has ended it.
fn lives<M: UserManager + ?Sized>(
    manager: &M,
    session: &Session<<M::Store as UserStore>::Id>,
    record: &RecordOf<M::Store>,
) -> bool {
    let engine = manager.engine_ref();
    let backend = engine.backend(&session.backend);
    session.stamp == record.stamp && backend.is_some_and(|backend| backend.strategy().lives(session, engine.now()))
}

/// The session of the request.
fn current(cx: &Context) -> Option<&SessionId> {
    match &cx.actor {
        Some(Actor::User { session, .. }) => Some(&session.id),
        _ => None,
    }
}

fn is_current(id: &SessionId, cx: &Context) -> bool {
    current(cx) == Some(id)
}

async fn ended<M: UserManager + ?Sized>(op: Op<'_, M>, user: &ManagedUser<M>, session: &SessionInfo) {
    let Op { manager, engine, cx, .. } = op;
    raise(engine, EventKind::SessionRevoked, Some(&user.id), Some(named(&session.id)), cx);
    hook!(after(manager, Some(&user.id), cx): on_after_revoke_session(user, session)).await;
}

fn named(id: &SessionId) -> std::borrow::Cow<'static, str> {
    format!("session {id}").into()
}
