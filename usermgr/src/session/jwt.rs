//! Sessions without a row: a signed token with the user's id and a part of their stamp. A plain [`Jwt`] cannot be ended
//! before it expires. A [`RevocableJwt`] can, because the store records which tokens have ended.

#[cfg(feature = "jwt-keys")]
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    Authenticated, Issued, Origin, Principal, SessionActor, SessionInfo, Strategy, StrategyContext, rows,
    strategy::sound,
};
use crate::{
    amr::Amr,
    config_error::ConfigError,
    error::Fault,
    settings::too_long,
    store::{Lookup, RecordOf, SessionId, SessionStore, StoreError, UserStore},
    token::{AccessClaims, AccessToken, Keys},
    user::Stamp,
};

/// A signed access token (JWT; HS256 with a key that is derived from the manager's secret). Each request checks it
/// against the user's row. So a new password, a deactivation or a deletion ends it immediately. A logout does not end
/// it, as with FastAPI Users.
///
/// [`revocable`](Self::revocable) and [`with_refresh`](Self::with_refresh) return strategies whose logout ends the
/// session. They need a store that keeps sessions.
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
    /// `None` for that of the engine.
    audience: Option<String>,
    /// Whether the store is asked if a token has ended.
    revocable: bool,
    #[cfg(feature = "jwt-keys")]
    keys: Option<Result<Arc<Keys>, ConfigError>>,
}

impl Jwt {
    /// Creates the strategy with tokens of one hour for the audience `usermgr:auth`.
    pub fn new() -> Self {
        Self {
            lifetime: Duration::from_secs(3600),
            audience: None,
            revocable: false,
            #[cfg(feature = "jwt-keys")]
            keys: None,
        }
    }

    /// Sets the lifetime of a token, in whole seconds. `build` demands 1 to 4,294,967,295 seconds, which is about 136
    /// years. Default: one hour.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime.max(Duration::from_secs(1));
        self
    }

    /// Sets the audience (RFC 7519, 4.1.3). Tokens for other audiences are refused. Default: `usermgr:auth`, and
    /// `usermgr:auth:REALM` for a store with a [realm](crate::UserStore::realm).
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    fn audience_in<'a, S>(&'a self, cx: &StrategyContext<'a, S>) -> &'a str {
        self.audience.as_deref().unwrap_or(cx.audience)
    }

    /// Signs with your own key pairs instead of the key that is derived from the manager's secret: ES256, EdDSA or
    /// RS256 (feature `jwt-keys`). Tokens of other keys are refused.
    #[cfg(feature = "jwt-keys")]
    #[must_use]
    pub fn keys(mut self, keys: crate::token::KeySet) -> Self {
        self.keys = Some(keys.into_keys("at+jwt").map(Arc::new));
        self
    }

    /// Returns a strategy whose logout ends the token. The store records the token's `jti` until the token would have
    /// expired.
    ///
    /// ```
    /// use usermgr::{Backend, Jwt, MemoryStore};
    /// let backend: Backend<MemoryStore> = Backend::bearer("jwt", Jwt::new().revocable());
    /// # let _ = backend;
    /// ```
    pub fn revocable(self) -> RevocableJwt {
        RevocableJwt(Self { revocable: true, ..self })
    }

    /// Signs a token for a user who was authenticated at that time by these methods, or in a session in which an administrator acts.
    /// `row` is the session's row, if it has one; `end` is when the token ends at the latest; `generation` is that of the
    /// token's name. Returns the token and its claims.
    pub(super) fn sign<S: UserStore>(
        &self,
        cx: &StrategyContext<'_, S>,
        record: &RecordOf<S>,
        (authenticated_at, amr, actor): (Timestamp, &Amr, Option<&SessionActor>),
        row: Option<&SessionId>,
        end: Option<Timestamp>,
        generation: Option<String>,
    ) -> Result<(AccessToken, AccessClaims), Fault> {
        let (sub, st, auth_time) = (record.user.id.to_string(), record.stamp.prefix(), authenticated_at.as_second());
        let sid = row.map(SessionId::to_string);
        let (rev, backend, amr, act) = (self.revocable, Some(cx.backend.to_owned()), amr.clone(), actor.cloned());
        let mut claims = AccessClaims::issue(
            sub,
            self.audience_in(cx),
            self.lifetime,
            cx.now,
            st,
            auth_time,
            sid,
            rev,
            backend,
            amr,
            act,
        )?;
        if let Some(end) = end {
            claims.exp = claims.exp.min(end.as_second());
        }
        if let Some(generation) = generation {
            claims.jti = format!("{generation}.{}", claims.jti);
        }
        let token = self.signing(cx)?.sign(&claims)?;
        Ok((token.into(), claims))
    }

    /// Creates a token without a row, for a user who has just been authenticated.
    fn begin<S: UserStore>(
        &self,
        cx: &StrategyContext<'_, S>,
        who: &Authenticated<S>,
        generation: Option<String>,
    ) -> Result<Issued, Fault> {
        let proved = (who.at(), who.methods(), who.actor());
        let (token, claims) = self.sign(cx, who.record(), proved, None, who.until(), generation)?;
        Ok(Issued::new(token, info(cx.backend, claims)))
    }

    /// Returns the claims of a token if it is valid now and was issued by this backend. Another engine with the same
    /// secret may have issued it, so the backend and the lifetime are checked too.
    pub(super) fn open<S: UserStore>(&self, cx: &StrategyContext<'_, S>, token: &str) -> Option<AccessClaims> {
        let is_ours = |claims: &AccessClaims| {
            claims.holds(self.audience_in(cx), cx.now)
                && claims.backend.as_deref().is_none_or(|backend| backend == cx.backend)
                && cx.now.as_second() < claims.iat.saturating_add_unsigned(self.lifetime.as_secs())
        };
        self.signing(cx).ok()?.open::<AccessClaims>(token).filter(is_ours)
    }

    /// Returns the public halves of the custom keys.
    #[cfg(feature = "jwt-keys")]
    pub(super) fn published(&self) -> Vec<serde_json::Value> {
        let keys = self.keys.as_ref().and_then(|keys| keys.as_ref().ok());
        keys.map(|keys| keys.public()).unwrap_or_default()
    }

    /// Returns the custom keys if there are any, and the derived keys otherwise.
    fn signing<'a, S>(&'a self, cx: &StrategyContext<'a, S>) -> Result<&'a Keys, Fault> {
        #[cfg(feature = "jwt-keys")]
        if let Some(keys) = &self.keys {
            return keys.as_deref().map_err(|error| error.clone().into());
        }
        Ok(cx.keys)
    }

    /// Returns the faults of the lifetime and of the custom keys.
    pub(super) fn faults(&self) -> impl Iterator<Item = ConfigError> {
        #[cfg(feature = "jwt-keys")]
        let keys = self.keys.as_ref().and_then(|keys| keys.as_ref().err().cloned());
        #[cfg(not(feature = "jwt-keys"))]
        let keys = None;
        too_long("Jwt::lifetime", self.lifetime).into_iter().chain(keys)
    }

    /// Returns the claims and the user's id of a token without a row. It refuses two kinds of tokens of other
    /// strategies with the same key, because it cannot see whether they have ended: tokens with a row, and revocable
    /// tokens if this strategy is not revocable.
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
        self.begin(cx, who, None)
    }

    fn keeps_actors(&self) -> bool {
        true
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

/// A signed access token that a logout ends, in all processes over the same store. [`Jwt::revocable`] creates it.
///
/// One query reads the user and whether the token has ended. The token has no row, so lists of sessions do not show it.
/// An operation that ends all sessions of a user ends it too. A plain [`Jwt`] with the same key refuses these tokens,
/// because it would not notice their end.
#[derive(Clone, Debug)]
pub struct RevocableJwt(Jwt);

#[async_trait]
impl<S: SessionStore> Strategy<S> for RevocableJwt {
    async fn issue(&self, cx: &StrategyContext<'_, S>, who: &Authenticated<S>, _: Origin<'_>) -> Result<Issued, Fault> {
        self.0.begin(cx, who, cx.store.token_generation().await?)
    }

    fn keeps_actors(&self) -> bool {
        true
    }

    async fn read(&self, cx: &StrategyContext<'_, S>, token: &str) -> Result<Option<Principal<S>>, Fault> {
        let Some((claims, id)) = self.0.open_alone(cx, token) else { return Ok(None) };
        // The id is looked up and not the text, so that another encoding of the same token has ended too.
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

/// Returns the principal of a token without a row. It may be cached as long as the token is valid.
fn principal<S: UserStore>(backend: &str, record: RecordOf<S>, claims: AccessClaims) -> Principal<S> {
    let session = info(backend, claims);
    let end = session.expires_at;
    Principal::new(record, session).cacheable_until(end)
}

fn info(backend: &str, claims: AccessClaims) -> SessionInfo {
    // A time outside of the range becomes the nearest end of the range, so that a late expiry does not count as a past
    // one.
    let edge = |seconds: i64| if seconds < 0 { Timestamp::MIN } else { Timestamp::MAX };
    let time = |seconds| Timestamp::from_second(seconds).unwrap_or_else(|_| edge(seconds));
    let AccessClaims { jti, auth_time, exp, amr, act, .. } = claims;
    SessionInfo::new(SessionId::new(jti), backend, time(auth_time), time(exp)).amr(amr).actor(act)
}
