//! Sessions with a row: an opaque random token, of which the store keeps a digest. Logging out ends them.

use std::time::Duration;

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use uuid::Uuid;

use super::{Origin, Principal, SessionInfo, Strategy, StrategyContext};
use crate::{
    error::Fault,
    store::{RecordOf, Session, SessionDigest, SessionFilter, SessionId, SessionLookup, SessionStore, StoreError},
    token::AccessToken,
    user::{Stamp, UserId},
};

/// The length of a token: 32 random bytes in base64 (ASVS 5.0, 7.2.3 asks for 128 bits).
const TOKEN_LENGTH: usize = 43;
/// How stale `seen_at` may be, so that not every request is a write.
const TOUCH_EVERY: Duration = Duration::from_secs(60);
/// The longest `User-Agent` that is kept, in bytes.
const MAX_USER_AGENT: usize = 256;

/// A session in the store. It ends by logout, by the user's new stamp, after a time without use and after a time in all
/// (ASVS 5.0, 7.3; NIST SP 800-63B-4, 5.2).
///
/// ```
/// use std::time::Duration;
/// use usermgr::Database;
/// let strategy = Database::new().idle(Duration::from_secs(3600)).absolute(Duration::from_secs(12 * 3600));
/// # let _ = strategy;
/// ```
#[derive(Clone, Debug)]
pub struct Database {
    idle: Duration,
    absolute: Duration,
}

impl Database {
    /// Sessions that end after seven days without use, and after thirty in all.
    pub fn new() -> Self {
        const DAY: u64 = 24 * 3600;
        Self { idle: Duration::from_secs(7 * DAY), absolute: Duration::from_secs(30 * DAY) }
    }

    /// How long a session lives without being used, to the minute; at least two minutes.
    #[must_use]
    pub fn idle(mut self, idle: Duration) -> Self {
        self.idle = idle.max(2 * TOUCH_EVERY);
        self
    }

    /// How long a session lives in all.
    #[must_use]
    pub fn absolute(mut self, absolute: Duration) -> Self {
        self.absolute = absolute;
        self
    }

    fn is_live<I>(&self, session: &Session<I>, now: Timestamp) -> bool {
        now < session.expires_at && now < after(session.seen_at, self.idle)
    }
}

impl Default for Database {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl<S: SessionStore> Strategy<S> for Database {
    async fn issue(
        &self,
        cx: &StrategyContext<'_, S>,
        record: &RecordOf<S>,
        origin: Origin<'_>,
    ) -> Result<(AccessToken, SessionInfo), Fault> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        let token = AccessToken::from(URL_SAFE_NO_PAD.encode(bytes));
        let session = Session {
            id: SessionId::new(Uuid::generate(cx.now).unwrap_or_default().simple().to_string()),
            digest: SessionDigest::of(token.expose()),
            user_id: record.user.id.clone(),
            stamp: record.stamp,
            backend: cx.backend.to_owned(),
            authenticated_at: cx.now,
            seen_at: cx.now,
            expires_at: after(cx.now, self.absolute),
            ip: origin.ip,
            user_agent: origin.user_agent.map(|text| text[..text.floor_char_boundary(MAX_USER_AGENT)].to_owned()),
            rotation: None,
        };
        cx.store.insert_session(&session).await?;
        Ok((token, info(session)))
    }

    async fn read(&self, cx: &StrategyContext<'_, S>, token: &str) -> Result<Option<Principal<S>>, Fault> {
        if token.len() != TOKEN_LENGTH {
            return Ok(None);
        }
        let Some((session, record)) = cx.store.find_session(SessionLookup::Digest(&SessionDigest::of(token))).await?
        else {
            return Ok(None);
        };
        if session.stamp != record.stamp || session.backend != cx.backend || !self.is_live(&session, cx.now) {
            return Ok(None);
        }
        if after(session.seen_at, TOUCH_EVERY) <= cx.now {
            cx.store.touch_session(&session.id, cx.now).await?;
        }
        Ok(Some(Principal { record, session: info(session) }))
    }

    async fn end(&self, cx: &StrategyContext<'_, S>, principal: &Principal<S>) -> Result<(), Fault> {
        let filter = SessionFilter::One { user_id: &principal.record.user.id, id: &principal.session.id };
        cx.store.revoke_sessions(filter).await?;
        Ok(())
    }

    async fn restamp(&self, store: &S, tx: &mut S::Tx, session: &SessionInfo, stamp: &Stamp) -> Result<(), StoreError> {
        store.restamp_session(tx, &session.id, stamp).await
    }
}

fn info<I>(session: Session<I>) -> SessionInfo {
    let Session { id, backend, authenticated_at, expires_at, .. } = session;
    SessionInfo { id, backend, authenticated_at, expires_at }
}

/// The time a while after another, or the end of time.
fn after(time: Timestamp, span: Duration) -> Timestamp {
    time.checked_add(span).unwrap_or(Timestamp::MAX)
}
