//! A connection to Redis and the corner of it that is ours: what keys begin with. Scripts go in, each of which Redis runs as one step.
//!
//! A server, or something before it, may close a connection that has been idle, which nobody notices until the next command is sent.
//! [`Repeat`] says of each command whether it is then sent once more.

use std::{fmt::Display, time::Duration};

use redis::{
    Client, Cmd, FromRedisValue, RedisError, Script, ToRedisArgs,
    aio::{ConnectionManager, ConnectionManagerConfig},
};

use crate::store::StoreError;

/// How long Redis may take to answer, or to be connected to.
const PATIENCE: Duration = Duration::from_secs(5);

/// What happens to a command whose connection was found closed before an answer came. It may have been done all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// It is sent once more, over a new connection: done twice it does no more than done once.
    Once,
    /// The caller is told: done twice it would do more.
    Never,
}

impl Repeat {
    /// Whether to send a command again that ended so. Silence is no closed connection: nobody waits for it twice.
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

    /// Runs a script as one step.
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

/// The client asks rustls for the process's library, and in an application that has compiled two of them in, without a choice, that
/// is a panic. Whoever has chosen already keeps the choice.
#[cfg(feature = "tls")]
fn provide_cryptography() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Fails only when another thread was faster, and then there is one.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    }
}

impl From<ConnectionManager> for Connection {
    fn from(manager: ConnectionManager) -> Self {
        Self { manager, prefix: "usermgr:".to_owned() }
    }
}
