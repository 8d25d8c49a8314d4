//! Counters in the memory of one process, of bounded size.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use jiff::Timestamp;

use super::{CounterKey, CounterStore, Hit, Limit, counter::Counter};
use crate::{span::later, store::StoreError};

/// Counters in memory, with a limited number of keys. If the limit is reached, the counters that have not changed for
/// the longest time are forgotten first. Counters that cause a delay are kept longer than the others, in up to one
/// eighth of the capacity. So an attacker cannot remove a lock by using many new keys.
///
/// Each engine has its own counters. With several processes, or several engines in one process, the effective limit is
/// multiplied by their number. Engines of one process over the same store should share one `Arc<MemoryCounters>`. A
/// restart forgets all counters.
pub struct MemoryCounters {
    counters: Mutex<Generations>,
    /// The remembered keys. They are separate, so that counters and remembered keys do not displace each other.
    remembered: Mutex<Generations>,
    capacity: usize,
}

/// Two generations of counters. A changed counter moves to the younger generation. When that is full, the older
/// generation is forgotten.
#[derive(Default)]
struct Generations {
    young: HashMap<CounterKey, Kept>,
    old: HashMap<CounterKey, Kept>,
}

#[derive(Clone, Copy)]
struct Kept {
    counter: Counter,
    /// Until when the counter causes a delay or lengthens the next one. `None` while free attempts are left.
    delays_until: Option<Timestamp>,
}

impl MemoryCounters {
    /// Creates counters for at most `capacity` keys (at least two), at about 80 bytes each, and the same number of
    /// remembered keys.
    pub fn new(capacity: usize) -> Self {
        Self { counters: Mutex::default(), remembered: Mutex::default(), capacity: capacity.max(2) }
    }

    fn kept(&self) -> MutexGuard<'_, Generations> {
        self.counters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryCounters {
    /// Returns counters for 200,000 keys.
    fn default() -> Self {
        Self::new(200_000)
    }
}

impl fmt::Debug for MemoryCounters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryCounters").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}

impl Generations {
    fn get(&self, key: &CounterKey) -> Option<Counter> {
        self.young.get(key).or_else(|| self.old.get(key)).map(|kept| kept.counter)
    }

    fn put(&mut self, key: CounterKey, kept: Kept, capacity: usize, now: Timestamp) {
        self.old.remove(&key);
        self.young.insert(key, kept);
        if self.young.len() >= capacity / 2 {
            let forgotten = std::mem::replace(&mut self.old, std::mem::take(&mut self.young));
            let delays = |kept: &Kept| kept.delays_until.is_some_and(|end| now < end);
            self.young.extend(forgotten.into_iter().filter(|(_, kept)| delays(kept)).take(capacity / 8));
        }
    }

    fn remove(&mut self, key: &CounterKey) {
        self.young.remove(key);
        self.old.remove(key);
    }
}

#[async_trait]
impl CounterStore for MemoryCounters {
    async fn hit(&self, key: &CounterKey, limit: &Limit, now: Timestamp) -> Result<Hit, StoreError> {
        let mut kept = self.kept();
        let (hit, next) = Counter::one_more(kept.get(key), limit, now);
        if let Some(next) = next {
            let delays_until = limit.delays_until(next.count, next.last);
            kept.put(*key, Kept { counter: next, delays_until }, self.capacity, now);
        }
        Ok(hit)
    }

    async fn refund(&self, key: &CounterKey, last: Timestamp, before: Timestamp) -> Result<(), StoreError> {
        let mut kept = self.kept();
        match kept.get(key) {
            Some(Counter { count: 2.., .. }) => {
                let Generations { young, old } = &mut *kept;
                if let Some(Kept { counter, .. }) = young.get_mut(key).or_else(|| old.get_mut(key)) {
                    counter.count -= 1;
                    if counter.last == last {
                        counter.last = before;
                    }
                }
            }
            _ => kept.remove(key),
        }
        Ok(())
    }

    async fn clear(&self, key: &CounterKey) -> Result<(), StoreError> {
        self.kept().remove(key);
        Ok(())
    }

    async fn remember(&self, key: &CounterKey, keep: Duration, now: Timestamp) -> Result<(), StoreError> {
        let delays_until = Some(later(now, keep));
        let kept = Kept { counter: Counter { count: 1, last: now }, delays_until };
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner).put(*key, kept, self.capacity, now);
        Ok(())
    }

    async fn remembered(&self, key: &CounterKey) -> Result<Option<Timestamp>, StoreError> {
        let remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(remembered.get(key).map(|counter| counter.last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit::new(3).first_delay(Duration::from_secs(10)).longest_delay(Duration::from_secs(30));

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[tokio::test]
    async fn l1_after_a_hundred_in_a_row_only_time_helps() {
        let counters = MemoryCounters::default();
        let key = CounterKey::new("test", "ada");
        let (mut now, mut allowed) = (0, 0);
        while now < 23 * 3600 {
            match counters.hit(&key, &LIMIT, at(now)).await.unwrap() {
                Hit::Allowed { .. } => allowed += 1,
                Hit::Refused(end) => now = end.as_second(),
            }
        }
        assert_eq!(allowed, Limit::MOST);
    }

    #[tokio::test]
    async fn l7_a_lock_is_not_pushed_out_by_unused_keys() {
        let counters = MemoryCounters::new(1_000);
        let victim = CounterKey::new("test", "victim");
        for _ in 0..3 {
            counters.hit(&victim, &LIMIT, at(0)).await.unwrap();
        }
        for number in 0..100_000 {
            counters.hit(&CounterKey::new("test", &number.to_string()), &LIMIT, at(1)).await.unwrap();
        }
        assert_eq!(counters.hit(&victim, &LIMIT, at(9)).await.unwrap(), Hit::Refused(at(10)));
        let next = counters.hit(&victim, &LIMIT, at(10)).await.unwrap();
        assert_eq!(next, Hit::Allowed { count: 4, before: Some(at(0)) });
    }

    #[tokio::test]
    async fn l7_a_million_keys_take_no_more_room_than_the_capacity() {
        let counters = MemoryCounters::new(10_000);
        for number in 0..1_000_000 {
            let key = CounterKey::new("test", &number.to_string());
            counters.hit(&key, &LIMIT, at(0)).await.unwrap();
            if number % 4_096 == 0 {
                let kept = counters.kept();
                assert!(kept.young.len() + kept.old.len() <= 10_000);
            }
        }
    }
}
