//! A session as applications, users, hooks and events see it.

use std::{fmt, net::IpAddr, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::SessionActor;
use crate::{
    amr::Amr,
    store::{RecordOf, Session, SessionId, UserOf, UserStore},
    user::{Record, Stamp},
};

/// A session as applications and users see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SessionInfo {
    /// The public name. It gives no access.
    pub id: SessionId,
    /// The name of the backend to which the session belongs.
    pub backend: String,
    /// When the user was authenticated.
    pub authenticated_at: Timestamp,
    /// The authentication methods. The serialized form omits a password alone.
    #[serde(default, skip_serializing_if = "Amr::is_password_alone")]
    pub amr: Amr,
    /// When the session last gave access, rounded down to a whole minute, but not before the login. `None` for a signed
    /// token without a row. A refresh does not change it, and neither do the accesses shortly after a refresh. So it
    /// does not reveal when a stolen token could be used unnoticed.
    pub seen_at: Option<Timestamp>,
    /// When the absolute lifetime ends.
    pub expires_at: Timestamp,
    /// The address from which the user logged in, if it was known and is stored.
    pub ip: Option<IpAddr>,
    /// The `User-Agent` with which the user logged in, at most 256 bytes.
    pub user_agent: Option<String>,
    /// The administrator who acts in this session as its user. `None` for a session of the user, whose serialized form
    /// does not have it. A session with an administrator is never fresh and proves nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<Box<SessionActor>>,
    /// Whether this is the session of the current request.
    pub is_current: bool,
    /// The user's stamp at the time of the request, if it is known. A new stamp invalidates the proof of the login.
    #[serde(skip)]
    pub(crate) stamp: Option<Stamp>,
}

impl SessionInfo {
    /// Creates a description of a session without a row, for a custom strategy. The methods are a password alone,
    /// unless [`amr`](Self::amr) sets others.
    pub fn new(id: SessionId, backend: impl Into<String>, authenticated_at: Timestamp, expires_at: Timestamp) -> Self {
        let backend = backend.into();
        Self {
            id,
            backend,
            authenticated_at,
            amr: Amr::PASSWORD,
            seen_at: None,
            expires_at,
            ip: None,
            user_agent: None,
            actor: None,
            is_current: true,
            stamp: None,
        }
    }

    /// Sets the authentication methods.
    #[must_use]
    pub fn amr(self, amr: Amr) -> Self {
        Self { amr, ..self }
    }

    /// Sets the administrator who acts as the user.
    #[must_use]
    pub fn actor(self, actor: Option<SessionActor>) -> Self {
        Self { actor: actor.map(Box::new), ..self }
    }

    /// Returns whether the user had this stamp at the time of the request. Returns `true` if that stamp is not known.
    pub(crate) fn is_of(&self, stamp: &Stamp) -> bool {
        self.stamp.is_none_or(|of| of == *stamp)
    }

    /// Creates the description of a row.
    pub(crate) fn of<I>(session: Session<I>, is_current: bool) -> Self {
        let Session { id, backend, authenticated_at, amr, seen_at, expires_at, ip, user_agent, actor, .. } = session;
        let actor = actor.map(Box::new);
        let minute = seen_at.as_second().div_euclid(60).saturating_mul(60);
        let seen_at = Some(Timestamp::from_second(minute).map_or(seen_at, |minute| minute.max(authenticated_at)));
        Self { id, backend, authenticated_at, amr, seen_at, expires_at, ip, user_agent, actor, is_current, stamp: None }
    }
}

/// An authenticated user with the session of the request.
pub struct Principal<S: UserStore> {
    user: Arc<UserOf<S>>,
    pub(crate) stamp: Stamp,
    pub(crate) cacheable_until: Option<Timestamp>,
    /// The session.
    pub session: SessionInfo,
}

impl<S: UserStore> Clone for Principal<S> {
    fn clone(&self) -> Self {
        let Self { user, stamp, cacheable_until, session } = self;
        Self { user: user.clone(), stamp: *stamp, cacheable_until: *cacheable_until, session: session.clone() }
    }
}

impl<S: UserStore> fmt::Debug for Principal<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Principal").field("user", self.user()).field("session", &self.session).finish_non_exhaustive()
    }
}

impl<S: UserStore> Principal<S> {
    /// Creates the principal of a session that a custom strategy has read.
    pub fn new(record: RecordOf<S>, session: SessionInfo) -> Self {
        // The hash and the version are dropped here, because principals do not need them.
        let Record { user, stamp, .. } = record;
        Self { user: Arc::new(user), stamp, cacheable_until: None, session }
    }

    /// Allows the engine's cache, if there is one (feature `cache`), to keep the principal for at most one second, and
    /// not beyond `time`.
    ///
    /// It is for strategies whose sessions end only at this time, by the user's stamp, or by the strategy's own `end`
    /// and `refresh`. Without this call the principal of a custom strategy is read again at each request.
    #[must_use]
    pub fn cacheable_until(self, time: Timestamp) -> Self {
        Self { cacheable_until: Some(time), ..self }
    }

    /// Returns the user.
    pub fn user(&self) -> &UserOf<S> {
        &self.user
    }

    /// Returns the user and the session.
    #[cfg(feature = "http")]
    pub(crate) fn into_parts(self) -> (Arc<UserOf<S>>, SessionInfo) {
        (self.user, self.session)
    }

    /// Returns the user and drops the session.
    pub fn into_user(self) -> UserOf<S> {
        Arc::unwrap_or_clone(self.user)
    }
}
