//! Limits on guessing, on mails and on registrations.

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

/// How often something may happen. A number of attempts is free. After those, each attempt must wait for a delay that
/// doubles each time.
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
    /// Whether [`MOST`](Self::MOST) is the maximum in a row.
    ends: bool,
}

impl Limit {
    /// The count from which a limit with fewer free attempts waits until all attempts are forgotten. NIST SP 800-63B-4
    /// (3.2.2) allows at most 100 failures in a row for an account.
    pub const MOST: u32 = 100;

    /// Creates a limit with `free` free attempts, at least one. The delays after them are 30 seconds to 15 minutes. All
    /// attempts are forgotten after 24 hours without one.
    pub const fn new(free: u32) -> Self {
        Self {
            free: if free == 0 { 1 } else { free },
            first: Duration::from_secs(30),
            longest: Duration::from_secs(15 * 60),
            forget: Duration::from_secs(24 * 3600),
            ends: true,
        }
    }

    /// Sets the delay after the last free attempt. Default: 30 seconds.
    #[must_use]
    pub const fn first_delay(mut self, delay: Duration) -> Self {
        self.first = delay;
        self
    }

    /// Sets the delay at which the doubling stops. Default: 15 minutes.
    #[must_use]
    pub const fn longest_delay(mut self, delay: Duration) -> Self {
        self.longest = delay;
        self
    }

    /// Makes the limit a rate: after the free attempts one attempt per `delay`, and all are forgotten after 10 seconds
    /// without one.
    const fn at_last_each(self, delay: Duration) -> Self {
        self.first_delay(delay).longest_delay(delay).forget_after(Duration::from_secs(10)).endless()
    }

    /// Sets after how much time without an attempt all attempts are forgotten. Default: 24 hours.
    #[must_use]
    pub const fn forget_after(mut self, time: Duration) -> Self {
        self.forget = time;
        self
    }

    /// Removes the maximum in a row, for actions that are not guesses, such as mails. Another one is allowed after each
    /// longest delay.
    const fn endless(mut self) -> Self {
        self.ends = false;
        self
    }

    /// Limits all delays to this one.
    fn delayed_at_most(mut self, delay: Duration) -> Self {
        self.longest = self.longest.min(delay);
        self
    }

    /// Returns the delay after `count` attempts.
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

    /// Returns when one more attempt is allowed, or `None` if it is allowed now.
    fn blocked_until(&self, count: u32, last: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let end = later(last, self.delay(count));
        (count >= self.free && now < end).then_some(end)
    }

    /// Returns until when `count` attempts cause a delay or lengthen the next one. `None` while free attempts are left.
    fn delays_until(&self, count: u32, last: Timestamp) -> Option<Timestamp> {
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
/// Mails that verify an address, reset a password or change an address are counted by the operation that requests them.
/// So custom handlers are limited as the provided routes are. Two callers are not counted:
///
/// - the application itself ([`Context::system`](crate::Context::system)), because a stranger cannot trigger it;
/// - a hook, because its mail is a part of the operation that called it. For example, the mail of a registration is
///   counted as a registration, not as a verification too. Work that a hook spawns as a separate task is counted.
///
/// ```
/// use usermgr::{Engine, limits::Limit, Limits, MemoryStore};
/// let limits = Limits::default().wrong_passwords_per_account(Limit::new(5));
/// let engine = Engine::builder(MemoryStore::new()).limits(limits).build()?;
/// # let _ = engine;
/// # Ok::<(), usermgr::ConfigError>(())
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
    /// Returns the default limits. After the free attempts, each further one needs a delay that grows.
    ///
    /// - Account: 10 wrong passwords from one network, and 50 from all networks that have not logged in to it within 30
    ///   days.
    /// - Network: 100 wrong secrets, 20 registrations and 50 mails.
    /// - Address: 5 mails of each kind, and 20 mails with a reset token.
    /// - Correct passwords, limited to a rate: 1,000 from one network and 100 for one account without a pause of 10
    ///   seconds, then 10 per second and 1 per second.
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
    /// Returns limits that limit nothing, for tests and benchmarks, or if a proxy in front of the application limits
    /// every route.
    pub fn dangerous_none() -> Self {
        Self { off: true, ..Self::default() }
    }

    /// Sets how many passwords in a row may be wrong for one account from one network. It applies whether or not the
    /// account exists, and to the current password of a user who is logged in. A password reset forgets them. So does a
    /// successful login from that network, but not for the current password: there a right one is needed, because the
    /// logins of the owner must give a thief of a session no new attempts. Default: 10.
    ///
    /// The same limit applies to wrong second factors of a user, from all networks together. Only a correct second
    /// factor forgets those.
    #[must_use]
    pub fn wrong_passwords_per_account_and_network(mut self, limit: Limit) -> Self {
        self.pair = limit;
        self
    }

    /// Sets how many passwords in a row may be wrong for one account, whether or not it exists, from all unknown
    /// networks together. A network is unknown if the account has had no login from it within the last 30 days. Known
    /// networks are counted separately. A password reset and 24 hours without an attempt forget the count. Default: 50.
    #[must_use]
    pub fn wrong_passwords_per_account(mut self, limit: Limit) -> Self {
        self.account = limit;
        self
    }

    /// Sets how many passwords and tokens from one network may be wrong. Only time forgets them. Default: 100, with a
    /// longest delay of one hour, forgotten after one hour.
    #[must_use]
    pub fn wrong_secrets_per_network(mut self, limit: Limit) -> Self {
        self.network = limit;
        self
    }

    /// Sets how many correct passwords one network may send, because each costs a hash. Every process counts
    /// separately, in memory. Default: 1,000 without a pause of 10 seconds, then 10 per second.
    #[must_use]
    pub fn right_passwords_per_network(mut self, limit: Limit) -> Self {
        self.proofs_from = limit.endless();
        self
    }

    /// Sets how many correct passwords may be sent for one account, counted as
    /// [`right_passwords_per_network`](Self::right_passwords_per_network) is. Default: 100 without a pause of 10
    /// seconds, then 1 per second.
    #[must_use]
    pub fn right_passwords_per_account(mut self, limit: Limit) -> Self {
        self.proofs_of = limit.endless();
        self
    }

    /// Sets how many registrations one network may make. Default: 20, with a longest delay of one hour, forgotten after
    /// one hour.
    #[must_use]
    pub fn registrations_per_network(mut self, limit: Limit) -> Self {
        self.registrations = limit;
        self
    }

    /// Sets how many mails anyone may request to one address. Each kind has a separate count: registration mails (for
    /// free and for taken addresses alike), verification mails, mails that change an address, invitations, and mails with
    /// a reset token and mails for a login that one network requests. No delay of the last two is longer than half the
    /// time for which the mail works, and a login by mail forgets the mails for logins. There is no maximum in a row:
    /// another mail is allowed after each longest delay. Default: 5, with delays from one minute to one hour.
    #[must_use]
    pub fn mails_per_address(mut self, limit: Limit) -> Self {
        self.mails_to = limit.endless();
        self
    }

    /// Sets how many mails with a reset token may be requested to one address, from all networks together, and how many
    /// mails for a login, counted apart. No delay is longer than half the time for which the mail works. So the user
    /// always has a mail that works in the mailbox, even if a stranger requests every mail that is allowed. Default: 20,
    /// with delays from one minute to 30 minutes.
    #[must_use]
    pub fn resets_per_address(mut self, limit: Limit) -> Self {
        self.resets_to = limit.endless();
        self
    }

    /// Sets how many mails one network may request. Default: 50, with a longest delay of one hour, forgotten after one
    /// hour.
    #[must_use]
    pub fn mails_per_network(mut self, limit: Limit) -> Self {
        self.mails_from = limit;
        self
    }
}

/// The key of a counter, as a digest: a counter store does not see addresses and networks.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CounterKey([u8; 16]);

impl CounterKey {
    /// Returns the digest of a kind of counter and of the account, the address or the network that it counts for.
    pub fn new(kind: &str, subject: &str) -> Self {
        let digest = Sha256::new().chain_update(kind).chain_update([0]).chain_update(subject).finalize();
        let mut key = [0; 16];
        key.copy_from_slice(&digest[..16]);
        Self(key)
    }

    /// Returns the key of the same counter in a realm.
    fn in_realm(&self, realm: &str) -> Self {
        let digest = Sha256::new().chain_update(realm).chain_update([0]).chain_update(self.0).finalize();
        let mut key = [0; 16];
        key.copy_from_slice(&digest[..16]);
        Self(key)
    }

    /// Returns the bytes.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for CounterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CounterKey(..)")
    }
}

/// The answer of a counter to one more attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hit {
    /// The attempt was counted.
    Allowed {
        /// The number of attempts, this one included.
        count: u32,
        /// The time of the attempt before, if there is one that still counts.
        before: Option<Timestamp>,
    },
    /// The attempt was not counted. The next one is allowed at this time.
    Refused(Timestamp),
}

/// A store of counters. Default: [`MemoryCounters`], for one engine. The SQL stores implement it too, and the feature
/// `redis` adds `RedisCounters`.
///
/// A counter is a number and the time of its last change. Each method is one atomic step: concurrent calls are not
/// allowed more attempts than sequential ones.
#[async_trait]
pub trait CounterStore: Send + Sync + 'static {
    /// Counts one more attempt, if the limit allows it now.
    ///
    /// # Errors
    /// The errors of the store. The limited action does not happen then.
    async fn hit(&self, key: &CounterKey, limit: &Limit, now: Timestamp) -> Result<Hit, StoreError>;

    /// Takes one attempt back, because it was not a failure. If the time of the last change is still `last`, it becomes
    /// `before`, so that an attempt that does not count neither extends a delay nor postpones the forgetting.
    ///
    /// # Errors
    /// The errors of the store.
    async fn refund(&self, key: &CounterKey, last: Timestamp, before: Timestamp) -> Result<(), StoreError>;

    /// Forgets all attempts of a counter.
    ///
    /// # Errors
    /// The errors of the store.
    async fn clear(&self, key: &CounterKey) -> Result<(), StoreError>;

    /// Remembers a key for the time `keep`, starting at `now`. The key is not a counter.
    ///
    /// # Errors
    /// The errors of the store.
    async fn remember(&self, key: &CounterKey, keep: Duration, now: Timestamp) -> Result<(), StoreError>;

    /// Returns when a key was last [remembered](Self::remember). It may return a key whose time has ended.
    ///
    /// # Errors
    /// The errors of the store. The limited action does not happen then.
    async fn remembered(&self, key: &CounterKey) -> Result<Option<Timestamp>, StoreError>;

    /// Deletes everything that is forgotten at `now`, and returns how many rows it deleted. A store that cleans up by
    /// itself has nothing to delete.
    ///
    /// # Errors
    /// The errors of the store.
    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        let _ = now;
        Ok(0)
    }
}

/// A shared store of counters.
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
