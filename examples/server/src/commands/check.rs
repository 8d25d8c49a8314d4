//! `check`: what can be known before serving, and whether the server that listens is alive.

use std::{
    io::{Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::json;
use usermgr::prelude::*;
use uuid::Uuid;

use super::{Done, print};
use crate::accounts::{Accounts, Store};

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Says that the settings are good, since the accounts could be made of them, and that the database answers.
///
/// # Errors
/// The store failed.
pub(super) async fn check<S: Store>(accounts: &Accounts<S>) -> Done {
    accounts.get(&Uuid::nil()).await?;
    print(&json!({ "settings": "good", "database": "good", "mail": accounts.has_mail() }))
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
