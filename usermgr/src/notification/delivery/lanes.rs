//! The lanes of delivery: up to 16 rows at once. Each lane gets its next row when the last one is done. The next claim
//! is polled together with the lanes and never awaited alone, because a lane may hold what the claim waits for, such as
//! SQLite's single write connection.

use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context as Task, Poll},
    time::Duration,
};

use super::courier::Courier;
use crate::{
    engine::outbox::Outbox,
    error::Fault,
    manager::{IdOf, UserManager},
    store::{OutboxEntry, OutboxStore, StoreError},
};

/// The number of rows that are delivered at once.
const LANES: usize = 16;
/// How often the store is polled for rows from other processes and for retries.
const POLL: Duration = Duration::from_secs(1);

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
type Claimed<M> = Result<Vec<OutboxEntry<IdOf<M>>>, Fault>;

/// The deliveries in progress.
pub(super) struct Lanes<'a, M: UserManager + ?Sized> {
    courier: &'a Courier<'a, M>,
    lanes: Vec<Boxed<'a, bool>>,
    /// The claim in progress, and the number of rows that it asks for.
    claim: Option<(Boxed<'a, Claimed<M>>, usize)>,
    /// Whether the store may have more rows that are due. A claim that got fewer rows than it asked for clears it.
    may_have_more: bool,
    delivered: u64,
}

/// The result of the last claim.
enum Claim {
    /// No claim has ended.
    None,
    /// It got rows, or another process was faster. There may be more.
    Some,
    /// Nothing was due.
    Nothing,
    Failed(Fault),
}

impl<'a, M: UserManager<Store: OutboxStore> + ?Sized> Lanes<'a, M> {
    pub(super) fn new(courier: &'a Courier<'a, M>) -> Self {
        Self { courier, lanes: Vec::new(), claim: None, may_have_more: true, delivered: 0 }
    }

    /// Delivers until `stop` ends, and then finishes the deliveries in progress. Store faults are logged, and the store
    /// is polled again.
    pub(super) async fn until(
        mut self,
        outbox: &'a Outbox<M::Store>,
        mut stop: Pin<&mut (dyn Future<Output = ()> + Send)>,
    ) {
        let mut is_stopped = false;
        let mut pushed: Option<Boxed<'a, ()>> = None;
        poll_fn(|task| {
            // A completed future must not be polled again.
            is_stopped = is_stopped || stop.as_mut().poll(task).is_ready();
            loop {
                self.poll_lanes(task);
                let claim = self.poll_claim(task);
                if let Claim::Failed(fault) = &claim {
                    tracing::error!(target: "usermgr", error = %fault, "the outbox could not be read");
                }
                if is_stopped {
                    match (self.is_idle(), claim) {
                        (true, _) => return Poll::Ready(()),
                        (false, Claim::None) => return Poll::Pending,
                        // Polls the lanes that the claim has filled.
                        _ => continue,
                    }
                }
                if !self.may_have_more && self.claim.is_none() {
                    let wait = pushed.get_or_insert_with(|| Box::pin(outbox.pushed(POLL)));
                    if wait.as_mut().poll(task).is_ready() {
                        pushed = None;
                        self.may_have_more = true;
                    }
                }
                if !self.begin_claim() && matches!(claim, Claim::None) {
                    return Poll::Pending;
                }
            }
        })
        .await;
    }

    /// Delivers until nothing is due, including what the hooks enqueue meanwhile. A fault ends it after the lanes are
    /// done.
    pub(super) async fn until_none_is_due(mut self) -> Result<u64, Fault> {
        let mut failed = None;
        poll_fn(|task| {
            loop {
                // A hook may have enqueued something.
                self.may_have_more |= self.poll_lanes(task) > 0;
                let claim = self.poll_claim(task);
                let has_news = !matches!(claim, Claim::None);
                if let Claim::Failed(fault) = claim {
                    failed = Some(fault);
                }
                let begun = failed.is_none() && self.begin_claim();
                if self.is_idle() {
                    return Poll::Ready(());
                }
                if !begun && !has_news {
                    return Poll::Pending;
                }
            }
        })
        .await;
        failed.map_or(Ok(self.delivered), Err)
    }

    fn is_idle(&self) -> bool {
        self.lanes.is_empty() && self.claim.is_none()
    }

    /// Polls the lanes and returns how many have ended.
    fn poll_lanes(&mut self, task: &mut Task<'_>) -> usize {
        let before = self.lanes.len();
        self.lanes.retain_mut(|lane| match lane.as_mut().poll(task) {
            Poll::Pending => true,
            Poll::Ready(is_delivered) => {
                self.delivered += u64::from(is_delivered);
                false
            }
        });
        before - self.lanes.len()
    }

    fn poll_claim(&mut self, task: &mut Task<'_>) -> Claim {
        let Some((claim, asked)) = &mut self.claim else { return Claim::None };
        let asked = *asked;
        let Poll::Ready(claimed) = claim.as_mut().poll(task) else { return Claim::None };
        self.claim = None;
        match claimed {
            Ok(entries) => {
                self.may_have_more = entries.len() >= asked;
                let is_empty = entries.is_empty();
                let courier = self.courier;
                self.lanes.extend(entries.into_iter().map(|entry| Box::pin(courier.one(entry)) as Boxed<'a, bool>));
                if is_empty { Claim::Nothing } else { Claim::Some }
            }
            Err(Fault::Store(StoreError::Stale)) => {
                self.may_have_more = true;
                Claim::Some
            }
            Err(fault) => {
                self.may_have_more = false;
                Claim::Failed(fault)
            }
        }
    }

    /// Begins a claim for the free lanes, if the store may have rows for them.
    fn begin_claim(&mut self) -> bool {
        let free = LANES.saturating_sub(self.lanes.len());
        if !self.may_have_more || self.claim.is_some() || free == 0 {
            return false;
        }
        let (courier, most) = (self.courier, u32::try_from(free).unwrap_or(u32::MAX));
        self.claim = Some((Box::pin(courier.claim(most)), free));
        true
    }
}
