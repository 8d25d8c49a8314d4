//! The notifications about a registration.

use crate::{
    context::Context,
    engine::messages::Unwritten,
    error::{HookError, HookFuture},
    manager::{ManagedUser, UserManager},
    notification::row::notifications,
    op::Begun,
    slices::verification,
};

notifications! {
    /// An account was created.
    registered = "register": user(welcome) on_after_register, unmailed;
    /// The address of an existing account was registered again.
    duplicate = "duplicate_register": user on_after_duplicate_register, mailed;
}

/// Calls the hook. If it is not overridden, requests a verification, if there is a messenger that can send the token.
fn welcome<'a, M: UserManager + ?Sized>(
    manager: &'a M,
    user: &'a ManagedUser<M>,
    cx: &'a Context,
) -> HookFuture<'a, HookError> {
    if !manager.engine_ref().has_messenger() {
        return manager.on_after_register(user, cx);
    }
    Box::pin(async move {
        let (watched, unwritten) = Unwritten::watched(cx);
        manager.on_after_register(user, &watched).await?;
        if unwritten.is_noted() && user.is_active && !user.is_verified {
            verification::send(Begun::new(manager, cx)?.op(), user).await?;
        }
        Ok(())
    })
}
