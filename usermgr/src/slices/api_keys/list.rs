//! The keys of a user: the account that owns them, the list, and the name of one.

use super::ApiKeyError;
use crate::{
    api_key::Keyring,
    attempts::Attempts,
    change::right::demand_user,
    context::Actor,
    engine::Credentials,
    error::{Fault, RightLost},
    manager::{IdOf, ManagedUser, UserManager},
    op::Op,
    store::{ApiKeyInfo, Credential, CredentialId, FactorInfo, Lookup, RecordOf, StoreError, UserStore},
};

/// How many keys a user may have.
const MOST: usize = 50;

/// What an operation on keys needs of an engine.
pub(super) type Parts<'a, M> = (&'a Keyring, &'a dyn Credentials<<M as UserManager>::Store>);

pub(super) fn parts<M: UserManager + ?Sized>(op: Op<'_, M>) -> Result<Parts<'_, M>, ApiKeyError> {
    op.engine.keyring().zip(op.engine.credentials()).ok_or(ApiKeyError::NotInstalled)
}

/// An account with its keys, as it is before a change.
pub(super) struct Own<S: UserStore> {
    pub(super) record: RecordOf<S>,
    pub(super) rows: Vec<Credential<S::Id>>,
}

impl<S: UserStore> Own<S> {
    pub(super) async fn read<M>(op: Op<'_, M>, user_id: &S::Id) -> Result<Self, ApiKeyError>
    where
        M: UserManager<Store = S> + ?Sized,
    {
        let (_, credentials) = parts(op)?;
        let (store, now) = (op.engine.store(), op.engine.now());
        let record = store.find(Lookup::Id(user_id)).await?.ok_or(ApiKeyError::NotFound)?;
        let rows = credentials.of_user(store, user_id, now).await?;
        Ok(Self { record, rows: rows.into_iter().filter(|row| row.kind == ApiKeyInfo::KIND).collect() })
    }

    /// The key of this name.
    pub(super) fn row(&self, id: &CredentialId) -> Result<&Credential<S::Id>, ApiKeyError> {
        self.rows.iter().find(|row| row.id == *id).ok_or(ApiKeyError::NotFound)
    }

    /// Refuses the account if it cannot have this number of further keys, and a session that proves less than the account
    /// demands.
    pub(super) async fn admit<M>(&self, op: Op<'_, M>, more: usize) -> Result<(), ApiKeyError>
    where
        M: UserManager<Store = S> + ?Sized,
    {
        demand_user(op.cx)?;
        let user = &self.record.user;
        if !user.is_active {
            return Err(Fault::RightLost(RightLost::Session).into());
        }
        if !user.is_verified {
            return Err(ApiKeyError::NotVerified);
        }
        if let Some(Actor::User { id, session }) = &op.cx.actor
            && *id == user.id.to_string()
            && !session.amr.is_multi_factor()
            && op.engine.has_factor(&user.id).await?
        {
            return Err(ApiKeyError::SecondFactorRequired);
        }
        if self.rows.len() + more > MOST { Err(ApiKeyError::TooMany) } else { Ok(()) }
    }
}

/// The keys of a user, the oldest first.
pub(crate) async fn list<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    user: &ManagedUser<M>,
) -> Result<Vec<ApiKeyInfo>, ApiKeyError> {
    let (_, credentials) = parts(op)?;
    let rows = credentials.of_user(op.engine.store(), &user.id, op.engine.now()).await?;
    let keys = rows.iter().filter(|row| row.kind == ApiKeyInfo::KIND).map(ApiKeyInfo::read);
    Ok(keys.collect::<Result<_, StoreError>>()?)
}

/// Gives a key of a user another name.
pub(crate) async fn rename<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    user_id: &IdOf<M>,
    id: &CredentialId,
    label: Option<&str>,
) -> Result<ApiKeyInfo, ApiKeyError> {
    demand_user(op.cx)?;
    let label = FactorInfo::read_label(label).map_err(|()| ApiKeyError::InvalidLabel)?;
    let (_, credentials) = parts(op)?;
    let mut attempts = Attempts::default();
    loop {
        let own = Own::read(op, user_id).await?;
        let named = Credential { label: label.clone(), ..own.row(id)?.clone() };
        // A use of the key may have come in between.
        if credentials.swap(op.engine.store(), &named).await? {
            return Ok(ApiKeyInfo::read(&named)?);
        }
        attempts.another_or_busy().await?;
    }
}
