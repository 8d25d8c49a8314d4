//! A connection to Redis, with the prefix of its keys.
//!
//! The server or a proxy may close an idle connection, and the client notices this only when it sends the next command.
//! [`Repeat`] says for each command whether it is sent again then.

use std::{fmt::Display, time::Duration};

use redis::{
    Client, Cmd, FromRedisValue, RedisError, Script, ToRedisArgs,
    aio::{ConnectionManager, ConnectionManagerConfig},
};

use crate::store::StoreError;

/// The time limit for an answer of Redis, and for connecting.
const PATIENCE: Duration = Duration::from_secs(5);

/// What happens to a command whose connection was closed before the answer arrived. The server may have executed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// Send it again over a new connection: a second execution has no further effect.
    Once,
    /// Return the error: a second execution would have a further effect.
    Never,
}

impl Repeat {
    /// Returns whether to send a command again after this error. A timeout is not a closed connection, and the caller
    /// does not wait for it twice.
    fn after(self, error: &RedisError) -> bool {
        self == Self::Once && error.is_connection_dropped()
    }
}

#[derive(Clone)]
pub(crate) struct Connection {
    manager: ConnectionManager,
    pub(crate) prefix: String,
}

impl Connection {
    pub(crate) async fn open(url: &str) -> Result<Self, StoreError> {
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE))
            .set_number_of_retries(1);
        #[cfg(feature = "tls")]
        if url.starts_with("rediss:") {
            provide_cryptography();
        }
        let client = Client::open(url).map_err(StoreError::backend)?;
        let manager = ConnectionManager::new_with_config(client, config).await.map_err(StoreError::backend)?;
        Ok(manager.into())
    }

    pub(crate) fn key(&self, kind: &str, name: impl Display) -> String {
        format!("{}{kind}:{name}", self.prefix)
    }

    /// Runs a script atomically.
    pub(crate) async fn run<T: FromRedisValue>(
        &self,
        (script, repeat): (&str, Repeat),
        keys: &[String],
        arguments: &[impl ToRedisArgs + Sync],
    ) -> Result<T, StoreError> {
        let script = Script::new(script);
        let mut call = script.prepare_invoke();
        for key in keys {
            call.key(key);
        }
        for argument in arguments {
            call.arg(argument);
        }
        let mut manager = self.manager.clone();
        match call.invoke_async(&mut manager).await {
            Err(error) if repeat.after(&error) => call.invoke_async(&mut manager).await,
            outcome => outcome,
        }
        .map_err(StoreError::backend)
    }

    pub(crate) async fn query<T: FromRedisValue>(&self, command: &Cmd, repeat: Repeat) -> Result<T, StoreError> {
        let mut manager = self.manager.clone();
        match command.query_async(&mut manager).await {
            Err(error) if repeat.after(&error) => command.query_async(&mut manager).await,
            outcome => outcome,
        }
        .map_err(StoreError::backend)
    }
}

/// The Redis client uses rustls' process-wide provider. It panics if the application has compiled two providers in and
/// has not chosen one. A choice that the application has made stays.
#[cfg(feature = "tls")]
fn provide_cryptography() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // It fails only if another thread has installed a provider in the meantime.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    }
}

impl From<ConnectionManager> for Connection {
    fn from(manager: ConnectionManager) -> Self {
        Self { manager, prefix: "usermgr:".to_owned() }
    }
}
