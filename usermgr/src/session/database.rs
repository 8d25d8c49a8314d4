//! Sessions with a row in the store and an opaque random token. The store keeps only a digest of the token. Logout ends
//! the session.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    Authenticated, Issued, Origin, Principal, SessionInfo, Strategy, StrategyContext,
    rows::{self, Ending, Lifetimes},
    strategy::sound,
    touch::touch,
};
use crate::{
    config_error::ConfigError,
    error::Fault,
    store::{RecordOf, Session, SessionDigest, SessionLookup, SessionStore, StoreError},
    token::AccessToken,
    user::Stamp,
};

/// The length of a token: 32 random bytes in base64. ASVS 5.0, 7.2.3 requires 128 bits.
const TOKEN_LENGTH: usize = 43;

/// Sessions in the store. A session ends by logout, by a new stamp of the user, after the idle timeout, and at the end
/// of the absolute lifetime (ASVS 5.0, 7.3; NIST SP 800-63B-4, 5.2).
///
/// ```
/// use std::time::Duration;
/// use usermgr::Database;
/// let strategy = Database::new().idle(Duration::from_secs(3600)).absolute(Duration::from_secs(12 * 3600));
/// # let _ = strategy;
/// ```
#[derive(Clone, Debug, Default)]
pub struct Database {
    lifetimes: Lifetimes,
}

impl Database {
    /// Creates the strategy with an idle timeout of 7 days and an absolute lifetime of 30 days.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the idle timeout, which has a precision of one minute. A value below 2 minutes counts as
    /// 2 minutes. `build` refuses more than 4,294,967,295 seconds. Default: 7 days.
    #[must_use]
    pub fn idle(self, idle: Duration) -> Self {
        Self { lifetimes: self.lifetimes.idle(idle) }
    }

    /// Sets the absolute lifetime. `build` demands 1 to 4,294,967,295 seconds. Default: 30 days.
    #[must_use]
    pub fn absolute(self, absolute: Duration) -> Self {
        Self { lifetimes: self.lifetimes.absolute(absolute) }
    }
}

#[async_trait]
impl<S: SessionStore> Strategy<S> for Database {
    async fn issue(
        &self,
        cx: &StrategyContext<'_, S>,
        who: &Authenticated<S>,
        origin: Origin<'_>,
    ) -> Result<Issued, Fault> {
        let token = AccessToken::opaque()?;
        let session = self.lifetimes.begin(cx, who, origin, SessionDigest::of(token.expose()), None);
        let evicted = rows::insert(cx, &session, who.replaces().is_some()).await?;
        Ok(Issued::new(token, SessionInfo::of(session, true)).evicting(evicted))
    }

    async fn read(&self, cx: &StrategyContext<'_, S>, token: &str) -> Result<Option<Principal<S>>, Fault> {
        if token.len() != TOKEN_LENGTH {
            return Ok(None);
        }
        let digest = SessionDigest::of(token);
        let Some((session, record)) = cx.store.find_session(SessionLookup::Digest(&digest)).await? else {
            return Ok(None);
        };
        if !self.lifetimes.admits(cx, &session, &record) {
            return Ok(None);
        }
        touch(cx, &session, Duration::ZERO).await;
        let end = session.expires_at;
        Ok(Some(Principal::new(record, SessionInfo::of(session, true)).cacheable_until(end)))
    }

    async fn end(&self, cx: &StrategyContext<'_, S>, principal: &Principal<S>) -> Result<(), Fault> {
        rows::end(cx.store, &principal.user().id, Ending::Session(&principal.session.id)).await.map(drop)
    }

    async fn restamp(&self, store: &S, tx: &mut S::Tx, session: &SessionInfo, stamp: &Stamp) -> Result<(), StoreError> {
        store.restamp_session(tx, &session.id, stamp, &session.amr).await
    }

    fn keeps_actors(&self) -> bool {
        true
    }

    fn check(&self) -> Result<(), ConfigError> {
        sound(self.lifetimes.faults("Database"))
    }

    async fn holds(
        &self,
        store: &S,
        tx: &mut S::Tx,
        session: &SessionInfo,
        record: &RecordOf<S>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.lifetimes.holds(store, tx, session, record, now).await
    }

    fn lives(&self, session: &Session<S::Id>, now: Timestamp) -> bool {
        self.lifetimes.lives(session, now)
    }
}
