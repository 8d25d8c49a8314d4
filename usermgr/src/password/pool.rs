//! The threads that hash. Jobs go in, up to a fixed number and not one more; the answer comes out of a future that needs no runtime.

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

/// How long a thread without work keeps its memory.
const IDLE: Duration = Duration::from_secs(2);
/// What is added to the nice value of a hashing thread: against a busy request thread it then gets about a tenth of a core.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;
/// The weight of the newest measurement in the mean is one in so many.
const SMOOTHING: u64 = 8;

type Job = Box<dyn FnOnce(Turn<'_>) + Send>;
type Start = fn(Box<dyn FnOnce() + Send>) -> io::Result<()>;

/// Threads of their own for hashing passwords, with a bounded queue.
///
/// Hashing is slow and takes memory on purpose, so it must neither block the threads that serve requests nor happen more often at once
/// than the machine can bear. A pool of `threads` threads with a queue of `queue` takes `threads + queue` jobs and refuses the next one
/// at once. A job keeps its place until it has run, whether or not somebody still waits for it; a job that nobody waits for when its
/// turn comes is skipped.
///
/// Within an operation the pool knows for which client and which account it hashes, and serves them in rounds: in each round no network
/// and no account has more than one job. Whoever has many jobs waits for their own, and when all places are taken the last of theirs
/// gives way to the first of somebody else. So one client alone may use every place, and none that others need. Jobs from outside of
/// an operation are those of one client.
///
/// A thread starts when it is first needed and keeps its working memory from job to job; after two seconds without work the memory is
/// wiped and given back. On Linux the threads run at a lower priority than the rest of the process.
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
    /// How many jobs there may be, queued and running together.
    room: usize,
    /// How many there are.
    taken: AtomicUsize,
    /// The moving mean of a job's duration in nanoseconds; 0 before the first.
    mean: AtomicU64,
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
    /// A pool of `threads` threads (at least one) and a queue of `queue` jobs behind them. A process needs one pool, the
    /// [shared](Self::shared) one, unless it must keep kinds of work apart.
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
            idle_after,
            start,
        }))
    }

    /// The pool of the process: as many threads as there are processors for it, and a queue of 32 jobs for each, but at least 64.
    pub fn shared() -> Arc<Self> {
        static SHARED: OnceLock<Arc<HashPool>> = OnceLock::new();
        let pool = SHARED.get_or_init(|| {
            let threads = thread::available_parallelism().map_or(1, NonZero::get);
            Arc::new(Self::new(threads, (32 * threads).max(64)))
        });
        Arc::clone(pool)
    }

    /// Runs `work` on one of the threads. Dropping the future gives the answer up, not the work, unless it has not begun.
    ///
    /// # Errors
    /// [`HashError::Overloaded`] at once when all places are taken or when the system gives no thread; [`HashError::Failed`] when `work`
    /// panics.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, HashError> {
        self.run_with_memory(|_| work()).await
    }

    /// As [`run`](Self::run), with the memory of the thread.
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
                    // Left before answering, or the caller's next job could find its own place still taken.
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

/// What becomes of a job that waited.
enum Turn<'a> {
    /// It is done, with its place and the memory of the thread.
    Work(Place, &'a mut HashMemory),
    /// It had to give way.
    Lost(HashError),
}

/// The right of one job to be there, which goes with it.
struct Place(Arc<Inner>);

impl Place {
    fn take(pool: &Arc<Inner>) -> Result<Self, HashError> {
        let room = |taken: usize| (taken < pool.room).then_some(taken + 1);
        match pool.taken.fetch_update(Relaxed, Relaxed, room) {
            Ok(_) => Ok(Self(Arc::clone(pool))),
            Err(_) => Err(pool.overloaded()),
        }
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
            Ok(place) => (place, None),
            Err(error) => match state.jobs.displace(claim) {
                Some((place, job)) => (place, Some(job)),
                None => return Err(error),
            },
        };
        if state.waiting <= state.jobs.len() && state.started < self.threads {
            let pool = Arc::clone(self);
            state.started += usize::from((self.start)(Box::new(move || pool.work())).is_ok());
        }
        if state.started == 0 {
            return Err(self.overloaded());
        }
        state.jobs.push(claim, (place, job));
        drop(state);
        self.wake.notify_one();
        if let Some(lost) = lost {
            lost(Turn::Lost(self.overloaded()));
        }
        Ok(())
    }

    fn work(&self) {
        lower_priority();
        let mut memory = HashMemory::default();
        while let Some((place, job)) = self.next(&mut memory) {
            // A job that panics drops its reply, which is how its caller learns of it; the thread goes on.
            let _ = catch_unwind(AssertUnwindSafe(|| job(Turn::Work(place, &mut memory))));
        }
    }

    /// Waits for the next job, and gives the memory back while there is none. `None` when the pool is gone.
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
                // Wiping takes milliseconds, in which others may use the queue; a job that comes meanwhile is seen above.
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
    }

    /// The refusal, with the time that what is queued now will take, in whole seconds.
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

/// Best effort. On Linux a nice value belongs to a thread, and the one of "this process" is the calling thread's.
#[cfg(target_os = "linux")]
fn lower_priority() {
    let _ = rustix::process::nice(NICE);
}

#[cfg(not(target_os = "linux"))]
fn lower_priority() {}

#[cfg(test)]
mod tests;
