//! Logged-in users: what a session is to the application, the [`Strategy`] trait that makes, reads and ends sessions, and the
//! [`Backend`] that joins one with a transport under a name.

mod cookie;
mod database;
mod info;
mod jwt;
mod notes;
mod refresh;
mod rows;
mod strategy;

use std::borrow::Cow;

pub use cookie::{CookieOptions, SameSite};
pub use database::Database;
pub use info::{Principal, SessionInfo};
pub use jwt::{Jwt, RevocableJwt};
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
}

/// A transport and a strategy under a name. The name is part of the paths, `/auth/<name>/login`, and must be unique in an engine.
pub struct Backend<S> {
    name: Cow<'static, str>,
    transport: Transport,
    strategy: Box<dyn Strategy<S>>,
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
    /// use usermgr::{Backend, CookieOptions, Database, MemoryStore, Transport};
    /// let backend: Backend<MemoryStore> = Backend::cookie("cookie", CookieOptions::default(), Database::new());
    /// assert!(matches!(backend.transport(), Transport::Cookie(_)));
    /// ```
    pub fn cookie(name: impl Into<Cow<'static, str>>, options: CookieOptions, strategy: impl Strategy<S>) -> Self {
        Self { name: name.into(), transport: Transport::Cookie(options), strategy: Box::new(strategy) }
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
