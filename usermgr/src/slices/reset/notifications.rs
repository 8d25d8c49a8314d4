//! The notifications about a password reset.

use super::token::token;
use crate::{
    manager::UserManager,
    notification::{
        attempt::Attempt,
        row::{Delivering, notifications},
    },
};

notifications! {
    /// A token that resets the password was requested.
    requested = "forgot_password": request(ResetRequested, deliver) on_after_forgot_password, mailed;
    /// The password was reset.
    done = "reset_password": user on_after_reset_password, mailed;
}

fn deliver<'a, M: UserManager + ?Sized>(attempt: &'a Attempt<'a, M>) -> Delivering<'a> {
    let (manager, user) = (attempt.manager, attempt.user());
    Box::pin(async move {
        if !user.is_active {
            return Ok(());
        }
        let token = token(manager, attempt.record)?;
        attempt.call(manager.on_after_forgot_password(user, &token, attempt.cx)).await
    })
}
