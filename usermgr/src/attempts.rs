//! Retries after concurrent writes, and the pause before the next attempt.

use std::time::Duration;

use crate::error::Fault;

/// Counts the attempts of one transaction or statement.
///
/// Conflicting writers would conflict again if all retried at once. Each waits a random time, which grows with each
/// attempt. The caller holds no transaction meanwhile.
#[derive(Default)]
pub(crate) struct Attempts(u8);

impl Attempts {
    const MOST: u8 = 4;
    /// The shortest pause, in milliseconds.
    const LEAST: u64 = 2;
    /// The additional random part of the first pause, in milliseconds. It doubles with each attempt.
    const SPREAD: u64 = 16;

    /// Waits for the next attempt. Returns `false` at once if no attempt is left.
    pub(crate) async fn another(&mut self) -> bool {
        self.0 += 1;
        if self.0 >= Self::MOST {
            return false;
        }
        // Without random bytes, the longest pause is sufficient.
        let random = getrandom::u32().unwrap_or(u32::MAX);
        tokio::time::sleep(pause(self.0, random)).await;
        true
    }

    /// Like [`another`](Self::another), for the change of a row: if there is no further attempt, the row is busy.
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
        assert_eq!(pause(1, u32::MAX / 2).as_millis(), 9, "every value in between is possible");
    }
}
