//! Sessions of users who are logged in. The [`Strategy`] trait creates, reads and ends sessions. A [`Backend`] combines
//! a strategy and a transport under a name.

mod authenticated;
mod cookie;
mod database;
mod info;
mod jwt;
mod login;
mod notes;
mod refresh;
mod rows;
mod strategy;
mod touch;

use std::borrow::Cow;

#[cfg(feature = "http")]
use crate::carrier::Carrier;
use crate::realm::Realm;
pub use crate::{
    actor::SessionActor,
    amr::{Amr, Method},
};
pub use authenticated::Authenticated;
pub use cookie::{CookieOptions, SameSite};
pub use database::Database;
pub use info::{Principal, SessionInfo};
pub use jwt::{Jwt, RevocableJwt};
pub use login::{FailedLogin, FailedLoginReason, Lockout, Login, TokenTheft};
pub(crate) use notes::Notes;
pub use refresh::{JwtWithRefresh, Refresh};
pub use strategy::{Issued, Origin, RefreshOutcome, Strategy, StrategyContext};

/// The way in which a token travels between client and server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transport {
    /// The `Authorization` header with the scheme `Bearer` (RFC 6750). The login response has the token in its body.
    Bearer,
    /// A cookie. The login response is 204 and sets the cookie. Requests that change something must come from the same
    /// origin.
    Cookie(CookieOptions),
    /// The whole value of a header with this name, in lower case. The login response has the token in its body. The
    /// origin is not checked, because browsers do not add such a header by themselves.
    Header(Cow<'static, str>),
}

#[cfg(feature = "http")]
impl Transport {
    pub(crate) fn carrier(&self) -> Carrier<'_> {
        match self {
            Self::Bearer => Carrier::Bearer,
            Self::Cookie(options) => Carrier::Cookie(options.cookie_name()),
            Self::Header(name) => Carrier::Header(name),
        }
    }
}

/// A transport and a strategy under a name. The name is part of the paths (`/auth/<name>/login`) and must be unique
/// within an engine.
pub struct Backend<S> {
    name: Cow<'static, str>,
    transport: Transport,
    strategy: Box<dyn Strategy<S>>,
}

/// Headers that have a meaning in HTTP, in browsers or in proxies. Those that begin with one of [`TAKEN_PREFIXES`] come
/// in addition.
const TAKEN: [&str; 23] = [
    "age",
    "authorization",
    "cache-control",
    "connection",
    "cookie",
    "date",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "link",
    "origin",
    "pragma",
    "range",
    "referer",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
    "x-request-id",
];
const TAKEN_PREFIXES: [&str; 6] = ["accept", "access-control-", "content-", "proxy-", "sec-", "x-forwarded-"];

/// Returns why a header cannot carry tokens (RFC 9110, 5.1), if it cannot.
pub(crate) fn header_fault(name: &str) -> Option<String> {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || name.len() > 64 || !name.bytes().all(token) {
        let shown = name[..name.floor_char_boundary(64)].escape_debug();
        return Some(format!("the header name `{shown}` is invalid: use 1 to 64 letters, digits and `-`"));
    }
    let taken = TAKEN.contains(&name) || TAKEN_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    taken.then(|| {
        format!("the header `{name}` has another meaning: use a custom one, such as `x-api-key`, or `Backend::bearer` for `Authorization`")
    })
}

impl<S> Backend<S> {
    /// Creates a backend with the `Authorization` header.
    ///
    /// ```
    /// use usermgr::{Backend, Jwt, MemoryStore};
    /// let backend: Backend<MemoryStore> = Backend::bearer("jwt", Jwt::new());
    /// assert_eq!(backend.name(), "jwt");
    /// ```
    pub fn bearer(name: impl Into<Cow<'static, str>>, strategy: impl Strategy<S>) -> Self {
        Self { name: name.into(), transport: Transport::Bearer, strategy: Box::new(strategy) }
    }

    /// Creates a backend with a cookie.
    ///
    /// ```
    /// use usermgr::{Backend, CookieOptions, Database, MemoryStore, session::Transport};
    /// let backend: Backend<MemoryStore> = Backend::cookie("cookie", CookieOptions::default(), Database::new());
    /// assert!(matches!(backend.transport(), Transport::Cookie(_)));
    /// ```
    pub fn cookie(name: impl Into<Cow<'static, str>>, options: CookieOptions, strategy: impl Strategy<S>) -> Self {
        Self { name: name.into(), transport: Transport::Cookie(options), strategy: Box::new(strategy) }
    }

    /// Creates a backend with a custom header, such as `x-api-key`, whose whole value is the token. Letter case does
    /// not matter. [`build`](crate::engine::EngineBuilder::build) refuses names that HTTP, browsers or proxies use for something
    /// else.
    ///
    /// ```
    /// use usermgr::{Backend, Database, MemoryStore, session::Transport};
    /// let backend: Backend<MemoryStore> = Backend::header("device", "X-Api-Key", Database::new());
    /// assert_eq!(backend.transport(), &Transport::Header("x-api-key".into()));
    /// ```
    pub fn header(name: impl Into<Cow<'static, str>>, header: &str, strategy: impl Strategy<S>) -> Self {
        let transport = Transport::Header(header.to_ascii_lowercase().into());
        Self { name: name.into(), transport, strategy: Box::new(strategy) }
    }

    /// Returns the backend for the users of a realm, whose cookies have the name of the realm.
    pub(crate) fn in_realm(mut self, realm: &Realm) -> Self {
        if let Transport::Cookie(options) = self.transport {
            self.transport = Transport::Cookie(options.in_realm(realm));
        }
        self
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the transport.
    pub fn transport(&self) -> &Transport {
        &self.transport
    }

    pub(crate) fn strategy(&self) -> &dyn Strategy<S> {
        &*self.strategy
    }
}

#[cfg(test)]
mod tests {
    use super::header_fault;

    #[test]
    fn a_header_of_ones_own_carries_tokens_and_no_other() {
        for good in ["x-api-key", "api-key", "x_key", "x-shop-token"] {
            assert_eq!(header_fault(good), None, "{good}");
        }
        for bad in [
            "",
            "x api",
            "x-kĕy",
            "x:y",
            "cookie",
            "authorization",
            "sec-fetch-site",
            "content-type",
            "x-forwarded-for",
        ] {
            assert!(header_fault(bad).is_some(), "{bad}");
        }
        assert!(header_fault(&"x".repeat(65)).is_some());
    }
}
