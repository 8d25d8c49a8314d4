//! Setting a new password with a token that was sent by mail.

use std::sync::Arc;

use super::{notifications, token::token};
use crate::{
    audit::EventKind,
    change::{
        right::Right,
        take_over::{deleting, take_over},
        transaction::{Swap, hold},
        written::{Unwritten, until_written},
    },
    context::Context,
    error::Fault,
    hook::{judge, raise},
    limits::Subject,
    manager::{ManagedUser, UserManager},
    notification::{
        enqueue::{enqueue_alone, notify, request},
        notice::Recipient,
    },
    op::{Begun, Op},
    password::Claim,
    requests::{ask_by_address, counted, nothing},
    settings::Configured,
    slices::reset::ResetError,
    store::{Lookup, RecordOf, UserStore},
    token::{Reset, ResetToken, used_up},
    user::{EmailAddress, Password, PasswordSubject, User, UserChange},
};

pub(crate) async fn forgot_password<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    user: &ManagedUser<M>,
) -> Result<(), ResetError> {
    let Op { manager, engine, configured, cx } = op;
    // Read again, because the token is bound to the stamp and the caller may hold an outdated user.
    let record = engine.store().find(Lookup::Id(&user.id)).await?.filter(|record| may_reset(&record.user));
    let record = record.ok_or(ResetError::Inactive)?;
    counted(manager, &subjects(configured, &record.user.email, cx), cx, async {
        Ok::<_, ResetError>(send(op, &record).await?)
    })
    .await
}

/// Requests a reset for the user with an address, if there is one. The account is looked up later.
pub(crate) async fn request_for<M: UserManager + ?Sized>(
    manager: &Arc<M>,
    email: &EmailAddress,
    cx: &Context,
) -> Result<(), Fault> {
    let configured = manager.engine_ref().configured(|| manager.settings())?;
    let (notice, subjects) = (notifications::requested::<M>().notice(), subjects(&configured, email, cx));
    let send_later = |manager: Arc<M>, cx: Context, record: RecordOf<M::Store>| async move {
        // A user who cannot be reset gets no mail, and the response does not reveal it.
        if may_reset(&record.user) { send(Begun::new(&*manager, &cx)?.op(), &record).await } else { Ok(()) }
    };
    ask_by_address(manager, email, notice, &subjects, cx, nothing(), send_later).await
}

/// Whether a user can set a password by mail.
fn may_reset<P, I>(user: &User<P, I>) -> bool {
    user.is_active && !user.is_service_account()
}

/// What a mail with a reset token is counted for: the network that asks, the network together with the account, and the
/// address.
fn subjects<'a>(configured: &'a Configured, email: &'a EmailAddress, cx: &Context) -> [Subject<'a>; 3] {
    let (account, lifetime) = (email.canonical(), configured.issuer::<Reset>().lifetime());
    let pair = Subject::ResetPair(configured.pairs.pair(account, cx.ip), lifetime);
    [Subject::MailFrom(cx.ip), pair, Subject::ResetTo(account, lifetime)]
}

async fn send<M: UserManager + ?Sized>(op: Op<'_, M>, record: &RecordOf<M::Store>) -> Result<(), Fault> {
    let Op { manager, engine, cx, .. } = op;
    let user = &record.user;
    let notification = notifications::requested();
    if enqueue_alone(engine, Recipient::User(&user.id), &notification.notice(), cx).await? {
        return Ok(());
    }
    let token = token(manager, record)?;
    request(manager, &notification, user, cx, manager.on_after_forgot_password(user, &token, cx)).await;
    Ok(())
}

pub(crate) async fn reset_password<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    token: &ResetToken,
    password: Password,
) -> Result<ManagedUser<M>, ResetError> {
    let Op { manager, engine, configured, cx } = op;
    let is_wrong = |error: &ResetError| matches!(error, ResetError::InvalidToken);
    let work = swap_by_token(op, token, &password);
    let reset = engine.limiter().attempt_by_token(cx.ip, engine.now(), work, is_wrong).await?;
    match &reset {
        Ok(user) => {
            // A user who has proved the address can log in again, whatever others have tried, and change the new password.
            let pairs = &configured.pairs;
            engine.limiter().open(pairs.pair(user.email.canonical(), cx.ip), engine.now()).await;
            engine.limiter().forget(&[Subject::Reauthentication(&user.id.to_string())]).await;
            raise(engine, EventKind::PasswordReset, Some(&user.id), None, cx);
            notify(manager, &notifications::done(), user, None, cx).await;
        }
        Err(ResetError::InvalidToken) => raise(engine, EventKind::ResetFailed, None, None, cx),
        Err(_) => {}
    }
    reset
}

/// Sets the password. The new stamp invalidates the token, so that only one of two concurrent uses succeeds.
async fn swap_by_token<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    token: &ResetToken,
    password: &Password,
) -> Result<ManagedUser<M>, ResetError> {
    let Op { manager, engine, configured, cx } = op;
    let claims = configured.issuer().open(token, engine.now()).ok_or(ResetError::InvalidToken)?;
    let id = &claims.sub.parse().map_err(|_| ResetError::InvalidToken)?;
    let email = EmailAddress::from_stored(claims.email.as_str());
    let fits = &|record: &RecordOf<M::Store>| {
        record.user.is_active && record.stamp.has_suffix(&claims.st) && record.user.email == email
    };
    let read =
        || async move { engine.store().find(Lookup::Id(id)).await?.filter(fits).ok_or(ResetError::InvalidToken) };
    let old = read().await?;
    judge::<_, ResetError>(manager, password, PasswordSubject::Existing(&old.user), cx).await?;
    let claim = Claim::of(cx.ip, old.user.email.canonical());
    let hash = claim.scope(engine.hasher().hash(password)).await?;
    let (hash, once) = (&hash, &used_up(&claims.jti, claims.exp));
    let write = |old: RecordOf<M::Store>| async move {
        let deleting = deleting(engine, &old).await?;
        let (mut held, now) = hold(engine, &old, Right::default(), false).await?;
        if !held.uses(once).await? {
            return Err(Unwritten::Because(ResetError::InvalidToken));
        }
        let new = take_over::<M>(&mut held, &now, Some(hash)).await?;
        if engine.keyring().is_some_and(|keyring| !keyring.survive_reset) {
            held.end_api_keys(&now.user.id).await?;
        }
        let (swap, change) = (Swap { old: &now, new: &new }, UserChange::PasswordChanged(&new.user));
        let notices = [notifications::done::<M>().notice()];
        held.commit(manager, swap, &change, &notices, cx).await?;
        deleting.done(engine, &configured.seal);
        Ok(new.user)
    };
    until_written(Some(old), read, write).await
}
