//! A session as the application and its user see it: what lists, hooks and events tell of one.

use std::{fmt, net::IpAddr, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    amr::Amr,
    store::{RecordOf, Session, SessionId, UserOf, UserStore},
    user::{Record, Stamp},
};

/// A session as the application and the user may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SessionInfo {
    /// The public name; it gives no access.
    pub id: SessionId,
    /// The backend it belongs to.
    pub backend: String,
    /// When the user was authenticated.
    pub authenticated_at: Timestamp,
    /// By which methods. The serialised form leaves out a password alone.
    #[serde(default, skip_serializing_if = "Amr::is_password_alone")]
    pub amr: Amr,
    /// When it last gave access, in whole minutes, rounded down, but not before the login; `None` for a signed token without a row. A
    /// refresh does not move it, and what follows one closely does not either, so that it tells nobody when to present a stolen token.
    pub seen_at: Option<Timestamp>,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// Where the login came from, if it was known and is kept.
    pub ip: Option<IpAddr>,
    /// With what the login was made, as the client said, at most 256 bytes.
    pub user_agent: Option<String>,
    /// Whether it is the one that the request came through.
    pub is_current: bool,
    /// The stamp of its user when a request came through it: what the login proves ends with that.
    #[serde(skip)]
    pub(crate) stamp: Option<Stamp>,
}

impl SessionInfo {
    /// A session without a row, as a strategy of one's own describes the one that a request came through. It rests on a password alone
    /// unless [`amr`](Self::amr) says something else.
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
            is_current: true,
            stamp: None,
        }
    }

    /// The same session, begun by these methods.
    #[must_use]
    pub fn amr(self, amr: Amr) -> Self {
        Self { amr, ..self }
    }

    /// Whether its user has had this stamp when a request came through it, as far as that is known.
    pub(crate) fn is_of(&self, stamp: &Stamp) -> bool {
        self.stamp.is_none_or(|of| of == *stamp)
    }

    /// What a row tells.
    pub(crate) fn of<I>(session: Session<I>, is_current: bool) -> Self {
        let Session { id, backend, authenticated_at, amr, seen_at, expires_at, ip, user_agent, .. } = session;
        let minute = seen_at.as_second().div_euclid(60).saturating_mul(60);
        let seen_at = Some(Timestamp::from_second(minute).map_or(seen_at, |minute| minute.max(authenticated_at)));
        Self { id, backend, authenticated_at, amr, seen_at, expires_at, ip, user_agent, is_current, stamp: None }
    }
}

/// An authenticated user with the session that the request came through.
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
    /// The principal of a session that a strategy of one's own has read.
    pub fn new(record: RecordOf<S>, session: SessionInfo) -> Self {
        // The hash goes no further: nobody asks a principal for it.
        let Record { user, stamp, .. } = record;
        Self { user: Arc::new(user), stamp, cacheable_until: None, session }
    }

    /// Lets the engine's cache keep it, where there is one (feature `cache`): for a second at most, and never beyond this time.
    ///
    /// For a strategy whose sessions end by nothing but this time, the user's stamp, and what the strategy's own `end` and `refresh` do.
    /// The principals of a strategy of one's own that does not say so are read each time.
    #[must_use]
    pub fn cacheable_until(self, time: Timestamp) -> Self {
        Self { cacheable_until: Some(time), ..self }
    }

    /// The user.
    pub fn user(&self) -> &UserOf<S> {
        &self.user
    }

    /// The user, given away.
    pub fn into_user(self) -> UserOf<S> {
        Arc::unwrap_or_clone(self.user)
    }
}
