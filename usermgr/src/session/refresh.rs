//! Short-lived signed tokens with a refresh token. Each login writes one row (a *family*). Its refresh token is used
//! once and replaced by the next one (rotation; RFC 9700, 4.14.2).

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    Authenticated, Issued, Jwt, Origin, Principal, RefreshOutcome, SessionInfo, Strategy, StrategyContext,
    rows::{self, Ending, Lifetimes},
    strategy::sound,
    touch::touch,
};
use crate::{
    config_error::ConfigError,
    error::Fault,
    network,
    settings::too_long,
    span::is_recent,
    store::{RecordOf, Rotation, Session, SessionDigest, SessionId, SessionLookup, SessionStore, StoreError},
    token::RefreshToken,
    user::Stamp,
};

/// The settings of refresh tokens.
///
/// ```
/// use std::time::Duration;
/// use usermgr::Refresh;
/// let refresh = Refresh::new().idle(Duration::from_secs(24 * 3600)).grace(Duration::from_secs(5));
/// # let _ = refresh;
/// ```
#[derive(Clone, Debug)]
pub struct Refresh {
    lifetimes: Lifetimes,
    grace: Duration,
    same_client: bool,
}

impl Refresh {
    /// Creates the settings with an idle timeout of 7 days, an absolute lifetime of 30 days and a grace period of 10
    /// seconds.
    pub fn new() -> Self {
        Self { lifetimes: Lifetimes::default(), grace: Duration::from_secs(10), same_client: false }
    }

    /// Sets the idle timeout, which has a precision of one minute. A value below 2 minutes counts as
    /// 2 minutes. `build` refuses more than 4,294,967,295 seconds. Default: 7 days.
    #[must_use]
    pub fn idle(self, idle: Duration) -> Self {
        Self { lifetimes: self.lifetimes.idle(idle), ..self }
    }

    /// Sets the absolute lifetime. A refresh does not extend it. `build` demands 1 to 4,294,967,295 seconds. Default:
    /// 30 days.
    #[must_use]
    pub fn absolute(self, absolute: Duration) -> Self {
        Self { lifetimes: self.lifetimes.absolute(absolute), ..self }
    }

    /// Sets the grace period. During it, a used refresh token receives the same answer again, for a client that lost
    /// the answer or sent two requests at once. After it, a second use ends the session (reuse detection). With zero,
    /// two requests at once count as a theft. `build` demands at most half of [`idle`](Self::idle). Default: 10
    /// seconds.
    ///
    /// A client that waits longer for an answer, such as a mobile app, needs a grace period a little longer than its
    /// timeout. The time is the only thing that distinguishes a retry from a theft.
    #[must_use]
    pub fn grace(self, grace: Duration) -> Self {
        Self { grace, ..self }
    }

    /// Sets whether the grace period applies only to a client with the network and the user agent of the first refresh.
    /// If `true`, a second use by another client counts as a theft immediately. If `false`, it raises the event
    /// `refresh_repeated_elsewhere`. Default: `false`, because legitimate clients change networks too.
    #[must_use]
    pub fn same_client(self, demanded: bool) -> Self {
        Self { same_client: demanded, ..self }
    }
}

impl Default for Refresh {
    fn default() -> Self {
        Self::new()
    }
}

/// Signed access tokens with refresh tokens. [`Jwt::with_refresh`] creates it.
///
/// A login writes one row and issues a pair of tokens. The access token names the row and is valid only while the row
/// exists. So a logout in any process ends it at the next request. The refresh token is exchanged for the next pair
/// once. A second use ends the session and calls `on_after_token_theft`, because either the user or a thief has used
/// the token before. A refresh changes neither the time of the authentication, nor the methods, nor the end of the
/// session.
///
/// The store keeps only digests. The next token is not random: it is derived from the presented token with a key of the
/// server, so that a lost answer can be repeated. Without both the key and the presented token it cannot be computed.
#[derive(Clone, Debug)]
pub struct JwtWithRefresh {
    jwt: Jwt,
    refresh: Refresh,
}

impl Jwt {
    /// Returns a strategy with refresh tokens and a row for each session in the store. Its sessions are listed, and a
    /// logout ends them.
    ///
    /// ```
    /// use std::time::Duration;
    /// use usermgr::{Backend, Jwt, MemoryStore, Refresh};
    /// let strategy = Jwt::new().lifetime(Duration::from_secs(15 * 60)).with_refresh(Refresh::new());
    /// let backend: Backend<MemoryStore> = Backend::bearer("jwt", strategy);
    /// # let _ = backend;
    /// ```
    pub fn with_refresh(self, refresh: Refresh) -> JwtWithRefresh {
        JwtWithRefresh { jwt: self, refresh }
    }
}

impl JwtWithRefresh {
    /// Returns the pair of tokens of a session.
    fn pair<S: SessionStore>(
        &self,
        cx: &StrategyContext<'_, S>,
        session: Session<S::Id>,
        record: &RecordOf<S>,
        refresh: Option<RefreshToken>,
    ) -> Result<Issued, Fault> {
        let proved = (session.authenticated_at, &session.amr, session.actor.as_ref());
        let (token, claims) = self.jwt.sign(cx, record, proved, Some(&session.id), Some(session.expires_at), None)?;
        let lifetime =
            Duration::from_secs(claims.exp.saturating_sub(cx.now.as_second()).try_into().unwrap_or_default());
        let issued = Issued::new(token, SessionInfo::of(session, true)).with_lifetime(lifetime);
        Ok(Issued { refresh, ..issued })
    }

    /// Returns the answer that a token received when it was used, if the use was within the grace period and its
    /// successor has not been used.
    fn answered<S: SessionStore>(
        &self,
        cx: &StrategyContext<'_, S>,
        rotation: &Rotation,
        token: &RefreshToken,
    ) -> Option<RefreshToken> {
        let recent = is_recent(rotation.rotated_at, self.refresh.grace, cx.now);
        let mut children = cx.refresh_keys.children(token).filter(|_| recent);
        children.find(|child| SessionDigest::of(child.expose()) == rotation.digest)
    }
}

/// Returns the text that identifies a client: its network and its user agent. The name of a network contains no NUL.
fn client(Origin { ip, user_agent }: Origin<'_>) -> String {
    format!("{}\0{}", ip.map(network::name).unwrap_or_default(), user_agent.unwrap_or_default())
}

#[async_trait]
impl<S: SessionStore> Strategy<S> for JwtWithRefresh {
    async fn issue(
        &self,
        cx: &StrategyContext<'_, S>,
        who: &Authenticated<S>,
        origin: Origin<'_>,
    ) -> Result<Issued, Fault> {
        let token = RefreshToken::random()?;
        let digest = SessionDigest::of(token.expose());
        let family = SessionDigest::of(token.family().unwrap_or_default());
        // The time of an administrator is not extended.
        let refresh = Some(token).filter(|_| who.actor().is_none());
        let rotation = refresh.as_ref().map(|_| Rotation { digest, rotated_at: cx.now, rotated_by: None });
        let session = self.refresh.lifetimes.begin(cx, who, origin, family, rotation);
        let evicted = rows::insert(cx, &session, who.replaces().is_some()).await?;
        Ok(self.pair(cx, session, who.record(), refresh)?.evicting(evicted))
    }

    async fn read(&self, cx: &StrategyContext<'_, S>, token: &str) -> Result<Option<Principal<S>>, Fault> {
        let claims = self.jwt.open(cx, token);
        let Some((sid, id, end)) = claims.and_then(|mut claims| Some((claims.sid.take()?, claims.sub, claims.exp)))
        else {
            return Ok(None);
        };
        let found = cx.store.find_session(SessionLookup::Id(&SessionId::new(sid))).await?;
        let fits = |(session, record): &(_, _)| self.refresh.lifetimes.admits(cx, session, record);
        let Some((session, record)) = found.filter(|(_, record)| record.user.id.to_string() == id).filter(fits) else {
            return Ok(None);
        };
        touch(cx, &session, self.refresh.grace).await;
        let end = Timestamp::from_second(end).map_or(session.expires_at, |end| end.min(session.expires_at));
        Ok(Some(Principal::new(record, SessionInfo::of(session, true)).cacheable_until(end)))
    }

    async fn end(&self, cx: &StrategyContext<'_, S>, principal: &Principal<S>) -> Result<(), Fault> {
        rows::end(cx.store, &principal.user().id, Ending::Session(&principal.session.id)).await.map(drop)
    }

    async fn restamp(&self, store: &S, tx: &mut S::Tx, session: &SessionInfo, stamp: &Stamp) -> Result<(), StoreError> {
        store.restamp_session(tx, &session.id, stamp, &session.amr).await
    }

    async fn holds(
        &self,
        store: &S,
        tx: &mut S::Tx,
        session: &SessionInfo,
        record: &RecordOf<S>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.refresh.lifetimes.holds(store, tx, session, record, now).await
    }

    async fn refresh(
        &self,
        cx: &StrategyContext<'_, S>,
        token: &RefreshToken,
        origin: Origin<'_>,
    ) -> Result<RefreshOutcome<S>, Fault> {
        let client = client(origin);
        let Some(family) = token.family().map(SessionDigest::of) else { return Ok(RefreshOutcome::Refused) };
        let presented = SessionDigest::of(token.expose());
        loop {
            let found = cx.store.find_session(SessionLookup::Digest(&family)).await?;
            let fits = |(session, record): &(Session<S::Id>, RecordOf<S>)| {
                record.user.is_active && self.refresh.lifetimes.admits(cx, session, record)
            };
            let Some((session, record)) = found.filter(fits) else { return Ok(RefreshOutcome::Refused) };
            let Some(rotation) = &session.rotation else { return Ok(RefreshOutcome::Refused) };
            // The user of the token is not known to the caller before this function returns.
            let _changing = cx.cache.changing(&record.user.id);
            if rotation.digest == presented {
                let child = cx.refresh_keys.child(token);
                let next = Rotation {
                    digest: SessionDigest::of(child.expose()),
                    rotated_at: cx.now,
                    rotated_by: Some(cx.refresh_keys.mark(&client)),
                };
                // Another request has used the same token or has ended the session. This request issues no token: the
                // second look ends it.
                if !cx.store.rotate_session(&session.id, &presented, &next).await? {
                    continue;
                }
                let issued = self.pair(cx, session, &record, Some(child))?;
                return Ok(RefreshOutcome::Renewed(Box::new(record.user), issued));
            }
            let elsewhere =
                rotation.rotated_by.as_ref().is_some_and(|by| !cx.refresh_keys.marks(&client).any(|m| m == *by));
            let graced = !(elsewhere && self.refresh.same_client);
            if let Some(child) = self.answered(cx, rotation, token).filter(|_| graced) {
                let issued = self.pair(cx, session, &record, Some(child))?;
                let renewed = if elsewhere { RefreshOutcome::RenewedElsewhere } else { RefreshOutcome::Renewed };
                return Ok(renewed(Box::new(record.user), issued));
            }
            let info = SessionInfo::of(session, false);
            // Only one of several concurrent requests ends the session, so that the theft is reported once.
            return Ok(match rows::end(cx.store, &record.user.id, Ending::Session(&info.id)).await? {
                0 => RefreshOutcome::Refused,
                _ => RefreshOutcome::Stolen(Box::new(record.user), info),
            });
        }
    }

    fn keeps_actors(&self) -> bool {
        true
    }

    fn refreshes(&self) -> bool {
        true
    }

    #[cfg(feature = "jwt-keys")]
    fn public_keys(&self) -> Vec<serde_json::Value> {
        self.jwt.published()
    }

    fn check(&self) -> Result<(), ConfigError> {
        let Refresh { lifetimes, grace, same_client: _ } = &self.refresh;
        let most = lifetimes.idle_time() / 2;
        let beyond = || ConfigError::new("`Refresh::grace` must be at most half of `Refresh::idle`");
        let grace = too_long("Refresh::grace", *grace).or_else(|| (*grace > most).then(beyond));
        sound(self.jwt.faults().chain(lifetimes.faults("Refresh")).chain(grace))
    }

    fn lives(&self, session: &Session<S::Id>, now: Timestamp) -> bool {
        self.refresh.lifetimes.lives(session, now)
    }
}
