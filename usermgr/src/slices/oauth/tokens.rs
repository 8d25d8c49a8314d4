//! The tokens of a provider that are kept: what a sign-in or a link has given goes into a sealed credential beside the
//! identity.

use super::{OAuthError, found::identity, linking::lost as taken};
use crate::{
    audit::EventKind,
    change::written::{Unwritten, until_written},
    engine::Credentials,
    error::Fault,
    federation::{Kept, Tokens},
    hook::raise,
    manager::{IdOf, UserManager},
    op::Op,
    seal::SealError,
    store::{Credential, CredentialAndRecord, CredentialId, Identity, NewCredential, UserStore},
    user::OAuthClaims,
};

/// New tokens of a user's identity.
struct New<'a, M: UserManager + ?Sized> {
    op: Op<'a, M>,
    credentials: &'a dyn Credentials<M::Store>,
    user_id: &'a IdOf<M>,
    identity: &'a Identity,
    tokens: &'a Tokens,
}

/// Keeps the tokens of an identity in place of earlier ones.
pub(super) async fn keep<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    user_id: &IdOf<M>,
    claims: &OAuthClaims,
    tokens: Option<Tokens>,
) -> Result<(), OAuthError> {
    let (Some(tokens), Some(credentials)) = (&tokens, op.engine.credentials()) else { return Ok(()) };
    if !tokens.can_be_kept() {
        lost(op, user_id, &claims.provider, "they are too long");
        return Ok(());
    }
    let identity = &identity(claims);
    let new = &New { op, credentials, user_id, identity, tokens };
    let read = || async move {
        let (store, now) = (op.engine.store(), op.engine.now());
        Ok(credentials.find(store, &Kept::KIND, &identity.lookup(), now).await?)
    };
    let write = |found: Option<CredentialAndRecord<M::Store>>| async move {
        match found.map(|(row, _)| row) {
            Some(row) if row.user_id == *user_id => new.replace(row).await,
            other => new.insert(other).await,
        }
    };
    until_written(None, read, write).await
}

impl<M: UserManager + ?Sized> New<'_, M> {
    /// A refresh token that the provider does not repeat stays.
    async fn replace(&self, mut row: Credential<IdOf<M>>) -> Result<(), Unwritten<OAuthError>> {
        // What does not open is reported and replaced.
        let earlier = open(self.op, &row).ok().and_then(|earlier| earlier.tokens);
        row.data = self.seal(self.tokens.clone().after(earlier.as_ref()), &row.id)?;
        row.used_at = Some(self.op.engine.now());
        let is_written = self.credentials.swap(self.op.engine.store(), &row).await?;
        if is_written { Ok(()) } else { Err(Unwritten::Stale) }
    }

    /// `other` is a row of another user: the identity was theirs, and a sign-in was under way when they unlinked it.
    async fn insert(&self, other: Option<Credential<IdOf<M>>>) -> Result<(), Unwritten<OAuthError>> {
        let Self { op, credentials, user_id, identity, tokens } = self;
        let store = op.engine.store();
        let new = NewCredential::new((*user_id).clone(), Kept::KIND, "", op.engine.now()).lookup(identity.lookup());
        let data = self.seal((*tokens).clone(), &new.id)?;
        let mut tx = store.begin().await?;
        if let Some(row) = other {
            credentials.delete(store, &mut tx, &row.user_id, &row.id).await?;
        }
        credentials.insert(store, &mut tx, &NewCredential { data, ..new }).await.map_err(taken)?;
        store.commit(tx).await.map_err(taken)
    }

    fn seal(&self, tokens: Tokens, row: &CredentialId) -> Result<String, Fault> {
        let keys = &self.op.configured.seal;
        Ok(Kept::of(self.identity, tokens).seal(keys, &self.user_id.to_string(), row)?)
    }
}

/// Opens a row. If that fails, an event says so.
pub(super) fn open<M: UserManager + ?Sized>(op: Op<'_, M>, row: &Credential<IdOf<M>>) -> Result<Kept, SealError> {
    Kept::open(&op.configured.seal, row).inspect_err(|_| {
        let detail = format!("{} {}", row.kind, row.id).into();
        raise(op.engine, EventKind::SealUnreadable, Some(&row.user_id), Some(detail), op.cx);
    })
}

/// Reports that tokens are not kept, or not any more.
pub(super) fn lost<M: UserManager + ?Sized>(op: Op<'_, M>, user_id: &IdOf<M>, provider: &str, why: &str) {
    let detail = format!("{provider}: {why}").into();
    raise(op.engine, EventKind::ProviderTokensLost, Some(user_id), Some(detail), op.cx);
}
