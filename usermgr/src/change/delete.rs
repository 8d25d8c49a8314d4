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
    store::{CredentialId, Lookup, RecordOf, UserStore},
};

/// What an account must be to be deleted. Another one is not found.
pub(crate) struct Only<'a, S: UserStore> {
    /// A credential that it must have until the end.
    pub(crate) credential: &'a CredentialId,
    /// What else it must be.
    pub(crate) fits: fn(&RecordOf<S>) -> bool,
}

/// Deletes an account: asks the gate, writes, then raises the event and calls the hook. Its credentials go with it.
pub(crate) async fn by_id<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    id: &IdOf<M>,
    right: Right<'_>,
) -> Result<(), DeleteError> {
    by_id_if(op, id, right, None).await
}

/// The same, on a condition.
pub(crate) async fn by_id_if<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    id: &IdOf<M>,
    right: Right<'_>,
    only: Option<&Only<'_, M::Store>>,
) -> Result<(), DeleteError> {
    let Op { manager, engine, configured, cx } = op;
    let read = || async move {
        let fits = |record: &RecordOf<M::Store>| only.is_none_or(|only| (only.fits)(record));
        let record = engine.store().find(Lookup::Id(id)).await?.filter(fits).ok_or(DeleteError::NotFound)?;
        hook!(gate(manager, Some(&record.user.id), cx): on_before_delete(&record.user)).await??;
        Ok((record, Deleting::of(engine, id).await?))
    };
    let write = |(record, deleting): (RecordOf<M::Store>, Deleting<M::Store>)| async move {
        let (mut held, now) = hold(engine, &record, right, is_acting_superuser(&record.user)).await?;
        if let Some(only) = only
            && !held.delete_credential(&now.user.id, only.credential).await?
        {
            return Err(Unwritten::Because(DeleteError::NotFound));
        }
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
