//! Taking over accounts that were made elsewhere: records with their ids and hashes go in.

use std::future::Future;

use super::{RecordOf, StoreError, UserStore};

/// A store that can take accounts which were made elsewhere, with the ids and the hashes they have there. The identities at other
/// providers that they are linked to are credentials, see [`Identity`](super::Identity).
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
}
