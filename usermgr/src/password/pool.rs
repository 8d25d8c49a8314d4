//! The hashing threads, with a bounded queue. The future of a job needs no particular runtime.

mod queue;

use std::{
    fmt, io,
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

use self::queue::Queue;
use super::{Claim, HashError, memory::HashMemory};
use crate::load::{HashLoad, Load};

/// How long an idle thread keeps its memory.
const IDLE: Duration = Duration::from_secs(2);
/// The increment of the nice value of a hashing thread. It then gets about a tenth of a core beside a busy request
/// thread.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;
/// The newest measurement has the weight 1/8 in the mean.
const SMOOTHING: u64 = 8;

type Job = Box<dyn FnOnce(Turn<'_>) + Send>;
type Start = fn(Box<dyn FnOnce() + Send>) -> io::Result<()>;

/// A pool of threads for hashing passwords, with a bounded queue.
///
/// Hashing is slow and uses much memory by design. It must not block the threads that serve requests, and the number of
/// concurrent hashes must be limited. A pool accepts at most `threads + queue` jobs and refuses the next one
/// immediately. A job keeps its place until it has run, even if its caller has stopped waiting. When its turn comes, a
/// job without a waiting caller is skipped.
///
/// Within an operation the pool knows the client and the account of a job, and schedules jobs in rounds. In each round,
/// no network and no account has more than one job. So a client with many jobs waits for its own jobs. If all places
/// are taken, the last job of such a client is dropped for the first job of another client. So one client may use all
/// free places, but it cannot keep others out. Jobs outside of operations count as those of one client.
///
/// A thread starts when it is first needed and keeps its working memory between jobs. After 2 seconds without work the
/// memory is wiped and freed. On Linux the threads have a lower priority than the rest of the process.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use usermgr::password::HashPool;
///
/// let pool = HashPool::new(2, 64);
/// assert_eq!(pool.run(|| 6 * 7).await?, 42);
/// # Ok::<(), usermgr::password::HashError>(())
/// # }).unwrap();
/// ```
pub struct HashPool(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    wake: Condvar,
    threads: usize,
    /// The maximum number of jobs, queued and running together.
    room: usize,
    /// The current number of jobs.
    taken: AtomicUsize,
    /// The moving mean of a job's duration, in nanoseconds. 0 before the first job.
    mean: AtomicU64,
    /// The number of jobs that were done, and their duration together in nanoseconds.
    done: AtomicU64,
    busy: AtomicU64,
    /// The number of jobs that were refused or dropped for another one.
    refused: AtomicU64,
    idle_after: Duration,
    start: Start,
}

#[derive(Default)]
struct State {
    jobs: Queue<(Place, Job)>,
    started: usize,
    waiting: usize,
    closed: bool,
}

impl HashPool {
    /// Creates a pool of `threads` threads (at least one) with a queue of `queue` jobs. A process needs only the
    /// [shared](Self::shared) pool, unless it must separate kinds of work.
    pub fn new(threads: usize, queue: usize) -> Self {
        Self::with(threads, queue, IDLE, start)
    }

    fn with(threads: usize, queue: usize, idle_after: Duration, start: Start) -> Self {
        let threads = threads.max(1);
        Self(Arc::new(Inner {
            state: Mutex::default(),
            wake: Condvar::new(),
            threads,
            room: threads.saturating_add(queue),
            taken: AtomicUsize::new(0),
            mean: AtomicU64::new(0),
            done: AtomicU64::new(0),
            busy: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            idle_after,
            start,
        }))
    }

    /// Returns the shared pool of the process: one thread for each available processor, and a queue of 32 jobs for
    /// each, at least 64.
    pub fn shared() -> Arc<Self> {
        static SHARED: OnceLock<Arc<HashPool>> = OnceLock::new();
        let pool = SHARED.get_or_init(|| {
            let threads = thread::available_parallelism().map_or(1, NonZero::get);
            Arc::new(Self::new(threads, (32 * threads).max(64)))
        });
        Arc::clone(pool)
    }

    /// Returns how much of the pool is taken, and what it has done so far.
    ///
    /// ```
    /// use usermgr::password::HashPool;
    /// let load = HashPool::new(2, 64).load();
    /// assert_eq!((load.threads, load.jobs.taken, load.jobs.limit, load.done), (2, 0, 66, 0));
    /// ```
    pub fn load(&self) -> HashLoad {
        let Inner { threads, room, taken, done, busy, refused, .. } = &*self.0;
        HashLoad {
            threads: *threads as u64,
            jobs: Load::new(taken.load(Relaxed), *room, refused.load(Relaxed)),
            done: done.load(Relaxed),
            busy: Duration::from_nanos(busy.load(Relaxed)),
        }
    }

    /// Runs `work` on one of the threads. If the future is dropped, work that has not begun is skipped, and other work
    /// still runs.
    ///
    /// # Errors
    /// - [`HashError::Overloaded`], immediately, if all places are taken or the system cannot start a thread, and later if
    ///   the job is dropped for a job of another client.
    /// - [`HashError::Failed`] if `work` panics.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, HashError> {
        self.run_with_memory(|_| work()).await
    }

    /// Runs `work` as [`run`](Self::run) does, with the memory of the thread.
    pub(super) async fn run_with_memory<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut HashMemory) -> T + Send + 'static,
    ) -> Result<T, HashError> {
        let (reply, answer) = oneshot::channel();
        let job = move |turn: Turn<'_>| {
            let answer = match turn {
                Turn::Work(..) if reply.is_closed() => return,
                Turn::Work(place, memory) => {
                    let begun = Instant::now();
                    let value = work(memory);
                    place.0.measured(begun.elapsed());
                    // The place is freed before the answer is sent. Otherwise the caller's next job could find it
                    // taken.
                    drop(place);
                    Ok(value)
                }
                Turn::Lost(error) => Err(error),
            };
            let _ = reply.send(answer);
        };
        self.0.push(Claim::current(), Box::new(job))?;
        answer.await.map_err(|_| HashError::Failed("the job panicked".into()))?
    }
}

impl Drop for HashPool {
    fn drop(&mut self) {
        self.0.state().closed = true;
        self.0.wake.notify_all();
    }
}

impl fmt::Debug for HashPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { threads, room, taken, .. } = &*self.0;
        f.debug_struct("HashPool")
            .field("threads", threads)
            .field("room", room)
            .field("taken", taken)
            .finish_non_exhaustive()
    }
}

/// What happens to a queued job.
enum Turn<'a> {
    /// It runs, with its place and the memory of the thread.
    Work(Place, &'a mut HashMemory),
    /// It was dropped for another job.
    Lost(HashError),
}

/// The place of one job. Dropping it frees the place.
struct Place(Arc<Inner>);

impl Place {
    fn take(pool: &Arc<Inner>) -> Option<Self> {
        let room = |taken: usize| (taken < pool.room).then_some(taken + 1);
        pool.taken.fetch_update(Relaxed, Relaxed, room).ok().map(|_| Self(Arc::clone(pool)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Relaxed);
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(self: &Arc<Self>, claim: Claim, job: Job) -> Result<(), HashError> {
        let mut state = self.state();
        let (place, lost) = match Place::take(self) {
            Some(place) => (place, None),
            None => match state.jobs.displace(claim) {
                Some((place, job)) => (place, Some(job)),
                None => return Err(self.refused()),
            },
        };
        if state.waiting <= state.jobs.len() && state.started < self.threads {
            let pool = Arc::clone(self);
            state.started += usize::from((self.start)(Box::new(move || pool.work())).is_ok());
        }
        if state.started == 0 {
            return Err(self.refused());
        }
        state.jobs.push(claim, (place, job));
        drop(state);
        self.wake.notify_one();
        if let Some(lost) = lost {
            lost(Turn::Lost(self.refused()));
        }
        Ok(())
    }

    fn work(&self) {
        lower_priority();
        let mut memory = HashMemory::default();
        while let Some((place, job)) = self.next(&mut memory) {
            // A job that panics drops its reply, so its caller receives an error. The thread continues.
            let _ = catch_unwind(AssertUnwindSafe(|| job(Turn::Work(place, &mut memory))));
        }
    }

    /// Waits for the next job, and frees the memory while no job waits. Returns `None` when the pool is dropped.
    fn next(&self, memory: &mut HashMemory) -> Option<(Place, Job)> {
        let mut state = self.state();
        loop {
            if let Some(job) = state.jobs.pop() {
                return Some(job);
            }
            if state.closed {
                return None;
            }
            state.waiting += 1;
            let idle;
            (state, idle) = if memory.len() == 0 {
                (self.wake.wait(state).unwrap_or_else(PoisonError::into_inner), false)
            } else {
                let (state, wait) =
                    self.wake.wait_timeout(state, self.idle_after).unwrap_or_else(PoisonError::into_inner);
                (state, wait.timed_out())
            };
            state.waiting -= 1;
            if idle && state.jobs.len() == 0 {
                // Wiping takes milliseconds, so the queue is unlocked meanwhile. The loop above sees a job that arrives
                // in that time.
                drop(state);
                memory.wipe();
                state = self.state();
            }
        }
    }

    fn measured(&self, took: Duration) {
        let took = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        let mean = |mean: u64| Some(if mean == 0 { took } else { mean - mean / SMOOTHING + took / SMOOTHING });
        let _ = self.mean.fetch_update(Relaxed, Relaxed, mean);
        self.done.fetch_add(1, Relaxed);
        self.busy.fetch_add(took, Relaxed);
    }

    fn refused(&self) -> HashError {
        self.refused.fetch_add(1, Relaxed);
        self.overloaded()
    }

    /// Returns the refusal, with the time that the queued jobs will take, in whole seconds.
    fn overloaded(&self) -> HashError {
        let queued = self.taken.load(Relaxed) as u128;
        let wait = u128::from(self.mean.load(Relaxed)) * queued / self.threads as u128;
        let seconds = wait.div_ceil(1_000_000_000).max(1);
        HashError::Overloaded { retry_after: Duration::from_secs(u64::try_from(seconds).unwrap_or(u64::MAX)) }
    }
}

fn start(work: Box<dyn FnOnce() + Send>) -> io::Result<()> {
    thread::Builder::new().name("usermgr-hash".into()).spawn(work).map(drop)
}

/// Best effort. On Linux a nice value belongs to a thread, and that of "this process" is the calling thread's.
#[cfg(target_os = "linux")]
fn lower_priority() {
    let _ = rustix::process::nice(NICE);
}

#[cfg(not(target_os = "linux"))]
fn lower_priority() {}

#[cfg(test)]
mod tests;
