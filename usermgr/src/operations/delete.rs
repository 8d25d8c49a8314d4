//! Deleting accounts.

use super::{
    Admin, IdOf, ManagedUser,
    run::{after, gate, raise},
    transaction::{Attempts, Written, is_acting_superuser, join, kept, settled},
    unreadable,
};
use crate::{
    context::Context,
    error::{DeleteError, Fault},
    event::EventKind,
    manager::UserManager,
    store::{Lookup, RecordOf, UserStore},
    user::UserChange,
};

pub(super) async fn delete_user<M: UserManager + ?Sized>(
    manager: &M,
    admin: &Admin,
    id: &IdOf<M>,
    cx: &Context,
) -> Result<(), DeleteError> {
    let cx = admin.acting(cx);
    match by_id(manager, id, &cx).await {
        Err(DeleteError::Fault(fault)) if unreadable::is_unreadable(&fault) => {
            unreadable::delete(manager, id, &cx).await
        }
        outcome => outcome,
    }
}

pub(super) async fn delete<M: UserManager + ?Sized>(
    manager: &M,
    user: &ManagedUser<M>,
    cx: &Context,
) -> Result<(), DeleteError> {
    by_id(manager, &user.id, cx).await
}

async fn by_id<M: UserManager + ?Sized>(manager: &M, id: &IdOf<M>, cx: &Context) -> Result<(), DeleteError> {
    let engine = manager.engine_ref();
    let mut attempts = Attempts::default();
    let user = loop {
        let record = engine.store().find(Lookup::Id(id)).await?.ok_or(DeleteError::NotFound)?;
        let call = manager.on_before_delete(&record.user, cx);
        gate::<_, DeleteError>(engine, "on_before_delete", Some(&record.user.id), cx, call).await?;
        match settled(write(manager, &record, cx).await)? {
            Written::Done => break record.user,
            Written::LastSuperuser => return Err(DeleteError::LastSuperuser),
            Written::Rejected(rejection) => return Err(rejection.into()),
            Written::Stale | Written::Conflict => attempts.another().await?,
        }
    };
    raise(engine, EventKind::Deleted, Some(&user.id), None, cx);
    after(engine, "on_after_delete", Some(&user.id), cx, manager.on_after_delete(&user, cx)).await;
    Ok(())
}

async fn write<M: UserManager + ?Sized>(
    manager: &M,
    record: &RecordOf<M::Store>,
    cx: &Context,
) -> Result<Written, Fault> {
    let store = manager.engine_ref().store();
    let _changing = manager.engine_ref().cache().changing(&record.user.id);
    let mut tx = store.begin().await?;
    if is_acting_superuser(&record.user) && store.lock_and_count_superusers(&mut tx).await? <= 1 {
        return Ok(Written::LastSuperuser);
    }
    // The swap proves that the row is still the one that was judged: he may have become the last superuser since.
    store.update(&mut tx, record).await?;
    if let Err(rejection) = join(manager, &UserChange::Deleted(&record.user), &mut tx, cx).await? {
        return Ok(Written::Rejected(rejection));
    }
    let (engine, id) = (manager.engine_ref(), &record.user.id);
    kept(engine, store.delete(&mut tx, id).await, id, cx)?;
    kept(engine, store.commit(tx).await, id, cx)?;
    Ok(Written::Done)
}
