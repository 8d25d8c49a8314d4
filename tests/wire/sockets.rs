//! What only a socket can carry: odd request lines, heads and paths.

use usermgr_tests::{PASSWORD, raw};

use crate::world::{World, address};

/// Stands in every input, so that an echo of it is found.
const CANARY: &str = "canary7f3a9";

/// A request without a body.
fn get(path: &str, headers: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n").into_bytes()
}

async fn x10_x21_huge_and_malformed_heads_are_refused_and_the_server_goes_on(world: &World) {
    let long = CANARY.repeat(100_000);
    let many: String = (0..1000).map(|number| format!("x-{number}: {CANARY}\r\n")).collect();
    let me = |headers: &str| get("/users/me", headers);
    let bare = |head: &str| format!("GET /users/me HTTP/1.1\r\n{head}Connection: close\r\n\r\n").into_bytes();
    let chunks = |head: &str| {
        let head = format!("POST /auth/jwt/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{head}\r\n");
        [head.as_bytes(), b"1\r\na\r\n0\r\n\r\n"].concat()
    };
    let mut no_text = me("authorization: Bearer ");
    no_text.truncate(no_text.len() - 2);
    no_text.extend(b"\xff\xfe\x80\r\n\r\n");
    for (what, request, statuses) in [
        ("a header of 1 MB", me(&format!("x-long: {long}\r\n")), &[431, 400][..]),
        ("a head of more than 128 KiB", me(&format!("x-long: {}\r\n", &long[..200_000])), &[431]),
        ("1,000 headers", me(&many), &[431, 400]),
        ("a path of 1 MB", get(&format!("/{long}"), ""), &[414, 431, 400, 404]),
        ("a token of 10 kB", me(&format!("authorization: Bearer {}\r\n", &long[..10_000])), &[401]),
        ("two tokens", me("authorization: Bearer a\r\nauthorization: Bearer b\r\n"), &[401]),
        ("a token of bytes that are not text", no_text, &[401]),
        ("a scheme alone", me("authorization: Bearer\r\n"), &[401]),
        ("another scheme", me("authorization: Basic YTpi\r\n"), &[401]),
        ("no scheme", me(&format!("authorization: {CANARY}\r\n")), &[401]),
        ("an obsolete fold", me("authorization: Bearer\r\n a\r\n"), &[400, 401]),
        ("a header without a colon", me(&format!("{CANARY}\r\n")), &[400]),
        ("no HTTP", format!("{CANARY}\r\n\r\n").into_bytes(), &[400]),
        ("no method", me("").split_off(3), &[400, 405]),
        ("two lengths", me("content-length: 1\r\ncontent-length: 2\r\n"), &[400]),
        ("a length that is not a number", me("content-length: x\r\n"), &[400]),
        ("one host", bare("Host: x\r\n"), &[401]),
        ("no host", bare(""), &[400]),
        ("two hosts", bare("Host: x\r\nHost: y\r\n"), &[400]),
        ("an address without a host", b"GET http://x/users/me HTTP/1.1\r\nConnection: close\r\n\r\n".to_vec(), &[400]),
        ("HTTP/1.0 needs no host", b"GET /users/me HTTP/1.0\r\n\r\n".to_vec(), &[401]),
        ("chunks", chunks("Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n"), &[415]),
        ("another coding", chunks("Transfer-Encoding: gzip, chunked\r\n"), &[400]),
        ("two codings", chunks("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n"), &[400]),
    ] {
        let (status, text) = raw(world.server.address(), &request).await;
        assert!(statuses.contains(&status), "{what}: {}", &text[..text.len().min(500)]);
        assert!(!text.contains(CANARY), "{what} is echoed");
    }
    world.client().get("/healthz").await.expect(200);
}

async fn s13_u5_odd_paths_are_404_or_guarded_as_the_plain_ones(world: &World) {
    let token = world.client().login("root@example.com", PASSWORD).await.token();
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
        let (status, text) = raw(world.server.address(), &get(path, &authorized)).await;
        assert!(statuses.contains(&status), "{path}: {text}");
        let (status, text) = raw(world.server.address(), &get(path, "")).await;
        assert!([400, 401, 404].contains(&status), "{path} without a token: {text}");
    }
    world.client().get("/healthz").await.expect(200);
}

async fn x10_p7_a_megabyte_over_a_socket_is_413_and_the_server_goes_on(world: &World) {
    let email = address("ada");
    let body = format!("{{\"email\":\"{email}\",\"password\":\"{}\"}}", "x".repeat(1024 * 1024));
    let head = "POST /auth/register HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n";
    let announced = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
    let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    for request in [announced, chunked] {
        let (status, text) = raw(world.server.address(), request.as_bytes()).await;
        // A refusal can be lost with the connection that the client still writes into.
        assert!(status == 413 || text.is_empty(), "{text}");
    }
    world.client().register(&email, PASSWORD).await.expect(201);
}

on_frameworks! {
    once x10_x21_huge_and_malformed_heads_are_refused_and_the_server_goes_on
    once s13_u5_odd_paths_are_404_or_guarded_as_the_plain_ones
    once x10_p7_a_megabyte_over_a_socket_is_413_and_the_server_goes_on
}
