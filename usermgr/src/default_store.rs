//! The store that a manager has when its attribute names none, and its transaction.

use crate::store::UserStore;

/// The store that a manager has when its attribute names none: SQLite, when that feature is on.
#[cfg(feature = "sqlite")]
pub type DefaultStore = crate::SqliteStore;
/// The store that a manager has when its attribute names none: none, without the feature `sqlite`.
#[cfg(not(feature = "sqlite"))]
pub type DefaultStore = NoDefaultStore;

/// Stands where a store is missing, so that the compiler can say what to write.
#[cfg(not(feature = "sqlite"))]
#[derive(Debug)]
pub enum NoDefaultStore {}

/// The open transaction of a store: of [`SqliteStore`](crate::SqliteStore) where none is named and that feature is on.
///
/// ```
/// use usermgr::{MemoryStore, store::MemoryTx, Tx};
/// fn same(tx: &mut Tx<MemoryStore>) -> &mut MemoryTx {
///     tx
/// }
/// ```
pub type Tx<S = DefaultStore> = <S as UserStore>::Tx;
