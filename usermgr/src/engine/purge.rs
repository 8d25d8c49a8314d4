//! Purging: the rows that have expired are deleted.

use std::time::Duration;

use super::{Engine, Follower};
use crate::{
    concurrent::either,
    store::{SessionStore, StoreError},
};

impl<S: SessionStore> Engine<S> {
    /// Deletes what is no longer needed: expired sessions, ended tokens past their expiry, stale counters of limits,
    /// logins that the [history](crate::engine::LoginHistory) keeps no longer and, in a store that keeps credentials, expired
    /// credentials and pending steps. Returns the number of deleted
    /// rows. Only disk space depends on it. [`start_purging`](crate::Sessions::start_purging) does it
    /// periodically.
    ///
    /// ```
    /// use usermgr::{Engine, MemoryStore};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), usermgr::StoreError> {
    /// let engine: Engine<MemoryStore> = Engine::new(MemoryStore::new());
    /// assert_eq!(engine.purge().await?, 0);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Returns only errors of the stores.
    pub async fn purge(&self) -> Result<u64, StoreError> {
        let now = self.now();
        let expired = self.store.purge_sessions(now).await? + self.limiter.counters().purge(now).await?;
        Ok(match &self.history {
            Some(history) => expired + history.purge(now).await?,
            None => expired,
        })
    }

    /// [Purges](Self::purge) at once and after each `pause`, until the engine ends. A failure is logged, and the next
    /// purge deletes the rows.
    pub(crate) async fn purge_every(&self, pause: Duration, end: Follower) {
        let purging = async {
            loop {
                if let Err(error) = self.purge().await {
                    tracing::warn!(target: "usermgr", %error, "expired rows stay until the next purge");
                }
                tokio::time::sleep(pause).await;
            }
        };
        either(purging, end.drains()).await;
    }
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use super::*;
    use crate::{
        prelude::*,
        testing::{Calls, Counted, FaultAt, Faults, Faulty},
    };

    #[tokio::test(start_paused = true)]
    async fn a_purge_is_repeated_after_each_pause_also_if_it_has_failed() {
        let (calls, faults) = (Calls::default(), Faults::default());
        let store = Counted::new(Faulty::new(MemoryStore::new(), faults.clone()), calls.clone());
        let engine = Engine::builder(store).build().unwrap();
        faults.fail_call(1, FaultAt::Before);
        let hour = Duration::from_secs(3600);
        tokio::time::timeout(hour * 5 / 2, engine.purge_every(hour, engine.follower())).await.unwrap_err();
        assert_eq!((calls.count("purge_sessions"), faults.injected()), (3, 1));
    }
}
