//! Watching what the library asks of its parts: every call of a wrapped store, hasher, mailer or counter store is reported to a [`Watch`],
//! which records it ([`Calls`]) or makes it fail ([`Faults`]).

use std::{
    fmt,
    future::pending,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    config_error::ConfigError,
    limits::{CounterKey, CounterStore, Hit, Limit},
    load::HashLoad,
    mailer::{Mail, MailError, Mailer},
    password::{HashError, PasswordHasher, Verdict},
    store::StoreError,
    user::{Password, PasswordHash},
};

/// Observes calls. [`Calls`] and [`Faults`] implement it; another implementation may wait, or count by its own rules.
pub trait Watch: Send + Sync + 'static {
    /// A call of the method of this name begins. The result says whether it must fail, and before or after the part is called.
    fn called(&self, method: &'static str) -> Option<FaultAt>;
}

/// Whether a call fails before or after it has reached the wrapped part, and whether the caller receives an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultAt {
    /// The call does not reach the part: the database was not available.
    Before,
    /// The call has done its work, and its result is lost: the connection broke off.
    After,
    /// The call does not reach the part, and no result arrives: the network drops it. Put a time limit around the caller.
    HangBefore,
    /// The call has done its work, and no result arrives.
    HangAfter,
}

/// A part whose calls are watched. It implements what the part implements: a [`UserStore`](crate::UserStore) with all of a store's capabilities, a
/// [`PasswordHasher`], a [`Mailer`], a [`CounterStore`]. Methods have the names of their traits, those of
/// [`StandaloneSessions`](crate::store::StandaloneSessions) the names of their counterparts in [`SessionStore`](crate::store::SessionStore).
#[derive(Clone)]
pub struct Watched<T, W> {
    inner: T,
    watch: W,
}

/// A part whose calls are recorded.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use usermgr::{password::{Argon2Params, Argon2id}, prelude::*, testing::{Calls, Counted}};
///
/// struct Accounts { engine: Engine<Counted<MemoryStore>> }
///
/// #[user_manager(store = Counted<MemoryStore>, secret = "only-for-tests-0123456789abcdef-x")]
/// impl Accounts {}
///
/// let calls = Calls::default();
/// let engine = Engine::builder(Counted::new(MemoryStore::new(), calls.clone()))
///     .backend(Backend::bearer("bearer", Database::new()))
///     .hasher(Counted::new(Argon2id::new(Argon2Params::dangerous(8, 1, 1)?), calls.clone()))
///     .build()?;
/// let (accounts, cx) = (Accounts { engine }, Context::default());
///
/// accounts.register(Register::new("ada@example.com", "correct horse battery"), &cx).await?;
/// assert_eq!(calls.take(), ["hash", "begin", "insert", "commit"]);
/// // A wrong password and an unknown account cost the same.
/// for email in ["ada@example.com", "unknown@example.com"] {
///     assert!(accounts.login(Credentials::new(email, "wrong"), "bearer", &cx).await.is_err());
///     assert_eq!(calls.take(), ["find", "verify"]);
/// }
/// # Ok(()) }
/// ```
pub type Counted<T> = Watched<T, Calls>;

/// A part that fails on request.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use usermgr::{Fault, LoginError, prelude::*, testing::{FaultAt, Faults, Faulty}};
///
/// struct Accounts { engine: Engine<Faulty<MemoryStore>> }
///
/// #[user_manager(store = Faulty<MemoryStore>, secret = "only-for-tests-0123456789abcdef-x")]
/// impl Accounts {}
///
/// let faults = Faults::default();
/// let accounts = Accounts { engine: Engine::new(Faulty::new(MemoryStore::new(), faults.clone())) };
/// let (cx, credentials) = (Context::default(), Credentials::new("ada@example.com", "correct horse battery"));
///
/// // The first look-up does not reach the store: a fault, and not "no such account".
/// faults.fail_call(1, FaultAt::Before);
/// let error = accounts.login(credentials.clone(), "bearer", &cx).await.unwrap_err();
/// assert!(matches!(error, LoginError::Fault(Fault::Store(_))));
/// assert_eq!(faults.injected(), 1);
///
/// faults.heal();
/// let error = accounts.login(credentials, "bearer", &cx).await.unwrap_err();
/// assert!(matches!(error, LoginError::BadCredentials));
/// # Ok(()) }
/// ```
pub type Faulty<T> = Watched<T, Faults>;

impl<T, W: Watch> Watched<T, W> {
    /// Watches a part.
    pub fn new(inner: T, watch: W) -> Self {
        Self { inner, watch }
    }

    /// The part itself, without the watch.
    pub fn inner(&self) -> &T {
        &self.inner
    }

    /// Lets a call through, unless it must fail. Its future is on the heap, so that a store that is watched twice does not make the future of an
    /// operation too large for a thread's stack in tests, which are not optimized.
    pub(super) fn pass<'a, V: Send + 'a, E: Injected + Send + 'a>(
        &'a self,
        method: &'static str,
        call: impl Future<Output = Result<V, E>> + Send + 'a,
    ) -> Pin<Box<dyn Future<Output = Result<V, E>> + Send + 'a>>
    where
        T: Sync,
    {
        Box::pin(async move {
            match self.watch.called(method) {
                None => call.await,
                Some(FaultAt::Before) => Err(E::injected()),
                Some(FaultAt::After) => {
                    drop(call.await);
                    Err(E::injected())
                }
                Some(FaultAt::HangBefore) => pending().await,
                Some(FaultAt::HangAfter) => {
                    drop(call.await);
                    pending().await
                }
            }
        })
    }
}

impl<T, W> fmt::Debug for Watched<T, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watched").finish_non_exhaustive()
    }
}

/// The error of a call that failed on request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a fault was injected")]
pub struct InjectedFault;

/// The error with which a part fails.
pub(super) trait Injected {
    fn injected() -> Self;
}

impl Injected for StoreError {
    fn injected() -> Self {
        Self::backend(InjectedFault)
    }
}

impl Injected for HashError {
    fn injected() -> Self {
        Self::Failed(InjectedFault.into())
    }
}

impl Injected for MailError {
    fn injected() -> Self {
        Self::new(InjectedFault)
    }
}

/// Records the calls of all parts that it watches, in order. Clones share their record, so that one sees the store, the hasher and the
/// mailer together.
#[derive(Clone, Debug, Default)]
pub struct Calls(Arc<Mutex<Vec<&'static str>>>);

impl Calls {
    /// Returns the methods that were called, the oldest first.
    pub fn all(&self) -> Vec<&'static str> {
        self.noted(|calls| calls.clone())
    }

    /// As [`all`](Self::all), and then clears the record.
    pub fn take(&self) -> Vec<&'static str> {
        self.noted(std::mem::take)
    }

    /// Returns how often a method was called.
    pub fn count(&self, method: &str) -> usize {
        self.noted(|calls| calls.iter().filter(|call| **call == method).count())
    }

    fn noted<T>(&self, look: impl FnOnce(&mut Vec<&'static str>) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Watch for Calls {
    fn called(&self, method: &'static str) -> Option<FaultAt> {
        self.noted(|calls| calls.push(method));
        None
    }
}

/// Makes calls fail by their number. Clones share the plan and the numbers. No call fails before a plan is made.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Plan>>);

#[derive(Debug, Default)]
struct Plan {
    calls: usize,
    injected: usize,
    first: usize,
    last: usize,
    at: Option<FaultAt>,
}

impl Faults {
    /// Makes the `n`-th call from here fail, counted from 1, and no other.
    pub fn fail_call(&self, n: usize, at: FaultAt) {
        self.plan(n, n, Some(at));
    }

    /// Makes the `n`-th call from here fail, counted from 1, and every call after it.
    pub fn fail_from(&self, n: usize, at: FaultAt) {
        self.plan(n, usize::MAX, Some(at));
    }

    /// Makes no further call fail.
    pub fn heal(&self) {
        self.plan(0, 0, None);
    }

    /// Returns the number of calls since the last plan or `heal`.
    pub fn calls(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).calls
    }

    /// Returns the number of failed calls since the last plan or `heal`.
    pub fn injected(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).injected
    }

    fn plan(&self, first: usize, last: usize, at: Option<FaultAt>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Plan { calls: 0, injected: 0, first, last, at };
    }
}

impl Watch for Faults {
    fn called(&self, _: &'static str) -> Option<FaultAt> {
        let mut plan = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        plan.calls += 1;
        let fault = plan.at.filter(|_| (plan.first..=plan.last).contains(&plan.calls));
        plan.injected += usize::from(fault.is_some());
        fault
    }
}

#[async_trait]
impl<T: PasswordHasher, W: Watch> PasswordHasher for Watched<T, W> {
    async fn hash(&self, password: &Password) -> Result<PasswordHash, HashError> {
        self.pass("hash", self.inner.hash(password)).await
    }

    async fn verify(&self, password: &Password, stored: Option<&PasswordHash>) -> Result<Verdict, HashError> {
        self.pass("verify", self.inner.verify(password, stored)).await
    }

    fn check(&self) -> Result<(), ConfigError> {
        self.inner.check()
    }

    fn load(&self) -> Option<HashLoad> {
        self.inner.load()
    }
}

#[async_trait]
impl<T: Mailer, W: Watch> Mailer for Watched<T, W> {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        self.pass("send", self.inner.send(mail)).await
    }
}

#[async_trait]
impl<T: CounterStore, W: Watch> CounterStore for Watched<T, W> {
    async fn hit(&self, key: &CounterKey, limit: &Limit, now: Timestamp) -> Result<Hit, StoreError> {
        self.pass("hit", self.inner.hit(key, limit, now)).await
    }

    async fn refund(&self, key: &CounterKey, last: Timestamp, before: Timestamp) -> Result<(), StoreError> {
        self.pass("refund", self.inner.refund(key, last, before)).await
    }

    async fn clear(&self, key: &CounterKey) -> Result<(), StoreError> {
        self.pass("clear", self.inner.clear(key)).await
    }

    async fn remember(&self, key: &CounterKey, keep: Duration, now: Timestamp) -> Result<(), StoreError> {
        self.pass("remember", self.inner.remember(key, keep, now)).await
    }

    async fn remembered(&self, key: &CounterKey) -> Result<Option<Timestamp>, StoreError> {
        self.pass("remembered", self.inner.remembered(key)).await
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.pass("purge", self.inner.purge(now)).await
    }
}
