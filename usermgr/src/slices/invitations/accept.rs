//! Accepting: the address is proved, the account keeps nothing of what it may have had, and the invitation ends, in one
//! transaction.

use super::{AcceptInvitationError, notifications, row::Invited};
use crate::{
    audit::EventKind,
    change::{
        patch::compare,
        right::Right,
        take_over::{deleting, take_over},
        transaction::{Held, Swap, hold},
        written::{Unwritten, until_written},
    },
    error::Fault,
    hook::{hook, judge, raise},
    manager::{ManagedUser, ProfileOf, UserManager},
    notification::enqueue::notify,
    op::Op,
    password::Claim,
    store::{Lookup, RecordOf, StoreError, UserStore},
    token::{InvitationClaims, InvitationToken},
    user::{EmailAddress, Password, PasswordSubject, Profile, StoredProfile, UserChange},
};

/// What a request may change of the profile.
type UpdateOf<M> = <ProfileOf<M> as Profile>::Update;

/// Accepts an invitation by choosing a password.
pub(crate) async fn accept<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    token: &InvitationToken,
    password: Password,
    profile: UpdateOf<M>,
) -> Result<ManagedUser<M>, AcceptInvitationError> {
    let user = by_token(op, swap(op, token, &password, &profile)).await?;
    reported(op, &user, "password").await;
    Ok(user)
}

/// Counts a wrong token against its network, and reports it.
pub(super) async fn by_token<M: UserManager + ?Sized, T>(
    op: Op<'_, M>,
    work: impl Future<Output = Result<T, AcceptInvitationError>>,
) -> Result<T, AcceptInvitationError> {
    let Op { engine, cx, .. } = op;
    let is_wrong = |error: &AcceptInvitationError| matches!(error, AcceptInvitationError::InvalidToken);
    let outcome = engine.limiter().attempt_by_token(cx.ip, engine.now(), work, is_wrong).await?;
    if let Err(AcceptInvitationError::InvalidToken) = outcome {
        raise(engine, EventKind::InvitationFailed, None, None, cx);
    }
    outcome
}

/// Opens a token.
pub(super) fn open<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    token: &InvitationToken,
) -> Result<InvitationClaims, AcceptInvitationError> {
    op.configured.issuer().open(token, op.engine.now()).ok_or(AcceptInvitationError::InvalidToken)
}

/// Finds the invitation that the claims are about, if they fit it as it is.
pub(super) async fn find<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    claims: &InvitationClaims,
) -> Result<Invited<M::Store>, AcceptInvitationError> {
    let engine = op.engine;
    let id = claims.sub.parse().map_err(|_| AcceptInvitationError::InvalidToken)?;
    let email = EmailAddress::from_stored(claims.email.as_str());
    let fits = |record: &RecordOf<M::Store>| record.stamp.has_suffix(&claims.st) && record.user.email == email;
    let record = engine.store().find(Lookup::Id(&id)).await?.filter(fits);
    let record = record.ok_or(AcceptInvitationError::InvalidToken)?;
    Invited::waiting(engine, record).await?.ok_or(AcceptInvitationError::InvalidToken)
}

/// Sets the password and the profile.
async fn swap<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    token: &InvitationToken,
    password: &Password,
    profile: &UpdateOf<M>,
) -> Result<ManagedUser<M>, AcceptInvitationError> {
    let Op { manager, engine, configured, cx } = op;
    let claims = &open(op, token)?;
    let invited = find(op, claims).await?;
    let user = &invited.record.user;
    judge::<_, AcceptInvitationError>(manager, password, PasswordSubject::Existing(user), cx).await?;
    let claim = Claim::of(cx.ip, user.email.canonical());
    let hash = &claim.scope(engine.hasher().hash(password)).await?;
    let write = |invited: Invited<M::Store>| async move {
        let old = &invited.record.user;
        let mut wanted = old.clone();
        wanted.profile.apply(profile.clone());
        wanted.is_verified = true;
        let changes = compare(old, &wanted, true);
        if changes.profile.is_some() {
            StoredProfile::of(&wanted.profile).map_err(|error| Unwritten::Because(error.into()))?;
            hook!(gate(manager, Some(&old.id), cx): on_before_update(old, &changes)).await??;
        }
        let deleting = deleting(engine, &invited.record).await?;
        let (held, now, mut new) = take(op, &invited).await?;
        if changes.profile.is_some() {
            // What the gate has judged is written.
            if now.version != invited.record.version {
                return Err(Unwritten::Stale);
            }
            new.user.profile = wanted.profile;
        }
        new.password_hash = Some(hash.clone());
        let (swap, change) = (Swap { old: &now, new: &new }, UserChange::InvitationAccepted(&new.user));
        held.commit(manager, swap, &change, &[notifications::accepted::<M>().notice()], cx).await?;
        deleting.done(engine, &configured.seal);
        Ok(new.user)
    };
    until_written(Some(invited), || find(op, claims), write).await
}

/// What a transaction needs that accepts an invitation: itself, and the account before and after.
type Taken<'a, S> = (Held<'a, S>, RecordOf<S>, RecordOf<S>);

/// Ends an invitation, once, and gives its account to the owner of the address: with a new stamp, without a password, and
/// without the credentials of an account that was never verified. The caller adds what the owner has chosen, and commits.
pub(crate) async fn take<'a, M: UserManager + ?Sized>(
    op: Op<'a, M>,
    invited: &Invited<M::Store>,
) -> Result<Taken<'a, M::Store>, Fault> {
    let (mut held, now) = hold(op.engine, &invited.record, Right::default(), false).await?;
    if !held.delete_credential(&now.user.id, &invited.row.id).await? {
        // Used, withdrawn or replaced at this moment: read again and decide.
        return Err(StoreError::Stale.into());
    }
    let mut new = take_over::<M>(&mut held, &now, None).await?;
    new.user.is_verified = true;
    Ok((held, now, new))
}

/// Reports an accepted invitation.
///
/// - `how`: what the user has chosen, or the name of the provider.
pub(crate) async fn reported<M: UserManager + ?Sized>(op: Op<'_, M>, user: &ManagedUser<M>, how: &str) {
    let Op { manager, engine, configured, cx } = op;
    // A user who has proved the address can log in, whatever others have tried.
    engine.limiter().open(configured.pairs.pair(user.email.canonical(), cx.ip), engine.now()).await;
    raise(engine, EventKind::InvitationAccepted, Some(&user.id), Some(how.to_owned().into()), cx);
    notify(manager, &notifications::accepted(), user, None, cx).await;
}
