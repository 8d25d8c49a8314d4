//! How sending fails, and what that means for further attempts.

use std::{io, time::Duration};

use lettre::transport::smtp::Error;

use crate::mailer::MailError;

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The server could not be reached, or does not accept this client.
    #[error("the mail server cannot be used: {}", shown(.0))]
    Connection(#[source] Error),
    /// The server does not accept the user or the password.
    #[error("the mail server refuses the user or the password: {}", shown(.0))]
    Login(#[source] Error),
    /// The server offers no TLS.
    #[error("the mail server does not offer STARTTLS, and mails with tokens are not sent in the clear")]
    NoTls,
    /// The server knows only ASCII in addresses.
    #[error("the mail server does not transport addresses with other characters than ASCII (it has no SMTPUTF8)")]
    NoUtf8,
    /// The mail itself was refused.
    #[error("the mail server refuses the mail: {}", shown(.0))]
    Mail(#[source] Error),
    /// The address or a header cannot be written.
    #[error("the mail cannot be written: {0}")]
    Format(Box<dyn std::error::Error + Send + Sync>),
    /// It took too long.
    #[error("the mail server was too slow: the mail was not accepted within {0:?}")]
    Slow(Duration),
}

/// An error with its causes: the outer one of the client says only its kind.
fn shown(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        let words = next.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        cause = next.source();
    }
    text
}

/// The reply of a server that wants a login first (RFC 4954, 6).
const LOGIN_REQUIRED: &str = "530";

impl Failure {
    /// The error with what it means for further attempts.
    pub(super) fn judged(self) -> MailError {
        let make: fn(Self) -> MailError = match &self {
            Self::NoTls => MailError::misconfigured,
            Self::Connection(error) if is_tls(error) || error.is_permanent() => MailError::misconfigured,
            // Otherwise the connection has ended, or the server asks for another attempt.
            Self::Login(error) if error.is_permanent() || error.is_client() || error.is_response() => {
                MailError::misconfigured
            }
            Self::Mail(error) if error.status().is_some_and(|code| code.to_string() == LOGIN_REQUIRED) => {
                MailError::misconfigured
            }
            Self::Mail(error) if error.is_permanent() => MailError::permanent,
            Self::NoUtf8 | Self::Format(_) => MailError::permanent,
            Self::Connection(_) | Self::Login(_) | Self::Mail(_) | Self::Slow(_) => MailError::new,
        };
        make(self)
    }
}

/// Whether TLS has failed, such as by a certificate that is not valid. Under the connection it is an input error with invalid data.
fn is_tls(error: &Error) -> bool {
    let mut causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    let is_invalid = |cause: &io::Error| cause.kind() == io::ErrorKind::InvalidData;
    error.is_tls() || causes.any(|cause| cause.downcast_ref().is_some_and(is_invalid))
}
