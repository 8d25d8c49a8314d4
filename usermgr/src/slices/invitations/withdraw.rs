//! Withdrawing an invitation: the account that never accepted is deleted.

use super::{
    Invitations,
    row::{is_unused, row_of},
};
use crate::{
    admin::Admin,
    audit::EventKind,
    change::{delete, errors::DeleteError, right::Right},
    hook::raise,
    manager::{IdOf, UserManager},
    op::Op,
};

/// Deletes the account if its invitation is still there when it is deleted: of an acceptance at the same time, one wins.
pub(crate) async fn withdraw<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    admin: &Admin,
    id: &IdOf<M>,
) -> Result<(), DeleteError> {
    let cx = &admin.acting(op.cx);
    let op = Op { cx, ..op };
    Invitations::of(op.engine)?;
    let row = row_of(op.engine, id).await?.ok_or(DeleteError::NotFound)?;
    let only = delete::Only { credential: &row.id, fits: is_unused };
    delete::by_id_if(op, id, Right::to_administer(cx), Some(&only)).await?;
    raise(op.engine, EventKind::InvitationWithdrawn, Some(id), None, cx);
    Ok(())
}
