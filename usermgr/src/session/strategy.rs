//! The [`Strategy`] trait, which creates, reads, refreshes and ends sessions, with its argument and result types.

use std::{net::IpAddr, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;

use super::{Authenticated, Notes, Principal, SessionInfo};
use crate::{
    cache::EngineCache,
    config_error::ConfigError,
    error::Fault,
    store::{RecordOf, Session, StoreError, UserOf, UserStore},
    token::{AccessToken, Keys, RefreshKeys, RefreshToken},
    user::Stamp,
};

/// Joins the faults of a strategy into one error.
pub(super) fn sound(faults: impl Iterator<Item = ConfigError>) -> Result<(), ConfigError> {
    let mut faults = faults.peekable();
    if faults.peek().is_some() { Err(ConfigError::join(faults)) } else { Ok(()) }
}

/// The context of a call of a strategy.
pub struct StrategyContext<'a, S> {
    /// The store.
    pub store: &'a S,
    /// The current time by the engine's clock.
    pub now: Timestamp,
    /// The name of the backend that the strategy serves.
    pub backend: &'a str,
    /// The audience of signed tokens of a strategy that has none of its own.
    pub(crate) audience: &'a str,
    pub(crate) keys: &'a Keys,
    pub(crate) refresh_keys: &'a RefreshKeys,
    pub(crate) cache: &'a EngineCache,
    pub(crate) notes: &'a Notes,
    pub(crate) max_sessions: u32,
}

/// The origin of a login.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Origin<'a> {
    /// The address of the client.
    pub ip: Option<IpAddr>,
    /// The `User-Agent` of the client.
    pub user_agent: Option<&'a str>,
}

/// A new session with its tokens.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Issued {
    /// The access token.
    pub token: AccessToken,
    /// The refresh token, which is exchanged for the next pair of tokens. `None` if the strategy has no refresh tokens.
    pub refresh: Option<RefreshToken>,
    /// The lifetime of `token` in whole seconds, if the response states it.
    pub expires_in: Option<Duration>,
    /// The session.
    pub session: SessionInfo,
    /// How many older sessions of the user were ended.
    pub(crate) evicted: u64,
}

impl Issued {
    /// Creates the result with one token.
    pub fn new(token: AccessToken, session: SessionInfo) -> Self {
        Self { token, refresh: None, expires_in: None, session, evicted: 0 }
    }

    pub(super) fn evicting(self, evicted: u64) -> Self {
        Self { evicted, ..self }
    }

    /// Adds a refresh token.
    #[must_use]
    pub fn with_refresh(self, token: RefreshToken) -> Self {
        Self { refresh: Some(token), ..self }
    }

    /// States the lifetime of the token in the response (`expires_in`; RFC 6749, 5.1), in whole seconds.
    #[must_use]
    pub fn with_lifetime(self, lifetime: Duration) -> Self {
        Self { expires_in: Some(lifetime), ..self }
    }
}

/// The outcome of a refresh.
#[non_exhaustive]
pub enum RefreshOutcome<S: UserStore> {
    /// The user and the next tokens of the same session.
    Renewed(Box<UserOf<S>>, Issued),
    /// Like `Renewed`, but within the grace period and for a client whose network or user agent differs from that of
    /// the first refresh. One of the two clients may be a thief.
    RenewedElsewhere(Box<UserOf<S>>, Issued),
    /// The token is forged, its session has ended, or the strategy has no refresh tokens.
    Refused,
    /// The token was used before, by the user or by a thief. Its session has just been ended.
    Stolen(Box<UserOf<S>>, SessionInfo),
}

/// Creates, reads and ends sessions. The built-in strategies are [`Database`](crate::Database), [`Jwt`](crate::Jwt),
/// [`RevocableJwt`](crate::session::RevocableJwt) and [`JwtWithRefresh`](crate::session::JwtWithRefresh).
///
/// The bound on the store is on the methods, so that a struct can hold an [`Engine<S>`](crate::Engine) without
/// repeating it.
#[async_trait]
pub trait Strategy<S>: Send + Sync + 'static {
    /// Creates a session for a user who has just been authenticated. It must store the
    /// [methods](Authenticated::methods) and the [time](Authenticated::at), so that every later request sees them.
    async fn issue(
        &self,
        cx: &StrategyContext<'_, S>,
        who: &Authenticated<S>,
        origin: Origin<'_>,
    ) -> Result<Issued, Fault>
    where
        S: UserStore;

    /// Returns whether a login creates sessions of this strategy. Default: `true`. A strategy whose credentials are
    /// created in another way, such as API keys, returns `false`. A login through its backend then receives the
    /// response for an unknown backend.
    fn accepts_login(&self) -> bool {
        true
    }

    /// Returns whether sessions of this strategy keep the administrator who acts in them as their user:
    /// [`issue`](Self::issue) writes [`Authenticated::actor`] and lets the session end at [`Authenticated::until`], and
    /// [`read`](Self::read) returns the administrator in [`SessionInfo::actor`]. Default: `false`. No administrator can then
    /// act as a user through its backend, because the session would be one of the user.
    fn keeps_actors(&self) -> bool {
        false
    }

    /// Returns the principal of a token, or `None` if the token is invalid for any reason. It must read the user from
    /// the store each time, so that a deactivation and a new stamp take effect immediately. It returns inactive users
    /// too, and the guard refuses them.
    async fn read(&self, cx: &StrategyContext<'_, S>, token: &str) -> Result<Option<Principal<S>>, Fault>
    where
        S: UserStore;

    /// Ends a session. A strategy whose tokens cannot be revoked does nothing.
    async fn end(&self, cx: &StrategyContext<'_, S>, principal: &Principal<S>) -> Result<(), Fault>
    where
        S: UserStore;

    /// Gives a session the user's new stamp, in the transaction that changes the stamp, so that the session stays
    /// valid, and writes its [methods](SessionInfo::amr), which the change may have added to. A strategy whose tokens cannot be changed does nothing, and the token ends.
    async fn restamp(&self, store: &S, tx: &mut S::Tx, session: &SessionInfo, stamp: &Stamp) -> Result<(), StoreError>
    where
        S: UserStore;

    /// Returns whether a session of this user has not ended. It is called in the transaction of a change that the
    /// session requests, while the transaction holds the user's row. So nothing that a session requested is written
    /// after the response said that the session has ended. The user's stamp and the session's
    /// [end](SessionInfo::expires_at) have been checked before.
    ///
    /// A strategy whose sessions end in no other way returns `true`. A strategy with its own sessions looks them up
    /// here, and ends them only while it [holds the same row](UserStore::find_locked).
    async fn holds(
        &self,
        store: &S,
        tx: &mut S::Tx,
        session: &SessionInfo,
        record: &RecordOf<S>,
        now: Timestamp,
    ) -> Result<bool, StoreError>
    where
        S: UserStore;

    /// Exchanges a refresh token for the next tokens of its session. `origin` is the client that requests them.
    /// Default: refuses all tokens, for a strategy without refresh tokens.
    async fn refresh(
        &self,
        cx: &StrategyContext<'_, S>,
        token: &RefreshToken,
        origin: Origin<'_>,
    ) -> Result<RefreshOutcome<S>, Fault>
    where
        S: UserStore,
    {
        let _ = (cx, token, origin);
        Ok(RefreshOutcome::Refused)
    }

    /// Returns whether a login issues a refresh token too. Default: `false`.
    fn refreshes(&self) -> bool {
        false
    }

    /// Returns the public keys with which others can check the tokens, each as a JSON Web Key (RFC 7517, 4). With the
    /// feature `jwt-keys`, `/.well-known/jwks.json` serves them. Default: none, because tokens that are signed with a
    /// secret have no public key.
    fn public_keys(&self) -> Vec<serde_json::Value> {
        Vec::new()
    }

    /// Returns whether a row of this strategy's backend is within its lifetimes at `now`. Lists omit rows that are not.
    /// The user's stamp has been compared before. Default: compares [`Session::expires_at`].
    fn lives(&self, session: &Session<S::Id>, now: Timestamp) -> bool
    where
        S: UserStore,
    {
        now < session.expires_at
    }

    /// Checks the strategy's settings, before requests are served.
    ///
    /// # Errors
    /// [`ConfigError`] describes the faults.
    fn check(&self) -> Result<(), ConfigError> {
        Ok(())
    }
}
