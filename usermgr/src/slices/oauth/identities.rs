//! The identities of a user: listing them, and unlinking one, unless it is the last way in.

use jiff::Timestamp;
use serde::Serialize;

use super::OAuthError;
use crate::{
    audit::EventKind,
    change::{
        deleted::Deleting,
        right::Right,
        transaction::{Swap, hold},
        written::{Unwritten, until_written},
    },
    error::Fault,
    federation::{Installed, Kept},
    hook::{hook, raise},
    manager::{IdOf, ManagedUser, UserManager},
    op::Op,
    store::{Credential, CredentialId, Identity, Lookup, RecordOf, UserStore},
    user::{Record, UserChange},
};

/// An account at a provider that is linked to a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LinkedIdentity {
    /// The name under which it is unlinked.
    pub id: CredentialId,
    /// The name of the provider.
    pub provider: String,
    /// The id of the account at the provider.
    pub subject: String,
    /// The address that the provider reported last.
    pub email: Option<String>,
    /// When it was linked.
    pub linked_at: Timestamp,
}

impl LinkedIdentity {
    /// `None` for a credential of another kind.
    pub(super) fn of<I>(credential: &Credential<I>) -> Option<Self> {
        let Identity { provider, subject, email } = Identity::read(credential).ok()?;
        Some(Self { id: credential.id.clone(), provider, subject, email, linked_at: credential.created_at })
    }
}

/// The identities of a user, the oldest first.
pub(crate) async fn identities<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    user: &ManagedUser<M>,
) -> Result<Vec<LinkedIdentity>, Fault> {
    Ok(rows(op, user).await?.iter().filter_map(LinkedIdentity::of).collect())
}

/// The credentials of a user.
async fn rows<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    user: &ManagedUser<M>,
) -> Result<Vec<Credential<IdOf<M>>>, Fault> {
    let engine = op.engine;
    let Some(credentials) = engine.credentials() else { return Ok(Vec::new()) };
    Ok(credentials.of_user(engine.store(), &user.id, engine.now()).await?)
}

/// Unlinks an identity of a user, and deletes the tokens that are kept of it. The credentials are read after the account,
/// and the account must not have changed until the write: of two who unlink the last two identities at once, the second
/// one looks again.
pub(crate) async fn unlink<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    user: &ManagedUser<M>,
    id: &CredentialId,
) -> Result<ManagedUser<M>, OAuthError> {
    let Op { manager, engine, configured, cx } = op;
    let read = || async move {
        let record = engine.store().find(Lookup::Id(&user.id)).await?.ok_or(OAuthError::NotFound)?;
        Ok((record, rows(op, user).await?))
    };
    let write = |(old, rows): (RecordOf<M::Store>, Vec<Credential<IdOf<M>>>)| async move {
        let linked: Vec<_> = rows.iter().filter_map(LinkedIdentity::of).collect();
        let wanted = linked.iter().find(|identity| identity.id == *id);
        let wanted = wanted.ok_or(Unwritten::Because(OAuthError::NotFound))?;
        let installed = engine.kept::<Installed<M::Store>>();
        let opens = |other: &&LinkedIdentity| {
            other.id != *id && installed.is_some_and(|installed| installed.remote(&other.provider).is_some())
        };
        if old.password_hash.is_none() && !linked.iter().any(|other| opens(&other)) {
            return Err(Unwritten::Because(OAuthError::LastLoginMethod));
        }
        let Some(credentials) = engine.credentials() else { return Err(Unwritten::Because(OAuthError::NotFound)) };
        let (mut held, now) = hold(engine, &old, Right::of(cx), false).await?;
        if now.version != old.version {
            return Err(Unwritten::Stale);
        }
        let mut identity = Identity::new(wanted.provider.as_str(), wanted.subject.as_str());
        let lookup = Some(identity.lookup());
        let kept = Deleting(rows.into_iter().filter(|row| row.kind == Kept::KIND && row.lookup == lookup).collect());
        if !credentials.delete(engine.store(), &mut held.tx, &user.id, id).await? {
            return Err(Unwritten::Stale);
        }
        for row in &kept.0 {
            credentials.delete(engine.store(), &mut held.tx, &user.id, &row.id).await?;
        }
        let new = Record::clone(&now);
        let (swap, change) = (Swap { old: &now, new: &new }, UserChange::Unlinked(&new.user));
        held.commit(manager, swap, &change, &[], cx).await?;
        kept.done(engine, &configured.seal);
        identity.email = wanted.email.clone();
        Ok((new.user, identity))
    };
    let (user, identity) = until_written(None, read, write).await?;
    raise(engine, EventKind::IdentityUnlinked, Some(&user.id), Some(identity.provider.clone().into()), cx);
    hook!(after(manager, Some(&user.id), cx): on_after_unlink(&user, &identity)).await;
    Ok(user)
}
