//! The pool with more jobs than places, with dropped callers, and without work.

use std::{
    collections::HashSet,
    pin::pin,
    sync::RwLock,
    task::{Context, Poll, Wake, Waker},
    thread::{Thread, ThreadId},
};

use super::*;

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// A minimal executor.
fn block_on<F: Future>(future: F) -> F::Output {
    let (mut future, waker) = (pin!(future), Waker::from(Arc::new(Unpark(thread::current()))));
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

/// Submits a job without waiting for it. The job waits for the gate, which is closed while a writer holds it.
fn hand_over<'a, T: Send + 'static>(
    pool: &'a HashPool,
    gate: &Arc<RwLock<()>>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<std::pin::Pin<Box<impl Future<Output = Result<T, HashError>> + 'a>>, HashError> {
    let gate = Arc::clone(gate);
    let mut future = Box::pin(pool.run(move || {
        drop(gate.read());
        work()
    }));
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Err(error)) => Err(error),
        _ => Ok(future),
    }
}

fn wait_until(condition: impl Fn() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < Duration::from_secs(10), "it never came true");
        thread::sleep(Duration::from_millis(1));
    }
}

fn taken(pool: &HashPool) -> usize {
    pool.0.taken.load(Relaxed)
}

#[test]
fn p12_what_the_queue_holds_is_done_and_the_rest_is_refused_at_once() {
    let (pool, gate) = (HashPool::new(2, 32), Arc::new(RwLock::new(())));
    let closed = gate.write().unwrap();
    let begun = Instant::now();
    let (accepted, refused): (Vec<_>, Vec<_>) =
        (0..200).map(|n| hand_over(&pool, &gate, move || n)).partition(Result::is_ok);
    assert!(begun.elapsed() < Duration::from_secs(2));
    assert_eq!((accepted.len(), refused.len()), (34, 166));
    for error in refused {
        assert!(matches!(error.err(), Some(HashError::Overloaded { retry_after }) if retry_after.as_secs() == 1));
    }
    drop(closed);
    for (n, future) in accepted.into_iter().enumerate() {
        assert_eq!(block_on(future.ok().unwrap()).unwrap(), n);
    }
    assert_eq!(taken(&pool), 0);
}

#[test]
fn p12_no_more_jobs_run_at_once_than_there_are_threads_even_when_callers_are_dropped() {
    let (pool, now, most) = (HashPool::new(3, 1000), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let open = Arc::default();
    for _ in 0..200 {
        let callers: Vec<_> = (0..6)
            .map(|_| {
                let (now, most) = (Arc::clone(&now), Arc::clone(&most));
                hand_over(&pool, &open, move || {
                    most.fetch_max(now.fetch_add(1, Relaxed) + 1, Relaxed);
                    thread::sleep(Duration::from_micros(500));
                    now.fetch_sub(1, Relaxed);
                })
            })
            .collect();
        thread::sleep(Duration::from_micros(500));
        drop(callers);
    }
    wait_until(|| taken(&pool) == 0);
    assert_eq!((most.load(Relaxed), now.load(Relaxed), pool.0.state().started), (3, 0, 3));
}

#[test]
fn p12_a_dropped_caller_keeps_its_place_until_the_job_is_done() {
    let (pool, gate) = (HashPool::new(1, 0), Arc::new(RwLock::new(())));
    let closed = gate.write().unwrap();
    let begun = Arc::new(AtomicUsize::new(0));
    let mut caller = Box::pin(pool.run({
        let (begun, gate) = (Arc::clone(&begun), Arc::clone(&gate));
        move || {
            begun.store(1, Relaxed);
            drop(gate.read());
        }
    }));
    assert!(caller.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    wait_until(|| begun.load(Relaxed) == 1);
    drop(caller);
    assert!(matches!(block_on(pool.run(|| ())), Err(HashError::Overloaded { .. })));
    drop(closed);
    wait_until(|| taken(&pool) == 0);
    block_on(pool.run(|| ())).unwrap();
}

#[test]
fn p12_a_queued_job_without_a_waiter_is_skipped() {
    let (pool, gate) = (HashPool::new(1, 8), Arc::new(RwLock::new(())));
    let closed = gate.write().unwrap();
    let running = hand_over(&pool, &gate, || ()).unwrap();
    let ran = Arc::new(AtomicUsize::new(0));
    for _ in 0..8 {
        let ran = Arc::clone(&ran);
        drop(hand_over(&pool, &Arc::default(), move || ran.fetch_add(1, Relaxed)).unwrap());
    }
    assert_eq!(taken(&pool), 9);
    drop(closed);
    block_on(running).unwrap();
    block_on(pool.run(|| ())).unwrap();
    assert_eq!((ran.load(Relaxed), taken(&pool)), (0, 0));
}

#[test]
fn p12_retry_after_is_what_is_queued_times_the_mean_in_whole_seconds() {
    let pool = HashPool::new(2, 8);
    let wait = || match pool.0.overloaded() {
        HashError::Overloaded { retry_after } => retry_after,
        error => panic!("{error}"),
    };
    assert_eq!(wait(), Duration::from_secs(1));
    let places: Vec<_> = (0..10).map(|_| Place::take(&pool.0)).collect();
    assert!(Place::take(&pool.0).is_none());
    assert_eq!((pool.load().jobs.taken, pool.load().jobs.limit), (10, 10));
    for (took, seconds) in [(200, 1), (200, 1), (1_000, 2), (100_000_000, 62_502)] {
        pool.0.measured(Duration::from_millis(took));
        assert_eq!(wait(), Duration::from_secs(seconds), "after {took} ms");
    }
    drop(places);
    assert_eq!(wait(), Duration::from_secs(1));
    pool.0.measured(Duration::MAX);
    wait();
}

#[test]
fn p12_without_a_thread_jobs_are_refused_and_nothing_else_is_tried() {
    static TRIES: AtomicUsize = AtomicUsize::new(0);
    let fails_twice: Start = |work| match TRIES.fetch_add(1, Relaxed) {
        0 | 1 => Err(io::Error::other("no thread")),
        _ => start(work),
    };
    let pool = HashPool::with(2, 4, IDLE, fails_twice);
    for tries in 1..=2 {
        assert!(matches!(block_on(pool.run(|| ())), Err(HashError::Overloaded { .. })));
        assert_eq!((TRIES.load(Relaxed), taken(&pool)), (tries, 0));
    }
    block_on(pool.run(|| ())).unwrap();
    assert_eq!(pool.0.state().started, 1);
    assert_eq!((pool.load().jobs.refused, pool.load().done), (2, 1));
}

#[test]
fn a_panicking_job_fails_alone() {
    let pool = HashPool::new(1, 1);
    let thread = |pool| block_on(HashPool::run(pool, || thread::current().id())).unwrap();
    let before: ThreadId = thread(&pool);
    let failed = block_on(pool.run(|| -> () { std::panic::resume_unwind(Box::new("on purpose")) }));
    assert!(matches!(failed, Err(HashError::Failed(_))));
    assert_eq!(thread(&pool), before);
    wait_until(|| taken(&pool) == 0);
}

#[test]
fn a_thread_starts_when_it_is_needed_and_ends_with_the_pool() {
    let pool = HashPool::new(2, 2);
    assert_eq!(pool.0.state().started, 0);
    let threads: HashSet<_> = (0..20)
        .map(|_| {
            wait_until(|| {
                let state = pool.0.state();
                state.waiting == state.started
            });
            block_on(pool.run(|| thread::current().id())).unwrap()
        })
        .collect();
    assert_eq!(threads.len(), 1);
    let inner = Arc::downgrade(&pool.0);
    drop(pool);
    wait_until(|| inner.strong_count() == 0);
}

/// Requests this number of blocks and returns the previous number.
fn ask(pool: &HashPool, count: usize) -> usize {
    let ask = move |memory: &mut HashMemory| {
        let held = memory.len();
        memory.blocks(count).map(|_| held)
    };
    block_on(pool.run_with_memory(ask)).unwrap().unwrap()
}

#[test]
fn memory_is_kept_from_job_to_job() {
    let pool = HashPool::with(1, 1, Duration::MAX, start);
    assert_eq!([ask(&pool, 64), ask(&pool, 16), ask(&pool, 65), ask(&pool, 1)], [0, 64, 64, 65]);
}

#[test]
fn memory_is_given_back_without_work() {
    let pool = HashPool::with(1, 1, Duration::from_millis(10), start);
    ask(&pool, 64);
    wait_until(|| {
        thread::sleep(Duration::from_millis(100));
        ask(&pool, 1) == 0
    });
}

#[cfg(target_os = "linux")]
#[test]
fn p12_only_the_hashing_threads_have_a_lower_priority() {
    let nice = || rustix::process::getpriority_process(None).unwrap();
    let before = nice();
    let pool = HashPool::new(2, 8);
    assert_eq!(block_on(pool.run(nice)).unwrap(), (before + NICE).min(19));
    assert_eq!(nice(), before);
    assert_eq!(thread::spawn(nice).join().unwrap(), before);
}

#[test]
fn the_process_has_one_shared_pool() {
    assert!(Arc::ptr_eq(&HashPool::shared(), &HashPool::shared()));
    assert!(HashPool::shared().0.room >= 65);
}

#[test]
fn l16_one_client_may_use_every_place_and_none_that_another_needs() {
    let (pool, gate) = (HashPool::new(1, 9), Arc::new(RwLock::new(())));
    let order = Arc::new(Mutex::new(Vec::new()));
    let closed = gate.write().unwrap();
    let hand_over_as = |claim: Claim, name: &'static str| {
        let (order, gate) = (Arc::clone(&order), Arc::clone(&gate));
        let mut future = Box::pin(claim.scope(pool.run(move || {
            drop(gate.read());
            order.lock().unwrap().push(name);
        })));
        let refused = matches!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(Err(_)));
        (!refused).then_some(future)
    };
    // One network, with another account for each job.
    let stranger = |account| Claim { network: 1, account };
    let running = hand_over_as(stranger(10), "running").unwrap();
    wait_until(|| pool.0.state().jobs.len() == 0);
    let mut strangers: Vec<_> = (0..9).map(|account| hand_over_as(stranger(account), "stranger").unwrap()).collect();
    assert!(hand_over_as(stranger(99), "stranger").is_none(), "it has every place there is");
    let victims = [2, 3].map(|network| hand_over_as(Claim { network, account: 100 + network }, "victim").unwrap());
    // The last two jobs of the stranger were dropped, and their callers are notified immediately when to retry.
    for _ in 0..2 {
        let lost = block_on(strangers.pop().unwrap());
        assert!(matches!(lost, Err(HashError::Overloaded { .. })), "{lost:?}");
    }
    assert_eq!(taken(&pool), 10);
    drop(closed);
    block_on(running).unwrap();
    for future in victims.into_iter().chain(strangers) {
        block_on(future).unwrap();
    }
    let order = order.lock().unwrap();
    assert_eq!(order[..4], ["running", "stranger", "victim", "victim"]);
    assert_eq!((order.len(), taken(&pool)), (10, 0));
}
