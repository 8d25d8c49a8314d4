//! What only a socket can carry: odd request lines, headers and paths.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use usermgr_tests::Server;

use super::CANARY;

/// Sends bytes and returns the status and the whole answer; the answer may be cut off by a server that has had enough.
async fn send(server: &Server, bytes: &[u8]) -> (u16, String) {
    let address = server.address().trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let (mut reader, mut writer) = stream.split();
    let mut answer = Vec::new();
    let exchange = async {
        let write = async {
            // It may refuse before it has read everything.
            let _ = writer.write_all(bytes).await;
        };
        let read = async {
            let _ = reader.read_to_end(&mut answer).await;
        };
        tokio::join!(write, read)
    };
    timeout(Duration::from_secs(20), exchange).await.expect("the server answers and closes");
    let text = String::from_utf8_lossy(&answer).into_owned();
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    (status, text)
}

fn get(path: &str, headers: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n").into_bytes()
}

#[tokio::test]
async fn x10_huge_and_malformed_headers_are_refused_and_the_server_goes_on() {
    let server = Server::start(&[]);
    let long = CANARY.repeat(100_000);
    let many: String = (0..1000).map(|number| format!("x-{number}: {CANARY}\r\n")).collect();
    for (what, request, statuses) in [
        ("a header of 1 MB", get("/users/me", &format!("x-long: {long}\r\n")), &[431, 400][..]),
        ("1,000 headers", get("/users/me", &many), &[431, 400]),
        ("a path of 1 MB", get(&format!("/{long}"), ""), &[414, 431, 400, 404]),
        ("a token of 10 kB", get("/users/me", &format!("authorization: Bearer {}\r\n", &long[..10_000])), &[401]),
        ("two tokens", get("/users/me", "authorization: Bearer a\r\nauthorization: Bearer b\r\n"), &[401]),
        ("a scheme alone", get("/users/me", "authorization: Bearer\r\n"), &[401]),
        ("another scheme", get("/users/me", "authorization: Basic YTpi\r\n"), &[401]),
        ("no scheme", get("/users/me", &format!("authorization: {CANARY}\r\n")), &[401]),
        ("an obsolete fold", get("/users/me", "authorization: Bearer\r\n a\r\n"), &[400, 401]),
        ("a header without a colon", get("/users/me", &format!("{CANARY}\r\n")), &[400]),
        ("no HTTP", format!("{CANARY}\r\n\r\n").into_bytes(), &[400]),
        ("a method of one's own", get("/users/me", "").iter().copied().skip(3).collect::<Vec<_>>(), &[400, 405]),
        ("two lengths", get("/users/me", "content-length: 1\r\ncontent-length: 2\r\n"), &[400]),
        ("a length that is none", get("/users/me", "content-length: x\r\n"), &[400]),
    ] {
        let (status, text) = send(&server, &request).await;
        assert!(statuses.contains(&status), "{what}: {}", &text[..text.len().min(500)]);
        assert!(!text.contains(CANARY), "{what} is echoed");
    }
    let mut bytes = get("/users/me", "authorization: Bearer ").to_vec();
    bytes.truncate(bytes.len() - 2);
    bytes.extend(b"\xff\xfe\x80\r\n\r\n");
    assert_eq!(send(&server, &bytes).await.0, 401, "a token of bytes that are no text");
    server.client().get("/healthz").await.expect(200);
    server.stop();
}

#[tokio::test]
async fn s13_u5_odd_paths_are_404_or_guarded_as_the_plain_ones() {
    let server = Server::start(&[]);
    let root = server.superuser("root@example.com").await;
    let token = server.client().login("root@example.com", usermgr_tests::PASSWORD).await.token();
    let authorized = format!("authorization: Bearer {token}\r\n");
    for (path, statuses) in [
        ("/users/%00", &[404][..]),
        ("/users/%ff%fe", &[404]),
        ("/users/%", &[404]),
        ("/users/%zz", &[404]),
        ("/users/..%2f..%2fetc%2fpasswd", &[404]),
        ("/users/../users", &[404]),
        ("/users/'%20OR%201=1--", &[404]),
        ("/users/00000000-0000-0000-0000-000000000000", &[404]),
        ("/users/-1", &[404]),
        ("/users/me%20", &[404]),
        ("/users/ME", &[404]),
        ("/users/m%65", &[404, 200]),
        ("//users/me", &[404]),
        ("/users//me", &[404]),
        ("/users/me/", &[404]),
        ("/users/me;x", &[404]),
        ("/USERS/me", &[404]),
        ("/%75sers/me", &[404, 200]),
        ("/users?cursor=%00", &[422]),
        ("/users?cursor=%ff", &[422]),
        ("/users?cursor='--", &[422]),
        ("/users?limit=99999999999999999999", &[422]),
        ("/users?limit=1e3", &[422]),
        ("/users?limit=", &[422]),
        ("/users?limit=1&limit=1000", &[200, 422]),
        ("/users?%ff=%00&&&==", &[200, 422]),
        ("*", &[400, 404]),
        ("http://other.example/users/me", &[200, 404]),
    ] {
        let (status, text) = send(&server, &get(path, &authorized)).await;
        assert!(statuses.contains(&status), "{path}: {text}");
        let (status, text) = send(&server, &get(path, "")).await;
        assert!([400, 401, 404].contains(&status), "{path} without a token: {text}");
    }
    root.get("/users/me").await.expect(200);
    server.stop();
}

#[tokio::test]
async fn x10_p7_a_megabyte_over_a_socket_is_413_and_the_server_goes_on() {
    let server = Server::start(&[]);
    let body = format!("{{\"email\":\"ada@example.com\",\"password\":\"{}\"}}", "x".repeat(1024 * 1024));
    let head = |length: &str| {
        format!(
            "POST /auth/register HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n{length}\r\n\r\n"
        )
    };
    let told = [head(&format!("Content-Length: {}", body.len())), body.clone()].concat();
    let chunked = format!("{}{:x}\r\n{body}\r\n0\r\n\r\n", head("Transfer-Encoding: chunked"), body.len());
    for request in [told, chunked] {
        let (status, text) = send(&server, request.as_bytes()).await;
        // A refusal can be lost with the connection that the client still writes into.
        assert!(status == 413 || text.is_empty(), "{text}");
    }
    server.client().get("/healthz").await.expect(200);
    server.client().register("ada@example.com", usermgr_tests::PASSWORD).await.expect(201);
}
