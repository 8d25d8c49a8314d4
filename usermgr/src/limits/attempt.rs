//! Counting of attempts. An attempt is counted before it is made, so that concurrent attempts cannot pass the limit. If
//! it turns out not to be a failure, the count is taken back. If concurrent attempts use up the limit, an attempt waits
//! for them, so that concurrent legitimate attempts all succeed.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    net::IpAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use jiff::Timestamp;
use tokio::{sync::Notify, time::timeout};

use super::{
    CounterKey, CounterStore, Hit, Limit, Limits, MemoryCounters, Pair, Subject,
    subject::{AfterSuccess, LimitKind},
};
use crate::{error::Fault, realm::Realm, span::later, store::StoreError};

/// How long an attempt waits for other attempts of its key, and for the counters to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long an account knows a network after the last login.
const KNOWN_FOR: Duration = Duration::from_secs(30 * 24 * 3600);
/// How old that record may be before a login writes it again, so that not every login writes.
const NOTED_AGAIN_AFTER: Duration = Duration::from_secs(24 * 3600);

/// Counts the attempts of an engine.
pub(crate) struct Limiter {
    limits: Limits,
    /// Realms that share a store of counters have separate counters.
    realm: Realm,
    counters: Arc<dyn CounterStore>,
    /// Counters of work that costs only this process.
    own: MemoryCounters,
    under_way: Mutex<HashMap<CounterKey, Arc<UnderWay>>>,
    /// How often each limit has refused.
    refused: [AtomicU64; LimitKind::NAMES.len()],
}

/// The attempts of one key that are running in this process.
#[derive(Default)]
struct UnderWay {
    /// Serializes the counting, so that a refused attempt has seen all attempts that were allowed before.
    counting: tokio::sync::Mutex<()>,
    state: Mutex<State>,
    ended: Notify,
}

#[derive(Default)]
struct State {
    /// The running attempts by number, in the order in which they were counted.
    running: BTreeMap<u64, Running>,
    /// The number of the latest attempt.
    last: u64,
    ended: u64,
    /// The number and the time of the latest attempt that stays counted.
    stays: Option<(u64, Timestamp)>,
}

struct Running {
    at: Timestamp,
    taken_back: bool,
}

impl State {
    /// Records an attempt that was counted, with the time of the counted attempt before it. Returns its number.
    fn begin(&mut self, at: Timestamp, before: Option<Timestamp>) -> u64 {
        if self.running.is_empty() {
            self.stays = before.map(|before| (self.last, before));
        }
        self.last += 1;
        self.running.insert(self.last, Running { at, taken_back: false });
        self.last
    }

    /// Takes an attempt back. Returns the time of the counter's last change with and without it. Both are equal if a
    /// later attempt counts.
    fn take_back(&mut self, number: u64) -> Option<(Timestamp, Timestamp)> {
        let mine = self.running.get_mut(&number)?;
        mine.taken_back = true;
        let at = mine.at;
        let running = self.running.iter().rev().find(|(_, running)| !running.taken_back);
        let before = running.map(|(number, running)| (*number, running.at)).max(self.stays);
        Some((at, before.filter(|(before, _)| *before < number).map_or(at, |(_, before)| before)))
    }

    /// Records that an attempt has ended. It stays counted unless it was taken back.
    fn end(&mut self, number: u64) {
        if let Some(Running { at, taken_back: false }) = self.running.remove(&number) {
            self.stays = self.stays.max(Some((number, at)));
        }
        self.ended += 1;
    }
}

impl UnderWay {
    fn state<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Limiter {
    pub(crate) fn new(limits: Limits, realm: Realm) -> Self {
        Self {
            limits,
            realm,
            counters: Arc::new(MemoryCounters::default()),
            own: MemoryCounters::default(),
            under_way: Mutex::default(),
            refused: [const { AtomicU64::new(0) }; LimitKind::NAMES.len()],
        }
    }

    /// Returns how often each limit has refused, by the name of its setter.
    pub(crate) fn refusals(&self) -> Vec<(&'static str, u64)> {
        LimitKind::NAMES.into_iter().zip(self.refused.iter().map(|count| count.load(Relaxed))).collect()
    }

    /// Returns whether nothing is counted.
    #[cfg(feature = "http")]
    pub(crate) fn is_off(&self) -> bool {
        self.limits.off
    }

    pub(crate) fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    pub(crate) fn set_counters(&mut self, counters: impl CounterStore) {
        self.counters = Arc::new(counters);
    }

    pub(crate) fn counters(&self) -> &dyn CounterStore {
        &*self.counters
    }

    /// Counts an attempt for all its subjects, makes it, and takes the count back unless the judgement says that it
    /// counts. An internal error in `work` does not cost an attempt. A canceled attempt stays counted, so that a client
    /// cannot guess for free by disconnecting before the answer.
    ///
    /// Returns the outcome of `work`, and for how long the account is locked now, if it is.
    ///
    /// # Errors
    /// [`Fault::Limited`] if the limit of a subject is used up. An error of the counter store fails the attempt too, so
    /// that overloading the store does not lift the limits.
    pub(crate) async fn attempt<T>(
        &self,
        subjects: &[Subject<'_>],
        now: Timestamp,
        work: impl Future<Output = T>,
        judge: impl FnOnce(&T) -> Judgement,
    ) -> Result<(T, Option<Duration>), Fault> {
        let attempt = self.count_all(subjects, now).await?;
        let outcome = work.await;
        let judgement = judge(&outcome);
        let locked_for = attempt.locks_for().filter(|_| judgement == Judgement::Counts);
        attempt.settle(judgement).await;
        Ok((outcome, locked_for))
    }

    /// Tries a token that was sent by mail. A wrong token counts for the network that presents it. Other outcomes do
    /// not count.
    ///
    /// - `is_wrong` returns whether an error says that the token is wrong.
    ///
    /// # Errors
    /// The errors of [`attempt`](Self::attempt).
    pub(crate) async fn attempt_by_token<T, E>(
        &self,
        ip: Option<IpAddr>,
        now: Timestamp,
        work: impl Future<Output = Result<T, E>>,
        is_wrong: impl FnOnce(&E) -> bool,
    ) -> Result<Result<T, E>, Fault> {
        let judge = |outcome: &Result<T, E>| match outcome {
            Err(error) if is_wrong(error) => Judgement::Counts,
            _ => Judgement::Unjudged,
        };
        Ok(self.attempt(&[Subject::Network(ip)], now, work, judge).await?.0)
    }

    /// Returns the subjects for which the password of a login is counted. A network that the account knows has its own
    /// counters, separate from those of unknown networks. The look-up is the same for every account, whether or not it
    /// exists.
    ///
    /// # Errors
    /// The errors of the counter store.
    pub(crate) async fn of_login<'a>(&self, pair: Pair<'a>, now: Timestamp) -> Result<[Subject<'a>; 5], Fault> {
        let known = match self.limits.off {
            true => false,
            false => pair.ip.is_none() || self.known_since(pair, now).await?.is_some(),
        };
        let account = if known { Subject::Known(pair) } else { Subject::Account(pair.account) };
        let (from, of) = (Subject::ProofsFrom(pair.ip), Subject::ProofsOf(pair.account));
        Ok([Subject::Network(pair.ip), Subject::Pair(pair), account, from, of])
    }

    /// Records that the user has logged in from a network, or has verified the address there.
    pub(crate) async fn know(&self, pair: Pair<'_>, now: Timestamp) {
        if self.limits.off || pair.ip.is_none() {
            return;
        }
        let noted = match self.known_since(pair, now).await {
            Ok(since) => since.is_some_and(|since| now < later(since, NOTED_AGAIN_AFTER)),
            Err(_) => false,
        };
        if !noted {
            report(answered(self.counters.remember(&pair.digest("network"), KNOWN_FOR, now)).await);
        }
    }

    /// Lifts the lock of an account whose address was verified from this network, whatever others have tried.
    pub(crate) async fn open(&self, pair: Pair<'_>, now: Timestamp) {
        self.forget(&[Subject::Account(pair.account)]).await;
        self.welcome(pair, now).await;
    }

    /// Records a login whose proof was not counted for the account: its network is known, and its failures are forgotten.
    pub(crate) async fn welcome(&self, pair: Pair<'_>, now: Timestamp) {
        self.forget(&[Subject::Pair(pair), Subject::Known(pair)]).await;
        self.know(pair, now).await;
    }

    /// Forgets all attempts of subjects that the store of counters counts.
    pub(crate) async fn forget(&self, subjects: &[Subject<'_>]) {
        if self.limits.off {
            return;
        }
        for subject in subjects {
            report(answered(self.counters.clear(&self.key_and_limit(*subject).0)).await);
        }
    }

    async fn known_since(&self, pair: Pair<'_>, now: Timestamp) -> Result<Option<Timestamp>, Fault> {
        let noted = answered(self.counters.remembered(&pair.digest("network"))).await?.map(|noted| noted.min(now));
        Ok(noted.filter(|noted| now < later(*noted, KNOWN_FOR)))
    }

    /// Returns how often a subject was counted, and counts nothing. A store of counters answers only to one more attempt,
    /// so one is counted and taken back.
    ///
    /// # Errors
    /// The errors of [`attempt`](Self::attempt).
    #[cfg(feature = "http")]
    pub(crate) async fn counted(&self, subject: Subject<'_>, now: Timestamp) -> Result<u32, Fault> {
        let attempt = self.count_all(&[subject], now).await?;
        let count = attempt.counted.first().map_or(0, |counted| counted.count.saturating_sub(1));
        attempt.settle(Judgement::Unjudged).await;
        Ok(count)
    }

    /// Returns the charge for subjects that are counted at a time.
    pub(crate) fn charge(&self, subjects: &[Subject<'_>], at: Timestamp) -> Charge {
        if self.limits.off {
            return Charge::default();
        }
        let counted = |subject: &Subject<'_>| (self.key_and_limit(*subject).0, subject.after_success(), at);
        Charge(subjects.iter().map(counted).collect())
    }

    /// Takes back counts of work that failed after its request was answered.
    pub(crate) async fn give_back(&self, Charge(counted): Charge) {
        for (key, after_success, at) in counted {
            report(answered(self.counters_of(after_success).refund(&key, at, at)).await);
        }
    }

    async fn count_all(&self, subjects: &[Subject<'_>], now: Timestamp) -> Result<Attempt<'_>, Fault> {
        let mut attempt = Attempt { limiter: self, counted: Vec::with_capacity(subjects.len()) };
        if self.limits.off {
            return Ok(attempt);
        }
        for subject in subjects {
            let (key, limit) = self.key_and_limit(*subject);
            let after_success = subject.after_success();
            match self.count(self.counters_of(after_success), key, &limit, now).await {
                Ok((under_way, number, count)) => attempt.counted.push(Counted {
                    key,
                    under_way,
                    number,
                    #[cfg(feature = "http")]
                    count,
                    locked_for: if subject.locks() { limit.delay(count) } else { Duration::ZERO },
                    after_success,
                }),
                Err(fault) => {
                    if matches!(fault, Fault::Limited { .. }) {
                        self.refused[subject.limit_kind() as usize].fetch_add(1, Relaxed);
                    }
                    attempt.settle(Judgement::Unjudged).await;
                    return Err(fault);
                }
            }
        }
        Ok(attempt)
    }

    fn key_and_limit(&self, subject: Subject<'_>) -> (CounterKey, Limit) {
        let (key, limit) = subject.key_and_limit(&self.limits);
        (self.realm.name().map_or(key, |realm| key.in_realm(realm)), limit)
    }

    /// Returns the store that counts this.
    fn counters_of(&self, after_success: AfterSuccess) -> &dyn CounterStore {
        match after_success {
            AfterSuccess::Counted => &self.own,
            AfterSuccess::TakenBack | AfterSuccess::Forgotten => &*self.counters,
        }
    }

    async fn count(
        &self,
        counters: &dyn CounterStore,
        key: CounterKey,
        limit: &Limit,
        now: Timestamp,
    ) -> Result<(Arc<UnderWay>, u64, u32), Fault> {
        let under_way = self.lock().entry(key).or_default().clone();
        let counted = match timeout(PATIENCE, Self::count_in_turn(counters, &under_way, key, limit, now)).await {
            Ok(counted) => counted,
            Err(_) => Err(Fault::Busy),
        };
        match counted {
            Ok((number, count)) => Ok((under_way, number, count)),
            Err(fault) => {
                self.forget_idle(key, &under_way);
                Err(fault)
            }
        }
    }

    async fn count_in_turn(
        counters: &dyn CounterStore,
        under_way: &UnderWay,
        key: CounterKey,
        limit: &Limit,
        now: Timestamp,
    ) -> Result<(u64, u32), Fault> {
        loop {
            let ended = under_way.ended.notified();
            let counting = under_way.counting.lock().await;
            let before = under_way.state(|state| state.ended);
            let end = match counters.hit(&key, limit, now).await? {
                Hit::Allowed { count, before } => {
                    return Ok((under_way.state(|state| state.begin(now, before)), count));
                }
                Hit::Refused(end) => end,
            };
            let (idle, after) = under_way.state(|state| (state.running.is_empty(), state.ended));
            drop(counting);
            if after != before {
                continue;
            }
            if idle {
                let wait = Duration::try_from(end.duration_since(now)).unwrap_or_default();
                let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                return Err(Fault::Limited { retry_after: Duration::from_secs(seconds.max(1)) });
            }
            ended.await;
        }
    }

    /// Takes one attempt back, with its time. Otherwise successful attempts would keep earlier failures from being
    /// forgotten.
    async fn refund(&self, Counted { key, under_way, number, after_success, .. }: &Counted) {
        // One at a time, so that the store receives the changes in this order too.
        let _counting = under_way.counting.lock().await;
        if let Some((last, before)) = under_way.state(|state| state.take_back(*number)) {
            report(answered(self.counters_of(*after_success).refund(key, last, before)).await);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<CounterKey, Arc<UnderWay>>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes the entry of a key if only the caller holds it.
    fn forget_idle(&self, key: CounterKey, mine: &Arc<UnderWay>) {
        let mut all = self.lock();
        if Arc::strong_count(mine) <= 2 {
            all.remove(&key);
        }
    }
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// The judgement of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    /// It stays counted: the secret was wrong, or the limited action has happened.
    Counts,
    /// The secret was correct.
    Succeeded,
    /// It could not be judged.
    Unjudged,
}

impl Judgement {
    /// Judges a limited action, such as sending a mail: it counts if it succeeded.
    pub(crate) fn of_deed<T, E>(outcome: &Result<T, E>) -> Self {
        if outcome.is_ok() { Self::Counts } else { Self::Unjudged }
    }
}

/// The counts, with their time, of a request that is answered before its work is done.
#[derive(Default)]
pub(crate) struct Charge(Vec<(CounterKey, AfterSuccess, Timestamp)>);

/// A counted attempt. It stays counted if it is dropped.
#[must_use]
struct Attempt<'a> {
    limiter: &'a Limiter,
    counted: Vec<Counted>,
}

struct Counted {
    key: CounterKey,
    under_way: Arc<UnderWay>,
    number: u64,
    /// The count, with this attempt.
    #[cfg(feature = "http")]
    count: u32,
    locked_for: Duration,
    after_success: AfterSuccess,
}

impl Attempt<'_> {
    /// Keeps, takes back or forgets the counts.
    ///
    /// A success forgets the failures of the same network at this account. It does not forget failures of other
    /// networks, because each login of the user would give an attacker new guesses. It does not forget failures of the
    /// network at other accounts, because an attacker could reset them by logging in to their own account.
    async fn settle(self, judgement: Judgement) {
        for counted in &self.counted {
            match (judgement, counted.after_success) {
                (Judgement::Succeeded, AfterSuccess::Forgotten) => {
                    report(answered(self.limiter.counters.clear(&counted.key)).await);
                }
                (Judgement::Succeeded, AfterSuccess::Counted)
                | (Judgement::Counts, AfterSuccess::TakenBack | AfterSuccess::Forgotten) => {}
                (Judgement::Unjudged, _)
                | (Judgement::Counts, AfterSuccess::Counted)
                | (Judgement::Succeeded, AfterSuccess::TakenBack) => self.limiter.refund(counted).await,
            }
        }
    }

    /// Returns for how long a failure of this attempt locks the account.
    fn locks_for(&self) -> Option<Duration> {
        self.counted.iter().map(|counted| counted.locked_for).max().filter(|locked_for| !locked_for.is_zero())
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        for Counted { key, under_way, number, .. } in &self.counted {
            under_way.state(|state| state.end(*number));
            under_way.ended.notify_waiters();
            self.limiter.forget_idle(*key, under_way);
        }
    }
}

/// Waits for a counter store, which may be the application's own.
async fn answered<T>(answer: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    let silent = |_| Err(StoreError::backend(format!("the counters did not answer within {PATIENCE:?}")));
    timeout(PATIENCE, answer).await.unwrap_or_else(silent)
}

/// A success stays a success even if the counter cannot be changed.
fn report(noted: Result<(), StoreError>) {
    if let Err(error) = noted {
        tracing::error!(target: "usermgr", %error, "a counter could not be changed");
    }
}
