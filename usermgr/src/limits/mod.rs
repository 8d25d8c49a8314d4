//! Limits on guessing and on mail: how often a secret may be wrong, and how often a mail or an account may be asked for.

mod attempt;
mod counter;
mod memory;
#[cfg(feature = "redis")]
mod redis;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql", feature = "redis"))]
mod shared;
mod subject;

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::{span::later, store::StoreError};

pub(crate) use attempt::{Charge, Judgement, Limiter};
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql", feature = "redis"))]
pub(crate) use counter::Counter;
pub use memory::MemoryCounters;
#[cfg(feature = "redis")]
pub use redis::RedisCounters;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql", feature = "redis"))]
pub(crate) use shared::{SharedCounters, hit, remember, remembered};
pub(crate) use subject::{MailKind, Pair, PairKey, Subject};

/// How often something may happen: freely at first, then with a delay that doubles each time.
///
/// ```
/// use std::time::Duration;
/// use usermgr::limits::Limit;
/// let limit = Limit::new(5).first_delay(Duration::from_secs(10)).longest_delay(Duration::from_secs(600));
/// assert_eq!(limit.delay(4), Duration::ZERO);
/// assert_eq!(limit.delay(5), Duration::from_secs(10));
/// assert_eq!(limit.delay(6), Duration::from_secs(20));
/// assert_eq!(limit.delay(90), Duration::from_secs(600));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    free: u32,
    first: Duration,
    longest: Duration,
    forget: Duration,
    /// Whether there are [`MOST`](Self::MOST) in a row at most.
    ends: bool,
}

impl Limit {
    /// From this count on a limit with fewer free ones waits as long as it takes to forget (NIST SP 800-63B-4, 3.2.2: at most 100 in a
    /// row for an account).
    pub const MOST: u32 = 100;

    /// So many free ones, at least one; then delays from half a minute to a quarter of an hour; forgotten after a day without any.
    pub const fn new(free: u32) -> Self {
        Self {
            free: if free == 0 { 1 } else { free },
            first: Duration::from_secs(30),
            longest: Duration::from_secs(15 * 60),
            forget: Duration::from_secs(24 * 3600),
            ends: true,
        }
    }

    /// The delay after the last free one.
    #[must_use]
    pub const fn first_delay(mut self, delay: Duration) -> Self {
        self.first = delay;
        self
    }

    /// The delay at which the doubling stops.
    #[must_use]
    pub const fn longest_delay(mut self, delay: Duration) -> Self {
        self.longest = delay;
        self
    }

    /// As a rate: one after each such delay in the end, and all forgotten after ten seconds without any.
    const fn at_last_each(self, delay: Duration) -> Self {
        self.first_delay(delay).longest_delay(delay).forget_after(Duration::from_secs(10)).endless()
    }

    /// How long after the last one all are forgotten.
    #[must_use]
    pub const fn forget_after(mut self, time: Duration) -> Self {
        self.forget = time;
        self
    }

    /// The same without a most: of what is no guess, such as a mail, another is allowed after each longest delay.
    const fn endless(mut self) -> Self {
        self.ends = false;
        self
    }

    /// The same without a delay that is longer than this.
    fn delayed_at_most(mut self, delay: Duration) -> Self {
        self.longest = self.longest.min(delay);
        self
    }

    /// How long to wait after so many.
    pub fn delay(&self, count: u32) -> Duration {
        match count.checked_sub(self.free) {
            None => Duration::ZERO,
            Some(_) if self.ends && count >= Self::MOST && self.free < Self::MOST => self.forget,
            Some(extra) => {
                let doubled = 1_u32.checked_shl(extra).and_then(|factor| self.first.checked_mul(factor));
                doubled.unwrap_or(self.longest).min(self.longest)
            }
        }
    }

    /// When one more is allowed, or `None` for now.
    fn blocked_until(&self, count: u32, last: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let end = later(last, self.delay(count));
        (count >= self.free && now < end).then_some(end)
    }

    /// Until when so many hold somebody back, or make the next delay longer; `None` while some are free.
    fn matters_until(&self, count: u32, last: Timestamp) -> Option<Timestamp> {
        (count >= self.free).then(|| later(last, self.forget))
    }

    fn is_forgotten(&self, last: Timestamp, now: Timestamp) -> bool {
        last.checked_add(self.forget).is_ok_and(|end| end <= now)
    }
}

/// The limits of an engine. A network is an IPv4 address or the first 64 bits of an IPv6 address.
///
/// # Requests for mail
///
/// A mail that verifies an address, resets a password or changes an address is counted by the operation that asks for it, so that a
/// handler of the application's own is limited as the routes are. Two callers are not counted: the application itself
/// ([`Context::system`](crate::Context::system)), which no stranger can make ask again, and a hook, whose mail is a part of the operation
/// that called it: the mail of a registration is counted as a registration, not as a verification too. What a hook spawns as a task
/// of its own is counted.
///
/// ```
/// use usermgr::{Engine, limits::Limit, Limits, MemoryStore};
/// let limits = Limits::default().wrong_passwords_per_account(Limit::new(5));
/// let engine = Engine::builder(MemoryStore::new()).limits(limits).build();
/// # let _ = engine;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pair: Limit,
    account: Limit,
    network: Limit,
    proofs_from: Limit,
    proofs_of: Limit,
    registrations: Limit,
    mails_to: Limit,
    resets_to: Limit,
    mails_from: Limit,
    off: bool,
}

impl Default for Limits {
    /// For an account 10 wrong passwords from one network, and 50 from all networks that have not logged in to it within thirty days; for
    /// a network 100 wrong secrets, 20 registrations and 50 mails; for an address 5 mails of each kind, and 20 with a reset token. More
    /// come only after a delay that grows. Right passwords: 1,000 of a network and 100 of an account without a pause of ten seconds, then ten
    /// and one in a second.
    fn default() -> Self {
        const HOUR: Duration = Duration::from_secs(3600);
        Self {
            pair: Limit::new(10),
            account: Limit::new(50),
            network: Limit::new(100).longest_delay(HOUR).forget_after(HOUR),
            proofs_from: Limit::new(1_000).at_last_each(Duration::from_millis(100)),
            proofs_of: Limit::new(100).at_last_each(Duration::from_secs(1)),
            registrations: Limit::new(20).longest_delay(HOUR).forget_after(HOUR),
            mails_to: Limit::new(5).first_delay(Duration::from_secs(60)).longest_delay(HOUR).endless(),
            resets_to: Limit::new(20).first_delay(Duration::from_secs(60)).longest_delay(HOUR / 2).endless(),
            mails_from: Limit::new(50).longest_delay(HOUR).forget_after(HOUR),
            off: false,
        }
    }
}

impl Limits {
    /// No limits at all: for tests and benchmarks, or where something in front of the application limits every route.
    pub fn dangerous_none() -> Self {
        Self { off: true, ..Self::default() }
    }

    /// Wrong passwords in a row for one account from one network, whether or not the account exists, and wrong current passwords of a
    /// user who is logged in. A login that succeeds there and a password reset forget them. As many wrong second factors of a user, from
    /// wherever they come; a right one alone forgets those.
    #[must_use]
    pub fn wrong_passwords_per_account_and_network(mut self, limit: Limit) -> Self {
        self.pair = limit;
        self
    }

    /// Wrong passwords in a row for one account, whether or not it exists, from all networks together that have not logged in to it
    /// within the last thirty days; one that has is counted for itself. A password reset forgets them, and a day without any.
    #[must_use]
    pub fn wrong_passwords_per_account(mut self, limit: Limit) -> Self {
        self.account = limit;
        self
    }

    /// Wrong passwords and tokens from one network. Nothing but time forgets them.
    #[must_use]
    pub fn wrong_secrets_per_network(mut self, limit: Limit) -> Self {
        self.network = limit;
        self
    }

    /// Right passwords from one network, which cost a hash each. Every process counts for itself, in memory.
    #[must_use]
    pub fn right_passwords_per_network(mut self, limit: Limit) -> Self {
        self.proofs_from = limit.endless();
        self
    }

    /// Right passwords for one account, as [`right_passwords_per_network`](Self::right_passwords_per_network).
    #[must_use]
    pub fn right_passwords_per_account(mut self, limit: Limit) -> Self {
        self.proofs_of = limit.endless();
        self
    }

    /// Registrations from one network.
    #[must_use]
    pub fn registrations_per_network(mut self, limit: Limit) -> Self {
        self.registrations = limit;
        self
    }

    /// Mails that anybody asks for, to one address, each kind for itself: those of registrations, of a free and of a taken address alike;
    /// those that verify an address; those that change one; and those with a reset token that one network asks for. They never end: after
    /// each longest delay another may be sent.
    #[must_use]
    pub fn mails_per_address(mut self, limit: Limit) -> Self {
        self.mails_to = limit.endless();
        self
    }

    /// Mails with a reset token to one address, from all networks together. No delay is longer than half the life of the token, so that
    /// the owner of the address finds one that works in the mailbox while a stranger takes every mail that may be asked for.
    #[must_use]
    pub fn resets_per_address(mut self, limit: Limit) -> Self {
        self.resets_to = limit.endless();
        self
    }

    /// Mails that one network asks for.
    #[must_use]
    pub fn mails_per_network(mut self, limit: Limit) -> Self {
        self.mails_from = limit;
        self
    }
}

/// What is counted, as a digest: a store of counters learns neither addresses nor networks.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CounterKey([u8; 16]);

impl CounterKey {
    /// The digest of a kind of counter and whom or what it counts for.
    pub fn new(kind: &str, subject: &str) -> Self {
        let digest = Sha256::new().chain_update(kind).chain_update([0]).chain_update(subject).finalize();
        let mut key = [0; 16];
        key.copy_from_slice(&digest[..16]);
        Self(key)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for CounterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CounterKey(..)")
    }
}

/// What a counter says to one more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    /// It is counted.
    Allowed {
        /// So many are there now.
        count: u32,
        /// When the last one before it was counted, if there is one that still counts.
        before: Option<Timestamp>,
    },
    /// It is not counted; the next one may come at that time.
    Refused(Timestamp),
}

/// Keeps counters. Default: [`MemoryCounters`], for one engine. The SQL stores are stores of counters too, and with the feature
/// `redis` there is [`RedisCounters`](crate::limits::RedisCounters).
///
/// A counter is a number and the time of its last change. Each method is one atomic step: of many at once no more are allowed than of
/// as many one after another.
#[async_trait]
pub trait CounterStore: Send + Sync + 'static {
    /// Counts one more, if the limit allows it now.
    ///
    /// # Errors
    /// Those of the store: whatever was to be limited does not happen.
    async fn hit(&self, key: &CounterKey, limit: &Limit, now: Timestamp) -> Result<Hit, StoreError>;

    /// Takes one back: it was no failure. If the time of the last change is still `last`, it becomes `before`: what does not count must
    /// not put off the end of a delay, nor the time at which all are forgotten.
    ///
    /// # Errors
    /// Those of the store.
    async fn refund(&self, key: &CounterKey, last: Timestamp, before: Timestamp) -> Result<(), StoreError>;

    /// Forgets all.
    ///
    /// # Errors
    /// Those of the store.
    async fn clear(&self, key: &CounterKey) -> Result<(), StoreError>;

    /// Remembers a key from now on for so long; it is no counter.
    ///
    /// # Errors
    /// Those of the store.
    async fn remember(&self, key: &CounterKey, keep: Duration, now: Timestamp) -> Result<(), StoreError>;

    /// When a key was last [remembered](Self::remember). What is forgotten may still be there.
    ///
    /// # Errors
    /// Those of the store: whatever was to be limited does not happen.
    async fn remembered(&self, key: &CounterKey) -> Result<Option<Timestamp>, StoreError>;

    /// Deletes what is forgotten by now, and says how many that were. A store that does so by itself has nothing to delete.
    ///
    /// # Errors
    /// Those of the store.
    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        let _ = now;
        Ok(0)
    }
}

/// Counters that others hold too.
#[async_trait]
impl<C: CounterStore + ?Sized> CounterStore for Arc<C> {
    async fn hit(&self, key: &CounterKey, limit: &Limit, now: Timestamp) -> Result<Hit, StoreError> {
        (**self).hit(key, limit, now).await
    }

    async fn refund(&self, key: &CounterKey, last: Timestamp, before: Timestamp) -> Result<(), StoreError> {
        (**self).refund(key, last, before).await
    }

    async fn clear(&self, key: &CounterKey) -> Result<(), StoreError> {
        (**self).clear(key).await
    }

    async fn remember(&self, key: &CounterKey, keep: Duration, now: Timestamp) -> Result<(), StoreError> {
        (**self).remember(key, keep, now).await
    }

    async fn remembered(&self, key: &CounterKey) -> Result<Option<Timestamp>, StoreError> {
        (**self).remembered(key).await
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        (**self).purge(now).await
    }
}
