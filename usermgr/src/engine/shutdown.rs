//! The end of an engine: deliveries learn that they must finish, everything shares one deadline, and what has not ended
//! then is cut off.

use super::{Engine, stopping::Phase};
use crate::{deadline::Deadline, store::UserStore};

impl<S: UserStore> Engine<S> {
    /// Reports from now on that the process stops: [`ready`](crate::Operations::ready) says so.
    /// [`shutdown`](crate::Operations::shutdown) does this too. A server of your own calls it when it gets the signal to
    /// stop, while it still answers.
    pub fn begin_shutdown(&self) {
        self.stopping.announce();
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.is_announced()
    }

    /// Ends everything of the engine by the deadline, one step after the other.
    pub(crate) async fn shut_down(&self, deadline: Deadline) {
        self.begin_shutdown();
        let settled = deadline.step().bound(self.settle()).await;
        self.stopping.phase.send_replace(Phase::Draining);
        let delivered = deadline.step().bound(self.stopping.phase.closed()).await;
        self.stopping.phase.send_replace(Phase::Cut);
        let closed = deadline.bound(self.store.shutdown()).await;
        for (what, ended) in [("background work", settled), ("deliveries", delivered), ("the store", closed)] {
            if ended.is_none() {
                tracing::warn!(target: "usermgr", what, "cut off, because the time to stop is over");
            }
        }
    }
}
