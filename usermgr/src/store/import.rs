//! Taking over accounts that were made elsewhere: records with their ids and hashes go in, and the identities at other providers that
//! they are linked to.

use std::future::Future;

use super::{RecordOf, StoreError, UserStore};

/// A store that can take accounts which were made elsewhere, with the ids, the hashes and the identities they have there.
///
/// It is for moving and for nothing else: no policy judges what comes this way, no hook is called and no event is raised.
pub trait Import: UserStore {
    /// Writes an account under the id it has, at version 0. An id of a type that the store numbers itself is not given to another
    /// account later.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the id or the canonical address is taken.
    fn insert_record(
        &self,
        tx: &mut Self::Tx,
        record: &RecordOf<Self>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Links an account to an identity.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when an account is linked to it already, this one included; [`StoreError::Stale`] when the database
    /// knows of no such account.
    fn insert_identity(
        &self,
        tx: &mut Self::Tx,
        user_id: &Self::Id,
        identity: &OAuthIdentity,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The identities that an account is linked to, in the order of their providers and subjects.
    fn identities(&self, user_id: &Self::Id) -> impl Future<Output = Result<Vec<OAuthIdentity>, StoreError>> + Send;
}

/// Who somebody is at another provider. The provider's tokens are no part of it: no secret stands in a column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OAuthIdentity {
    /// The name by which the application knows the provider, such as `github`.
    pub provider: String,
    /// The account's id at the provider, unique there and never given to another.
    pub subject: String,
    /// The address that the provider had for it at the time.
    pub email: Option<String>,
}
