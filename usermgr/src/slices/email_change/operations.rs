//! Changing an address after proof: a token is sent to the new address, and the account keeps the old one until the
//! token is used.

use std::sync::Arc;

use jiff::Timestamp;

use super::{
    notifications,
    token::{is_taken, token},
};
use crate::{
    audit::EventKind,
    background::Slot,
    change::{
        errors::UpdateError,
        patch::Patch,
        proof::{AddressProof, Proof},
        right::{Right, demand_user},
        update::{admit, apply},
    },
    context::{Actor, Context},
    error::Fault,
    hook::raise,
    limits::MailKind,
    manager::{IdOf, ManagedUser, UserManager},
    notification::{
        enqueue::{enqueue_alone, request},
        notice::Recipient,
    },
    op::{Begun, Op},
    requests::{Later, ask_later, charge, counted, in_background, nothing, subjects},
    session::SessionInfo,
    slices::email_change::ChangeEmailError,
    store::{Lookup, RecordOf, SessionId, UserStore},
    token::{ChangeEmailToken, used_up},
    user::{EmailAddress, Stamp},
};

pub(crate) async fn request_email_change<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    user: &ManagedUser<M>,
    new: &EmailAddress,
) -> Result<(), ChangeEmailError> {
    let Op { manager, cx, .. } = op;
    let stamp = demand_fresh(op, user)?;
    let record = as_it_is(manager, &user.id, stamp).await?;
    // The gate comes before the look-up of the address, so that neither its decision nor its timing reveals the result.
    admit::<_, ChangeEmailError>(op, &record.user, new).await?;
    counted(manager, &subjects(MailKind::EmailChange, new, cx), cx, send(op, &record, new)).await
}

/// The same without revealing whether the new address is taken, neither by the response nor by its timing: the look-up
/// comes later.
pub(crate) async fn request_email_change_discreetly<M: UserManager + ?Sized>(
    manager: &Arc<M>,
    user: &ManagedUser<M>,
    new: &EmailAddress,
    cx: &Context,
) -> Result<(), ChangeEmailError> {
    let begun = Begun::new(&**manager, cx)?;
    let op = begun.op();
    let stamp = match demand_fresh(op, user)? {
        Some(stamp) => stamp,
        None => as_it_is(&**manager, &user.id, None).await?.stamp,
    };
    admit::<_, ChangeEmailError>(op, user, new).await?;
    let notice = notifications::requested::<M>().notice().about(new).bound_to(stamp.prefix());
    let work = || -> Later { Box::pin(begin(manager.clone(), user.id.clone(), stamp, new.clone(), cx.clone())) };
    let subjects = subjects(MailKind::EmailChange, new, cx);
    Ok(ask_later(manager, (Recipient::User(&user.id), notice), &subjects, cx, nothing(), work).await?)
}

/// Sends the token, for a user who has proved at this stamp that they may change the address: a reset in the meantime
/// ends the request. The gate was asked at the time of the request.
async fn begin<M: UserManager + ?Sized>(
    manager: Arc<M>,
    id: IdOf<M>,
    stamp: Stamp,
    new: EmailAddress,
    cx: Context,
) -> Result<(), Fault> {
    let sent = async {
        let record = as_it_is(&*manager, &id, Some(stamp)).await?;
        send(Begun::new(&*manager, &cx)?.op(), &record, &new).await
    };
    match sent.await {
        Err(ChangeEmailError::Fault(fault)) => Err(fault),
        _ => Ok(()),
    }
}

/// Sends the mail to a new address in the background, if it was already counted and there is no outbox.
pub(crate) fn begin_in_background<M: UserManager + ?Sized>(
    manager: &Arc<M>,
    slot: Slot<'_>,
    (id, stamp): (IdOf<M>, Stamp),
    new: EmailAddress,
    cx: &Context,
) {
    let charge = charge(&**manager, &subjects(MailKind::EmailChange, &new, cx), cx);
    in_background(manager, slot, charge, Box::pin(begin(manager.clone(), id, stamp, new, cx.clone())));
}

/// Returns the stamp at which the user has proved, by their own fresh login, that they may ask. The application itself
/// needs no proof.
fn demand_fresh<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    user: &ManagedUser<M>,
) -> Result<Option<Stamp>, ChangeEmailError> {
    let Op { engine, cx, .. } = op;
    demand_user(cx)?;
    match &cx.actor {
        Some(Actor::User { id, session }) if *id == user.id.to_string() && engine.is_fresh(session) => {
            Ok(session.stamp)
        }
        Some(Actor::System(_)) => Ok(None),
        Some(Actor::User { .. }) | None => Err(ChangeEmailError::ReauthenticationRequired),
    }
}

/// Reads the account again, because the token is bound to the stamp and the caller may hold an outdated user. A new
/// stamp invalidates a proof for the old one.
async fn as_it_is<M: UserManager + ?Sized>(
    manager: &M,
    id: &IdOf<M>,
    stamp: Option<Stamp>,
) -> Result<RecordOf<M::Store>, ChangeEmailError> {
    let record = manager.engine_ref().store().find(Lookup::Id(id)).await?.filter(|record| record.user.is_active);
    let record = record.ok_or(ChangeEmailError::Inactive)?;
    match stamp {
        Some(stamp) if stamp != record.stamp => Err(ChangeEmailError::ReauthenticationRequired),
        _ => Ok(record),
    }
}

async fn send<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    record: &RecordOf<M::Store>,
    new: &EmailAddress,
) -> Result<(), ChangeEmailError> {
    let Op { manager, engine, cx, .. } = op;
    let user = &record.user;
    if is_taken(manager, user, new).await? {
        return Err(ChangeEmailError::AlreadyExists);
    }
    let notification = notifications::requested();
    let notice = notification.notice().about(new).bound_to(record.stamp.prefix());
    if enqueue_alone(engine, Recipient::User(&user.id), &notice, cx).await? {
        return Ok(());
    }
    let token = token(op, record, new)?;
    let call = manager.on_after_request_email_change(user, new, &token, cx);
    request(manager, &notification, user, cx, call).await;
    Ok(())
}

pub(crate) async fn confirm_email_change<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    token: &ChangeEmailToken,
) -> Result<ManagedUser<M>, ChangeEmailError> {
    let Op { engine, cx, .. } = op;
    let is_wrong = |error: &ChangeEmailError| matches!(error, ChangeEmailError::InvalidToken);
    let changed = engine.limiter().attempt_by_token(cx.ip, engine.now(), by_token(op, token), is_wrong).await?;
    if let Err(ChangeEmailError::InvalidToken) = &changed {
        raise(engine, EventKind::EmailChangeFailed, None, None, cx);
    }
    changed
}

async fn by_token<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    token: &ChangeEmailToken,
) -> Result<ManagedUser<M>, ChangeEmailError> {
    let Op { engine, configured, .. } = op;
    let claims = configured.issuer().open(token, engine.now()).ok_or(ChangeEmailError::InvalidToken)?;
    let id = claims.sub.parse().map_err(|_| ChangeEmailError::InvalidToken)?;
    // Both addresses were checked when the token was requested.
    let [old, new] = [&claims.email, &claims.new_email].map(|text| EmailAddress::from_stored(text.as_str()));
    let expires_at = Timestamp::from_second(claims.exp).unwrap_or(Timestamp::MAX);
    let session = claims.sid.zip(claims.via);
    let session = session.map(|(id, backend)| SessionInfo::new(SessionId::new(id), backend, engine.now(), expires_at));
    let right = session.as_ref().map_or_else(Right::default, |session| Right::through(&claims.sub, session));
    let proof = AddressProof { old, stamp: claims.st, once: used_up(&claims.jti, claims.exp) };
    set_email(op, &id, new, proof, right).await.map_err(|error| match error {
        UpdateError::Fault(Fault::RightLost(_)) => ChangeEmailError::InvalidToken,
        UpdateError::EmailAlreadyExists => ChangeEmailError::AlreadyExists,
        UpdateError::Rejected(rejection) => ChangeEmailError::Rejected(rejection),
        UpdateError::Fault(fault) => ChangeEmailError::Fault(fault),
        _ => ChangeEmailError::InvalidToken,
    })
}

/// Writes an address that a token has proved.
async fn set_email<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    id: &IdOf<M>,
    email: EmailAddress,
    proof: AddressProof,
    right: Right<'_>,
) -> Result<ManagedUser<M>, UpdateError> {
    let patch = Patch { email: Some(email), is_verified: Some(true), ..Patch::nothing() };
    Ok(apply(op, id, patch, Proof::Token(proof), right).await?.user)
}
