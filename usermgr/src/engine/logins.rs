//! The engine's access to the login history, behind a `dyn`, so that logins need no bound: how a row is written behind the answer of
//! a login.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    background::Background,
    containment::contained,
    span::earlier,
    store::{HistoryStore, LoginEntry, StoreError, UserStore},
};

/// How many rows may wait to be written. They are separate from the work of requests, so that a flood of wrong passwords
/// delays no mail.
const AT_ONCE: usize = 256;
/// How long the store may take to write a row.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is called with the reason if a row could not be written.
pub(super) type Lost = Box<dyn FnOnce(String) + Send>;

/// The history of an engine, behind a `dyn`, so that logins need no bound.
#[async_trait]
pub(crate) trait History<S>: Send + Sync {
    /// Writes a row in the background.
    fn write(&self, entry: LoginEntry<S::Id>, lost: Lost)
    where
        S: UserStore;

    /// Returns what is kept of a user, the latest first.
    async fn list(&self, user_id: &S::Id, now: Timestamp) -> Result<Vec<LoginEntry<S::Id>>, StoreError>
    where
        S: UserStore;

    /// Deletes what is too old.
    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError>;

    /// The slots of the rows that are being written.
    fn slots(&self) -> &Background;
}

/// The history in a store.
pub(super) struct Kept<S> {
    store: S,
    most: u32,
    keep: Duration,
    slots: Background,
}

impl<S> Kept<S> {
    pub(super) fn new(store: S, most: u32, keep: Duration) -> Self {
        Self { store, most, keep, slots: Background::new(AT_ONCE) }
    }
}

#[async_trait]
impl<S: HistoryStore + Clone> History<S> for Kept<S> {
    fn write(&self, entry: LoginEntry<S::Id>, lost: Lost) {
        let Ok(slot) = self.slots.reserve() else { return lost("too many rows are waiting".to_owned()) };
        let (store, most) = (self.store.clone(), self.most);
        slot.spawn(async move {
            let written = async { store.insert_login(&entry, most).await };
            match contained(written, PATIENCE).await {
                // A user who was deleted since has no history.
                Ok(Ok(()) | Err(StoreError::Stale)) => {}
                Ok(Err(error)) => lost(error.to_string()),
                Err(failure) => lost(format!("the store {failure}")),
            }
        });
    }

    async fn list(&self, user_id: &S::Id, now: Timestamp) -> Result<Vec<LoginEntry<S::Id>>, StoreError> {
        self.store.list_logins(user_id, earlier(now, self.keep)).await
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.store.purge_logins(earlier(now, self.keep)).await
    }

    fn slots(&self) -> &Background {
        &self.slots
    }
}
