//! The mail server: its URL, its certificate, the login, and one mail over a connection.

use std::{fmt, time::Duration};

use lettre::{
    Message,
    transport::smtp::{
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        extension::{ClientId, Extension},
    },
};
use percent_encoding::percent_decode_str;
use url::Url;

use super::Failure;
use crate::{config_error::ConfigError, origin::is_own_machine};

/// How long the connection itself may take. The whole has a limit of its own.
const CONNECT: Duration = Duration::from_secs(20);

/// How a certificate in PEM begins.
const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// What the URL must look like.
const FORMS: &str = "write the mail server as in `smtps://user:password@mail.example`, `smtp://user:password@mail.example:587` (with \
                     STARTTLS) or, on the own machine, `smtp://localhost:25?tls=none`";

/// A mail server that passes mails on.
#[derive(Clone)]
pub(super) struct Relay {
    host: String,
    port: u16,
    security: Security,
    login: Option<Credentials>,
    hello: ClientId,
    authorities: Vec<Certificate>,
}

/// How the connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Security {
    /// TLS from the first byte.
    Tls,
    /// TLS after a greeting in the clear.
    StartTls,
    /// None, on the own machine.
    Clear,
}

impl Relay {
    /// Reads the URL of a server. `own` is the domain with which it is greeted.
    pub(super) fn parse(url: &str, own: &str) -> Result<Self, ConfigError> {
        let wrong = |why: &str| ConfigError::new(format!("{why}: {FORMS}"));
        let parsed = Url::parse(url).map_err(|_| wrong("the URL of the mail server cannot be read"))?;
        let host = parsed.host_str().unwrap_or_default();
        if host.is_empty() || !["", "/"].contains(&parsed.path()) || parsed.fragment().is_some() {
            return Err(wrong("the URL of the mail server must have a host and no path"));
        }
        let (security, port) = match (parsed.scheme(), parsed.query()) {
            ("smtps", None) => (Security::Tls, 465),
            ("smtp", None) => (Security::StartTls, 587),
            ("smtp", Some("tls=none")) if is_own_machine(host) => (Security::Clear, 25),
            ("smtp", Some("tls=none")) => {
                return Err(wrong("`tls=none` is for the own machine, because mails contain tokens"));
            }
            _ => return Err(wrong("the URL of the mail server has another scheme or another query")),
        };
        let decoded = |text: &str| percent_decode_str(text).decode_utf8().map(std::borrow::Cow::into_owned);
        let login = match (parsed.username(), parsed.password()) {
            ("", None) => None,
            (user, Some(password)) if !user.is_empty() => match (decoded(user), decoded(password)) {
                (Ok(user), Ok(password)) => Some(Credentials::new(user, password)),
                _ => return Err(wrong("the user or the password for the mail server is not UTF-8")),
            },
            _ => return Err(wrong("the URL of the mail server needs a user and a password, or neither")),
        };
        Ok(Self {
            host: host.trim_start_matches('[').trim_end_matches(']').to_owned(),
            port: parsed.port().unwrap_or(port),
            security,
            login,
            hello: ClientId::Domain(own.to_owned()),
            authorities: Vec::new(),
        })
    }

    /// Trusts an authority, as PEM.
    pub(super) fn trust(&mut self, pem: &[u8]) -> Result<(), ConfigError> {
        let wrong = || ConfigError::new("the authority for the mail server is no certificate in PEM");
        // A file without a certificate would be accepted.
        if !pem.windows(BEGIN.len()).any(|part| part == BEGIN) {
            return Err(wrong());
        }
        self.authorities.push(Certificate::from_pem(pem).map_err(|_| wrong())?);
        Ok(())
    }

    /// Connects and logs in.
    pub(super) async fn connect(&self) -> Result<AsyncSmtpConnection, Failure> {
        let implicit = match self.security {
            Security::Tls => Some(self.tls()?),
            Security::StartTls | Security::Clear => None,
        };
        let server = (self.host.as_str(), self.port);
        let connected = AsyncSmtpConnection::connect_tokio1(server, Some(CONNECT), &self.hello, implicit, None).await;
        let mut connection = connected.map_err(Failure::Connection)?;
        if self.security == Security::StartTls {
            if !connection.can_starttls() {
                return Err(Failure::NoTls);
            }
            connection.starttls(self.tls()?, &self.hello).await.map_err(Failure::Connection)?;
        }
        if let Some(login) = &self.login {
            connection.auth(DEFAULT_MECHANISMS, login).await.map_err(Failure::Login)?;
        }
        Ok(connection)
    }

    fn tls(&self) -> Result<TlsParameters, Failure> {
        let builder = TlsParameters::builder(self.host.clone());
        let builder = self.authorities.iter().cloned().fold(builder, |builder, one| builder.add_root_certificate(one));
        builder.build().map_err(Failure::Connection)
    }
}

/// Sends one mail, and returns the last reply.
pub(super) async fn send(connection: &mut AsyncSmtpConnection, message: &Message) -> Result<String, Failure> {
    let envelope = message.envelope();
    let is_ascii = envelope.to().iter().all(|address| address.user().is_ascii());
    if !is_ascii && !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
        return Err(Failure::NoUtf8);
    }
    let reply = connection.send(envelope, &message.formatted()).await.map_err(Failure::Mail)?;
    Ok(format!("{} {}", reply.code(), reply.message().collect::<Vec<_>>().join(" ")))
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{} ({:?})", self.host, self.port, self.security)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_the_server_its_protection_and_the_login() {
        for (url, shown, has_login) in [
            ("smtps://user:pass@mail.example", "mail.example:465 (Tls)", true),
            ("smtp://mail.example", "mail.example:587 (StartTls)", false),
            ("smtp://us%40er:p%40%2Fss@mail.example:2525/", "mail.example:2525 (StartTls)", true),
            ("smtp://localhost?tls=none", "localhost:25 (Clear)", false),
            ("smtp://127.0.0.1:1025?tls=none", "127.0.0.1:1025 (Clear)", false),
            ("smtp://[::1]:1025?tls=none", "::1:1025 (Clear)", false),
        ] {
            let relay = Relay::parse(url, "shop.example").unwrap();
            assert_eq!((format!("{relay:?}"), relay.login.is_some()), (shown.to_owned(), has_login), "{url}");
        }
    }

    #[test]
    fn a_url_that_would_send_tokens_in_the_clear_or_means_something_else_is_refused() {
        for url in [
            "",
            "mail.example",
            "http://mail.example",
            "smtp://",
            "smtp://mail.example?tls=none",
            "smtp://localhost.evil.example?tls=none",
            "smtp://mail.example?tls=opportunistic",
            "smtps://mail.example?tls=none",
            "smtp://secret-user@mail.example",
            "smtp://:secret-password@mail.example",
            "smtp://user:secret-%ff@mail.example",
            "smtp://mail.example/inbox",
            "smtp://mail.example#x",
        ] {
            let error = Relay::parse(url, "shop.example").err().unwrap_or_else(|| panic!("{url}")).to_string();
            assert!(error.contains("smtps://user:password@") && !error.contains("secret"), "{url}: {error}");
        }
    }

    #[test]
    fn nm8_neither_the_relay_nor_its_mailer_shows_the_password() {
        let smtp = super::super::Smtp::new("smtps://user:hunter2@mail.example", "Shop <a@shop.example>").unwrap();
        let shown = format!("{smtp:?}");
        assert!(shown.contains("mail.example:465") && !shown.contains("hunter2"), "{shown}");
    }
}
