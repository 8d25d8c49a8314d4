//! The notifications about a verification.

use super::token::token;
use crate::{
    manager::UserManager,
    notification::{
        attempt::Attempt,
        row::{Delivering, notifications},
    },
};

notifications! {
    /// A token that verifies the address was requested.
    requested = "request_verify": request(VerificationRequested, deliver) on_after_request_verify, mailed;
    /// The address was verified.
    verified = "verify": user on_after_verify, unmailed;
}

fn deliver<'a, M: UserManager + ?Sized>(attempt: &'a Attempt<'a, M>) -> Delivering<'a> {
    let (manager, user) = (attempt.manager, attempt.user());
    Box::pin(async move {
        if !user.is_active || user.is_verified {
            return Ok(());
        }
        let token = token(manager, user)?;
        attempt.call(manager.on_after_request_verify(user, &token, attempt.cx)).await
    })
}
