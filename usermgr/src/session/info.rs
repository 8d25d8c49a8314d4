//! A session as the application and its user see it: what lists, hooks and events tell of one.

use std::{fmt, net::IpAddr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    store::{RecordOf, Session, SessionId, UserOf, UserStore},
    user::Stamp,
};

/// A session as the application and the user may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SessionInfo {
    /// The public name; it gives no access.
    pub id: SessionId,
    /// The backend it belongs to.
    pub backend: String,
    /// When the password was proved.
    pub authenticated_at: Timestamp,
    /// When it was last used, to the minute; `None` for a signed token without a row.
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
    /// A session without a row, as a strategy of one's own describes the one that a request came through.
    pub fn new(id: SessionId, backend: impl Into<String>, authenticated_at: Timestamp, expires_at: Timestamp) -> Self {
        let backend = backend.into();
        Self {
            id,
            backend,
            authenticated_at,
            seen_at: None,
            expires_at,
            ip: None,
            user_agent: None,
            is_current: true,
            stamp: None,
        }
    }

    /// Whether its user has had this stamp when a request came through it, as far as that is known.
    pub(crate) fn is_of(&self, stamp: &Stamp) -> bool {
        self.stamp.is_none_or(|of| of == *stamp)
    }

    /// What a row tells.
    pub(crate) fn of<I>(session: Session<I>, is_current: bool) -> Self {
        let Session { id, backend, authenticated_at, seen_at, expires_at, ip, user_agent, .. } = session;
        let seen_at = Some(seen_at);
        Self { id, backend, authenticated_at, seen_at, expires_at, ip, user_agent, is_current, stamp: None }
    }
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
