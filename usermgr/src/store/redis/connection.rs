//! A connection to Redis and the corner of it that is ours: what keys begin with. Scripts go in, each of which Redis runs as one step.

use std::{fmt::Display, time::Duration};

use redis::{
    Client, Cmd, FromRedisValue, Script, ToRedisArgs,
    aio::{ConnectionManager, ConnectionManagerConfig},
};

use crate::store::StoreError;

/// How long Redis may take to answer, or to be connected to.
const PATIENCE: Duration = Duration::from_secs(5);

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
        script: &str,
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
        call.invoke_async(&mut self.manager.clone()).await.map_err(StoreError::backend)
    }

    pub(crate) async fn query<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, StoreError> {
        command.query_async(&mut self.manager.clone()).await.map_err(StoreError::backend)
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
