//! The engine's side of durable delivery: how a row gets into the store, and how whoever delivers is woken.

use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;

use crate::store::{OutboxEntry, OutboxId, OutboxStore, StoreError, UserStore};

/// Which attempt to deliver something a hook is called for. It is among the [`extensions`](crate::Context::extensions) of the context
/// of every hook that is called from the outbox.
///
/// The id is the same at every attempt: as the name of a mail, or as the key by which a mail service knows a repeated request, it makes
/// of several attempts one mail.
///
/// ```
/// use usermgr::{Context, DeliveryAttempt};
///
/// fn message_id(cx: &Context) -> Option<String> {
///     cx.extensions.get::<DeliveryAttempt>().map(|attempt| format!("<{}@shop.example>", attempt.id))
/// }
/// # assert_eq!(message_id(&Context::default()), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeliveryAttempt {
    /// The row of the outbox.
    pub id: OutboxId,
    /// Which attempt it is, from 1.
    pub number: u32,
}

/// What an engine with an outbox has. The capability of the store was asked for when it was made.
pub(crate) struct Outbox<S> {
    store: Box<dyn Push<S>>,
    pushed: Notify,
}

impl<S: OutboxStore> Outbox<S> {
    pub(crate) fn new() -> Self {
        Self { store: Box::new(Direct), pushed: Notify::new() }
    }
}

impl<S: UserStore> Outbox<S> {
    pub(crate) async fn push(&self, store: &S, tx: &mut S::Tx, entry: &OutboxEntry<S::Id>) -> Result<(), StoreError> {
        self.store.push(store, tx, entry).await
    }

    /// Pushes in a transaction of its own.
    pub(crate) async fn push_alone(&self, store: &S, entry: &OutboxEntry<S::Id>) -> Result<(), StoreError> {
        let mut tx = store.begin().await?;
        self.push(store, &mut tx, entry).await?;
        store.commit(tx).await
    }

    /// Something was committed: whoever delivers in this process need not wait for the next look.
    pub(crate) fn wake(&self) {
        self.pushed.notify_one();
    }

    /// Waits for [`wake`](Self::wake), at most so long. One that came since the last wait counts.
    pub(crate) async fn pushed(&self, most: Duration) {
        // Which of the two it was makes no difference.
        let _ = tokio::time::timeout(most, self.pushed.notified()).await;
    }
}

/// The bound stands on the method, so that an engine of any store can hold one.
#[async_trait]
trait Push<S>: Send + Sync {
    async fn push(&self, store: &S, tx: &mut S::Tx, entry: &OutboxEntry<S::Id>) -> Result<(), StoreError>
    where
        S: UserStore;
}

struct Direct;

#[async_trait]
impl<S: OutboxStore> Push<S> for Direct {
    async fn push(&self, store: &S, tx: &mut S::Tx, entry: &OutboxEntry<S::Id>) -> Result<(), StoreError> {
        store.push(tx, entry).await
    }
}
