//! Sessions without a row: a signed token that carries the user's id and a part of his stamp.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::{Origin, Principal, SessionInfo, Strategy, StrategyContext};
use crate::{
    error::Fault,
    store::{Lookup, RecordOf, SessionId, StoreError, UserStore},
    token::{AccessClaims, AccessToken},
    user::Stamp,
};

/// A signed access token (JWT, HS256). It is checked against the user's row at every request, so that a new password, a deactivation
/// or a deletion ends it at once; a logout does not, as with FastAPI Users.
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
}

impl Jwt {
    /// Tokens of one hour for the audience `usermgr:auth`.
    pub fn new() -> Self {
        Self { lifetime: Duration::from_secs(3600), audience: "usermgr:auth".into() }
    }

    /// How long a token lives, in whole seconds; at least one.
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
}

impl Default for Jwt {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl<S: UserStore> Strategy<S> for Jwt {
    async fn issue(
        &self,
        cx: &StrategyContext<'_, S>,
        record: &RecordOf<S>,
        _: Origin<'_>,
    ) -> Result<(AccessToken, SessionInfo), Fault> {
        let (sub, st, auth_time) = (record.user.id.to_string(), record.stamp.prefix(), cx.now.as_second());
        let claims = AccessClaims::issue(sub, &self.audience, self.lifetime, cx.now, st, auth_time)?;
        let token = cx.keys.sign(&claims)?;
        Ok((token.into(), info(cx.backend, claims)))
    }

    async fn read(&self, cx: &StrategyContext<'_, S>, token: &str) -> Result<Option<Principal<S>>, Fault> {
        let claims = cx.keys.open::<AccessClaims>(token).filter(|claims| claims.holds(&self.audience, cx.now));
        let Some((claims, id)) = claims.and_then(|claims| claims.sub.parse::<S::Id>().ok().map(|id| (claims, id)))
        else {
            return Ok(None);
        };
        let record = cx.store.find(Lookup::Id(&id)).await?.filter(|record| record.stamp.prefix() == claims.st);
        Ok(record.map(|record| Principal { record, session: info(cx.backend, claims) }))
    }

    async fn end(&self, _: &StrategyContext<'_, S>, _: &Principal<S>) -> Result<(), Fault> {
        Ok(())
    }

    async fn restamp(&self, _: &S, _: &mut S::Tx, _: &SessionInfo, _: &Stamp) -> Result<(), StoreError> {
        Ok(())
    }
}

fn info(backend: &str, claims: AccessClaims) -> SessionInfo {
    let time = |seconds| Timestamp::from_second(seconds).unwrap_or(Timestamp::MIN);
    SessionInfo {
        id: SessionId::new(claims.jti),
        backend: backend.to_owned(),
        authenticated_at: time(claims.auth_time),
        expires_at: time(claims.exp),
    }
}
