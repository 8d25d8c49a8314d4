//! Removing a factor: by its user, or all of them by a superuser for a user who has lost them.

use super::{FactorError, list::Own, notifications};
use crate::{
    admin::Admin,
    audit::EventKind,
    change::{
        right::Right,
        transaction::{Swap, hold},
        written::{Unwritten, until_written},
    },
    hook::{new_stamp, raise},
    manager::{IdOf, UserManager},
    notification::{enqueue::notify_about, notice::About},
    op::Op,
    store::{CredentialId, FactorInfo, Lookup, RecordOf, UserStore},
    user::{Record, UserChange},
};

/// Removes one factor of a user. The last one takes the recovery codes with it.
pub(crate) async fn remove<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    user_id: &IdOf<M>,
    id: &CredentialId,
) -> Result<(), FactorError> {
    remove_some(op, user_id, Some(id), Right::of(op.cx)).await
}

/// Removes all factors of a user, on behalf of a superuser, and ends the user's sessions.
pub(crate) async fn remove_all<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    admin: &Admin,
    user_id: &IdOf<M>,
) -> Result<(), FactorError> {
    let cx = admin.acting(op.cx);
    remove_some(Op { cx: &cx, ..op }, user_id, None, Right::to_administer(&cx)).await
}

/// - `only`: the factor that its user removes; `None` for all of them.
async fn remove_some<'a, M: UserManager + ?Sized>(
    op: Op<'a, M>,
    user_id: &IdOf<M>,
    only: Option<&CredentialId>,
    right: Right<'a>,
) -> Result<(), FactorError> {
    let Op { manager, engine, cx, .. } = op;
    let credentials = engine.credentials().ok_or(FactorError::NotFound)?;
    let read = || async move {
        let record = engine.store().find(Lookup::Id(user_id)).await?.ok_or(FactorError::NotFound)?;
        Ok((record, Own::of(engine, user_id).await?))
    };
    let write = |(old, own): (RecordOf<M::Store>, Own<'a, M::Store>)| async move {
        if only.is_some() {
            own.admit(cx).map_err(Unwritten::Because)?;
        }
        let chosen = |row: &CredentialId| only.is_none_or(|id| id == row);
        let removed: Vec<_> = own
            .rows
            .iter()
            .filter(|(row, factor)| chosen(&row.id) && !factor.is_backup())
            .map(|(row, factor)| factor.describe(row))
            .collect();
        if removed.is_empty() {
            return Err(Unwritten::Because(FactorError::NotFound));
        }
        let is_last = removed.len() == own.count();
        let (mut held, now) = hold(engine, &old, right, false).await?;
        if now.version != old.version {
            return Err(Unwritten::Stale);
        }
        for (row, factor) in &own.rows {
            if removed.iter().any(|info| info.id == row.id) || is_last && factor.is_backup() {
                credentials.delete(engine.store(), &mut held.tx, user_id, &row.id).await?;
            }
        }
        let mut record = Record::clone(&now);
        if only.is_none() {
            record.stamp = new_stamp()?;
        }
        let change = UserChange::FactorRemoved(&record.user);
        let notices: Vec<_> =
            removed.iter().map(|info| notifications::removed::<M>().notice().about_factor(info)).collect();
        held.commit(manager, Swap { old: &now, new: &record }, &change, &notices, cx).await?;
        drop(notices);
        Ok((record.user, removed))
    };
    let (user, removed): (_, Vec<FactorInfo>) = until_written(None, read, write).await?;
    for info in &removed {
        raise(engine, EventKind::FactorRemoved, Some(&user.id), Some(info.kind.to_string().into()), cx);
        notify_about(manager, &notifications::removed(), &user, About::Factor(info), cx).await;
    }
    Ok(())
}
