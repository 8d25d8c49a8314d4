//! Bodies that do not arrive: a client that stalls is disconnected, whatever reads its request.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
    time::timeout,
};
use usermgr::{http::Routes, prelude::*};

use crate::front;

struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {}

/// What comes back until the server closes, and after how long.
async fn stalled(address: String, line: &'static str) -> (&'static str, String, Duration) {
    let begun = Instant::now();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head =
        format!("{line} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\nabc");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let read = timeout(Duration::from_secs(50), stream.read_to_end(&mut answer)).await;
    assert!(read.is_ok(), "{line} was left open after {}", String::from_utf8_lossy(&answer));
    (line, String::from_utf8(answer).unwrap(), begun.elapsed())
}

#[tokio::test]
async fn x20_a_stalled_body_is_ended() {
    let engine = Engine::builder(MemoryStore::new()).backend(Backend::bearer("jwt", Jwt::new())).build().unwrap();
    let address = front::mount(Accounts { engine }, Routes::all()).await;
    let address = address.strip_prefix("http://").unwrap().to_owned();
    let mut all = JoinSet::new();
    for line in [
        "POST /outer/auth/jwt/login",
        "POST /outer/auth/register",
        "GET /outer/users/me",
        "POST /outer/users/me",
        "POST /nowhere",
    ] {
        all.spawn(stalled(address.clone(), line));
    }
    for (line, answer, after) in all.join_all().await {
        let reads = !line.ends_with("POST /outer/users/me") && !line.ends_with("/nowhere");
        if reads {
            assert!(answer.starts_with("HTTP/1.1 408"), "{line}: {answer}");
            assert!(answer.ends_with("{\"detail\":\"Request Timeout\"}"), "{line}: {answer}");
            assert!(after >= Duration::from_secs(29), "{line}: {after:?}");
        } else {
            assert!(answer.starts_with("HTTP/1.1 40"), "{line}: {answer}");
        }
        assert!(after < Duration::from_secs(45), "{line}: {after:?}");
    }
}
