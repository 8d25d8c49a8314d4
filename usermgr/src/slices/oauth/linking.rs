//! Linking an identity to an account: by its user, or by an address that a trusted provider has verified.

use super::{
    OAuthError,
    found::{Entered, identified, identity},
};
use crate::{
    audit::EventKind,
    change::{
        right::Right,
        take_over::{deleting, take_over},
        transaction::{Held, Swap, hold},
        written::{Unwritten, until_written},
    },
    error::Fault,
    federation::Provider,
    hook::{hook, raise},
    manager::{IdOf, ManagedUser, UserManager},
    notification::notice::Notice,
    op::Op,
    slices::invitations::{self, Invited},
    store::{Identity, Lookup, RecordOf, StoreError, UserStore},
    user::{EmailAddress, OAuthClaims, Record, UserChange},
};

/// Writes the identity of a user.
pub(super) async fn insert<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    tx: &mut <M::Store as UserStore>::Tx,
    user_id: &IdOf<M>,
    claims: &OAuthClaims,
) -> Result<(), StoreError> {
    let engine = op.engine;
    let new = identity(claims).to_credential(user_id.clone(), engine.now());
    engine.insert_credential(tx, &new).await
}

/// Links by address: the owner of a verified address at a trusted provider gets into the account with this address, if the
/// provider may link by address or the account waits for who was invited and has not verified the address yet. An
/// account that has never verified it may have been made by someone else, who loses everything. Superusers are never
/// taken over.
pub(super) async fn by_email<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    provider: &Provider,
    claims: &OAuthClaims,
    email: &EmailAddress,
    old: RecordOf<M::Store>,
) -> Result<Entered<M::Store>, Unwritten<OAuthError>> {
    let Op { manager, engine, configured, cx } = op;
    let (user, verified) = (&old.user, old.user.is_verified);
    if claims.proves_email()
        && user.email == *email
        && !verified
        && !user.is_superuser
        && let Some(invited) = Invited::waiting(engine, old.clone()).await?
    {
        return by_invitation(op, claims, invited).await;
    }
    let allowed = provider.links_by_email() && claims.proves_email() && user.email == *email;
    if !allowed || !user.is_active || user.is_superuser && !verified {
        return Err(Unwritten::Because(OAuthError::AlreadyExists));
    }
    hook!(gate(manager, Some(&user.id), cx): on_before_link(user, claims)).await??;
    let deleting = deleting(engine, &old).await?;
    // The account is in use from now on. One that is taken over loses its invitation with everything else.
    let invitation = if verified { invitations::row_of(engine, &user.id).await? } else { None };
    let (mut held, now) = hold(engine, &old, Right::default(), false).await?;
    if let Some(row) = invitation {
        held.delete_credential(&now.user.id, &row.id).await?;
    }
    let new = match verified {
        true => Record::clone(&now),
        false => {
            let mut taken = take_over::<M>(&mut held, &now, None).await?;
            taken.user.is_verified = true;
            taken
        }
    };
    insert(op, &mut held.tx, &now.user.id, claims).await.map_err(lost)?;
    let change = if verified { UserChange::Linked(&new.user) } else { UserChange::Claimed(&new.user) };
    let record = committed(op, held, &now, &new, &change, &[]).await?;
    deleting.done(engine, &configured.seal);
    Ok(if verified { Entered::Linked(record) } else { Entered::Claimed(record) })
}

/// Accepts an invitation: the provider has proved the invited address, and no one else can be the maker of the account.
async fn by_invitation<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    claims: &OAuthClaims,
    invited: Invited<M::Store>,
) -> Result<Entered<M::Store>, Unwritten<OAuthError>> {
    let Op { manager, engine, configured, cx } = op;
    let user = &invited.record.user;
    hook!(gate(manager, Some(&user.id), cx): on_before_link(user, claims)).await??;
    let deleting = deleting(engine, &invited.record).await?;
    let (mut held, now, new) = invitations::take(op, &invited).await?;
    insert(op, &mut held.tx, &now.user.id, claims).await.map_err(lost)?;
    let change = UserChange::InvitationAccepted(&new.user);
    let notices = [invitations::notifications::accepted::<M>().notice()];
    let record = committed(op, held, &now, &new, &change, &notices).await?;
    deleting.done(engine, &configured.seal);
    Ok(Entered::Invited(record))
}

/// What an account is, and whether it has the identity already.
type Linkable<S> = (RecordOf<S>, bool);

/// Links an identity to the user who has signed in with it.
pub(super) async fn by_user<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    user_id: &IdOf<M>,
    claims: &OAuthClaims,
) -> Result<ManagedUser<M>, OAuthError> {
    let Op { manager, engine, cx, .. } = op;
    let read = || async move {
        match identified(op, claims).await? {
            Some((_, record)) if record.user.id == *user_id => Ok((record, true)),
            Some(_) => Err(OAuthError::AlreadyLinked),
            None => {
                let record = engine.store().find(Lookup::Id(user_id)).await?;
                Ok((record.ok_or(Fault::RightLost(crate::error::RightLost::Session))?, false))
            }
        }
    };
    let write = |(old, linked): Linkable<M::Store>| async move {
        if linked {
            return Ok((old.user, false));
        }
        hook!(gate(manager, Some(&old.user.id), cx): on_before_link(&old.user, claims)).await??;
        let (mut held, now) = hold(engine, &old, Right::of(cx), false).await?;
        insert(op, &mut held.tx, user_id, claims).await.map_err(lost)?;
        let new = Record::clone(&now);
        let record = committed(op, held, &now, &new, &UserChange::Linked(&new.user), &[]).await?;
        Ok((record.user, true))
    };
    let (user, linked) = until_written(None, read, write).await?;
    if linked {
        reported(op, &user, &identity(claims)).await;
    }
    Ok(user)
}

/// Another sign-in has taken the identity: look again.
pub(super) fn lost(error: StoreError) -> Unwritten<OAuthError> {
    match error {
        StoreError::Conflict => Unwritten::Stale,
        error => error.into(),
    }
}

async fn committed<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    held: Held<'_, M::Store>,
    old: &RecordOf<M::Store>,
    new: &RecordOf<M::Store>,
    change: &crate::store::UserChangeOf<'_, M::Store>,
    notices: &[Notice<'_>],
) -> Result<RecordOf<M::Store>, Unwritten<OAuthError>> {
    let Op { manager, cx, .. } = op;
    match held.commit(manager, Swap { old, new }, change, notices, cx).await {
        Err(crate::change::written::Uncommitted::Fault(Fault::Store(StoreError::Conflict))) => Err(Unwritten::Stale),
        outcome => {
            outcome?;
            let mut record = new.clone();
            record.version += 1;
            Ok(record)
        }
    }
}

/// Reports a link.
pub(super) async fn reported<M: UserManager + ?Sized>(op: Op<'_, M>, user: &ManagedUser<M>, identity: &Identity) {
    let Op { manager, engine, cx, .. } = op;
    raise(engine, EventKind::IdentityLinked, Some(&user.id), Some(identity.provider.clone().into()), cx);
    hook!(after(manager, Some(&user.id), cx): on_after_link(user, identity)).await;
}
