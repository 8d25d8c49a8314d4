//! Revoking keys: one by its owner, or all of a user by a superuser.

use super::{
    ApiKeyError,
    create::named,
    list::{Own, parts},
};
use crate::{
    admin::Admin,
    audit::EventKind,
    change::{
        right::Right,
        transaction::{Swap, hold},
        written::{Unwritten, until_written},
    },
    hook::{hook, raise},
    manager::{IdOf, UserManager},
    op::Op,
    store::{ApiKeyInfo, CredentialId, StoreError},
    user::{Record, UserChange},
};

/// Revokes one key of a user.
pub(crate) async fn revoke<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    user_id: &IdOf<M>,
    id: &CredentialId,
) -> Result<(), ApiKeyError> {
    revoke_some(op, user_id, Some(id), Right::of(op.cx)).await
}

/// Revokes one key of a user or all of them, on behalf of a superuser.
pub(crate) async fn revoke_all<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    admin: &Admin,
    user_id: &IdOf<M>,
    only: Option<&CredentialId>,
) -> Result<(), ApiKeyError> {
    let cx = admin.acting(op.cx);
    revoke_some(Op { cx: &cx, ..op }, user_id, only, Right::to_administer(&cx)).await
}

async fn revoke_some<'a, M: UserManager + ?Sized>(
    op: Op<'a, M>,
    user_id: &IdOf<M>,
    only: Option<&CredentialId>,
    right: Right<'a>,
) -> Result<(), ApiKeyError> {
    let Op { manager, engine, cx, .. } = op;
    let (_, credentials) = parts(op)?;
    let read = || Own::read(op, user_id);
    let write = |own: Own<M::Store>| async move {
        let chosen = own.rows.iter().filter(|row| only.is_none_or(|id| *id == row.id));
        let revoked = chosen.map(ApiKeyInfo::read).collect::<Result<Vec<_>, StoreError>>()?;
        if revoked.is_empty() {
            return Err(Unwritten::Because(ApiKeyError::NotFound));
        }
        let (mut held, now) = hold(engine, &own.record, right, false).await?;
        if now.version != own.record.version {
            return Err(Unwritten::Stale);
        }
        for info in &revoked {
            credentials.delete(engine.store(), &mut held.tx, user_id, &info.id).await?;
        }
        let record = Record::clone(&now);
        let change = UserChange::ApiKeyRevoked(&record.user);
        held.commit(manager, Swap { old: &now, new: &record }, &change, &[], cx).await?;
        Ok((record.user, revoked))
    };
    let (user, revoked) = until_written(None, read, write).await?;
    for info in &revoked {
        raise(engine, EventKind::ApiKeyRevoked, Some(&user.id), Some(named(info)), cx);
        hook!(after(manager, Some(&user.id), cx): on_after_revoke_api_key(&user, info)).await;
    }
    Ok(())
}
