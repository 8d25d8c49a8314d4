//! A manager by itself or shared: what `router` and `configure` take.

use std::sync::Arc;

use crate::manager::UserManager;

/// A [`UserManager`], or an `Arc` of one. An application that keeps its manager, for handlers, jobs or the outbox, passes the `Arc`.
///
/// ```
/// # use std::sync::Arc;
/// # use usermgr::prelude::*;
/// # struct Accounts { engine: Engine<MemoryStore> }
/// # #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
/// # impl Accounts {}
/// use usermgr::http::IntoManager;
///
/// let accounts = Arc::new(Accounts { engine: Engine::new(MemoryStore::new()) });
/// assert!(Arc::ptr_eq(&accounts, &accounts.clone().into_manager()));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a user manager, nor an `Arc` of one",
    note = "add `#[user_manager(..)]` to an `impl` block of the manager's type"
)]
pub trait IntoManager {
    /// The manager.
    type Manager: UserManager;

    /// The manager, shared.
    fn into_manager(self) -> Arc<Self::Manager>;
}

impl<M: UserManager> IntoManager for M {
    type Manager = M;

    fn into_manager(self) -> Arc<M> {
        Arc::new(self)
    }
}

impl<M: UserManager> IntoManager for Arc<M> {
    type Manager = M;

    fn into_manager(self) -> Arc<M> {
        self
    }
}
