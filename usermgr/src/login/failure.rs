//! What is told of a login that failed.

use crate::{
    audit::EventKind,
    context::Context,
    hook::{hook, raise},
    manager::{ManagedUser, UserManager},
    session::{FailedLogin, FailedLoginReason},
};

/// Notes a failed login, for known and unknown accounts by the same steps.
pub(crate) async fn note_failure<M: UserManager + ?Sized>(
    manager: &M,
    username: &str,
    user: Option<&ManagedUser<M>>,
    reason: FailedLoginReason,
    cx: &Context,
) {
    let engine = manager.engine_ref();
    let failed = FailedLogin { username: shortened(username), user: user.map(|user| user.id.to_string()), reason };
    let id = user.map(|user| &user.id);
    raise(engine, EventKind::LoginFailed, id, Some(reason.as_str().into()), cx);
    hook!(after(manager, id, cx): on_after_failed_login(&failed)).await;
}

/// What was typed, no longer than an address can be.
pub(crate) fn shortened(username: &str) -> String {
    username[..username.floor_char_boundary(254)].to_owned()
}
