//! Providers that are slow, talkative or hostile, over real sockets.

use std::time::Instant;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;

/// A server that answers each path in its own way, and its port.
async fn server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut read = [0; 4096];
                let length = stream.read(&mut read).await.unwrap_or(0);
                let text = String::from_utf8_lossy(&read[..length]).into_owned();
                let _ =
                    match text.split(' ').nth(1).unwrap_or_default() {
                        "/plain?a=b" => {
                            assert!(text.to_lowercase().contains(&format!("host: 127.0.0.1:{port}\r\n")), "{text}");
                            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await
                        }
                        "/redirect" => stream
                            .write_all(
                                b"HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n",
                            )
                            .await,
                        "/huge" => {
                            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 104857600\r\n\r\n").await;
                            while stream.write_all(&[b'x'; 65536]).await.is_ok() {}
                            Ok(())
                        }
                        "/headers" => {
                            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n").await;
                            while stream
                                .write_all(b"x-filler: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n")
                                .await
                                .is_ok()
                            {}
                            Ok(())
                        }
                        "/mute" => std::future::pending().await,
                        _ => stream.write_all(b"garbage\r\n\r\n").await,
                    };
            });
        }
    });
    port
}

async fn get(transport: &Transport, url: &str) -> Result<Response<Bytes>, HttpError> {
    transport.send(Request::get(url).body(Bytes::new()).unwrap()).await
}

#[tokio::test]
async fn o10_a_hostile_provider_costs_little() {
    let port = server().await;
    let transport = Transport::new(true, true).unwrap();
    let at = |path: &str| format!("http://127.0.0.1:{port}{path}");
    let plain = get(&transport, &at("/plain?a=b")).await.unwrap();
    assert_eq!((plain.status().as_u16(), &plain.body()[..]), (200, &b"hi"[..]));
    let redirect = get(&transport, &at("/redirect")).await.unwrap();
    assert_eq!(redirect.status(), 302, "a redirect is an answer, and is not followed");
    assert_eq!(get(&transport, &at("/huge")).await.unwrap_err(), HttpError::TooLarge);
    for path in ["/headers", "/garbage"] {
        assert!(matches!(get(&transport, &at(path)).await, Err(HttpError::Failed(_))), "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn o10_a_mute_provider_is_given_up() {
    // The clock of the runtime jumps when nothing else is to be done.
    let port = server().await;
    let transport = Transport::new(true, true).unwrap();
    let begin = Instant::now();
    assert_eq!(get(&transport, &format!("http://127.0.0.1:{port}/mute")).await.unwrap_err(), HttpError::TimedOut);
    assert!(begin.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn o10_private_addresses_are_not_called() {
    let port = server().await;
    let careful = Transport::new(false, true).unwrap();
    for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "127.1", "2130706433", "0x7f.1"] {
        let refused = get(&careful, &format!("http://{host}:{port}/plain?a=b")).await;
        assert_eq!(refused.unwrap_err(), HttpError::Forbidden, "{host}");
    }
    let secure = Transport::new(true, false);
    if let Ok(secure) = secure {
        let plain = get(&secure, &format!("http://127.0.0.1:{port}/plain?a=b")).await;
        assert_eq!(plain.unwrap_err(), HttpError::Forbidden, "without TLS");
        let untrusted = get(&secure, &format!("https://127.0.0.1:{port}/plain?a=b")).await;
        assert!(matches!(untrusted, Err(HttpError::Failed(_))), "no certificate");
    }
}

#[test]
fn o10_an_address_is_public_or_not() {
    for public in
        ["8.8.8.8", "192.0.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]
    {
        assert!(is_public(public.parse().unwrap()), "{public}");
    }
    for private in [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:10.0.0.1",
        "64:ff9b::10.0.0.1",
        "fc00::1",
        "fe80::1",
        "ff02::1",
        "2001:db8::1",
        "2001::1",
        "2002:a00:1::",
        "4000::1",
    ] {
        assert!(!is_public(private.parse().unwrap()), "{private}");
    }
}
