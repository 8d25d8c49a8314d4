//! Import of accounts from another system, with their ids and hashes.

use std::future::Future;

use super::{RecordOf, StoreError, UserStore};

/// A store that can import accounts from another system, with their ids and hashes. Their identities at other providers
/// are credentials, see [`Identity`](super::Identity).
///
/// It is only for moving accounts: no policy is checked, no hook is called, and no event is raised.
pub trait Import: UserStore {
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
}
