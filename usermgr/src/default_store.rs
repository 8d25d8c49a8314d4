//! The default store of a manager, and its transaction.

use crate::store::UserStore;

/// The store of a manager whose attribute names none: SQLite, with the feature `sqlite`.
#[cfg(feature = "sqlite")]
pub type DefaultStore = crate::SqliteStore;
/// The store of a manager whose attribute names none. Without the feature `sqlite` there is no default.
#[cfg(not(feature = "sqlite"))]
pub type DefaultStore = NoDefaultStore;

/// Placeholder for a missing store, so that the compiler can say what to write.
#[cfg(not(feature = "sqlite"))]
#[derive(Debug)]
pub enum NoDefaultStore {}

/// The open transaction of a store: of [`SqliteStore`](crate::SqliteStore) if none is named and the feature `sqlite` is
/// on.
///
/// ```
/// use usermgr::{MemoryStore, store::MemoryTx, Tx};
/// fn same(tx: &mut Tx<MemoryStore>) -> &mut MemoryTx {
///     tx
/// }
/// ```
pub type Tx<S = DefaultStore> = <S as UserStore>::Tx;
