//! What a provider publishes, kept in memory: one task fetches it, a failed fetch is followed by a pause, and what is old
//! serves on while nothing newer is to be had.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use jiff::Timestamp;
use tokio::sync::Mutex;

use super::reader::ProviderError;
use crate::span::later;

/// The pauses between attempts grow up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A value that was fetched.
pub(super) struct Fetched<T> {
    pub(super) value: T,
    /// How long the provider lets it be kept.
    pub(super) fresh_for: Duration,
}

struct Held<T> {
    value: Arc<T>,
    fresh_until: Timestamp,
    usable_until: Timestamp,
}

/// A value of a provider.
pub(super) struct Cache<T> {
    held: RwLock<Option<Held<T>>>,
    /// Held by the task that fetches.
    fetching: Mutex<Pause>,
    /// How long a value serves beyond its time if it cannot be fetched.
    outage: Duration,
}

/// When the next attempt may be made.
#[derive(Default)]
struct Pause {
    failures: u32,
    until: Option<Timestamp>,
}

impl<T> Cache<T> {
    pub(super) fn new(outage: Duration) -> Self {
        Self { held: RwLock::new(None), fetching: Mutex::default(), outage }
    }

    /// The value, fetched if there is none that is fresh. While one task fetches, the others get the old value if there
    /// is one, and wait if there is none.
    pub(super) async fn get<F>(&self, now: Timestamp, fetch: impl FnOnce() -> F) -> Result<Arc<T>, ProviderError>
    where
        F: Future<Output = Result<Fetched<T>, ProviderError>>,
    {
        if let Some(value) = self.held(|held| held.fresh_until > now) {
            return Ok(value);
        }
        let usable = self.held(|held| held.usable_until > now);
        let mut pause = match (self.fetching.try_lock(), usable) {
            (Ok(pause), _) => pause,
            (Err(_), Some(value)) => return Ok(value),
            (Err(_), None) => self.fetching.lock().await,
        };
        // Another task may have fetched it while this one waited.
        if let Some(value) = self.held(|held| held.fresh_until > now) {
            return Ok(value);
        }
        let fetched = match pause.until.filter(|until| *until > now) {
            None => fetch().await,
            Some(until) => Err(waiting(now, until)),
        };
        match fetched {
            Ok(fetched) => {
                *pause = Pause::default();
                Ok(self.keep(fetched, now))
            }
            Err(error) => {
                if pause.until.is_none_or(|until| until <= now) {
                    pause.failed(now);
                }
                self.held(|held| held.usable_until > now).ok_or(error)
            }
        }
    }

    /// Fetches the value again, although it is fresh. It stays as it is if that fails.
    pub(super) async fn renew<F>(&self, now: Timestamp, fetch: impl FnOnce() -> F) -> Result<Arc<T>, ProviderError>
    where
        F: Future<Output = Result<Fetched<T>, ProviderError>>,
    {
        let _alone = self.fetching.lock().await;
        Ok(self.keep(fetch().await?, now))
    }

    fn held(&self, fits: impl FnOnce(&Held<T>) -> bool) -> Option<Arc<T>> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.as_ref().filter(|held| fits(held)).map(|held| held.value.clone())
    }

    fn keep(&self, Fetched { value, fresh_for }: Fetched<T>, now: Timestamp) -> Arc<T> {
        let value = Arc::new(value);
        let fresh_until = later(now, fresh_for);
        let held = Held { value: value.clone(), fresh_until, usable_until: later(fresh_until, self.outage) };
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Some(held);
        value
    }
}

impl Pause {
    /// After the first failure one second, then two, four, and so on.
    fn failed(&mut self, now: Timestamp) {
        let pause = Duration::from_secs(1 << self.failures.min(5)).min(LONGEST_PAUSE);
        self.failures = self.failures.saturating_add(1);
        self.until = Some(later(now, pause));
    }
}

fn waiting(now: Timestamp, until: Timestamp) -> ProviderError {
    let wait = Duration::try_from(until.duration_since(now)).unwrap_or_default();
    let retry_after = Duration::from_secs(wait.as_secs() + u64::from(wait.subsec_nanos() > 0));
    ProviderError::Unavailable { reason: "it failed a moment ago".into(), retry_after }
}

/// For how long a response may be kept: its `max-age`, between five minutes and a day (RFC 9111, 5.2.2.1).
pub(super) fn fresh_for(headers: &::http::HeaderMap) -> Duration {
    let values = headers.get_all(::http::header::CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let directives = values.flat_map(|value| value.split(','));
    let seconds = directives
        .filter_map(|directive| directive.trim().to_ascii_lowercase().strip_prefix("max-age=")?.parse().ok())
        .next();
    Duration::from_secs(seconds.unwrap_or(0).clamp(300, 86_400))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    /// A provider that counts how often it is asked, and is down while `down`.
    struct Asked {
        calls: AtomicUsize,
    }

    impl Asked {
        async fn ask(&self, cache: &Cache<usize>, second: i64, down: bool) -> Result<usize, ProviderError> {
            let fetch = || async {
                let call = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
                tokio::task::yield_now().await;
                match down {
                    true => Err(ProviderError::unavailable("down")),
                    false => Ok(Fetched { value: call, fresh_for: Duration::from_secs(300) }),
                }
            };
            cache.get(at(second), fetch).await.map(|value| *value)
        }

        fn calls(&self) -> usize {
            self.calls.load(Ordering::Relaxed)
        }
    }

    #[tokio::test]
    async fn what_is_fresh_is_not_fetched_and_one_task_fetches_for_all() {
        let (cache, asked) = (Cache::new(Duration::from_secs(3600)), Asked { calls: AtomicUsize::new(0) });
        let (a, b, c) =
            tokio::join!(asked.ask(&cache, 0, false), asked.ask(&cache, 0, false), asked.ask(&cache, 0, false));
        assert_eq!((a, b, c), (Ok(1), Ok(1), Ok(1)));
        assert_eq!(asked.ask(&cache, 299, false).await, Ok(1));
        assert_eq!(asked.calls(), 1);
        let (a, b) = tokio::join!(asked.ask(&cache, 300, false), asked.ask(&cache, 300, false));
        assert_eq!((a, b), (Ok(2), Ok(1)), "the second one gets the old value at once");
        assert_eq!(asked.calls(), 2);
    }

    #[tokio::test]
    async fn an_outage_is_bridged_and_asked_about_less_and_less() {
        let (cache, asked) = (Cache::new(Duration::from_secs(3600)), Asked { calls: AtomicUsize::new(0) });
        assert!(asked.ask(&cache, 0, true).await.is_err(), "nothing was fetched yet");
        let Err(ProviderError::Unavailable { retry_after, .. }) = asked.ask(&cache, 0, false).await else { panic!() };
        assert_eq!((asked.calls(), retry_after), (1, Duration::from_secs(1)), "the others are answered at once");
        assert_eq!(asked.ask(&cache, 1, false).await, Ok(2), "it is back");
        // Down again: the old value serves for an hour beyond its time.
        for (second, calls) in [(301, 3), (301, 3), (302, 4), (303, 4), (304, 5), (307, 5), (308, 6)] {
            assert_eq!(asked.ask(&cache, second, true).await, Ok(2), "{second}");
            assert_eq!(asked.calls(), calls, "{second}");
        }
        assert!(asked.ask(&cache, 301 + 3600, true).await.is_err());
        assert_eq!(asked.ask(&cache, 301 + 3640, false).await, Ok(8));
    }

    #[test]
    fn the_time_to_keep_an_answer_has_bounds() {
        for (value, seconds) in [
            ("", 300),
            ("max-age=0", 300),
            ("public, Max-Age=600", 600),
            ("max-age=99999999", 86_400),
            ("max-age=x", 300),
            ("no-store", 300),
        ] {
            let headers = [(::http::header::CACHE_CONTROL, value.parse().unwrap())].into_iter().collect();
            assert_eq!(fresh_for(&headers).as_secs(), seconds, "{value:?}");
        }
    }
}
