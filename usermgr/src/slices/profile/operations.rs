//! One's own account: changing it.

use std::sync::Arc;

use crate::{
    answers::Answers,
    change::update,
    context::Context,
    error::UpdateError,
    limit::MailKind,
    manager::{ManagedUser, ProfileOf, UserManager},
    notification::enqueue::is_durable,
    requests::{counted, subjects},
    slices::email_change,
    user::UpdateMe,
};

/// Changes everything but the address, and asks for the mail that proves a new one. Whatever can refuse that mail is asked before
/// anything is written, so that nothing is refused which is done already.
pub(crate) async fn update_proving_email<M: UserManager + ?Sized>(
    manager: &Arc<M>,
    user: &ManagedUser<M>,
    update: UpdateMe<ProfileOf<M>>,
    cx: &Context,
) -> Result<ManagedUser<M>, UpdateError> {
    let engine = manager.engine_ref();
    let request = email_change::notifications::requested::<M>().notice();
    let proved = update::prove(&**manager, user, update, request, cx).await?;
    let Some(email) = proved.pending().cloned() else {
        return Ok(update::finish(&**manager, user, proved, cx).await?.user);
    };
    if engine.answers() == Answers::Explicit && email_change::is_taken(&**manager, user, &email).await? {
        return Err(UpdateError::EmailAlreadyExists);
    }
    let work = async {
        let slot = if is_durable(engine) { None } else { Some(engine.background().reserve()?) };
        Ok::<_, UpdateError>((slot, update::finish(&**manager, user, proved, cx).await?))
    };
    let (slot, record) = counted(&**manager, &subjects(MailKind::EmailChange, &email, cx), cx, work).await?;
    if let Some(slot) = slot {
        email_change::begin_in_background(manager, slot, (record.user.id.clone(), record.stamp), email, cx);
    }
    Ok(record.user)
}
