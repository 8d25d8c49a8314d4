//! The pace of a process: at least a pause between the beginnings of two mails.

use std::time::Duration;

use tokio::{
    sync::Mutex,
    time::{Instant, sleep_until},
};

/// When the next mail may begin.
pub(super) struct Pace {
    pause: Duration,
    next: Mutex<Option<Instant>>,
}

impl Pace {
    pub(super) fn new(per_second: u32) -> Self {
        Self { pause: Duration::from_secs(1) / per_second.max(1), next: Mutex::new(None) }
    }

    /// Waits for the turn of a mail.
    pub(super) async fn wait(&self) {
        let turn = {
            let mut next = self.next.lock().await;
            let now = Instant::now();
            let turn = next.map_or(now, |next| next.max(now));
            *next = Some(turn + self.pause);
            turn
        };
        sleep_until(turn).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_second_has_at_most_its_number_of_mails() {
        let (pace, begun) = (Pace::new(10), Instant::now());
        for _ in 0..21 {
            pace.wait().await;
        }
        assert_eq!(begun.elapsed().as_secs(), 2);
        // A pause is not made up for later.
        tokio::time::advance(Duration::from_secs(60)).await;
        let begun = Instant::now();
        pace.wait().await;
        pace.wait().await;
        assert!(begun.elapsed() >= Duration::from_millis(100));
    }
}
