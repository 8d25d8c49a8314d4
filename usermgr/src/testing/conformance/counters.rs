//! The rules for counters of limits: what one more is answered, whoever else counts at the same time.

use std::time::Duration;

use jiff::Timestamp;

use super::{RIVALS, compete};
use crate::{CounterKey, CounterStore, Hit, Limit};

const LIMIT: Limit = Limit::new(3).first_delay(Duration::from_secs(10)).longest_delay(Duration::from_secs(30));
const DAY: i64 = 24 * 3600;

/// So many seconds after a time that lies before the present one, for stores that forget by a clock of their own.
fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_750_000_000 + seconds).expect("the time exists")
}

fn ada() -> CounterKey {
    CounterKey::new("test", "ada")
}

async fn hit<C: CounterStore>(counters: &C, key: &CounterKey, seconds: i64) -> Hit {
    counters.hit(key, &LIMIT, at(seconds)).await.expect("counting does not fail")
}

/// Some are free; the delay after each further one is twice that before, up to the longest; after a day all are forgotten.
pub async fn l1_delays_grow_and_are_forgotten<C: CounterStore, P>(counters: C, _profile: P) {
    let key = ada();
    for count in 1..=3 {
        assert_eq!(hit(&counters, &key, 0).await, Hit::Allowed(count));
    }
    assert_eq!(hit(&counters, &key, 9).await, Hit::Refused(at(10)));
    assert_eq!(hit(&counters, &key, 10).await, Hit::Allowed(4));
    assert_eq!(hit(&counters, &key, 11).await, Hit::Refused(at(30)));
    assert_eq!(hit(&counters, &key, 30).await, Hit::Allowed(5));
    assert_eq!(hit(&counters, &key, 31).await, Hit::Refused(at(60)));
    assert_eq!(hit(&counters, &key, 30 + DAY).await, Hit::Allowed(1));
}

/// Nothing is counted for a key by what another one counts.
pub async fn keys_count_for_themselves<C: CounterStore, P>(counters: C, _profile: P) {
    for kind in ["test", "mail"] {
        for subject in ["", "ada", "ad\u{0}a"] {
            assert_eq!(hit(&counters, &CounterKey::new(kind, subject), 0).await, Hit::Allowed(1), "{kind} {subject}");
        }
    }
}

/// What is taken back does not count; nothing is taken back of nothing.
pub async fn what_is_taken_back_was_never_there<C: CounterStore, P>(counters: C, _profile: P) {
    let key = ada();
    counters.refund(&key).await.expect("nothing is taken back");
    for _ in 0..5 {
        assert_eq!(hit(&counters, &key, 0).await, Hit::Allowed(1));
        counters.refund(&key).await.expect("it is taken back");
    }
    for count in 1..=3 {
        assert_eq!(hit(&counters, &key, 0).await, Hit::Allowed(count));
    }
    assert_eq!(hit(&counters, &key, 1).await, Hit::Refused(at(10)));
    counters.refund(&key).await.expect("it is taken back");
    assert_eq!(hit(&counters, &key, 1).await, Hit::Allowed(3));
}

/// What is cleared begins anew, and clears no other.
pub async fn what_is_cleared_begins_anew<C: CounterStore, P>(counters: C, _profile: P) {
    let (key, other) = (ada(), CounterKey::new("test", "bob"));
    for count in 1..=2 {
        assert_eq!(hit(&counters, &key, 0).await, Hit::Allowed(count));
        assert_eq!(hit(&counters, &other, 0).await, Hit::Allowed(count));
    }
    counters.clear(&key).await.expect("it is cleared");
    assert_eq!(hit(&counters, &key, 0).await, Hit::Allowed(1));
    assert_eq!(hit(&counters, &other, 0).await, Hit::Allowed(3));
}

/// A purge takes what is forgotten, and leaves the rest as it is.
pub async fn a_purge_leaves_what_still_counts<C: CounterStore, P>(counters: C, _profile: P) {
    let key = ada();
    assert_eq!(hit(&counters, &CounterKey::new("test", "bob"), 0).await, Hit::Allowed(1));
    assert_eq!(hit(&counters, &key, DAY).await, Hit::Allowed(1));
    counters.purge(at(DAY)).await.expect("purging does not fail");
    assert_eq!(hit(&counters, &key, DAY).await, Hit::Allowed(2));
    assert_eq!(hit(&counters, &CounterKey::new("test", "bob"), DAY).await, Hit::Allowed(1));
}

/// Of sixteen at once as many are allowed as of sixteen one after another, and each learns another number.
pub async fn l1_of_sixteen_at_once_three_are_allowed<C: CounterStore, P>(counters: C, _profile: P) {
    let (counters, outcomes) = compete(counters, |counters, _| async move { hit(&*counters, &ada(), 0).await }).await;
    let allowed = |count| outcomes.iter().filter(|outcome| **outcome == Hit::Allowed(count)).count();
    assert_eq!([1, 2, 3].map(allowed), [1; 3], "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Hit::Refused(at(10))).count(), RIVALS - 3);
    assert_eq!(hit(&*counters, &ada(), 9).await, Hit::Refused(at(10)));
}
