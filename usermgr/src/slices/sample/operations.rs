//! Showing a badge.

use super::{notifications, part::BADGE};
use crate::{
    error::Fault,
    manager::{ManagedUser, UserManager},
    notification::{
        enqueue::{enqueue_alone, notify},
        notice::Recipient,
    },
    op::Op,
};

/// Notifies a user that their badge was shown. Returns `false` for a user without a badge.
pub(super) async fn show<M: UserManager + ?Sized>(op: Op<'_, M>, user: &ManagedUser<M>) -> Result<bool, Fault> {
    let Op { manager, engine, cx, .. } = op;
    let Some(credentials) = engine.credentials() else { return Ok(false) };
    let rows = credentials.of_user(engine.store(), &user.id, engine.now()).await?;
    if rows.iter().all(|row| row.kind != BADGE) {
        return Ok(false);
    }
    let shown = notifications::shown();
    if !enqueue_alone(engine, Recipient::User(&user.id), &shown.notice(), cx).await? {
        notify(manager, &shown, user, None, cx).await;
    }
    Ok(true)
}
