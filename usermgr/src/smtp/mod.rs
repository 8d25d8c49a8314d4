//! [`Smtp`]: a mailer that passes mails to a mail server over SMTP (RFC 5321), within limits of its own.

mod connections;
mod failure;
mod format;
mod pace;
mod relay;
#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use connections::Connections;
use failure::Failure;
use format::Format;
use pace::Pace;
use relay::Relay;
use tokio::sync::Semaphore;

use crate::{
    config_error::ConfigError,
    mailer::{Mail, MailError, Mailer},
};

/// How long a mail may take: less than the 60 seconds of a delivery, so that the error says what was slow.
const TIMEOUT: Duration = Duration::from_secs(50);
/// How many mails are sent at once.
const CONNECTIONS: usize = 4;
/// How many mails are sent in a second.
const PER_SECOND: u32 = 10;

/// Sends mail through a mail server (feature `smtp`).
///
/// ```no_run
/// use usermgr::mail::{Mails, Smtp};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let smtp = Smtp::new(&std::env::var("SMTP_URL")?, "Shop <accounts@shop.example>")?;
/// let mails = Mails::new("https://shop.example", smtp);
/// # let _ = mails;
/// # Ok(()) }
/// ```
///
/// A reply from 400 to 499, a server that is away, and one that is too slow are errors that are worth another attempt. A reply from 500 to
/// 599 is [permanent](MailError::permanent), and so is an address that the server cannot transport. A refused password, a certificate that
/// is not valid, and a server without TLS are [misconfigured](MailError::misconfigured).
///
/// A server that takes a mail and breaks off before it says so has not taken it, as far as a client can know: the next attempt sends the
/// mail again under the same `Message-ID`.
///
/// `Debug` does not show the password.
#[derive(Clone)]
pub struct Smtp {
    relay: Relay,
    format: Format,
    timeout: Duration,
    lanes: Arc<Semaphore>,
    pace: Arc<Pace>,
    /// Shared by clones, and by none after a change of the relay.
    connections: Arc<Connections>,
}

impl Smtp {
    /// Creates the mailer. Nothing is connected yet.
    ///
    /// - `smtps://user:password@host` speaks TLS from the first byte (RFC 8314), on port 465.
    /// - `smtp://user:password@host` demands STARTTLS (RFC 3207), on port 587.
    /// - `smtp://localhost:25?tls=none` speaks in the clear, with a server of the own machine only.
    ///
    /// Another port is written behind the host. Characters such as `@` in the user or the password are percent-encoded. The certificate
    /// must be one of Mozilla's authorities, or of an [`authority`](Self::authority).
    ///
    /// `from` is the sender as recipients see it, as in `Shop <accounts@shop.example>`.
    ///
    /// # Errors
    /// The URL or the sender cannot be read. The error does not repeat the URL, because it may contain a password.
    pub fn new(url: &str, from: &str) -> Result<Self, ConfigError> {
        let format = Format::new(from)?;
        let relay = Relay::parse(url, format.domain())?;
        Ok(Self {
            relay,
            format,
            timeout: TIMEOUT,
            lanes: Arc::new(Semaphore::new(CONNECTIONS)),
            pace: Arc::new(Pace::new(PER_SECOND)),
            connections: Arc::default(),
        })
    }

    /// Sets where answers to mails go, as in `Help <help@shop.example>`. Default: to the sender.
    ///
    /// # Errors
    /// The address cannot be read.
    pub fn reply_to(mut self, address: &str) -> Result<Self, ConfigError> {
        self.format.reply_to(address)?;
        Ok(self)
    }

    /// Adds an authority that may have issued the server's certificate, as PEM: for a private mail server.
    ///
    /// # Errors
    /// It is no certificate.
    pub fn authority(mut self, pem: &[u8]) -> Result<Self, ConfigError> {
        self.relay.trust(pem)?;
        self.connections = Arc::default();
        Ok(self)
    }

    /// Sets how long a mail may take, from the wait for a connection to the server's last reply. Default: 50 seconds.
    #[must_use]
    pub fn timeout(self, limit: Duration) -> Self {
        Self { timeout: limit, ..self }
    }

    /// Sets how many mails are sent at once, each over a connection of its own. At least 1. Default: 4.
    #[must_use]
    pub fn connections(self, most: usize) -> Self {
        Self { lanes: Arc::new(Semaphore::new(most.clamp(1, Semaphore::MAX_PERMITS))), ..self }
    }

    /// Sets how many mails this process sends in a second, so that the limit of a mail service is met as a delay and not as an error. At
    /// least 1. Default: 10.
    #[must_use]
    pub fn per_second(self, most: u32) -> Self {
        Self { pace: Arc::new(Pace::new(most)), ..self }
    }

    /// Sends a mail and returns the last reply of the server, as in `250 2.0.0 Ok: queued as 4F2`: for a command that tests the
    /// configuration.
    ///
    /// # Errors
    /// As for [`send`](Mailer::send).
    pub async fn submit(&self, mail: &Mail) -> Result<String, MailError> {
        let sending = async {
            let _lane = self.lanes.acquire().await;
            self.pace.wait().await;
            self.over_a_connection(mail).await
        };
        match tokio::time::timeout(self.timeout, sending).await {
            Ok(outcome) => outcome.map_err(Failure::judged),
            Err(_) => Err(Failure::Slow(self.timeout).judged()),
        }
    }

    /// Formats a mail as it is sent (RFC 5322), such as for a preview as an `.eml` file.
    ///
    /// # Errors
    /// The recipient's address cannot be written into a header.
    pub fn formatted(&self, mail: &Mail) -> Result<Vec<u8>, MailError> {
        Ok(self.format.message(mail).map_err(Failure::judged)?.formatted())
    }

    /// Sends over a connection that another mail has left, or over a new one. A connection whose mail did not come to an end is never left:
    /// this future may be dropped at any point, and a reply that is still to come would be taken for that of the next mail.
    async fn over_a_connection(&self, mail: &Mail) -> Result<String, Failure> {
        let message = self.format.message(mail)?;
        let mut connection = match self.connections.idle().await {
            Some(connection) => connection,
            None => self.relay.connect().await?,
        };
        let reply = relay::send(&mut connection, &message).await?;
        self.connections.leave(connection);
        Ok(reply)
    }
}

#[async_trait]
impl Mailer for Smtp {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        self.submit(&mail).await.map(drop)
    }
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp").field("relay", &self.relay).field("from", &self.format).finish_non_exhaustive()
    }
}
