//! Whether what an engine needs answers, and how far delivery is behind.

use std::{fmt, time::Duration};

use jiff::Timestamp;
use tokio::time::timeout;

use super::Engine;
use crate::{
    concurrent::both,
    limits::CounterKey,
    store::{StoreError, UserStore},
};

/// How long the stores may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether a manager can serve. [`Operations::ready`](crate::Operations::ready) returns it.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use usermgr::prelude::*;
/// # struct Accounts { engine: Engine<MemoryStore> }
/// # #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
/// # impl Accounts {}
///
/// # let accounts = Accounts { engine: Engine::new(MemoryStore::new()) };
/// let readiness = accounts.ready().await;
/// assert!(readiness.is_ready());
/// assert_eq!(readiness.oldest_due, None);
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Readiness {
    /// Whether the store has answered: the store of the accounts and, if it is another one, that of the sessions.
    pub store: Result<(), StoreError>,
    /// Whether the counters of the limits have answered.
    pub counters: Result<(), StoreError>,
    /// Whether the process [stops](Engine::begin_shutdown).
    pub is_stopping: bool,
    /// How long the oldest notification of the outbox could have been delivered already. `None` if none is due, or
    /// without an outbox. It grows if no process delivers.
    pub oldest_due: Option<Duration>,
}

impl Readiness {
    /// Returns whether everything has answered and the process does not stop. Mails that are due do not count: a late
    /// mail is no reason to send no requests.
    pub fn is_ready(&self) -> bool {
        self.store.is_ok() && self.counters.is_ok() && !self.is_stopping
    }
}

/// One line for a log.
impl fmt::Display for Readiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut reasons = Vec::new();
        if let Err(error) = &self.store {
            reasons.push(format!("accounts: {error}"));
        }
        if let Err(error) = &self.counters {
            reasons.push(format!("counters: {error}"));
        }
        if self.is_stopping {
            reasons.push("stopping".to_owned());
        }
        if reasons.is_empty() { f.write_str("ready") } else { f.write_str(&reasons.join("; ")) }
    }
}

impl<S: UserStore> Engine<S> {
    /// Asks everything that requests need, all at once.
    pub(crate) async fn ask(&self) -> Readiness {
        let (now, key) = (self.now(), CounterKey::new("ready", ""));
        let oldest = async {
            match &self.outbox {
                Some(outbox) => answered(outbox.oldest_due(&self.store, now)).await,
                None => Ok(None),
            }
        };
        let counters = async { self.limiter.counters().remembered(&key).await.map(drop) };
        let (store, (counters, oldest)) = both(answered(self.store.ready()), both(answered(counters), oldest)).await;
        let age = |due: Timestamp| Duration::try_from(now.duration_since(due)).unwrap_or_default();
        let (store, oldest_due) = match oldest.map(|due| due.map(age)) {
            Ok(oldest_due) => {
                if let Some(outbox) = &self.outbox {
                    outbox.note_age(oldest_due.unwrap_or_default());
                }
                (store, oldest_due)
            }
            Err(error) => (store.and(Err(error)), None),
        };
        Readiness { store, counters, is_stopping: self.is_stopping(), oldest_due }
    }
}

/// Waits for an answer.
async fn answered<T>(answer: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    let silent = |_| Err(StoreError::backend(format!("no answer within {PATIENCE:?}")));
    timeout(PATIENCE, answer).await.unwrap_or_else(silent)
}
