//! A task-local mark of the application code that is currently polled: a hook, or the hook inside a transaction.
//! Futures that such code awaits see the mark; tasks that it spawns do not.

use crate::error::Fault;

/// The application code that is polled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Within {
    /// No code of the application.
    Nothing,
    /// A hook.
    Hook,
    /// The hook inside a transaction.
    Transaction,
}

tokio::task_local! {
    static WITHIN: Within;
}

/// Runs a future with the mark set whenever it is polled.
pub(crate) fn marked<F: Future>(within: Within, future: F) -> impl Future<Output = F::Output> {
    WITHIN.scope(within, future)
}

/// Returns the innermost mark.
pub(crate) fn within() -> Within {
    WITHIN.try_with(|within| *within).unwrap_or(Within::Nothing)
}

/// Refuses an operation inside the transaction of another. Otherwise it could wait for a connection that the
/// transaction itself holds.
pub(crate) fn outside() -> Result<(), Fault> {
    if within() == Within::Transaction { Err(Fault::InsideTransaction) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_mark_is_seen_by_what_is_awaited_and_by_nothing_else() {
        assert_eq!(within(), Within::Nothing);
        marked(Within::Hook, async {
            assert_eq!(within(), Within::Hook);
            tokio::task::yield_now().await;
            assert_eq!(within(), Within::Hook, "after every pause");
            marked(Within::Transaction, async { assert_eq!(within(), Within::Transaction) }).await;
            assert_eq!(within(), Within::Hook, "the inner mark was removed");
            let spawned = tokio::spawn(async { within() }).await.unwrap();
            assert_eq!(spawned, Within::Nothing, "what is spawned is another task");
        })
        .await;
        assert_eq!(within(), Within::Nothing);
    }

    #[test]
    fn x5_a_panic_leaves_no_mark() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let panics = || runtime.block_on(marked(Within::Transaction, async { panic!("a panic in the test") }));
        assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
        assert_eq!(within(), Within::Nothing);
    }
}
