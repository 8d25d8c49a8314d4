//! The notifications about an invitation.

use super::{row::Invited, token::token};
use crate::{
    error::Fault,
    manager::UserManager,
    notification::{
        attempt::Attempt,
        enqueue::{is_durable, request},
        row::{Delivering, notifications},
    },
    op::Op,
};

notifications! {
    /// A user was invited, or the invitation is sent again.
    invited = "invite": request(UserInvited, deliver) on_after_invite, mailed;
    /// The user has accepted.
    accepted = "accept_invitation": user on_after_accept_invitation, unmailed;
}

fn deliver<'a, M: UserManager + ?Sized>(attempt: &'a Attempt<'a, M>) -> Delivering<'a> {
    let (manager, record) = (attempt.manager, attempt.record);
    Box::pin(async move {
        let engine = manager.engine_ref();
        let waiting = Invited::waiting(engine, record.clone()).await.map_err(Fault::from)?;
        // One that was accepted or withdrawn since, or has expired, is not sent.
        let Some(invited) = waiting else { return Ok(()) };
        let configured = engine.configured(|| manager.settings())?;
        let token = token(&configured, &invited)?;
        attempt.call(manager.on_after_invite(&record.user, &token, attempt.cx)).await
    })
}

/// Sends an invitation that was written just now, unless a row of the outbox does it.
pub(super) async fn send<M: UserManager + ?Sized>(op: Op<'_, M>, invited: &Invited<M::Store>) -> Result<(), Fault> {
    let Op { manager, engine, configured, cx } = op;
    if is_durable(engine) {
        return Ok(());
    }
    let token = token(configured, invited)?;
    let user = &invited.record.user;
    request(manager, &self::invited(), user, cx, manager.on_after_invite(user, &token, cx)).await;
    Ok(())
}
