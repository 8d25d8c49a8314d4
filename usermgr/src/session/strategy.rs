//! The [`Strategy`] trait, which makes, reads, refreshes and ends sessions, with what goes into it and what comes out.

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

/// All that is wrong with a strategy, as its check says it.
pub(super) fn sound(faults: impl Iterator<Item = ConfigError>) -> Result<(), ConfigError> {
    let mut faults = faults.peekable();
    if faults.peek().is_some() { Err(ConfigError::join(faults)) } else { Ok(()) }
}

/// What a strategy works with.
pub struct StrategyContext<'a, S> {
    /// The store.
    pub store: &'a S,
    /// Now, by the engine's clock.
    pub now: Timestamp,
    /// The name of the backend that the strategy serves.
    pub backend: &'a str,
    pub(crate) keys: &'a Keys,
    pub(crate) refresh_keys: &'a RefreshKeys,
    pub(crate) cache: &'a EngineCache,
    pub(crate) notes: &'a Notes,
    pub(crate) max_sessions: u32,
}

/// Where a login comes from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Origin<'a> {
    /// The address of the client.
    pub ip: Option<IpAddr>,
    /// What the client says it is.
    pub user_agent: Option<&'a str>,
}

/// A session that has just been made, with its tokens.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Issued {
    /// Gives access.
    pub token: AccessToken,
    /// Gets the next pair of tokens, where the strategy has such.
    pub refresh: Option<RefreshToken>,
    /// How long `token` is good for, where the client is told so, in whole seconds.
    pub expires_in: Option<Duration>,
    /// The session.
    pub session: SessionInfo,
    /// How many older ones of its user it has ended.
    pub(crate) evicted: u64,
}

impl Issued {
    /// A session with its one token.
    pub fn new(token: AccessToken, session: SessionInfo) -> Self {
        Self { token, refresh: None, expires_in: None, session, evicted: 0 }
    }

    pub(super) fn evicting(self, evicted: u64) -> Self {
        Self { evicted, ..self }
    }

    /// With a refresh token too.
    #[must_use]
    pub fn with_refresh(self, token: RefreshToken) -> Self {
        Self { refresh: Some(token), ..self }
    }

    /// Tells the client how long the token is good for (`expires_in`; RFC 6749, 5.1), in whole seconds.
    #[must_use]
    pub fn with_lifetime(self, lifetime: Duration) -> Self {
        Self { expires_in: Some(lifetime), ..self }
    }
}

/// What came of a refresh token.
#[non_exhaustive]
pub enum RefreshOutcome<S: UserStore> {
    /// The user, with the next tokens of the same session.
    Renewed(Box<UserOf<S>>, Issued),
    /// The same by the grace, for a client of another network or user agent than that of the first refresh: one of the two may be a thief.
    RenewedElsewhere(Box<UserOf<S>>, Issued),
    /// The token is forged, its session has ended, or the strategy has no such tokens.
    Refused,
    /// The token was used before, by its owner or by a thief: its session has just been ended.
    Stolen(Box<UserOf<S>>, SessionInfo),
}

/// Makes, reads and ends sessions. The built-in ones are [`Database`](crate::Database), [`Jwt`](crate::Jwt),
/// [`RevocableJwt`](crate::session::RevocableJwt) and [`JwtWithRefresh`](crate::session::JwtWithRefresh).
///
/// The bound on the store stands on the methods, so that a struct can hold an [`Engine<S>`](crate::Engine) without repeating it.
#[async_trait]
pub trait Strategy<S>: Send + Sync + 'static {
    /// Makes a session for a user who has just been authenticated. It keeps the [methods](Authenticated::methods) and the
    /// [time](Authenticated::at), so that every later request sees them.
    async fn issue(
        &self,
        cx: &StrategyContext<'_, S>,
        who: &Authenticated<S>,
        origin: Origin<'_>,
    ) -> Result<Issued, Fault>
    where
        S: UserStore;

    /// Whether a login makes sessions of this strategy. One whose credentials are made otherwise, such as API keys, says no: a login
    /// through its backend is then answered as if there were no such backend.
    fn accepts_login(&self) -> bool {
        true
    }

    /// The user of a token, or `None` for whatever is wrong with it. The user comes from the store each time, so that deactivation
    /// and a new stamp hold at once; an inactive user is returned, and the guard decides.
    async fn read(&self, cx: &StrategyContext<'_, S>, token: &str) -> Result<Option<Principal<S>>, Fault>
    where
        S: UserStore;

    /// Ends a session. A strategy whose tokens cannot be revoked does nothing.
    async fn end(&self, cx: &StrategyContext<'_, S>, principal: &Principal<S>) -> Result<(), Fault>
    where
        S: UserStore;

    /// Lets a session outlive its user's new stamp, in the transaction of the change. A strategy whose tokens cannot be changed
    /// does nothing, and the token ends.
    async fn restamp(&self, store: &S, tx: &mut S::Tx, session: &SessionInfo, stamp: &Stamp) -> Result<(), StoreError>
    where
        S: UserStore;

    /// Whether a session of this user has not ended, in the transaction of a change that it asks for, which holds the user's row: so
    /// nothing that a session asked for is written after its end was answered. The user's stamp and the session's
    /// [end](SessionInfo::expires_at) have been looked at already. A strategy whose sessions end by nothing else says yes; one with
    /// sessions of its own looks for them, and ends them while the [same row is held](UserStore::find_locked).
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

    /// Replaces the tokens of a session by the next ones, for a client that asks from there. A strategy without refresh tokens refuses all.
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

    /// Whether a login gives a refresh token too.
    fn refreshes(&self) -> bool {
        false
    }

    /// The public keys by which others can check its tokens, each as a JSON Web Key (RFC 7517, 4). With the feature `jwt-keys` they are
    /// answered at `/.well-known/jwks.json`. Default: none, as for tokens that are signed with a secret.
    fn public_keys(&self) -> Vec<serde_json::Value> {
        Vec::new()
    }

    /// Whether a row of this strategy's backend has not ended by itself at that time; lists leave out what has. The user's stamp has
    /// been compared already.
    fn lives(&self, session: &Session<S::Id>, now: Timestamp) -> bool
    where
        S: UserStore,
    {
        now < session.expires_at
    }

    /// Checks the strategy's own settings, before anything is served.
    ///
    /// # Errors
    /// [`ConfigError`] says what is wrong.
    fn check(&self) -> Result<(), ConfigError> {
        Ok(())
    }
}
