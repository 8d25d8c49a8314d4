//! What is told about the verification of an address.

use super::token::token;
use crate::{
    manager::UserManager,
    notification::{
        attempt::Attempt,
        row::{Delivering, notifications},
    },
};

notifications! {
    /// A token is wanted that verifies the address.
    requested = "request_verify": request(VerificationRequested, deliver) on_after_request_verify, mailed;
    /// The address is verified.
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
