//! Sessions in Redis: a hash for each session, a key from its digest to it, and two indexes, by user and by expiry. An
//! operation on more than one of them is a script, which Redis runs atomically.

mod connection;

use std::{collections::HashMap, fmt, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use redis::aio::ConnectionManager;

pub(crate) use connection::{Connection, Repeat};

use super::{
    Rotation, Session, SessionDigest, SessionFilter, SessionId, SessionLookup, StandaloneSessions, StoreError,
};
use crate::{
    amr::Amr,
    user::{Stamp, UserId},
};

/// How long Redis keeps rows after their expiry by the engine's clock. Redis' own clock only cleans up.
const SLACK: Duration = Duration::from_secs(24 * 3600);

/// Sessions in one Redis server (version 6.2 or later). [`WithSessions`](crate::store::WithSessions) joins it with a
/// store of accounts.
///
/// Keys begin with `usermgr:`. They hold digests, never tokens. The engine's clock decides whether a session has
/// expired. The time to live in Redis is one day longer and only cleans up.
///
/// The server must not evict keys (`maxmemory-policy noeviction`). An evicted session logs its user out. But an evicted
/// mark of an ended [`RevocableJwt`](crate::session::RevocableJwt) token makes the token valid again.
///
/// Redis Cluster is not supported, because the keys of a user are in several slots.
///
/// ```no_run
/// use usermgr::{Engine, store::{RedisSessions, WithSessions}, SqliteStore};
///
/// # async fn example() -> Result<(), usermgr::StoreError> {
/// let accounts: SqliteStore = SqliteStore::open("shop.db").await?;
/// let sessions = RedisSessions::open("redis://127.0.0.1:6379").await?;
/// let engine = Engine::new(WithSessions::new(accounts, sessions));
/// # let _ = engine;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RedisSessions(Connection);

impl RedisSessions {
    /// Connects to a server, `redis://[user:password@]host[:port][/database]`, and reconnects when the connection is
    /// lost. A command without an answer within 5 seconds fails.
    ///
    /// `rediss://` connects with TLS and needs the feature `tls`. The certificate must be issued by an authority that
    /// the system trusts or that `SSL_CERT_FILE` names.
    ///
    /// # Errors
    /// [`StoreError::Backend`] if the URL is invalid or the server does not answer.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Connection::open(url).await.map(Self)
    }

    /// Uses a connection of the application.
    pub fn with_connection(connection: ConnectionManager) -> Self {
        Self(connection.into())
    }

    /// Sets the beginning of all keys, so that several applications can share one server. Default: `usermgr:`.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.0.prefix = prefix.into();
        self
    }

    fn key(&self, kind: Kind, name: impl fmt::Display) -> String {
        self.0.key(kind.name(), name)
    }

    /// Changes fields of a session, if it exists and one field has the expected value. Returns whether it did.
    async fn change(
        &self,
        id: &SessionId,
        expected: (&str, &str),
        fields: &[(&str, String)],
    ) -> Result<bool, StoreError> {
        let mut arguments = vec![expected.0, expected.1];
        arguments.extend(fields.iter().flat_map(|(name, value)| [*name, value.as_str()]));
        self.0.run(script::CHANGE, &[self.key(Kind::Session, id)], &arguments).await
    }
}

impl fmt::Debug for RedisSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisSessions").field("prefix", &self.0.prefix).finish_non_exhaustive()
    }
}

/// The scripts, and the effect of running each a second time after its connection was closed. No script brings back a
/// session that has ended. The answer to the second run is what a caller receives who repeats the request.
///
/// | Script | effect of a second run |
/// |---|---|
/// | `FIND`, `LIST` | reads again |
/// | `INSERT` | finds the same session under the same new names, and succeeds |
/// | `CHANGE` | sets the same values; a rotation finds its own token, as a client that retries within the grace period does |
/// | `REVOKE` | ends sessions that have ended, and counts none |
/// | `END_TOKEN` | records the same name |
/// | `PURGE` | deletes what is deleted already; some rows are not counted |
mod script {
    use super::Repeat;

    pub(super) const FIND: (&str, Repeat) = (include_str!("redis/find.lua"), Repeat::Once);
    pub(super) const LIST: (&str, Repeat) = (include_str!("redis/list.lua"), Repeat::Once);
    pub(super) const INSERT: (&str, Repeat) = (include_str!("redis/insert.lua"), Repeat::Once);
    pub(super) const CHANGE: (&str, Repeat) = (include_str!("redis/change.lua"), Repeat::Once);
    pub(super) const REVOKE: (&str, Repeat) = (include_str!("redis/revoke.lua"), Repeat::Once);
    pub(super) const END_TOKEN: (&str, Repeat) = (include_str!("redis/end_token.lua"), Repeat::Once);
    pub(super) const PURGE: (&str, Repeat) = (include_str!("redis/purge.lua"), Repeat::Once);
}

/// The kind of value under a key.
#[derive(Clone, Copy)]
enum Kind {
    /// A session's fields, by its id.
    Session,
    /// A session's id, by its digest.
    Digest,
    /// The ids of a user's sessions, by their expiry.
    User,
    /// An ended token.
    Ended,
    /// All sessions and ended tokens, by their expiry.
    Expiry,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Digest => "digest",
            Self::User => "user",
            Self::Ended => "ended",
            Self::Expiry => "expiry",
        }
    }
}

impl<I: UserId> StandaloneSessions<I> for RedisSessions {
    async fn insert(&self, session: &Session<I>) -> Result<(), StoreError> {
        let keys = [
            self.key(Kind::Session, &session.id),
            self.key(Kind::Digest, session.digest.as_str()),
            self.key(Kind::User, &session.user_id),
            self.key(Kind::Expiry, "all"),
        ];
        let forgettable = session.seen_at.checked_sub(SLACK).unwrap_or(Timestamp::MIN);
        let mut arguments = vec![
            session.id.to_string(),
            time_to_live(session.expires_at).to_string(),
            session.expires_at.as_microsecond().to_string(),
            forgettable.as_microsecond().to_string(),
        ];
        arguments.extend(fields(session).into_iter().flat_map(|(name, value)| [name.to_owned(), value]));
        match self.0.run(script::INSERT, &keys, &arguments).await? {
            true => Ok(()),
            false => Err(StoreError::Conflict),
        }
    }

    async fn find(&self, by: SessionLookup<'_>) -> Result<Option<Session<I>>, StoreError> {
        let fields: HashMap<String, String> = match by {
            SessionLookup::Digest(digest) => {
                let key = self.key(Kind::Digest, digest.as_str());
                self.0.run(script::FIND, &[key], &[self.key(Kind::Session, "")]).await?
            }
            SessionLookup::Id(id) => {
                let mut command = redis::cmd("HGETALL");
                let command = command.arg(self.key(Kind::Session, id));
                self.0.query(command, Repeat::Once).await?
            }
        };
        if fields.is_empty() { Ok(None) } else { read(fields).map(Some) }
    }

    async fn list(&self, user_id: &I) -> Result<Vec<Session<I>>, StoreError> {
        let key = self.key(Kind::User, user_id);
        let rows: Vec<HashMap<String, String>> =
            self.0.run(script::LIST, &[key], &[self.key(Kind::Session, "")]).await?;
        let mut sessions: Vec<Session<I>> =
            rows.into_iter().filter(|fields| !fields.is_empty()).map(read).collect::<Result<_, _>>()?;
        sessions.sort_by(|a, b| (b.authenticated_at, b.id.as_str()).cmp(&(a.authenticated_at, a.id.as_str())));
        Ok(sessions)
    }

    async fn touch(&self, id: &SessionId, seen_at: Timestamp) -> Result<(), StoreError> {
        self.change(id, ("", ""), &[(SEEN_AT, text(seen_at))]).await.map(drop)
    }

    async fn rotate(&self, id: &SessionId, expected: &SessionDigest, next: &Rotation) -> Result<bool, StoreError> {
        let Rotation { digest, rotated_at, rotated_by } = next;
        let by = rotated_by.clone().unwrap_or_default();
        let fields = [(REFRESH_DIGEST, digest.as_str().to_owned()), (ROTATED_AT, text(*rotated_at)), (ROTATED_BY, by)];
        self.change(id, (REFRESH_DIGEST, expected.as_str()), &fields).await
    }

    async fn restamp(&self, id: &SessionId, stamp: &Stamp) -> Result<(), StoreError> {
        self.change(id, ("", ""), &[(STAMP, URL_SAFE_NO_PAD.encode(stamp.as_bytes()))]).await.map(drop)
    }

    async fn revoke(&self, filter: SessionFilter<'_, I>) -> Result<u64, StoreError> {
        let (user_id, which, id, stay) = match filter {
            SessionFilter::One { user_id, id } => (user_id, "one", id.as_str(), 0),
            SessionFilter::User(user_id) => (user_id, "user", "", 0),
            SessionFilter::Others { user_id, id } => (user_id, "others", id.as_str(), 0),
            SessionFilter::Oldest { user_id, id, others } => (user_id, "others", id.as_str(), others),
        };
        let keys = [self.key(Kind::User, user_id), self.key(Kind::Expiry, "all")];
        let (sessions, digests) = (self.key(Kind::Session, ""), self.key(Kind::Digest, ""));
        self.0.run(script::REVOKE, &keys, &[&*sessions, &*digests, which, id, &stay.to_string()]).await
    }

    async fn end_token(&self, id: &SessionId, expires_at: Timestamp) -> Result<(), StoreError> {
        let keys = [self.key(Kind::Ended, id), self.key(Kind::Expiry, "all")];
        let arguments = [id.to_string(), time_to_live(expires_at).to_string(), text(expires_at)];
        self.0.run::<u64>(script::END_TOKEN, &keys, &arguments).await.map(drop)
    }

    async fn has_ended(&self, id: &SessionId) -> Result<bool, StoreError> {
        let mut command = redis::cmd("EXISTS");
        let command = command.arg(self.key(Kind::Ended, id));
        self.0.query(command, Repeat::Once).await
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        let kinds = [Kind::Session, Kind::Digest, Kind::User, Kind::Ended].map(|kind| self.key(kind, ""));
        let arguments: Vec<String> = std::iter::once(text(now)).chain(kinds).collect();
        let keys = [self.key(Kind::Expiry, "all")];
        let mut purged = 0;
        loop {
            match self.0.run::<u64>(script::PURGE, &keys, &arguments).await? {
                0 => return Ok(purged),
                count => purged += count,
            }
        }
    }
}

const STAMP: &str = "stamp";
const SEEN_AT: &str = "seen_at";
const REFRESH_DIGEST: &str = "refresh_digest";
const ROTATED_AT: &str = "rotated_at";
const ROTATED_BY: &str = "rotated_by";

/// Returns the fields of the hash of a session. Fields that are `None` are left out.
fn fields<I: UserId>(session: &Session<I>) -> Vec<(&'static str, String)> {
    let rotation = session.rotation.as_ref();
    let all = [
        ("id", Some(session.id.to_string())),
        ("digest", Some(session.digest.as_str().to_owned())),
        ("user_id", Some(session.user_id.to_string())),
        (STAMP, Some(URL_SAFE_NO_PAD.encode(session.stamp.as_bytes()))),
        ("backend", Some(session.backend.clone())),
        ("authenticated_at", Some(text(session.authenticated_at))),
        ("amr", session.amr.to_stored()),
        (SEEN_AT, Some(text(session.seen_at))),
        ("expires_at", Some(text(session.expires_at))),
        ("ip", session.ip.map(|ip| ip.to_string())),
        ("user_agent", session.user_agent.clone()),
        (REFRESH_DIGEST, rotation.map(|rotation| rotation.digest.as_str().to_owned())),
        (ROTATED_AT, rotation.map(|rotation| text(rotation.rotated_at))),
        (ROTATED_BY, rotation.and_then(|rotation| rotation.rotated_by.clone())),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// Reads a session from the fields of its hash.
fn read<I: UserId>(mut fields: HashMap<String, String>) -> Result<Session<I>, StoreError> {
    let mut take = |name: &'static str| fields.remove(name);
    let unreadable = |name| StoreError::backend(format!("the {name} of a session in Redis cannot be read"));
    let time = |name, value: Option<String>| {
        let microseconds = value.and_then(|text| text.parse().ok()).ok_or_else(|| unreadable(name))?;
        Timestamp::from_microsecond(microseconds).map_err(|_| unreadable(name))
    };
    let rotation = match take(REFRESH_DIGEST) {
        Some(digest) => {
            let rotated_at = time(ROTATED_AT, take(ROTATED_AT))?;
            let rotated_by = take(ROTATED_BY).filter(|by| !by.is_empty());
            Some(Rotation { digest: SessionDigest::from_stored(digest), rotated_at, rotated_by })
        }
        None => None,
    };
    let stamp = take(STAMP).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok());
    Ok(Session {
        id: SessionId::new(take("id").ok_or_else(|| unreadable("id"))?),
        digest: SessionDigest::from_stored(take("digest").ok_or_else(|| unreadable("digest"))?),
        user_id: take("user_id").and_then(|text| text.parse().ok()).ok_or_else(|| unreadable("user_id"))?,
        stamp: stamp.map(Stamp::from_bytes).ok_or_else(|| unreadable(STAMP))?,
        backend: take("backend").ok_or_else(|| unreadable("backend"))?,
        authenticated_at: time("authenticated_at", take("authenticated_at"))?,
        amr: Amr::from_stored(take("amr").as_deref()),
        seen_at: time(SEEN_AT, take(SEEN_AT))?,
        expires_at: time("expires_at", take("expires_at"))?,
        // The address is only shown to users, so an invalid one must not end the session.
        ip: take("ip").and_then(|text| text.parse().ok()),
        user_agent: take("user_agent"),
        rotation,
    })
}

fn text(time: Timestamp) -> String {
    time.as_microsecond().to_string()
}

/// Returns how many milliseconds Redis keeps a row that expires at that time.
fn time_to_live(expires_at: Timestamp) -> u128 {
    let left = Duration::try_from(expires_at.duration_since(Timestamp::now())).unwrap_or_default();
    (left + SLACK).as_millis()
}
