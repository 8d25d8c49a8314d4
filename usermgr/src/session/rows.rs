//! The common part of strategies with rows: lifetimes, creation of rows, and the limit of sessions per user.

use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use super::{Authenticated, Origin, SessionInfo, StrategyContext};
use crate::{
    attempts::Attempts,
    config_error::ConfigError,
    error::Fault,
    settings::too_long,
    span::later,
    store::{RecordOf, Rotation, Session, SessionDigest, SessionFilter, SessionId, SessionStore, StoreError},
    user::UserId,
};

/// How old `seen_at` may be before it is written again, so that not every request writes.
pub(super) const TOUCH_EVERY: Duration = Duration::from_secs(60);

/// The longest stored `User-Agent`, in bytes.
const MAX_USER_AGENT: usize = 256;

/// The idle timeout and the absolute lifetime (ASVS 5.0, 7.3; NIST SP 800-63B-4, 5.2).
#[derive(Clone, Copy, Debug)]
pub(super) struct Lifetimes {
    idle: Duration,
    absolute: Duration,
}

impl Default for Lifetimes {
    /// 7 days and 30 days.
    fn default() -> Self {
        const DAY: u64 = 24 * 3600;
        Self { idle: Duration::from_secs(7 * DAY), absolute: Duration::from_secs(30 * DAY) }
    }
}

impl Lifetimes {
    /// The minimum is 2 minutes, because use is recorded once a minute.
    pub(super) fn idle(self, idle: Duration) -> Self {
        Self { idle: idle.max(2 * TOUCH_EVERY), ..self }
    }

    pub(super) fn absolute(self, absolute: Duration) -> Self {
        Self { absolute, ..self }
    }

    pub(super) fn idle_time(&self) -> Duration {
        self.idle
    }

    /// Returns the faults of the lifetimes. `of` is the name of the type on which they are set.
    pub(super) fn faults(&self, of: &str) -> impl Iterator<Item = ConfigError> {
        let Self { idle, absolute } = *self;
        let short = (absolute < Duration::from_secs(1))
            .then(|| ConfigError::new(format!("`{of}::absolute` must be at least one second")));
        let long = [too_long(&format!("{of}::idle"), idle), too_long(&format!("{of}::absolute"), absolute)];
        long.into_iter().chain([short]).flatten()
    }

    /// Returns whether the session's row exists and is live while the transaction holds its user.
    pub(super) async fn holds<S: SessionStore>(
        &self,
        store: &S,
        tx: &mut S::Tx,
        session: &SessionInfo,
        record: &RecordOf<S>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let row = store.find_session_of(tx, &record.user.id, &session.id).await?;
        let fits =
            |row: Session<S::Id>| row.stamp == record.stamp && row.backend == session.backend && self.lives(&row, now);
        Ok(row.is_some_and(fits))
    }

    pub(super) fn lives<I>(&self, session: &Session<I>, now: Timestamp) -> bool {
        let refreshed = session.rotation.as_ref().map_or(session.seen_at, |rotation| rotation.rotated_at);
        now < session.expires_at && now < later(session.seen_at.max(refreshed), self.idle)
    }

    /// Creates a row that begins now, with a new name.
    pub(super) fn begin<S: SessionStore>(
        &self,
        cx: &StrategyContext<'_, S>,
        who: &Authenticated<S>,
        origin: Origin<'_>,
        digest: SessionDigest,
        rotation: Option<Rotation>,
    ) -> Session<S::Id> {
        Session {
            id: SessionId::new(Uuid::generate(cx.now).unwrap_or_default().simple().to_string()),
            digest,
            user_id: who.user().id.clone(),
            stamp: who.record().stamp,
            backend: cx.backend.to_owned(),
            authenticated_at: who.at(),
            amr: who.methods().clone(),
            seen_at: cx.now,
            expires_at: who.until().unwrap_or(Timestamp::MAX).min(later(cx.now, self.absolute)),
            ip: origin.ip,
            user_agent: origin.user_agent.map(|text| text[..text.floor_char_boundary(MAX_USER_AGENT)].to_owned()),
            actor: who.actor().cloned(),
            rotation,
        }
    }

    /// Returns whether a row gives its user access to this backend now.
    pub(super) fn admits<S: SessionStore>(
        &self,
        cx: &StrategyContext<'_, S>,
        session: &Session<S::Id>,
        record: &RecordOf<S>,
    ) -> bool {
        session.stamp == record.stamp && session.backend == cx.backend && self.lives(session, cx.now)
    }
}

/// Writes a session, and then ends the oldest sessions of its user beyond the limit. In this order, the last of several
/// concurrent logins sees all sessions. Returns how many sessions it ended. If ending them fails, the next login does
/// it.
///
/// - `replaces`: whether it replaces a session, which ends after it is there.
pub(super) async fn insert<S: SessionStore>(
    cx: &StrategyContext<'_, S>,
    session: &Session<S::Id>,
    replaces: bool,
) -> Result<u64, StoreError> {
    cx.store.insert_session(session).await?;
    if session.actor.is_some() || replaces {
        // The user has not logged in, so none of their sessions ends. One that is replaced makes room itself.
        return Ok(0);
    }
    Ok(end_oldest(cx, session).await.unwrap_or_else(|error| {
        tracing::error!(target: "usermgr", %error, "the oldest sessions of a user could not be ended");
        0
    }))
}

/// Ends the oldest sessions of a user beyond the limit. Most users have fewer, and pay for no transaction.
async fn end_oldest<S: SessionStore>(cx: &StrategyContext<'_, S>, session: &Session<S::Id>) -> Result<u64, Fault> {
    let (user_id, id, most) = (&session.user_id, &session.id, cx.max_sessions);
    if cx.store.count_sessions(user_id).await? <= most.into() {
        return Ok(0);
    }
    let _changing = cx.cache.changing(user_id);
    let ending = match most.saturating_sub(1) {
        0 => Ending::Others(id),
        others => Ending::Oldest(id, others),
    };
    end(cx.store, user_id, ending).await
}

/// The sessions to end.
#[derive(Clone, Copy)]
pub(super) enum Ending<'a> {
    /// One row.
    Session(&'a SessionId),
    /// All rows except one.
    Others(&'a SessionId),
    /// All rows except one and this number of the newest others.
    Oldest(&'a SessionId, u32),
    /// A signed token without a row.
    Token(&'a SessionId, Timestamp),
}

/// Ends sessions and returns how many it ended. Sessions that had ended before are not counted.
pub(super) async fn end<S: SessionStore>(store: &S, user_id: &S::Id, ending: Ending<'_>) -> Result<u64, Fault> {
    let mut attempts = Attempts::default();
    loop {
        match end_held(store, user_id, ending).await {
            Err(StoreError::Stale) => attempts.another_or_busy().await?,
            ended => return Ok(ended?),
        }
    }
}

/// Ends them while it holds their user: a change that was requested through the session is either written before or
/// does not find the session.
async fn end_held<S: SessionStore>(store: &S, user_id: &S::Id, ending: Ending<'_>) -> Result<u64, StoreError> {
    let mut tx = store.begin().await?;
    store.find_locked(&mut tx, [user_id; 2]).await?;
    let ended = match ending {
        Ending::Session(id) => store.revoke_sessions(&mut tx, SessionFilter::One { user_id, id }).await?,
        Ending::Others(id) => store.revoke_sessions(&mut tx, SessionFilter::Others { user_id, id }).await?,
        Ending::Oldest(id, others) => {
            store.revoke_sessions(&mut tx, SessionFilter::Oldest { user_id, id, others }).await?
        }
        Ending::Token(id, expires_at) => {
            store.end_token(&mut tx, id, expires_at).await?;
            1
        }
    };
    store.commit(tx).await?;
    Ok(ended)
}
