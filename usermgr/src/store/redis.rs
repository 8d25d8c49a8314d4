//! Sessions in Redis: a hash for each session, a key from its digest to it, and two indexes, by user and by expiry. An
//! operation on more than one of them is a script, which Redis runs atomically.

mod commands;
mod connection;
mod generation;
mod greeting;
mod row;
mod sentinel;
mod server;

use std::{collections::HashMap, fmt, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;

pub(crate) use commands::Use;
pub(crate) use connection::{Connection, Repeat};
use row::{AMR, REFRESH_DIGEST, ROTATED_AT, ROTATED_BY, SEEN_AT, STAMP, fields, read, text};
pub use server::RedisServer;

use super::{
    Rotation, Session, SessionDigest, SessionFilter, SessionId, SessionLookup, StandaloneSessions, StoreError,
};
use crate::{
    amr::Amr,
    span::earlier,
    user::{Stamp, UserId},
};

/// How long Redis keeps rows after their expiry by the engine's clock. Redis' own clock only cleans up.
const SLACK: Duration = Duration::from_secs(24 * 3600);

/// Sessions in one Redis (version 6.2 or later) or Valkey server, which may have replicas and sentinels.
/// [`WithSessions`](crate::store::WithSessions) joins it with a store of accounts.
///
/// Keys begin with `usermgr:`. They hold digests, never tokens. The engine's clock decides whether a session has
/// expired. The time to live in Redis is one day longer and only cleans up.
///
/// When Redis may have lost changes, all sessions in it end, because sessions that had ended before would be valid
/// again: after a restart without an append-only file, from a snapshot too, and over data that are older than what this
/// process has used. A replica that becomes the master keeps the sessions if a process that used the former master
/// connects to it first.
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
    /// Connects to a server, and connects again whenever the connection is lost. A command without an answer within 5
    /// seconds fails. A [`RedisServer`] has a prefix for the keys, the URLs of sentinels, and TLS.
    ///
    /// A server that deletes keys when its memory is full (`maxmemory-policy`) is logged as a warning: a deleted
    /// session is a lost login, and without the mark of an ended [`RevocableJwt`](crate::session::RevocableJwt) the
    /// token is valid again.
    ///
    /// # Errors
    /// [`StoreError::Backend`]
    /// - if the URL is invalid or the server does not answer,
    /// - if the server is in a Redis Cluster, is a replica or is a sentinel,
    /// - if its user may not call a command that is needed; the error names it.
    pub async fn open(server: impl Into<RedisServer>) -> Result<Self, StoreError> {
        Connection::open(server.into(), Use::Sessions).await.map(Self)
    }

    fn key(kind: Kind, name: impl fmt::Display) -> String {
        format!("{}:{name}", kind.name())
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
        self.0.run(script::CHANGE, &[Self::key(Kind::Session, id)], &arguments).await
    }
}

impl fmt::Debug for RedisSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisSessions").field("prefix", &self.0.prefix()).finish_non_exhaustive()
    }
}

/// The scripts, and the effect of running each a second time after its connection was closed. No script brings back a
/// session that has ended. The answer to the second run is what a caller receives who repeats the request.
///
/// | Script | effect of a second run |
/// |---|---|
/// | `FIND`, `READ`, `LIST`, `HAS_ENDED` | reads again |
/// | `INSERT` | finds the same session under the same new names, and succeeds |
/// | `CHANGE` | sets the same values; a rotation finds its own token, as a client that retries within the grace period does |
/// | `REVOKE` | ends sessions that have ended, and counts none |
/// | `END_TOKEN` | records the same name |
/// | `PURGE` | deletes what is deleted already; some rows are not counted |
mod script {
    use super::Repeat;

    /// A script behind the guard, which it shares with all others.
    macro_rules! guarded {
        ($file:literal) => {
            (concat!(include_str!("redis/guard.lua"), include_str!($file)), Repeat::Once)
        };
    }

    pub(super) const FIND: (&str, Repeat) = guarded!("redis/find.lua");
    pub(super) const READ: (&str, Repeat) = guarded!("redis/read.lua");
    pub(super) const LIST: (&str, Repeat) = guarded!("redis/list.lua");
    pub(super) const COUNT: (&str, Repeat) = guarded!("redis/count.lua");
    pub(super) const INSERT: (&str, Repeat) = guarded!("redis/insert.lua");
    pub(super) const CHANGE: (&str, Repeat) = guarded!("redis/change.lua");
    pub(super) const REVOKE: (&str, Repeat) = guarded!("redis/revoke.lua");
    pub(super) const END_TOKEN: (&str, Repeat) = guarded!("redis/end_token.lua");
    pub(super) const HAS_ENDED: (&str, Repeat) = guarded!("redis/has_ended.lua");
    pub(super) const PURGE: (&str, Repeat) = guarded!("redis/purge.lua");
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
    /// The keys of a realm begin with `realm:NAME:` behind the prefix.
    fn in_realm(self, name: &str) -> Self {
        Self(self.0.below(&format!("realm:{name}:")))
    }

    async fn insert(&self, session: &Session<I>) -> Result<(), StoreError> {
        let keys = [
            Self::key(Kind::Session, &session.id),
            Self::key(Kind::Digest, session.digest.as_str()),
            Self::key(Kind::User, &session.user_id),
            Self::key(Kind::Expiry, "all"),
        ];
        let forgettable = earlier(session.seen_at, SLACK);
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
        let (script, key) = match by {
            SessionLookup::Digest(digest) => (script::FIND, Self::key(Kind::Digest, digest.as_str())),
            SessionLookup::Id(id) => (script::READ, Self::key(Kind::Session, id)),
        };
        let fields: HashMap<String, String> = self.0.run(script, &[key], NO_ARGUMENTS).await?;
        if fields.is_empty() { Ok(None) } else { read(fields).map(Some) }
    }

    async fn list(&self, user_id: &I) -> Result<Vec<Session<I>>, StoreError> {
        let key = Self::key(Kind::User, user_id);
        let rows: Vec<HashMap<String, String>> = self.0.run(script::LIST, &[key], NO_ARGUMENTS).await?;
        let mut sessions: Vec<Session<I>> =
            rows.into_iter().filter(|fields| !fields.is_empty()).map(read).collect::<Result<_, _>>()?;
        sessions.sort_by(|a, b| (b.authenticated_at, b.id.as_str()).cmp(&(a.authenticated_at, a.id.as_str())));
        Ok(sessions)
    }

    async fn count(&self, user_id: &I) -> Result<u64, StoreError> {
        self.0.run(script::COUNT, &[Self::key(Kind::User, user_id)], NO_ARGUMENTS).await
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

    async fn restamp(&self, id: &SessionId, stamp: &Stamp, amr: &Amr) -> Result<(), StoreError> {
        let stamp = URL_SAFE_NO_PAD.encode(stamp.as_bytes());
        self.change(id, ("", ""), &[(STAMP, stamp), (AMR, amr.to_string())]).await.map(drop)
    }

    async fn revoke(&self, filter: SessionFilter<'_, I>) -> Result<u64, StoreError> {
        let (user_id, which, id, stay) = match filter {
            SessionFilter::One { user_id, id } => (user_id, "one", id.as_str(), 0),
            SessionFilter::User(user_id) => (user_id, "user", "", 0),
            SessionFilter::Others { user_id, id } => (user_id, "others", id.as_str(), 0),
            SessionFilter::Oldest { user_id, id, others } => (user_id, "others", id.as_str(), others),
        };
        let keys = [Self::key(Kind::User, user_id), Self::key(Kind::Expiry, "all")];
        self.0.run(script::REVOKE, &keys, &[which, id, &stay.to_string()]).await
    }

    async fn end_token(&self, id: &SessionId, expires_at: Timestamp) -> Result<(), StoreError> {
        let keys = [Self::key(Kind::Ended, id), Self::key(Kind::Expiry, "all")];
        let arguments = [id.to_string(), time_to_live(expires_at).to_string(), text(expires_at)];
        self.0.run::<u64>(script::END_TOKEN, &keys, &arguments).await.map(drop)
    }

    async fn has_ended(&self, id: &SessionId) -> Result<bool, StoreError> {
        self.0.run(script::HAS_ENDED, &[Self::key(Kind::Ended, id)], &[id.as_str()]).await
    }

    async fn token_generation(&self) -> Result<Option<String>, StoreError> {
        self.0.generation().await
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut purged = 0;
        loop {
            let (count, more): (u64, bool) = self.0.run(script::PURGE, &[], &[text(now)]).await?;
            purged += count;
            if !more {
                return Ok(purged);
            }
        }
    }
}

const NO_ARGUMENTS: &[&str] = &[];

/// Returns how many milliseconds Redis keeps a row that expires at that time.
fn time_to_live(expires_at: Timestamp) -> u128 {
    let left = Duration::try_from(expires_at.duration_since(Timestamp::now())).unwrap_or_default();
    (left + SLACK).as_millis()
}
