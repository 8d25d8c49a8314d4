//! Verifying an address: a token that is sent by mail can be used once.

use std::sync::Arc;

use super::{notifications, token::token};
use crate::{
    audit::EventKind,
    change::{
        right::Right,
        transaction::{Swap, hold},
        written::{Unwritten, until_written},
    },
    context::Context,
    error::Fault,
    hook::raise,
    limits::MailKind,
    manager::{ManagedUser, UserManager},
    notification::{
        enqueue::{enqueue_alone, notify, request},
        notice::Recipient,
    },
    op::{Begun, Op},
    requests::{ask_by_address, counted, nothing, subjects},
    slices::verification::VerifyError,
    store::{Lookup, RecordOf, UserStore},
    token::{VerifyToken, used_up},
    user::{EmailAddress, Record, UserChange},
};

pub(crate) async fn request_verify<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    user: &ManagedUser<M>,
) -> Result<(), VerifyError> {
    let Op { manager, cx, .. } = op;
    counted(manager, &subjects(MailKind::Verify, &user.email, cx), cx, send(op, user)).await
}

/// Requests a verification for the user with an address, if there is one. The account is looked up later.
pub(crate) async fn request_for<M: UserManager + ?Sized>(
    manager: &Arc<M>,
    email: &EmailAddress,
    cx: &Context,
) -> Result<(), Fault> {
    let (notice, subjects) = (notifications::requested::<M>().notice(), subjects(MailKind::Verify, email, cx));
    let send_later = |manager: Arc<M>, cx: Context, record: RecordOf<M::Store>| async move {
        match send(Begun::new(&*manager, &cx)?.op(), &record.user).await {
            Err(VerifyError::Fault(fault)) => Err(fault),
            // A user who cannot be verified gets no mail, and the response does not reveal it.
            _ => Ok(()),
        }
    };
    ask_by_address(manager, email, notice, &subjects, cx, nothing(), send_later).await
}

/// Sends a token to a user who can be verified.
pub(crate) async fn send<M: UserManager + ?Sized>(op: Op<'_, M>, user: &ManagedUser<M>) -> Result<(), VerifyError> {
    let Op { manager, engine, cx, .. } = op;
    if !user.is_active {
        return Err(VerifyError::Inactive);
    }
    if user.is_verified {
        return Err(VerifyError::AlreadyVerified);
    }
    let notification = notifications::requested();
    if enqueue_alone(engine, Recipient::User(&user.id), &notification.notice(), cx).await? {
        return Ok(());
    }
    let token = token(manager, user)?;
    request(manager, &notification, user, cx, manager.on_after_request_verify(user, &token, cx)).await;
    Ok(())
}

pub(crate) async fn verify<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    token: &VerifyToken,
) -> Result<ManagedUser<M>, VerifyError> {
    let Op { manager, engine, cx, .. } = op;
    let is_wrong = |error: &VerifyError| matches!(error, VerifyError::InvalidToken);
    let verified = engine.limiter().attempt_by_token(cx.ip, engine.now(), swap(op, token), is_wrong).await?;
    match &verified {
        Ok(user) => {
            raise(engine, EventKind::Verified, Some(&user.id), None, cx);
            notify(manager, &notifications::verified(), user, None, cx).await;
        }
        Err(VerifyError::Fault(_) | VerifyError::Rejected(_)) => {}
        Err(error) => raise(engine, EventKind::VerificationFailed, None, Some(error.to_string().into()), cx),
    }
    verified
}

/// Sets the flag. The second of two concurrent uses finds it set. If the flag is removed later, the token stays used.
async fn swap<M: UserManager + ?Sized>(op: Op<'_, M>, token: &VerifyToken) -> Result<ManagedUser<M>, VerifyError> {
    let Op { manager, engine, configured, cx } = op;
    let claims = configured.issuer().open(token, engine.now()).ok_or(VerifyError::InvalidToken)?;
    let id = claims.sub.parse().map_err(|_| VerifyError::InvalidToken)?;
    let id = &id;
    let email = EmailAddress::from_stored(claims.email.as_str());
    let (email, once) = (&email, &used_up(&claims.jti, claims.exp));
    let read = || async move {
        let old = engine.store().find(Lookup::Id(id)).await?.ok_or(VerifyError::InvalidToken)?;
        if old.user.email != *email {
            return Err(VerifyError::InvalidToken);
        }
        if old.user.is_verified {
            return Err(VerifyError::AlreadyVerified);
        }
        Ok(old)
    };
    let write = |old: RecordOf<M::Store>| async move {
        let (mut held, now) = hold(engine, &old, Right::default(), false).await?;
        if !held.uses(once).await? {
            return Err(Unwritten::Because(VerifyError::InvalidToken));
        }
        let mut new = Record::clone(&now);
        new.user.is_verified = true;
        let (swap, change) = (Swap { old: &now, new: &new }, UserChange::Verified(&new.user));
        let notices = [notifications::verified::<M>().notice()];
        held.commit(manager, swap, &change, &notices, cx).await?;
        Ok(new.user)
    };
    until_written(None, read, write).await
}
