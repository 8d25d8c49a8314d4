//! Accounts whose profile cannot be read: an administrator can only activate, deactivate and delete them. No hook is
//! called, because each takes a user with the profile. The events say so.

use crate::{
    audit::EventKind,
    change::{
        deleted::Deleting,
        errors::{DeleteError, UpdateError},
        join::kept,
        right::Right,
        transaction::{end_api_keys, is_acting_superuser},
        written::{Unwritten, until_written},
    },
    context::Context,
    engine::Engine,
    error::Fault,
    hook::{new_stamp, raise},
    manager::{IdOf, UserManager},
    op::Op,
    store::{StoreError, StoredRecordOf, UserStore},
    user::{NoProfile, User},
};

/// Whether the cause of the fault is a profile that cannot be read.
pub(crate) fn is_unreadable(fault: &Fault) -> bool {
    matches!(fault, Fault::Store(StoreError::UnreadableProfile { .. }))
}

pub(crate) async fn set_active<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    id: &IdOf<M>,
    active: bool,
    right: Right<'_>,
) -> Result<User<NoProfile, IdOf<M>>, UpdateError> {
    let Op { engine, cx, .. } = op;
    let read = || async move { engine.store().find_stored(id).await?.ok_or(UpdateError::NotFound) };
    let write = |old: StoredRecordOf<M::Store>| async move {
        if old.user.is_active == active {
            return Ok(old.user);
        }
        let mut new = old.clone();
        new.user.is_active = active;
        if !active {
            new.stamp = new_stamp()?;
        }
        if !swap(engine, &old, &new, right).await? {
            return Err(Unwritten::Because(UpdateError::LastSuperuser));
        }
        let detail = "is_active; the profile cannot be read, and no hook was called";
        raise(engine, EventKind::Updated, Some(id), Some(detail.into()), cx);
        Ok(new.user)
    };
    Ok(until_written(None, read, write).await?.without_profile())
}

pub(crate) async fn delete<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    id: &IdOf<M>,
    right: Right<'_>,
) -> Result<(), DeleteError> {
    let Op { engine, configured, cx, .. } = op;
    let read = || async move {
        let record = engine.store().find_stored(id).await?.ok_or(DeleteError::NotFound)?;
        Ok((record, Deleting::of(engine, id).await?))
    };
    let write = |(record, deleting): (StoredRecordOf<M::Store>, Deleting<M::Store>)| async move {
        if !remove(engine, &record, right, cx).await? {
            return Err(Unwritten::Because(DeleteError::LastSuperuser));
        }
        deleting.done(engine, &configured.seal);
        Ok(())
    };
    until_written(None, read, write).await?;
    let detail = "the profile cannot be read, and no hook was called";
    raise(engine, EventKind::Deleted, Some(id), Some(detail.into()), cx);
    Ok(())
}

/// Writes the row, unless that would remove the last active superuser.
async fn swap<S: UserStore>(
    engine: &Engine<S>,
    old: &StoredRecordOf<S>,
    new: &StoredRecordOf<S>,
    right: Right<'_>,
) -> Result<bool, Fault> {
    let store = engine.store();
    let _changing = engine.cache().changing(&new.user.id);
    let mut tx = store.begin().await?;
    let loses_superuser = is_acting_superuser(&old.user) && !is_acting_superuser(&new.user);
    if loses_superuser && store.lock_and_count_superusers(&mut tx).await? <= 1 {
        return Ok(false);
    }
    right.admit_alone(engine, &mut tx).await?;
    store.update_stored(&mut tx, new).await?;
    if old.stamp != new.stamp
        && let Some(credentials) = engine.credentials()
    {
        credentials.end_pending(store, &mut tx, &new.user.id).await?;
    }
    if !new.user.is_active {
        end_api_keys(engine, &mut tx, &new.user.id).await?;
    }
    store.commit(tx).await?;
    Ok(true)
}

/// Deletes the row, unless that would remove the last active superuser.
async fn remove<S: UserStore>(
    engine: &Engine<S>,
    record: &StoredRecordOf<S>,
    right: Right<'_>,
    cx: &Context,
) -> Result<bool, Fault> {
    let (store, id) = (engine.store(), &record.user.id);
    let _changing = engine.cache().changing(id);
    let mut tx = store.begin().await?;
    if is_acting_superuser(&record.user) && store.lock_and_count_superusers(&mut tx).await? <= 1 {
        return Ok(false);
    }
    right.admit_alone(engine, &mut tx).await?;
    // The swap proves that the row is still the one that was judged.
    store.update_stored(&mut tx, record).await?;
    kept(engine, store.delete(&mut tx, id).await, id, cx)?;
    kept(engine, store.commit(tx).await, id, cx)?;
    Ok(true)
}
