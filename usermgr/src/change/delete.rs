//! Deleting accounts.

use crate::{
    audit::EventKind,
    change::{
        deleted::Deleting,
        errors::DeleteError,
        right::Right,
        transaction::{hold, is_acting_superuser},
        written::{Unwritten, until_written},
    },
    hook::{hook, raise},
    manager::{IdOf, UserManager},
    op::Op,
    store::{Lookup, RecordOf, UserStore},
};

/// Deletes an account: asks the gate, writes, then raises the event and calls the hook. Its credentials go with it.
pub(crate) async fn by_id<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    id: &IdOf<M>,
    right: Right<'_>,
) -> Result<(), DeleteError> {
    let Op { manager, engine, configured, cx } = op;
    let read = || async move {
        let record = engine.store().find(Lookup::Id(id)).await?.ok_or(DeleteError::NotFound)?;
        hook!(gate(manager, Some(&record.user.id), cx): on_before_delete(&record.user)).await??;
        Ok((record, Deleting::of(engine, id).await?))
    };
    let write = |(record, deleting): (RecordOf<M::Store>, Deleting<M::Store>)| async move {
        let (held, now) = hold(engine, &record, right, is_acting_superuser(&record.user)).await?;
        if held.is_last_superuser(&now.user, None)? {
            return Err(Unwritten::Because(DeleteError::LastSuperuser));
        }
        held.delete(manager, &now, cx).await?;
        deleting.done(engine, &configured.seal);
        Ok(now.user)
    };
    let user = until_written(None, read, write).await?;
    raise(engine, EventKind::Deleted, Some(&user.id), None, cx);
    hook!(after(manager, Some(&user.id), cx): on_after_delete(&user)).await;
    Ok(())
}
