//! Logged-in users: what a session is to the application, the [`Strategy`] trait that makes, reads and ends sessions, and the
//! [`Backend`] that joins one with a transport under a name.

mod cookie;
mod database;
mod jwt;

use std::{borrow::Cow, fmt, net::IpAddr};

use async_trait::async_trait;
use jiff::Timestamp;
use serde::Serialize;

use crate::{
    error::Fault,
    store::{RecordOf, SessionId, StoreError, UserOf, UserStore},
    token::{AccessToken, Keys},
    user::Stamp,
};

pub use cookie::{CookieOptions, SameSite};
pub use database::Database;
pub use jwt::Jwt;

/// A session as the application and the user may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SessionInfo {
    /// The public name; it gives no access.
    pub id: SessionId,
    /// The backend it belongs to.
    pub backend: String,
    /// When the password was proved.
    pub authenticated_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
}

/// An authenticated user with the session he came through.
pub struct Principal<S: UserStore> {
    pub(crate) record: RecordOf<S>,
    /// The session.
    pub session: SessionInfo,
}

impl<S: UserStore> fmt::Debug for Principal<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Principal").field("user", self.user()).field("session", &self.session).finish_non_exhaustive()
    }
}

impl<S: UserStore> Principal<S> {
    /// The principal of a session that a strategy of one's own has read.
    pub fn new(record: RecordOf<S>, session: SessionInfo) -> Self {
        Self { record, session }
    }

    /// The user.
    pub fn user(&self) -> &UserOf<S> {
        &self.record.user
    }

    /// The user, given away.
    pub fn into_user(self) -> UserOf<S> {
        self.record.user
    }
}

/// What a strategy works with.
pub struct StrategyContext<'a, S> {
    /// The store.
    pub store: &'a S,
    /// Now, by the engine's clock.
    pub now: Timestamp,
    /// The name of the backend that the strategy serves.
    pub backend: &'a str,
    pub(crate) keys: &'a Keys,
}

/// Where a login comes from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Origin<'a> {
    /// The address of the client.
    pub ip: Option<IpAddr>,
    /// What the client says it is.
    pub user_agent: Option<&'a str>,
}

/// Makes, reads and ends sessions. The two built-in ones are [`Jwt`] and [`Database`].
///
/// The bound on the store stands on the methods, so that a struct can hold an [`Engine<S>`](crate::Engine) without repeating it.
#[async_trait]
pub trait Strategy<S>: Send + Sync + 'static {
    /// Makes a session for a user whose password has just been proved.
    async fn issue(
        &self,
        cx: &StrategyContext<'_, S>,
        record: &RecordOf<S>,
        origin: Origin<'_>,
    ) -> Result<(AccessToken, SessionInfo), Fault>
    where
        S: UserStore;

    /// The user of a token, or `None` for whatever is wrong with it. The user comes from the store each time, so that deactivation
    /// and a new stamp hold at once; an inactive user is returned, and the guard decides.
    async fn read(&self, cx: &StrategyContext<'_, S>, token: &str) -> Result<Option<Principal<S>>, Fault>
    where
        S: UserStore;

    /// Ends a session. A strategy whose tokens cannot be revoked does nothing.
    async fn end(&self, cx: &StrategyContext<'_, S>, principal: &Principal<S>) -> Result<(), Fault>
    where
        S: UserStore;

    /// Lets a session outlive its user's new stamp, in the transaction of the change. A strategy whose tokens cannot be changed
    /// does nothing, and the token ends.
    async fn restamp(&self, store: &S, tx: &mut S::Tx, session: &SessionInfo, stamp: &Stamp) -> Result<(), StoreError>
    where
        S: UserStore;
}

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
