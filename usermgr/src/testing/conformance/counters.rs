//! The rules for counters of limits: the result of each count, also if others count at the same time.

use std::time::Duration;

use jiff::Timestamp;

use super::{RIVALS, compete};
use crate::limits::{CounterKey, CounterStore, Hit, Limit};

const LIMIT: Limit = Limit::new(3).first_delay(Duration::from_secs(10)).longest_delay(Duration::from_secs(30));
const DAY: i64 = 24 * 3600;

/// This many seconds after a time in the past, for stores that forget by their own clock.
fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_750_000_000 + seconds).expect("the time exists")
}

fn ada() -> CounterKey {
    CounterKey::new("test", "ada")
}

async fn hit<C: CounterStore>(counters: &C, key: &CounterKey, seconds: i64) -> Result<u32, Timestamp> {
    match counters.hit(key, &LIMIT, at(seconds)).await.expect("counting does not fail") {
        Hit::Allowed { count, .. } => Ok(count),
        Hit::Refused(end) => Err(end),
    }
}

/// Takes back a count of this time, after another one.
async fn refund<C: CounterStore>(counters: &C, key: &CounterKey, last: i64, before: i64) {
    counters.refund(key, at(last), at(before)).await.expect("it is taken back");
}

/// Some are free. After each further one the delay doubles, up to the maximum. After a day all are forgotten.
pub async fn l1_delays_grow_and_are_forgotten<C: CounterStore, P>(counters: C, _profile: P) {
    let key = ada();
    for count in 1..=3 {
        assert_eq!(hit(&counters, &key, 0).await, Ok(count));
    }
    assert_eq!(hit(&counters, &key, 9).await, Err(at(10)));
    assert_eq!(hit(&counters, &key, 10).await, Ok(4));
    assert_eq!(hit(&counters, &key, 11).await, Err(at(30)));
    assert_eq!(hit(&counters, &key, 30).await, Ok(5));
    assert_eq!(hit(&counters, &key, 31).await, Err(at(60)));
    assert_eq!(hit(&counters, &key, 30 + DAY).await, Ok(1));
}

/// Counts of one key do not affect another.
pub async fn keys_count_for_themselves<C: CounterStore, P>(counters: C, _profile: P) {
    for kind in ["test", "mail"] {
        for subject in ["", "ada", "ad\u{0}a"] {
            assert_eq!(hit(&counters, &CounterKey::new(kind, subject), 0).await, Ok(1), "{kind} {subject}");
        }
    }
}

/// A count that was taken back does not count; taking back without a count does nothing.
pub async fn what_is_taken_back_was_never_there<C: CounterStore, P>(counters: C, _profile: P) {
    let key = ada();
    refund(&counters, &key, 0, 0).await;
    for _ in 0..5 {
        assert_eq!(hit(&counters, &key, 0).await, Ok(1));
        refund(&counters, &key, 0, 0).await;
    }
    for count in 1..=3 {
        assert_eq!(hit(&counters, &key, 0).await, Ok(count));
    }
    assert_eq!(hit(&counters, &key, 1).await, Err(at(10)));
    refund(&counters, &key, 0, 0).await;
    assert_eq!(hit(&counters, &key, 1).await, Ok(3));
}

/// Taking back moves no time: neither the end of a delay nor the time at which all are forgotten. A later failure does.
pub async fn l4_what_is_taken_back_leaves_the_time_as_it_was<C: CounterStore, P>(counters: C, _profile: P) {
    let key = ada();
    for count in 1..=3 {
        assert_eq!(hit(&counters, &key, 0).await, Ok(count));
    }
    for seconds in 10..20 {
        let one_more = counters.hit(&key, &LIMIT, at(seconds)).await.expect("counting does not fail");
        assert_eq!(one_more, Hit::Allowed { count: 4, before: Some(at(0)) });
        refund(&counters, &key, seconds, 0).await;
    }
    assert_eq!(hit(&counters, &key, 20).await, Ok(4));
    // Another one was counted since, which stays.
    refund(&counters, &key, 10, 0).await;
    assert_eq!(hit(&counters, &key, 29).await, Err(at(30)));
    assert_eq!(hit(&counters, &key, 20 + DAY).await, Ok(1));
}

/// A time in the future comes from a clock that was corrected since: the delay begins now, and ends.
pub async fn l11_a_clock_that_is_put_right_lengthens_no_delay<C: CounterStore, P>(counters: C, _profile: P) {
    let key = ada();
    for count in 1..=3 {
        assert_eq!(hit(&counters, &key, DAY).await, Ok(count));
    }
    assert_eq!(hit(&counters, &key, 0).await, Err(at(10)));
    assert_eq!(hit(&counters, &key, 5).await, Err(at(10)));
    assert_eq!(hit(&counters, &key, 10).await, Ok(4));
    assert_eq!(hit(&counters, &key, 11).await, Err(at(30)));
}

/// A cleared key begins again from zero, and other keys stay.
pub async fn a_cleared_key_begins_again<C: CounterStore, P>(counters: C, _profile: P) {
    let (key, other) = (ada(), CounterKey::new("test", "bob"));
    for count in 1..=2 {
        assert_eq!(hit(&counters, &key, 0).await, Ok(count));
        assert_eq!(hit(&counters, &other, 0).await, Ok(count));
    }
    counters.clear(&key).await.expect("it is cleared");
    assert_eq!(hit(&counters, &key, 0).await, Ok(1));
    assert_eq!(hit(&counters, &other, 0).await, Ok(3));
}

/// A remembered key is found with its last time, is not a counter, and is purged when its time is over.
pub async fn l14_what_is_remembered_lasts_as_long_as_it_is_to<C: CounterStore, P>(counters: C, _profile: P) {
    let (key, keep) = (ada(), Duration::from_secs(30 * 24 * 3600));
    assert_eq!(counters.remembered(&key).await.expect("it is looked up"), None);
    for seconds in [0, DAY, DAY] {
        counters.remember(&key, keep, at(seconds)).await.expect("it is remembered");
        assert_eq!(counters.remembered(&key).await.expect("it is looked up"), Some(at(seconds)));
    }
    assert_eq!(counters.remembered(&CounterKey::new("test", "bob")).await.expect("it is looked up"), None);
    for count in 1..=3 {
        assert_eq!(hit(&counters, &CounterKey::new("test", "bob"), 0).await, Ok(count));
    }
    counters.purge(at(30 * DAY)).await.expect("purging does not fail");
    assert_eq!(counters.remembered(&key).await.expect("it is looked up"), Some(at(DAY)));
}

/// A purge deletes what is forgotten, and leaves the rest unchanged.
pub async fn a_purge_leaves_what_still_counts<C: CounterStore, P>(counters: C, _profile: P) {
    let key = ada();
    assert_eq!(hit(&counters, &CounterKey::new("test", "bob"), 0).await, Ok(1));
    assert_eq!(hit(&counters, &key, DAY).await, Ok(1));
    counters.purge(at(DAY)).await.expect("purging does not fail");
    assert_eq!(hit(&counters, &key, DAY).await, Ok(2));
    assert_eq!(hit(&counters, &CounterKey::new("test", "bob"), DAY).await, Ok(1));
}

/// Of sixteen at the same time, as many are allowed as of sixteen in sequence, and each receives a different number.
pub async fn l1_of_sixteen_at_once_three_are_allowed<C: CounterStore, P>(counters: C, _profile: P) {
    let (counters, outcomes) = compete(counters, |counters, _| async move { hit(&*counters, &ada(), 0).await }).await;
    let allowed = |count| outcomes.iter().filter(|outcome| **outcome == Ok(count)).count();
    assert_eq!([1, 2, 3].map(allowed), [1; 3], "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Err(at(10))).count(), RIVALS - 3);
    assert_eq!(hit(&*counters, &ada(), 9).await, Err(at(10)));
}
