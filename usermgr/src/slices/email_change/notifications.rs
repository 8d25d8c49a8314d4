//! The notifications about a change of address.

use super::token::{is_taken, token};
use crate::{
    hook::Failure,
    manager::UserManager,
    notification::{
        attempt::Attempt,
        row::{Delivering, notifications},
    },
    op::Begun,
};

notifications! {
    /// A token that proves the new address was requested. It is bound to the stamp, so a reset invalidates it.
    requested = "request_email_change": request(EmailChangeRequested, deliver) on_after_request_email_change, mailed;
}

fn deliver<'a, M: UserManager + ?Sized>(attempt: &'a Attempt<'a, M>) -> Delivering<'a> {
    let (manager, user) = (attempt.manager, attempt.user());
    Box::pin(async move {
        let new = attempt.address.ok_or_else(Failure::no_address)?;
        // A new stamp has ended the session that asked, and with it the request.
        if !user.is_active || !attempt.is_bound() || is_taken(manager, user, new).await? {
            return Ok(());
        }
        let token = token(Begun::new(manager, attempt.cx)?.op(), attempt.record, new)?;
        attempt.call(manager.on_after_request_email_change(user, new, &token, attempt.cx)).await
    })
}
