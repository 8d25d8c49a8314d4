//! Deleting accounts.

use crate::{
    admin::Admin,
    attempts::Attempts,
    change::{
        right::Right,
        transaction::{Written, hold, is_acting_superuser, settled},
        unreadable,
    },
    context::Context,
    error::DeleteError,
    event::EventKind,
    hook::{after, gate, raise},
    manager::{IdOf, ManagedUser, UserManager},
    store::{Lookup, UserStore},
};

pub(crate) async fn delete_user<M: UserManager + ?Sized>(
    manager: &M,
    admin: &Admin,
    id: &IdOf<M>,
    cx: &Context,
) -> Result<(), DeleteError> {
    let cx = admin.acting(cx);
    match by_id(manager, id, Right::to_administer(&cx), &cx).await {
        Err(DeleteError::Fault(fault)) if unreadable::is_unreadable(&fault) => {
            unreadable::delete(manager, id, Right::to_administer(&cx), &cx).await
        }
        outcome => outcome,
    }
}

pub(crate) async fn delete<M: UserManager + ?Sized>(
    manager: &M,
    user: &ManagedUser<M>,
    cx: &Context,
) -> Result<(), DeleteError> {
    by_id(manager, &user.id, Right::of(cx), cx).await
}

async fn by_id<M: UserManager + ?Sized>(
    manager: &M,
    id: &IdOf<M>,
    right: Right<'_>,
    cx: &Context,
) -> Result<(), DeleteError> {
    let engine = manager.engine_ref();
    let mut attempts = Attempts::default();
    let user = loop {
        let record = engine.store().find(Lookup::Id(id)).await?.ok_or(DeleteError::NotFound)?;
        let call = manager.on_before_delete(&record.user, cx);
        gate::<_, DeleteError>(engine, "on_before_delete", Some(&record.user.id), cx, call).await?;
        let written = async {
            let (held, now) = hold(engine, &record, right, is_acting_superuser(&record.user)).await?;
            Ok(held.delete(manager, &now, cx).await?.with(now.user))
        };
        match settled(written.await)? {
            Written::Done(user) => break user,
            Written::LastSuperuser => return Err(DeleteError::LastSuperuser),
            Written::Rejected(rejection) => return Err(rejection.into()),
            Written::Stale | Written::Conflict | Written::Used => attempts.another_or_busy().await?,
        }
    };
    raise(engine, EventKind::Deleted, Some(&user.id), None, cx);
    after(engine, "on_after_delete", Some(&user.id), cx, manager.on_after_delete(&user, cx)).await;
    Ok(())
}
