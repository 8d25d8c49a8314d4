//! Import of accounts from another system, with their ids, hashes and credentials.

use std::future::Future;

use super::{Credential, CredentialStore, RecordOf, StoreError};

/// A store that can import accounts from another system, with their ids, hashes and credentials. Their identities at
/// other providers are credentials, see [`Identity`](super::Identity). An account that comes without its second factors
/// would be open to its password alone, so a store that imports accounts keeps credentials too.
///
/// It is only for moving accounts: no policy is checked, no hook is called, and no event is raised.
pub trait Import: CredentialStore {
    /// Writes an account with its own id, at version 0. If the store generates ids of this type, it does not give this
    /// id to another account later.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the id, the canonical address or the canonical user name is taken.
    fn insert_record(
        &self,
        tx: &mut Self::Tx,
        record: &RecordOf<Self>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Writes a credential with all its fields as they are, its id, version and times included. Sealed data opens only
    /// in the row of this id, of the same user and kind. It never replaces a credential. The user may have been written
    /// in the same transaction.
    ///
    /// # Errors
    /// - [`StoreError::Conflict`] if the id is taken, or the lookup within its kind.
    /// - [`StoreError::Stale`] if there is no such user.
    fn import_credential(
        &self,
        tx: &mut Self::Tx,
        credential: &Credential<Self::Id>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}
