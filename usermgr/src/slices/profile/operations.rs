//! The user's own account: changing and deleting it.

use std::sync::Arc;

use crate::{
    change::{
        delete,
        errors::{DeleteError, UpdateError},
        patch::{Patch, ProfilePatch, judged},
        proof::{Proof, demand_proof},
        right::Right,
        update::apply,
    },
    context::Context,
    engine::Answers,
    limits::MailKind,
    manager::{ManagedUser, ProfileOf, UserManager},
    notification::{enqueue::is_durable, notice::Notice},
    op::{Begun, Op},
    requests::{counted, subjects},
    slices::email_change,
    store::{Lookup, RecordOf, UserStore},
    user::{EmailAddress, Profile, UpdateMe, Username},
};

pub(crate) async fn update<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    user: &ManagedUser<M>,
    update: UpdateMe<ProfileOf<M>>,
) -> Result<ManagedUser<M>, UpdateError> {
    let Op { manager, cx, .. } = op;
    let UpdateMe { email, username, password, current_password, profile } = update;
    let patch = Patch {
        email: email.map(|text| judged(manager, &text, &user.email)).transpose()?,
        username: named(op, user, username)?,
        password,
        profile: Some(ProfilePatch::Request(profile)),
        ..Patch::nothing()
    };
    let proof = Proof::User { current_password };
    Ok(apply(op, &user.id, patch, proof, Right::of(cx).delegated()).await?.user)
}

/// Changes everything except the address, and requests the mail that verifies the new one. All checks for the mail run
/// before anything is written, so that a refusal leaves nothing half done.
pub(crate) async fn update_proving_email<M: UserManager + ?Sized>(
    manager: &Arc<M>,
    user: &ManagedUser<M>,
    update: UpdateMe<ProfileOf<M>>,
    cx: &Context,
) -> Result<ManagedUser<M>, UpdateError> {
    let begun = Begun::new(&**manager, cx)?;
    let op = begun.op();
    let engine = op.engine;
    let request = email_change::notifications::requested::<M>().notice();
    let proved = prove(op, user, update, request).await?;
    let Some(email) = proved.pending().cloned() else {
        return Ok(finish(op, user, proved).await?.user);
    };
    if engine.answers() == Answers::Explicit && email_change::is_taken(&**manager, user, &email).await? {
        return Err(UpdateError::EmailAlreadyExists);
    }
    let work = async {
        let slot = if is_durable(engine) { None } else { Some(engine.background().reserve()?) };
        Ok::<_, UpdateError>((slot, finish(op, user, proved).await?))
    };
    let (slot, record) = counted(&**manager, &subjects(MailKind::EmailChange, &email, cx), cx, work).await?;
    if let Some(slot) = slot {
        email_change::begin_in_background(manager, slot, (record.user.id.clone(), record.stamp), email, cx);
    }
    Ok(record.user)
}

pub(crate) async fn delete<M: UserManager + ?Sized>(op: Op<'_, M>, user: &ManagedUser<M>) -> Result<(), DeleteError> {
    let Op { cx, .. } = op;
    delete::by_id(op, &user.id, Right::of(cx)).await
}

/// A change of the user's own account with all proofs, not written yet.
struct Proved<P: Profile> {
    patch: Patch<'static, P>,
    proof: Proof,
}

impl<P: Profile> Proved<P> {
    /// The new address, which must be verified before the account gets it.
    fn pending(&self) -> Option<&EmailAddress> {
        self.patch.pending.as_ref().map(|(email, _)| email)
    }
}

/// The first half of a change with a new address: all required proofs.
async fn prove<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    user: &ManagedUser<M>,
    update: UpdateMe<ProfileOf<M>>,
    request: Notice<'static>,
) -> Result<Proved<ProfileOf<M>>, UpdateError> {
    let Op { manager, engine, .. } = op;
    let UpdateMe { email, username, password, current_password, profile } = update;
    // The caller's copy of the user may be outdated.
    let record = engine.store().find(Lookup::Id(&user.id)).await?.ok_or(UpdateError::NotFound)?;
    let username = named(op, &record.user, username)?;
    let email = email.map(|text| judged(manager, &text, &record.user.email)).transpose()?;
    let patch = Patch { email, username, password, profile: Some(ProfilePatch::Request(profile)), ..Patch::nothing() };
    let mut patch = patch.without_unchanged(&record.user);
    let proved = demand_proof(op, &patch, &Proof::User { current_password }, &record).await?;
    // Another spelling of the current address needs no mail.
    patch.pending = patch.email.take_if(|email| *email != record.user.email).map(|email| (email, request));
    Ok(Proved { patch, proof: Proof::Stamp(proved) })
}

/// The new user name, judged as one that users choose for themselves.
fn named<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    user: &ManagedUser<M>,
    typed: Option<String>,
) -> Result<Option<Username>, UpdateError> {
    typed.map(|text| op.engine.new_username(&text, user.username.as_ref(), false)).transpose()
}

/// The second half: everything except the new address is written. With an outbox, the request for the mail is written
/// in the same transaction.
async fn finish<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    user: &ManagedUser<M>,
    Proved { patch, proof }: Proved<ProfileOf<M>>,
) -> Result<RecordOf<M::Store>, UpdateError> {
    let Op { cx, .. } = op;
    apply(op, &user.id, patch, proof, Right::of(cx).delegated()).await
}
