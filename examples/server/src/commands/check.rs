//! `check`: what can be known before serving, and whether the server that listens is alive.

use std::{
    io::{Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::json;
use usermgr::prelude::*;

use super::{Done, print};
use crate::accounts::{Accounts, Store};

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Says that the settings are good, since the accounts could be made of them, that the database and Redis answer, and for how many seconds
/// the oldest mail could have been delivered already.
///
/// # Errors
/// Something does not answer within two seconds.
pub(super) async fn check<S: Store>(accounts: &Accounts<S>) -> Done {
    let readiness = accounts.ready().await;
    if !readiness.is_ready() {
        return Err(readiness.to_string().into());
    }
    print(&json!({
        "settings": "good", "database": "good", "counters": "good", "mail": accounts.has_mail(),
        "oldest_due_mail": readiness.oldest_due.map(|age| age.as_secs()),
    }))
}

/// Asks the server that listens at an address whether it is alive, as the health check of a container does. It needs neither the database
/// nor a secret.
///
/// # Errors
/// It does not answer, or with something else.
pub(crate) fn health(listen: SocketAddr) -> Done {
    // A server on all addresses is asked on the loopback address.
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    let address = SocketAddr::new(ip, listen.port());
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes())?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer)?;
    match &answer {
        b"HTTP/1.1 200" => print(&json!({ "alive": true })),
        _ => Err(format!("the server at {address} is not alive").into()),
    }
}
