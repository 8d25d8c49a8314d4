//! The engine's side of durable delivery: how a row gets into the store, how delivery is woken, and its options.

#[cfg(feature = "outbox")]
mod options;

use std::sync::{
    Once,
    atomic::{AtomicBool, Ordering},
};
#[cfg(feature = "outbox")]
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;

#[cfg(feature = "outbox")]
use crate::store::OutboxStore;
use crate::store::{OutboxEntry, OutboxId, StoreError, UserStore};

/// Which attempt to deliver something a hook is called for. It is among the [`extensions`](crate::Context::extensions) of the context
/// of every hook that is called from the outbox.
///
/// The id is the same at every attempt: as the name of a mail, or as the key by which a mail service knows a repeated request, it makes
/// of several attempts one mail.
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
    /// The row of the outbox.
    pub id: OutboxId,
    /// Which attempt it is, from 1.
    pub number: u32,
}

/// The outbox of an engine. Without the feature `outbox` there is none, and only the type remains, so that the operations need not ask.
pub(crate) struct Outbox<S> {
    /// How a row is pushed; the capability of the store was asked for when this was made.
    push: Box<dyn Push<S>>,
    pushed: Notify,
    /// Whether delivery has run in this process.
    is_delivered: AtomicBool,
    warned: Once,
}

impl<S: UserStore> Outbox<S> {
    pub(crate) async fn push(&self, store: &S, tx: &mut S::Tx, entry: &OutboxEntry<S::Id>) -> Result<(), StoreError> {
        self.push.push(store, tx, entry).await
    }

    /// Pushes in a transaction of its own.
    pub(crate) async fn push_alone(&self, store: &S, entry: &OutboxEntry<S::Id>) -> Result<(), StoreError> {
        let mut tx = store.begin().await?;
        self.push(store, &mut tx, entry).await?;
        store.commit(tx).await
    }

    /// Rows were committed: delivery in this process need not wait for its next look.
    pub(crate) fn wake(&self) {
        self.pushed.notify_one();
        if !self.is_delivered.load(Ordering::Relaxed) {
            self.warned.call_once(|| {
                tracing::warn!(
                    target: "usermgr",
                    "the outbox has a row, and `Delivery::deliver` does not run in this process: no mail is sent unless another process delivers"
                );
            });
        }
    }
}

#[cfg(feature = "outbox")]
impl<S> Outbox<S> {
    /// Waits for [`wake`](Self::wake), at most so long. One that came since the last wait counts.
    pub(crate) async fn pushed(&self, most: Duration) {
        // Which of the two it was makes no difference.
        let _ = tokio::time::timeout(most, self.pushed.notified()).await;
    }

    /// Delivery runs in this process.
    pub(crate) fn begin_delivery(&self) {
        self.is_delivered.store(true, Ordering::Relaxed);
    }
}

/// A store with an outbox, behind a bound that stands on the implementation and not on [`Engine`](super::Engine): so an engine over any store can
/// have an outbox, and no operation needs the bound. A generic parameter instead of the box would be one of every manager and every route.
#[async_trait]
trait Push<S>: Send + Sync {
    async fn push(&self, store: &S, tx: &mut S::Tx, entry: &OutboxEntry<S::Id>) -> Result<(), StoreError>
    where
        S: UserStore;
}

#[cfg(feature = "outbox")]
struct Direct;

#[cfg(feature = "outbox")]
#[async_trait]
impl<S: OutboxStore> Push<S> for Direct {
    async fn push(&self, store: &S, tx: &mut S::Tx, entry: &OutboxEntry<S::Id>) -> Result<(), StoreError> {
        store.push(tx, entry).await
    }
}

#[cfg(feature = "outbox")]
impl<S: OutboxStore> Outbox<S> {
    pub(super) fn new() -> Self {
        Self {
            push: Box::new(Direct),
            pushed: Notify::new(),
            is_delivered: AtomicBool::new(false),
            warned: Once::new(),
        }
    }
}
