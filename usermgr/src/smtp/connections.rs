//! Connections that a mail has left for the next one.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use lettre::transport::smtp::client::AsyncSmtpConnection;

/// How long a connection waits for the next mail. Servers close idle ones after some minutes (RFC 5321, 4.5.3.2).
const IDLE: Duration = Duration::from_secs(60);

/// How long the server may take to say that it is still there. One that has vanished says nothing.
const GREETING: Duration = Duration::from_secs(3);

/// Idle connections, the one that was used last at the end.
#[derive(Default)]
pub(super) struct Connections(Mutex<Vec<Idle>>);

struct Idle {
    connection: AsyncSmtpConnection,
    since: Instant,
}

impl Connections {
    /// A connection whose server still answers.
    pub(super) async fn idle(&self) -> Option<AsyncSmtpConnection> {
        while let Some(mut connection) = self.take() {
            let answer = tokio::time::timeout(GREETING, connection.test_connected()).await;
            if answer.is_ok_and(|is_there| is_there) {
                return Some(connection);
            }
        }
        None
    }

    /// Leaves a connection whose last mail came to its end.
    pub(super) fn leave(&self, connection: AsyncSmtpConnection) {
        if !connection.has_broken() {
            let idle = Idle { connection, since: Instant::now() };
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(idle);
        }
    }

    fn take(&self) -> Option<AsyncSmtpConnection> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|idle| idle.since.elapsed() < IDLE);
        all.pop().map(|idle| idle.connection)
    }
}
