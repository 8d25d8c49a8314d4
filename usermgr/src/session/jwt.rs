//! Sessions without a row: a signed token that carries the user's id and a part of their stamp. By itself it cannot be ended before
//! its time; [`RevocableJwt`] can, since the store remembers which ones have ended.

#[cfg(feature = "jwt-keys")]
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::{Authenticated, Issued, Origin, Principal, SessionInfo, Strategy, StrategyContext, rows, strategy::sound};
use crate::{
    amr::Amr,
    config_error::ConfigError,
    error::Fault,
    settings::too_long,
    store::{Lookup, RecordOf, SessionId, SessionStore, StoreError, UserStore},
    token::{AccessClaims, AccessToken, Keys},
    user::Stamp,
};

/// A signed access token (JWT; HS256 under a key derived from the manager's secret). It is checked against the user's row at every request, so that a new password, a deactivation
/// or a deletion ends it at once; a logout does not, as with FastAPI Users. [`revocable`](Self::revocable) and
/// [`with_refresh`](Self::with_refresh) make strategies of it whose logout does; they need a store that keeps sessions.
///
/// ```
/// use std::time::Duration;
/// use usermgr::Jwt;
/// let strategy = Jwt::new().lifetime(Duration::from_secs(15 * 60)).audience("shop:auth");
/// # let _ = strategy;
/// ```
#[derive(Clone, Debug)]
pub struct Jwt {
    lifetime: Duration,
    audience: String,
    /// Whether the store is asked if a token has ended.
    revocable: bool,
    #[cfg(feature = "jwt-keys")]
    keys: Option<Result<Arc<Keys>, ConfigError>>,
}

impl Jwt {
    /// Tokens of one hour for the audience `usermgr:auth`.
    pub fn new() -> Self {
        Self {
            lifetime: Duration::from_secs(3600),
            audience: "usermgr:auth".into(),
            revocable: false,
            #[cfg(feature = "jwt-keys")]
            keys: None,
        }
    }

    /// How long a token lives, in whole seconds; at least one, and at most 4,294,967,295, some 136 years, as `check` demands.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime.max(Duration::from_secs(1));
        self
    }

    /// The audience (RFC 7519, 4.1.3): a token for another one is refused.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = audience.into();
        self
    }

    /// Signs with key pairs of one's own, instead of the key derived from the manager's secret: ES256, EdDSA or RS256 (feature
    /// `jwt-keys`). Tokens of other keys are refused.
    #[cfg(feature = "jwt-keys")]
    #[must_use]
    pub fn keys(mut self, keys: crate::token::KeySet) -> Self {
        self.keys = Some(keys.into_keys("at+jwt").map(Arc::new));
        self
    }

    /// Tokens that a logout really ends: the store remembers their `jti` until they would have expired.
    ///
    /// ```
    /// use usermgr::{Backend, Jwt, MemoryStore};
    /// let backend: Backend<MemoryStore> = Backend::bearer("jwt", Jwt::new().revocable());
    /// # let _ = backend;
    /// ```
    pub fn revocable(self) -> RevocableJwt {
        RevocableJwt(Self { revocable: true, ..self })
    }

    /// The signed token for a user who was authenticated at that time by these methods, of a row where there is one, and what it says.
    pub(super) fn sign<S: UserStore>(
        &self,
        cx: &StrategyContext<'_, S>,
        record: &RecordOf<S>,
        (authenticated_at, amr): (Timestamp, &Amr),
        row: Option<(&SessionId, Timestamp)>,
    ) -> Result<(AccessToken, AccessClaims), Fault> {
        let (sub, st, auth_time) = (record.user.id.to_string(), record.stamp.prefix(), authenticated_at.as_second());
        let sid = row.map(|(id, _)| id.to_string());
        let (rev, backend, amr) = (self.revocable, Some(cx.backend.to_owned()), amr.clone());
        let mut claims =
            AccessClaims::issue(sub, &self.audience, self.lifetime, cx.now, st, auth_time, sid, rev, backend, amr)?;
        if let Some((_, end)) = row {
            claims.exp = claims.exp.min(end.as_second());
        }
        let token = self.signing(cx)?.sign(&claims)?;
        Ok((token.into(), claims))
    }

    /// A token without a row, for a user who has just been authenticated.
    fn begin<S: UserStore>(&self, cx: &StrategyContext<'_, S>, who: &Authenticated<S>) -> Result<Issued, Fault> {
        let (token, claims) = self.sign(cx, who.record(), (who.at(), who.methods()), None)?;
        Ok(Issued::new(token, info(cx.backend, claims)))
    }

    /// What a token says, if it is one of ours and its time is now. Another engine with the same secret may have made it: one of another
    /// backend is none, and none lives longer than those that are made here.
    pub(super) fn open<S: UserStore>(&self, cx: &StrategyContext<'_, S>, token: &str) -> Option<AccessClaims> {
        let is_ours = |claims: &AccessClaims| {
            claims.holds(&self.audience, cx.now)
                && claims.backend.as_deref().is_none_or(|backend| backend == cx.backend)
                && cx.now.as_second() < claims.iat.saturating_add_unsigned(self.lifetime.as_secs())
        };
        self.signing(cx).ok()?.open::<AccessClaims>(token).filter(is_ours)
    }

    /// The public halves of the keys of one's own.
    #[cfg(feature = "jwt-keys")]
    pub(super) fn published(&self) -> Vec<serde_json::Value> {
        let keys = self.keys.as_ref().and_then(|keys| keys.as_ref().ok());
        keys.map(|keys| keys.public()).unwrap_or_default()
    }

    /// The keys of one's own where there are such, else the derived ones.
    fn signing<'a, S>(&'a self, cx: &StrategyContext<'a, S>) -> Result<&'a Keys, Fault> {
        #[cfg(feature = "jwt-keys")]
        if let Some(keys) = &self.keys {
            return keys.as_deref().map_err(|error| error.clone().into());
        }
        Ok(cx.keys)
    }

    /// What is wrong with the lifetime and with the keys of one's own.
    pub(super) fn faults(&self) -> impl Iterator<Item = ConfigError> {
        #[cfg(feature = "jwt-keys")]
        let keys = self.keys.as_ref().and_then(|keys| keys.as_ref().err().cloned());
        #[cfg(not(feature = "jwt-keys"))]
        let keys = None;
        too_long("Jwt::lifetime", self.lifetime).into_iter().chain(keys)
    }

    /// The same with the user's id, for a token without a row. One with a row is not believed without it, since the row may have
    /// ended; nor is one whose logout is remembered, by a backend over the same key that would not look.
    fn open_alone<S: UserStore>(&self, cx: &StrategyContext<'_, S>, token: &str) -> Option<(AccessClaims, S::Id)> {
        let alone = |claims: &AccessClaims| claims.sid.is_none() && (self.revocable || !claims.rev);
        let claims = self.open(cx, token).filter(alone)?;
        let id = claims.sub.parse().ok()?;
        Some((claims, id))
    }
}

impl Default for Jwt {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl<S: UserStore> Strategy<S> for Jwt {
    async fn issue(&self, cx: &StrategyContext<'_, S>, who: &Authenticated<S>, _: Origin<'_>) -> Result<Issued, Fault> {
        self.begin(cx, who)
    }

    async fn read(&self, cx: &StrategyContext<'_, S>, token: &str) -> Result<Option<Principal<S>>, Fault> {
        let Some((claims, id)) = self.open_alone(cx, token) else { return Ok(None) };
        let record = cx.store.find(Lookup::Id(&id)).await?.filter(|record| record.stamp.has_prefix(&claims.st));
        Ok(record.map(|record| principal(cx.backend, record, claims)))
    }

    async fn end(&self, _: &StrategyContext<'_, S>, _: &Principal<S>) -> Result<(), Fault> {
        Ok(())
    }

    async fn restamp(&self, _: &S, _: &mut S::Tx, _: &SessionInfo, _: &Stamp) -> Result<(), StoreError> {
        Ok(())
    }

    async fn holds(
        &self,
        _: &S,
        _: &mut S::Tx,
        _: &SessionInfo,
        _: &RecordOf<S>,
        _: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(true)
    }

    #[cfg(feature = "jwt-keys")]
    fn public_keys(&self) -> Vec<serde_json::Value> {
        self.published()
    }

    fn check(&self) -> Result<(), ConfigError> {
        sound(self.faults())
    }
}

/// A signed access token that a logout really ends, for every process over the same store: [`Jwt::revocable`] makes it. Whether a
/// token has ended is read in the same query as its user. It has no row, so that lists do not show it; what ends all sessions of
/// a user ends it too. A bare [`Jwt`] beside it refuses its tokens, since it would not notice their end.
#[derive(Clone, Debug)]
pub struct RevocableJwt(Jwt);

#[async_trait]
impl<S: SessionStore> Strategy<S> for RevocableJwt {
    async fn issue(&self, cx: &StrategyContext<'_, S>, who: &Authenticated<S>, _: Origin<'_>) -> Result<Issued, Fault> {
        self.0.begin(cx, who)
    }

    async fn read(&self, cx: &StrategyContext<'_, S>, token: &str) -> Result<Option<Principal<S>>, Fault> {
        let Some((claims, id)) = self.0.open_alone(cx, token) else { return Ok(None) };
        // The name, not the text of the token: one token must not live on under another spelling.
        let record = cx.store.find_unless_ended(&id, &SessionId::new(&claims.jti)).await?;
        let record = record.filter(|record| record.stamp.has_prefix(&claims.st));
        Ok(record.map(|record| principal(cx.backend, record, claims)))
    }

    async fn end(&self, cx: &StrategyContext<'_, S>, principal: &Principal<S>) -> Result<(), Fault> {
        let SessionInfo { id, expires_at, .. } = &principal.session;
        rows::end(cx.store, &principal.user().id, rows::Ending::Token(id, *expires_at)).await.map(drop)
    }

    async fn restamp(&self, _: &S, _: &mut S::Tx, _: &SessionInfo, _: &Stamp) -> Result<(), StoreError> {
        Ok(())
    }

    async fn holds(
        &self,
        store: &S,
        tx: &mut S::Tx,
        session: &SessionInfo,
        _: &RecordOf<S>,
        _: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(!store.has_token_ended(tx, &session.id).await?)
    }

    #[cfg(feature = "jwt-keys")]
    fn public_keys(&self) -> Vec<serde_json::Value> {
        self.0.published()
    }

    fn check(&self) -> Result<(), ConfigError> {
        sound(self.0.faults())
    }
}

/// The principal of a token without a row, good as long as the token is.
fn principal<S: UserStore>(backend: &str, record: RecordOf<S>, claims: AccessClaims) -> Principal<S> {
    let session = info(backend, claims);
    let end = session.expires_at;
    Principal::new(record, session).cacheable_until(end)
}

fn info(backend: &str, claims: AccessClaims) -> SessionInfo {
    // A time beyond the calendar is its end on that side, so that what ends late never counts as ended long ago.
    let edge = |seconds: i64| if seconds < 0 { Timestamp::MIN } else { Timestamp::MAX };
    let time = |seconds| Timestamp::from_second(seconds).unwrap_or_else(|_| edge(seconds));
    SessionInfo::new(SessionId::new(claims.jti), backend, time(claims.auth_time), time(claims.exp)).amr(claims.amr)
}
