//! Logged-in users: what a session is to the application, the [`Strategy`] trait that makes, reads and ends sessions, and the
//! [`Backend`] that joins one with a transport under a name.

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

pub use crate::amr::{Amr, Method};
#[cfg(feature = "http")]
use crate::carrier::Carrier;
pub use authenticated::Authenticated;
pub use cookie::{CookieOptions, SameSite};
pub use database::Database;
pub use info::{Principal, SessionInfo};
pub use jwt::{Jwt, RevocableJwt};
pub use login::{FailedLogin, FailedLoginReason, Lockout, Login, TokenTheft};
pub(crate) use notes::Notes;
pub use refresh::{JwtWithRefresh, Refresh};
pub use strategy::{Issued, Origin, RefreshOutcome, Strategy, StrategyContext};

/// How a token travels.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transport {
    /// In the `Authorization` header, scheme `Bearer` (RFC 6750); login answers with the token in the body.
    Bearer,
    /// In a cookie; login answers 204 and sets it. Requests that change something must come from the same origin.
    Cookie(CookieOptions),
    /// As the whole value of a header of this name, in small letters; login answers with the token in the body. No browser adds such a
    /// header by itself, so that no origin is checked.
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

/// A transport and a strategy under a name. The name is part of the paths, `/auth/<name>/login`, and must be unique in an engine.
pub struct Backend<S> {
    name: Cow<'static, str>,
    transport: Transport,
    strategy: Box<dyn Strategy<S>>,
}

/// Headers that mean something else to HTTP, to browsers or to proxies, with those that begin with one of [`TAKEN_PREFIXES`].
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

/// What keeps a header from carrying tokens (RFC 9110, 5.1).
pub(crate) fn header_fault(name: &str) -> Option<String> {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || name.len() > 64 || !name.bytes().all(token) {
        let shown = name[..name.floor_char_boundary(64)].escape_debug();
        return Some(format!("`{shown}` cannot be the name of a header: use 1 to 64 letters, digits and `-`"));
    }
    let taken = TAKEN.contains(&name) || TAKEN_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    taken.then(|| {
        format!("the header `{name}` has another meaning: use one of your own, as in `x-api-key`, or `Backend::bearer` for `Authorization`")
    })
}

impl<S> Backend<S> {
    /// A backend over the `Authorization` header.
    ///
    /// ```
    /// use usermgr::{Backend, Jwt, MemoryStore};
    /// let backend: Backend<MemoryStore> = Backend::bearer("jwt", Jwt::new());
    /// assert_eq!(backend.name(), "jwt");
    /// ```
    pub fn bearer(name: impl Into<Cow<'static, str>>, strategy: impl Strategy<S>) -> Self {
        Self { name: name.into(), transport: Transport::Bearer, strategy: Box::new(strategy) }
    }

    /// A backend over a cookie.
    ///
    /// ```
    /// use usermgr::{Backend, CookieOptions, Database, MemoryStore, session::Transport};
    /// let backend: Backend<MemoryStore> = Backend::cookie("cookie", CookieOptions::default(), Database::new());
    /// assert!(matches!(backend.transport(), Transport::Cookie(_)));
    /// ```
    pub fn cookie(name: impl Into<Cow<'static, str>>, options: CookieOptions, strategy: impl Strategy<S>) -> Self {
        Self { name: name.into(), transport: Transport::Cookie(options), strategy: Box::new(strategy) }
    }

    /// A backend over a header of its own, such as `x-api-key`, whose whole value is the token. Upper and lower case are the same. A name
    /// that HTTP, browsers or proxies have another use for is refused by [`check`](crate::Operations::check).
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

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The transport.
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
