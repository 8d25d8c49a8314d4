//! The engine's side of durable delivery: how a row gets into the store, how delivery is woken, and its options.

#[cfg(feature = "outbox")]
mod options;

use std::sync::{
    Once,
    atomic::{AtomicBool, AtomicU64, Ordering},
};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::Notify;

#[cfg(feature = "outbox")]
use super::stopping::{Follower, Phase};
#[cfg(feature = "outbox")]
use crate::store::OutboxStore;
#[cfg(feature = "http")]
use crate::store::{FailedEntry, ListQuery};
use crate::store::{OutboxEntry, OutboxId, StoreError, UserStore};

/// The name of the part that an engine with an outbox has.
#[cfg(any(feature = "http", feature = "outbox"))]
pub(crate) const PART: &str = "outbox";

/// The delivery attempt for which a hook is called. It is in the [`extensions`](crate::Context::extensions) of the
/// context of every hook that is called from the outbox.
///
/// The id is the same in every attempt. Use it as the message id of a mail, or as the idempotency key of a mail
/// service, so that several attempts send one mail.
///
/// ```
/// use usermgr::{Context, engine::DeliveryAttempt};
///
/// fn message_id(cx: &Context) -> Option<String> {
///     cx.extensions.get::<DeliveryAttempt>().map(|attempt| format!("<{}@shop.example>", attempt.id))
/// }
/// # assert_eq!(message_id(&Context::default()), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeliveryAttempt {
    /// The id of the row in the outbox.
    pub id: OutboxId,
    /// The number of the attempt, from 1.
    pub number: u32,
}

/// The outbox of an engine. Without the feature `outbox` only the type exists, so that the operations need no `cfg`.
pub(crate) struct Outbox<S> {
    /// The rows. The store's capability was checked when this was made.
    rows: Box<dyn Rows<S>>,
    pushed: Notify,
    /// Whether delivery has run in this process.
    is_delivered: AtomicBool,
    warned: Once,
    /// How long the oldest row had been due when the store was last asked, in milliseconds, plus one. 0 before.
    seen_age: AtomicU64,
}

impl<S: UserStore> Outbox<S> {
    pub(crate) async fn push(&self, store: &S, tx: &mut S::Tx, entry: &OutboxEntry<S::Id>) -> Result<(), StoreError> {
        self.rows.push(store, tx, entry).await
    }

    /// Pushes a row in its own transaction.
    pub(crate) async fn push_alone(&self, store: &S, entry: &OutboxEntry<S::Id>) -> Result<(), StoreError> {
        let mut tx = store.begin().await?;
        self.push(store, &mut tx, entry).await?;
        store.commit(tx).await
    }

    /// Returns when the row that has been due longest became due.
    pub(crate) async fn oldest_due(&self, store: &S, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        self.rows.oldest_due(store, now).await
    }

    /// Notes how long the oldest row has been due.
    pub(super) fn note_age(&self, age: Duration) {
        let millis = u64::try_from(age.as_millis()).unwrap_or(u64::MAX - 1);
        self.seen_age.store(millis.saturating_add(1), Ordering::Relaxed);
    }

    /// Returns the last [noted](Self::note_age) age.
    pub(super) fn seen_age(&self) -> Option<Duration> {
        self.seen_age.load(Ordering::Relaxed).checked_sub(1).map(Duration::from_millis)
    }

    /// Wakes the delivery of this process after rows were committed.
    pub(crate) fn wake(&self) {
        self.pushed.notify_one();
        if !self.is_delivered.load(Ordering::Relaxed) {
            self.warned.call_once(|| {
                tracing::warn!(
                    target: "usermgr",
                    "the outbox has a row, but nothing delivers in this process: no mail is sent unless another one does; \
                     `Delivery::start_delivery` does it beside a server"
                );
            });
        }
    }
}

/// The rows that were given up, for routes, whose bounds on the store do not name the outbox.
#[cfg(feature = "http")]
impl<S: UserStore> Outbox<S> {
    /// Returns them in the order of their ids.
    pub(crate) async fn list_failed(
        &self,
        store: &S,
        query: &ListQuery<OutboxId>,
    ) -> Result<Vec<FailedEntry<S::Id>>, StoreError> {
        self.rows.list_failed(store, query).await
    }

    /// Makes one due now, and wakes the delivery. Returns whether it was there.
    pub(crate) async fn retry_failed(&self, store: &S, id: &OutboxId, now: Timestamp) -> Result<bool, StoreError> {
        let is_there = self.rows.retry_failed(store, id, now).await?;
        if is_there {
            self.wake();
        }
        Ok(is_there)
    }

    /// Deletes one. Returns whether it was there.
    pub(crate) async fn delete_failed(&self, store: &S, id: &OutboxId) -> Result<bool, StoreError> {
        self.rows.delete_failed(store, id).await
    }
}

#[cfg(feature = "outbox")]
impl<S> Outbox<S> {
    /// Waits for [`wake`](Self::wake), at most for the given time. A call since the last wait counts.
    pub(crate) async fn pushed(&self, most: Duration) {
        // Both outcomes are handled alike.
        let _ = tokio::time::timeout(most, self.pushed.notified()).await;
    }

    /// Notes that delivery runs in this process.
    pub(crate) fn begin_delivery(&self) {
        self.is_delivered.store(true, Ordering::Relaxed);
    }
}

#[cfg(feature = "outbox")]
impl Follower {
    pub(crate) fn is_draining(&self) -> bool {
        *self.0.borrow() == Phase::Draining
    }

    /// Completes when no time is left.
    pub(crate) async fn cuts(mut self) {
        self.reaches(|phase| phase == Phase::Cut).await;
    }
}

/// A store with an outbox. The bound is on the implementation and not on [`Engine`](super::Engine), so that an engine
/// over any store can have an outbox, and no operation needs the bound. Without the box, every manager and every route
/// would need a generic parameter.
#[async_trait]
trait Rows<S>: Send + Sync {
    async fn push(&self, store: &S, tx: &mut S::Tx, entry: &OutboxEntry<S::Id>) -> Result<(), StoreError>
    where
        S: UserStore;

    async fn oldest_due(&self, store: &S, now: Timestamp) -> Result<Option<Timestamp>, StoreError>;

    #[cfg(feature = "http")]
    async fn list_failed(&self, store: &S, query: &ListQuery<OutboxId>) -> Result<Vec<FailedEntry<S::Id>>, StoreError>
    where
        S: UserStore;

    #[cfg(feature = "http")]
    async fn retry_failed(&self, store: &S, id: &OutboxId, now: Timestamp) -> Result<bool, StoreError>;

    #[cfg(feature = "http")]
    async fn delete_failed(&self, store: &S, id: &OutboxId) -> Result<bool, StoreError>;
}

#[cfg(feature = "outbox")]
struct Direct;

#[cfg(feature = "outbox")]
#[async_trait]
impl<S: OutboxStore> Rows<S> for Direct {
    async fn push(&self, store: &S, tx: &mut S::Tx, entry: &OutboxEntry<S::Id>) -> Result<(), StoreError> {
        store.push(tx, entry).await
    }

    async fn oldest_due(&self, store: &S, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        store.oldest_due(now).await
    }

    #[cfg(feature = "http")]
    async fn list_failed(&self, store: &S, query: &ListQuery<OutboxId>) -> Result<Vec<FailedEntry<S::Id>>, StoreError> {
        store.list_failed(query).await
    }

    #[cfg(feature = "http")]
    async fn retry_failed(&self, store: &S, id: &OutboxId, now: Timestamp) -> Result<bool, StoreError> {
        store.retry_failed(id, now).await
    }

    #[cfg(feature = "http")]
    async fn delete_failed(&self, store: &S, id: &OutboxId) -> Result<bool, StoreError> {
        store.delete_failed(id).await
    }
}

#[cfg(feature = "outbox")]
impl<S: OutboxStore> Outbox<S> {
    pub(super) fn new() -> Self {
        Self {
            rows: Box::new(Direct),
            pushed: Notify::new(),
            is_delivered: AtomicBool::new(false),
            seen_age: AtomicU64::new(0),
            warned: Once::new(),
        }
    }
}
