//! Acting as a user: the right of the administrator, the user, and the session.

use super::{ImpersonateError, Impersonation};
use crate::{
    admin::Admin,
    audit::EventKind,
    change::{
        right::Right,
        transaction::hold,
        written::{Unwritten, until_written},
    },
    context::Actor,
    error::{Fault, RightLost},
    hook::{hook, raise},
    login::{LoggedIn, act_as, login_backend},
    manager::{IdOf, ManagedUser, UserManager},
    op::Op,
    session::SessionActor,
    span::later,
    store::{Lookup, RecordOf, StoreError, UserStore},
};

/// Creates the session. It is bound to the rows as they were judged: with each of their changes that would have refused
/// it, it does not work, so that the order of both does not matter.
pub(crate) async fn impersonate<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    admin: &Admin,
    id: &IdOf<M>,
) -> Result<LoggedIn<M::Store>, ImpersonateError> {
    let Op { manager, engine, .. } = op;
    let part = engine.kept::<Impersonation>().ok_or(ImpersonateError::NotInstalled)?;
    let (cx, store, lost) = (&admin.acting(op.cx), engine.store(), || Fault::from(RightLost::Session));
    let Some(Actor::User { id: admin_id, session }) = &cx.actor else { return Err(lost().into()) };
    if !engine.is_fresh(session) {
        return Err(ImpersonateError::ReauthenticationRequired);
    }
    let administrator = admin_id.parse().map_err(|_| lost())?;
    let administrator = store.find(Lookup::Id(&administrator)).await?.ok_or_else(lost)?;
    if !session.amr.is_multi_factor() && engine.has_factor(&administrator.user.id).await? {
        return Err(ImpersonateError::SecondFactorRequired);
    }
    let backend = login_backend(engine, &session.backend).ok();
    let backend = backend.filter(|backend| backend.strategy().keeps_actors());
    let backend = backend.ok_or(ImpersonateError::UnsupportedBackend)?;
    let read = || async move { store.find(Lookup::Id(id)).await?.ok_or(ImpersonateError::NotFound) };
    let judge = |record: RecordOf<M::Store>| async move {
        admit::<M>(&record.user).map_err(Unwritten::Because)?;
        let (_, now) = hold(engine, &record, Right::to_administer(cx), false).await?;
        Ok(now)
    };
    let record = until_written(None, read, judge).await?;
    let actor = SessionActor {
        id: admin_id.clone(),
        session: session.id.to_string(),
        backend: session.backend.clone(),
        stamp: administrator.stamp.prefix(),
    };
    let until = later(engine.now(), part.lifetime).min(session.expires_at);
    let begun = act_as(manager, record, (actor, until), backend, cx).await.map_err(|fault| match fault {
        // The user was deleted since.
        Fault::Store(StoreError::Stale) => ImpersonateError::NotFound,
        fault => fault.into(),
    })?;
    let (user, session) = (&begun.user, &begun.login.session);
    raise(engine, EventKind::Impersonated, Some(&user.id), Some(format!("session {}", session.id).into()), cx);
    hook!(after(manager, Some(&user.id), cx): on_after_impersonate(user, session)).await;
    Ok(begun)
}

/// Refuses a user that no one may act as.
fn admit<M: UserManager + ?Sized>(user: &ManagedUser<M>) -> Result<(), ImpersonateError> {
    match user {
        user if user.is_superuser || user.is_service_account() => Err(ImpersonateError::Forbidden),
        user if !user.is_active => Err(ImpersonateError::Inactive),
        _ => Ok(()),
    }
}
