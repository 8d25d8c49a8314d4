//! How often something is tried that another's write was in the way of, and the pause before the next try.

use std::time::Duration;

use crate::error::Fault;

/// Counts the tries of one transaction or statement.
///
/// Those who got into each other's way would do so again if all came back at once; each waits a random time of its own, and longer from
/// try to try. The caller holds no transaction meanwhile.
#[derive(Default)]
pub(crate) struct Attempts(u8);

impl Attempts {
    const MOST: u8 = 4;
    /// The shortest pause, in milliseconds.
    const LEAST: u64 = 2;
    /// How much longer the first pause may be, in milliseconds; twice as much at each that follows.
    const SPREAD: u64 = 16;

    /// Waits for the next try; `false`, at once, when there is none.
    pub(crate) async fn another(&mut self) -> bool {
        self.0 += 1;
        if self.0 >= Self::MOST {
            return false;
        }
        // Where no random bytes are to be had the longest pause does as well.
        let random = getrandom::u32().unwrap_or(u32::MAX);
        tokio::time::sleep(pause(self.0, random)).await;
        true
    }

    /// As [`another`](Self::another), for the change of a row: when there is none, the row counts as busy.
    pub(crate) async fn another_or_busy(&mut self) -> Result<(), Fault> {
        if self.another().await { Ok(()) } else { Err(Fault::Busy) }
    }
}

fn pause(attempt: u8, random: u32) -> Duration {
    let spread = Attempts::SPREAD << attempt.saturating_sub(1);
    Duration::from_millis(Attempts::LEAST)
        + Duration::from_micros(spread * 1000 * u64::from(random) / u64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[tokio::test]
    async fn four_tries_with_a_pause_between_any_two() {
        let mut attempts = Attempts::default();
        let start = Instant::now();
        for _ in 0..3 {
            assert!(attempts.another().await);
        }
        assert!(start.elapsed() >= Duration::from_millis(3 * Attempts::LEAST));
        assert!(!attempts.another().await);
    }

    #[test]
    fn pauses_are_of_milliseconds_and_spread_more_from_try_to_try() {
        let range = |attempt| [0, u32::MAX].map(|random| pause(attempt, random).as_millis());
        assert_eq!([range(1), range(2), range(3)], [[2, 18], [2, 34], [2, 66]]);
        assert_eq!(pause(1, u32::MAX / 2).as_millis(), 9, "all that lies between may be");
    }
}
