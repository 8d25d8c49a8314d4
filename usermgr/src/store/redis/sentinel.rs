//! Sentinels: they name the server that is the master of a service now.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use redis::{Client, ConnectionAddr, ConnectionInfo, aio::MultiplexedConnection};
use tokio::time::timeout;

use super::greeting::{Greeting, PATIENCE, Refusal, connect, greeted};

pub(super) struct Sentinels {
    pub(super) all: Vec<ConnectionInfo>,
    pub(super) service: String,
    /// Everything about the master but its address.
    pub(super) master: ConnectionInfo,
    /// The sentinel that answered last. It is asked first.
    first: AtomicUsize,
}

impl Sentinels {
    pub(super) fn new(all: Vec<ConnectionInfo>, service: String, master: ConnectionInfo) -> Self {
        Self { all, service, master, first: AtomicUsize::new(0) }
    }

    /// Connects to the master that the first sentinel names whose master answers as one. A sentinel may know of a
    /// failover later than the others.
    pub(super) async fn connect(&self) -> Result<(MultiplexedConnection, Greeting), Refusal> {
        let count = self.all.len();
        // All of them together take no longer than one server.
        let share = PATIENCE / u32::try_from(count).unwrap_or(u32::MAX).max(1);
        let first = self.first.load(Ordering::Relaxed);
        let mut why: Refusal = "the URL names no sentinel".into();
        for at in (0..count).map(|at| (first + at) % count) {
            match timeout(share, self.through(&self.all[at])).await {
                Ok(Ok(connected)) => {
                    self.first.store(at, Ordering::Relaxed);
                    return Ok(connected);
                }
                Ok(Err(error)) => why = error,
                Err(_) => why = too_late(share),
            }
        }
        Err(why)
    }

    async fn through(&self, sentinel: &ConnectionInfo) -> Result<(MultiplexedConnection, Greeting), Refusal> {
        let mut connection = connect(&Client::open(sentinel.clone())?).await?;
        let mut ask = redis::cmd("SENTINEL");
        ask.arg("GET-MASTER-ADDR-BY-NAME").arg(&self.service);
        let named: Option<(String, u16)> = ask.query_async(&mut connection).await?;
        let Some((host, port)) = named else {
            return Err(format!("the sentinel knows no service `{}`", self.service).into());
        };
        let master = self.master.clone().set_addr(address(self.master.addr(), host, port));
        greeted(&Client::open(master)?).await
    }
}

fn too_late(share: Duration) -> Refusal {
    format!("a sentinel and its master did not answer within {share:?}").into()
}

/// Returns the address of a master, with TLS if its URL asks for it.
fn address(like: &ConnectionAddr, host: String, port: u16) -> ConnectionAddr {
    match like {
        ConnectionAddr::TcpTls { insecure, tls_params, .. } => {
            ConnectionAddr::TcpTls { host, port, insecure: *insecure, tls_params: tls_params.clone() }
        }
        _ => ConnectionAddr::Tcp(host, port),
    }
}
