//! The cache of principals, by the digest of a token. A principal is served only if it is recent and its user has not
//! changed since it was read.

use std::{
    any::Any,
    fmt,
    hash::{BuildHasher, RandomState},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use jiff::Timestamp;
use moka::sync::Cache;
use sha2::{Digest as _, Sha256};

use crate::{carrier::Carrier, user::UserId};

/// How long a principal is cached.
const LIFETIME: Duration = Duration::from_secs(1);
/// The number of shares into which users are divided. A change of one user invalidates all users of the same share.
const SHARES: usize = 1024;

/// A cache of the principals of tokens, so that requests that only read need not ask the store for the user. A
/// principal is cached for at most one second. An engine has no cache until it is [given
/// one](crate::engine::EngineBuilder::cache).
///
/// The cache is used only for `GET` and `HEAD`. The next request sees every change that an operation of an engine with
/// this cache makes. Changes by others (another process, the application's own SQL,
/// [`Engine::store`](crate::Engine::store)) are seen within one second. Clones share the same cache. Give a clone to
/// each engine over the same accounts, so that each sees the changes of the others immediately. The guide's page on
/// [HTTP](crate::guide::http) describes the details.
///
/// ```
/// use usermgr::{Backend, Database, Engine, MemoryStore, http::PrincipalCache};
/// let cache = PrincipalCache::new(10_000);
/// let engine = Engine::builder(MemoryStore::new())
///     .backend(Backend::bearer("bearer", Database::new()))
///     .cache(cache.clone())
///     .build()?;
/// # let _ = engine;
/// # Ok::<(), usermgr::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct PrincipalCache(Arc<Shared>);

struct Shared {
    /// Each value is an `Entry` with the principal of its engine's store.
    entries: Cache<Key, Arc<dyn Any + Send + Sync>>,
    /// The number of changes so far.
    changes: AtomicU64,
    /// The number of the latest change in each share of the users.
    latest: Box<[AtomicU64]>,
    hasher: RandomState,
    engines: AtomicU64,
}

/// The digest of an engine, a carrier and a token. The token itself is not stored.
type Key = [u8; 32];

impl PrincipalCache {
    /// Creates a cache for at most `most` principals. It may hold some hundred more for a moment.
    pub fn new(most: u64) -> Self {
        Self(Arc::new(Shared {
            // Outdated entries are never served. The time to live only frees memory.
            entries: Cache::builder().max_capacity(most).time_to_live(LIFETIME).build(),
            changes: AtomicU64::new(0),
            latest: std::iter::repeat_with(AtomicU64::default).take(SHARES).collect(),
            hasher: RandomState::new(),
            engines: AtomicU64::new(0),
        }))
    }

    /// Removes a user, after the application itself has changed the user, their sessions or their tokens. The next
    /// request reads the user from the store.
    ///
    /// ```
    /// use usermgr::{http::PrincipalCache, User};
    /// # async fn write_past_the_operations(_: &User) -> Result<(), usermgr::StoreError> { Ok(()) }
    /// async fn change(user: &User, cache: &PrincipalCache) -> Result<(), usermgr::StoreError> {
    ///     write_past_the_operations(user).await?;
    ///     cache.forget(&user.id);
    ///     Ok(())
    /// }
    /// ```
    pub fn forget<I: UserId>(&self, user: &I) {
        self.0.forget(self.0.share_of(user));
    }

    /// Removes all users.
    pub fn forget_all(&self) {
        let change = self.0.next_change();
        for latest in &self.0.latest {
            latest.fetch_max(change, SeqCst);
        }
    }
}

impl Default for PrincipalCache {
    /// Creates a cache for 10,000 principals.
    fn default() -> Self {
        Self::new(10_000)
    }
}

impl fmt::Debug for PrincipalCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrincipalCache").field("most", &self.0.entries.policy().max_capacity()).finish_non_exhaustive()
    }
}

impl Shared {
    fn share_of(&self, user: &impl UserId) -> usize {
        // The remainder is less than the number of shares, which fits.
        usize::try_from(self.hasher.hash_one(user) % SHARES as u64).unwrap_or_default()
    }

    /// Returns the number of a change that the store has made. A reader that began before may not have seen the change,
    /// and has recorded a smaller number. A reader that records this number or a greater one begins after the change.
    fn next_change(&self) -> u64 {
        self.changes.fetch_add(1, SeqCst) + 1
    }

    fn forget(&self, share: usize) {
        let change = self.next_change();
        if let Some(latest) = self.latest.get(share) {
            latest.fetch_max(change, SeqCst);
        }
    }
}

/// The part of one engine in a cache. Engines share the capacity and the invalidation, but never an entry, because a
/// token may be valid for only one of them.
pub(crate) struct Partition {
    cache: PrincipalCache,
    number: u64,
}

impl Partition {
    pub(crate) fn of(cache: PrincipalCache) -> Self {
        let number = cache.0.engines.fetch_add(1, SeqCst);
        Self { cache, number }
    }

    pub(crate) fn share<I: UserId>(&self, user: &I) -> Share<'_> {
        Share { of: &self.cache.0, number: self.cache.0.share_of(user) }
    }

    pub(crate) fn forget_all(&self) {
        self.cache.forget_all();
    }

    pub(crate) fn place(&self, carrier: Carrier<'_>, token: &str, now: Timestamp) -> Place<'_> {
        let mut digest = Sha256::new();
        digest.update(self.number.to_le_bytes());
        // The boundary between two parts must be unambiguous.
        let (kind, name) = match carrier {
            Carrier::Bearer => (0_u8, ""),
            Carrier::Cookie(name) => (1, name),
            Carrier::Header(name) => (2, name),
        };
        digest.update([kind]);
        digest.update(name.len().to_le_bytes());
        digest.update(name);
        digest.update(token);
        let shared = &*self.cache.0;
        let moment = Moment { changes: shared.changes.load(SeqCst), instant: Instant::now(), now };
        Place { shared, key: digest.finalize().into(), moment }
    }
}

/// The users whose ids have the same hash.
pub(crate) struct Share<'a> {
    of: &'a Shared,
    number: usize,
}

impl Share<'_> {
    pub(crate) fn forget(&self) {
        self.of.forget(self.number);
    }
}

/// The time at which the reading of a principal began.
#[derive(Clone, Copy)]
struct Moment {
    /// The number of changes before.
    changes: u64,
    /// By the monotonic clock, which cannot be set.
    instant: Instant,
    /// By the engine's clock, which continues while the machine sleeps.
    now: Timestamp,
}

impl Moment {
    /// Returns whether a principal that was read then may still be served.
    fn is_within_a_lifetime_of(&self, later: &Self) -> bool {
        let by_machine = later.instant.saturating_duration_since(self.instant);
        // A clock that was set back proves nothing.
        let by_engine = Duration::try_from(later.now.duration_since(self.now));
        by_machine < LIFETIME && by_engine.is_ok_and(|age| age < LIFETIME)
    }
}

struct Entry<V> {
    principal: V,
    until: Timestamp,
    share: usize,
    read: Moment,
}

/// The place for the principal of one token, for one request.
pub(crate) struct Place<'a> {
    shared: &'a Shared,
    key: Key,
    moment: Moment,
}

impl Place<'_> {
    /// Returns the principal, unless it has expired, is outdated, or its user has changed since it was read.
    pub(crate) fn get<V: Clone + Send + Sync + 'static>(&self) -> Option<V> {
        let entry = self.shared.entries.get(&self.key)?;
        let Entry { principal, until, share, read } = entry.downcast_ref::<Entry<V>>()?;
        let is_current = self.shared.latest.get(*share).is_some_and(|latest| latest.load(SeqCst) <= read.changes);
        let is_served = is_current && self.moment.now < *until && read.is_within_a_lifetime_of(&self.moment);
        is_served.then(|| principal.clone())
    }

    /// Stores a principal that was read since the place was requested. It is served before `until`, and not at all if
    /// `until` is `None`. A later [`get`](Self::get) checks whether it was outdated.
    pub(crate) fn keep<V: Clone + Send + Sync + 'static>(
        &self,
        principal: &V,
        user: &impl UserId,
        until: Option<Timestamp>,
    ) {
        if let Some(until) = until {
            let (principal, share, read) = (principal.clone(), self.shared.share_of(user), self.moment);
            self.shared.entries.insert(self.key, Arc::new(Entry { principal, until, share, read }));
        }
    }
}

#[cfg(test)]
impl PrincipalCache {
    /// Returns the exact number of stored principals.
    pub(super) fn kept(&self) -> u64 {
        self.0.entries.run_pending_tasks();
        self.0.entries.entry_count()
    }
}
