//! A new account for a user that a provider has named. It has no password; a reset gives it one.

use super::{OAuthError, found::Entered, linking};
use crate::{
    change::{
        join::{join, kept},
        written::Unwritten,
    },
    error::Fault,
    federation::{Installed, Provider},
    hook::{hook, new_stamp},
    limits::{Judgement, Subject},
    manager::UserManager,
    notification::enqueue::enqueue,
    op::Op,
    slices::registration,
    store::{RecordOf, StoreError, UserStore},
    user::{Draft, EmailAddress, NewRecord, OAuthClaims, StoredProfile, UserChange},
};

/// Makes the profile, asks the gate, and writes the account with its identity.
pub(super) async fn register<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    installed: &Installed<M::Store>,
    provider: &Provider,
    claims: &OAuthClaims,
    email: EmailAddress,
) -> Result<Entered<M::Store>, Unwritten<OAuthError>> {
    let Op { engine, cx, .. } = op;
    if !provider.is_open() {
        return Err(Unwritten::Because(OAuthError::RegistrationClosed));
    }
    let work = write(op, installed, claims, email);
    let subjects = [Subject::Registration(cx.ip)];
    let (written, _) = engine.limiter().attempt(&subjects, engine.now(), work, Judgement::of_deed).await?;
    match written {
        Ok(record) => Ok(Entered::Registered(record)),
        // Another sign-in or a registration has taken the identity or the address: look again.
        Err(Unwritten::Because(OAuthError::Fault(Fault::Store(StoreError::Conflict)))) => Err(Unwritten::Stale),
        Err(error) => Err(error),
    }
}

async fn write<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    installed: &Installed<M::Store>,
    claims: &OAuthClaims,
    email: EmailAddress,
) -> Result<RecordOf<M::Store>, Unwritten<OAuthError>> {
    let Op { manager, engine, cx, .. } = op;
    let incomplete = || Unwritten::Because(OAuthError::IncompleteProfile);
    let profile = (installed.profile)(claims).map_err(|_| incomplete())?;
    let mut draft = Draft { email, profile };
    hook!(gate(manager, None, cx): on_before_register(&mut draft)).await??;
    StoredProfile::of(&draft.profile).map_err(|_| incomplete())?;
    let Draft { email, profile } = draft;
    let record = NewRecord {
        email,
        is_active: true,
        is_superuser: false,
        is_verified: claims.proves_email(),
        created_at: engine.now(),
        profile,
        password_hash: None,
        stamp: new_stamp()?,
    };
    let store = engine.store();
    let mut tx = store.begin().await?;
    let written = record.with_id(store.insert(&mut tx, &record).await?);
    linking::insert(op, &mut tx, &written.user.id, claims).await?;
    enqueue(engine, &mut tx, &written.user.id, &registration::notifications::registered::<M>().notice(), cx).await?;
    join(manager, &UserChange::Registered(&written.user), &mut tx, cx).await?;
    kept(engine, store.commit(tx).await, &written.user.id, cx)?;
    Ok(written)
}
