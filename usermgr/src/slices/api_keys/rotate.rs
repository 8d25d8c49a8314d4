//! Rotating a key: a new one with the same scopes takes its place, and the old one lives on for a time that is asked for.

use std::time::Duration;

use super::{
    ApiKeyError,
    create::{Made, report},
    list::{Own, parts},
    notifications,
};
use crate::{
    api_key::{CreatedApiKey, Keyring, NewApiKey},
    audit::EventKind,
    change::{
        right::Right,
        transaction::{Swap, hold},
        written::{Unwritten, until_written},
    },
    hook::hook,
    manager::UserManager,
    op::Op,
    session::Principal,
    slices::factors::acting,
    span::later,
    store::{ApiKeyInfo, Credential, CredentialId, NewCredential},
    user::{Record, UserChange},
};

/// The longest time for which the old key lives on.
const LONGEST_OVERLAP: Duration = Duration::from_secs(24 * 3600);

/// Makes a key in place of one that the user of a session has.
pub(crate) async fn rotate<'a, M: UserManager + ?Sized>(
    op: Op<'a, M>,
    principal: &Principal<M::Store>,
    id: &CredentialId,
    overlap: Duration,
) -> Result<CreatedApiKey, ApiKeyError> {
    let cx = &acting(op.cx, principal);
    let op = Op { cx, ..op };
    let Op { manager, engine, .. } = op;
    let (keyring, credentials) = parts(op)?;
    if overlap > LONGEST_OVERLAP {
        return Err(ApiKeyError::InvalidLifetime);
    }
    let lives_on = overlap.as_secs() > 0;
    let user_id = &principal.user().id;
    let read = || Own::read(op, user_id);
    let write = |own: Own<M::Store>| async move {
        let (old, now) = (&own.record, engine.now());
        own.admit(op, usize::from(lives_on)).await.map_err(Unwritten::Because)?;
        let row = own.row(id).map_err(Unwritten::Because)?;
        let info = ApiKeyInfo::read(row)?;
        let new = successor(keyring, &info);
        hook!(gate(manager, Some(&old.user.id), cx): on_before_create_api_key(&old.user, &new)).await??;
        let made = Made::generate(keyring, user_id, &new, now)?;
        let (mut held, locked) = hold(engine, old, Right::of(cx), false).await?;
        if locked.version != old.version {
            return Err(Unwritten::Stale);
        }
        let (store, tx) = (engine.store(), &mut held.tx);
        if !credentials.delete(store, tx, user_id, id).await? {
            return Err(Unwritten::Because(ApiKeyError::NotFound));
        }
        credentials.insert(store, tx, &made.row).await?;
        if lives_on {
            credentials.insert(store, tx, &outgoing(row, later(now, overlap))).await?;
        }
        let record = Record::clone(&locked);
        let change = UserChange::ApiKeyCreated(&record.user);
        let notices = [notifications::created::<M>().notice().about_key(&made.info)];
        held.commit(manager, Swap { old: &locked, new: &record }, &change, &notices, cx).await?;
        drop(notices);
        Ok((record.user, made))
    };
    let (user, made) = until_written(None, read, write).await?;
    report(op, &user, &made.info, EventKind::ApiKeyRotated).await;
    Ok(made.shown())
}

/// What the new key is made from: it lives as long as the old one was to live.
fn successor(keyring: &Keyring, old: &ApiKeyInfo) -> NewApiKey {
    let lifetime = old.expires_at.map(|end| end.duration_since(old.created_at).unsigned_abs().min(keyring.longest));
    let expires_in = lifetime.or_else(|| (!keyring.never_expires).then_some(keyring.lifetime));
    let (label, scopes) = (old.label.clone(), old.scopes.clone());
    NewApiKey { label, scopes, expires_in, never_expires: expires_in.is_none() }
}

/// The row of the old key until its end. It is another row with another name: a use that was read before must not write the
/// end of the old row over it.
fn outgoing<I: Clone>(row: &Credential<I>, end: jiff::Timestamp) -> NewCredential<I> {
    let mut copy = NewCredential::new(row.user_id.clone(), row.kind.clone(), row.data.clone(), row.created_at);
    copy.lookup.clone_from(&row.lookup);
    copy.label.clone_from(&row.label);
    copy.expires_at = Some(row.expires_at.map_or(end, |expires_at| expires_at.min(end)));
    copy
}
