//! How a failed login is reported, and a credential that seems to have been copied.

use crate::{
    audit::EventKind,
    context::Context,
    hook::{hook, raise},
    manager::{ManagedUser, UserManager},
    session::{FailedLogin, FailedLoginReason},
    store::FactorInfo,
};

/// Reports a failed login, with the same steps for known and unknown accounts.
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
    if let Some(id) = id {
        engine.note_login(id, Err(reason), cx);
    }
    hook!(after(manager, id, cx): on_after_failed_login(&failed)).await;
}

/// Reports that a credential seems to have been copied.
pub(crate) async fn note_suspicion<M: UserManager + ?Sized>(
    manager: &M,
    user: &ManagedUser<M>,
    suspected: &FactorInfo,
    cx: &Context,
) {
    let detail = Some(suspected.id.as_str().to_owned().into());
    raise(manager.engine_ref(), EventKind::PasskeySuspected, Some(&user.id), detail, cx);
    hook!(after(manager, Some(&user.id), cx): on_after_suspicious_passkey(user, suspected)).await;
}

/// The input, cut to the maximum length of an address.
pub(crate) fn shortened(username: &str) -> String {
    username[..username.floor_char_boundary(254)].to_owned()
}
