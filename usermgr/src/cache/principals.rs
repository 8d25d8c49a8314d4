//! Principals that were read a moment ago: the digest of a token goes in, and its principal comes out, unless it is too old or somebody
//! has changed its user since it was read.

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

/// How long a principal is kept.
const LIFETIME: Duration = Duration::from_secs(1);
/// Into how many shares the users are divided. A change of one user is a change of all in that share.
const SHARES: usize = 1024;

/// The principals of tokens, kept for a second at most, so that a request which only reads need not ask the store who it is from. An
/// engine has none until it is [given one](crate::engine::EngineBuilder::cache).
///
/// It is asked for `GET` and `HEAD` alone. What every operation of an engine that has it changes is seen by the very next request; what
/// others write (another process, the application's own SQL, [`Engine::store`](crate::Engine::store)) within a second. Clones are the
/// same cache: give one to each engine over the same accounts, and they see each other's changes at once. The guide's page on
/// [HTTP](crate::guide::http) has the whole of it.
///
/// ```
/// use usermgr::{Backend, Database, Engine, MemoryStore, http::PrincipalCache};
/// let cache = PrincipalCache::new(10_000);
/// let engine = Engine::builder(MemoryStore::new())
///     .backend(Backend::bearer("bearer", Database::new()))
///     .cache(cache.clone())
///     .build();
/// # let _ = engine;
/// ```
#[derive(Clone)]
pub struct PrincipalCache(Arc<Shared>);

struct Shared {
    /// Each is an `Entry` with the principal of its engine's store.
    entries: Cache<Key, Arc<dyn Any + Send + Sync>>,
    /// How many changes there have been.
    changes: AtomicU64,
    /// The number of the latest change in each share of the users.
    latest: Box<[AtomicU64]>,
    hasher: RandomState,
    engines: AtomicU64,
}

/// The digest of an engine, a carrier and a token. The token itself is not kept.
type Key = [u8; 32];

impl PrincipalCache {
    /// A cache for at most so many principals; for a moment there can be some hundred more.
    pub fn new(most: u64) -> Self {
        Self(Arc::new(Shared {
            // What is too old is not served in any case; here it only makes room.
            entries: Cache::builder().max_capacity(most).time_to_live(LIFETIME).build(),
            changes: AtomicU64::new(0),
            latest: std::iter::repeat_with(AtomicU64::default).take(SHARES).collect(),
            hasher: RandomState::new(),
            engines: AtomicU64::new(0),
        }))
    }

    /// Forgets a user, after the application itself has changed the user, their sessions or their tokens: the very next request sees it.
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

    /// Forgets everybody.
    pub fn forget_all(&self) {
        let change = self.0.next_change();
        for latest in &self.0.latest {
            latest.fetch_max(change, SeqCst);
        }
    }
}

impl Default for PrincipalCache {
    /// For 10,000 principals.
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

    /// The number of a change that the store has made. Whoever has begun to read before may not have seen the change, and has noted a
    /// smaller number; whoever notes this one or a greater one begins to read after it.
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

/// One engine in a cache. Engines share the room and what they forget, and never an entry: a token may be good for one of them alone.
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
        // Where one part ends and the next begins must be plain.
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

/// The users whose ids have one hash, as far as it is looked at.
pub(crate) struct Share<'a> {
    of: &'a Shared,
    number: usize,
}

impl Share<'_> {
    pub(crate) fn forget(&self) {
        self.of.forget(self.number);
    }
}

/// When the reading of a principal began.
#[derive(Clone, Copy)]
struct Moment {
    /// How many changes there had been.
    changes: u64,
    /// By the machine's clock, which nobody sets.
    instant: Instant,
    /// By the engine's clock, which goes on while the machine sleeps.
    now: Timestamp,
}

impl Moment {
    /// Whether what was read then may still be served.
    fn is_within_a_lifetime_of(&self, later: &Self) -> bool {
        let by_machine = later.instant.saturating_duration_since(self.instant);
        // A clock that was set back says nothing.
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

/// Where the principal of one token is kept, as it is asked for by one request.
pub(crate) struct Place<'a> {
    shared: &'a Shared,
    key: Key,
    moment: Moment,
}

impl Place<'_> {
    /// The principal, unless it has come to its end, is too old, or something was changed since it was read.
    pub(crate) fn get<V: Clone + Send + Sync + 'static>(&self) -> Option<V> {
        let entry = self.shared.entries.get(&self.key)?;
        let Entry { principal, until, share, read } = entry.downcast_ref::<Entry<V>>()?;
        let is_current = self.shared.latest.get(*share).is_some_and(|latest| latest.load(SeqCst) <= read.changes);
        let is_served = is_current && self.moment.now < *until && read.is_within_a_lifetime_of(&self.moment);
        is_served.then(|| principal.clone())
    }

    /// Keeps the principal of a user that was read since the place was asked for, to serve it before `until`; nothing where that is
    /// `None`. Whether it was out of date by then is seen when it is asked for.
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
    /// How many principals are kept, counted exactly.
    pub(super) fn kept(&self) -> u64 {
        self.0.entries.run_pending_tasks();
        self.0.entries.entry_count()
    }
}
