//! Requirements that are seen best from outside, each by its id.

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::Method;
use usermgr::{http::Route, testing::claims_of};

use super::*;

#[tokio::test]
async fn e6_an_id_tells_an_ordinary_user_nothing() {
    let server = Server::start(&[]);
    let ada = server.client().joined("ada@example.com").await;
    let bob = id_of(&server.client().joined("bob@example.com").await).await;
    let root = server.superuser("root@example.com").await;
    let ids = [id_of(&ada).await, bob, "01890000-0000-7000-8000-000000000000".to_owned(), "foo".to_owned()];
    for method in [Method::GET, Method::PATCH, Method::DELETE] {
        for (at, id) in ids.iter().enumerate() {
            let path = format!("/users/{id}");
            let asked = |client: &Client| client.request(method.clone(), &path).json(&json!({}));
            ada.send(asked(&ada)).await.expect_detail(403, "Forbidden");
            if at >= 2 {
                root.send(asked(&root)).await.expect_detail(404, "Not Found");
            }
        }
    }
}

#[tokio::test]
async fn m1_a_client_sets_the_fields_of_its_payload_and_no_other() {
    let server = Server::start(&[]);
    let more = json!({
        "id": "01890000-0000-7000-8000-000000000000", "is_active": false, "is_superuser": true, "is_verified": true,
        "created_at": "2000-01-01T00:00:00Z", "password_hash": "x", "hashed_password": "x", "stamp": "x", "version": 9,
    });
    let mut new = more.clone();
    new["email"] = json!("ada@example.com");
    new["password"] = json!(PASSWORD);
    let known = server.client().post("/auth/register", new).await.expect(201).json();
    let id = assert_user(&known, "ada@example.com", [true, false, false]);
    assert_ne!(id, more["id"].as_str().unwrap());
    let ada = server.client().logged_in("ada@example.com", PASSWORD).await;
    assert_eq!(ada.patch("/users/me", more.clone()).await.expect(200).json(), known);
}

#[tokio::test]
async fn u2_mail_goes_to_the_address_as_it_is_stored() {
    let server = Server::start(&[]);
    server.client().joined("Ada.Lovelace@example.com").await;
    for (at, spelling) in ["ADA.LOVELACE@EXAMPLE.COM", "ada.lovelace@example.com"].into_iter().enumerate() {
        server.client().post("/auth/forgot-password", json!({ "email": spelling })).await.expect(202);
        server.mailed_token("forgot", "Ada.Lovelace@example.com", at + 1);
        assert!(server.mails("forgot", spelling).is_empty());
    }
    // A letter that some would take for another one is another address, and that mail goes to nobody; one that Unicode itself calls the
    // same is the same.
    server.client().joined("mike@example.com").await;
    for (spelling, count) in
        [("m\u{131}ke@example.com", 0), ("M\u{130}KE@example.com", 0), ("mi\u{212a}e@example.com", 1)]
    {
        server.client().post("/auth/forgot-password", json!({ "email": spelling })).await.expect(202);
        if count > 0 {
            server.mailed_token("forgot", "mike@example.com", count);
        }
        assert!(server.mails("forgot", spelling).is_empty(), "{spelling}");
    }
    assert_eq!(server.mails("forgot", "mike@example.com").len(), 1);
}

/// Sends a request as it is, and returns the status.
async fn raw(server: &Server, request: String) -> u16 {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(server.address().trim_start_matches("http://")).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn t11_no_host_that_a_client_names_gets_into_a_mail() {
    let server = Server::start(&[]);
    let ada = "ada@example.com";
    server.client().joined(ada).await;
    forgot(&server, ada, 1).await;
    let body = json!({ "email": ada }).to_string();
    let mut sent = 1;
    for (target, headers) in [
        ("/auth/forgot-password", "Host: evil.example\r\n"),
        ("/auth/forgot-password", "Host: evil.example:8443\r\n"),
        ("/auth/forgot-password", "Host: x\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: gopher\r\n"),
        ("/auth/forgot-password", "Host: x\r\nForwarded: host=evil.example;proto=gopher\r\nX-Host: evil.example\r\n"),
        (
            "/auth/forgot-password",
            "Host: x\r\nX-Original-URL: http://evil.example/\r\nReferer: http://evil.example/\r\n",
        ),
        ("/auth/forgot-password?next=http://evil.example", "Host: x\r\nOrigin: http://evil.example\r\n"),
        ("http://evil.example/auth/forgot-password", "Host: evil.example\r\n"),
    ] {
        let request = format!(
            "POST {target} HTTP/1.1\r\n{headers}Connection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let status = raw(&server, request).await;
        assert_eq!(status, 202, "{target} {headers}");
        sent += 1;
        server.mailed_token("forgot", ada, sent);
    }
    // All mails are one but for what makes a token another one.
    let mails: Vec<_> = server
        .mails("forgot", ada)
        .into_iter()
        .map(|mut mail| {
            let claims = claims_of(mail["token"].as_str().unwrap()).unwrap();
            mail["token"] =
                json!({ "aud": claims["aud"], "sub": claims["sub"], "email": claims["email"], "st": claims["st"] });
            assert!(!mail.to_string().contains("evil"), "{mail}");
            mail
        })
        .collect();
    assert!(mails.iter().all(|mail| *mail == mails[0]), "{mails:?}");
}

#[tokio::test]
async fn t4_a_verification_token_is_good_for_the_address_it_was_mailed_to() {
    let server = Server::start(&[]);
    let ada = server.client().joined("ada@example.com").await;
    let token = request_verify(&server, "ada@example.com", 1).await;
    ada.patch("/users/me", json!({ "email": "other@example.com" })).await.expect(200);
    verify(&server.client(), &token).await.expect_detail(400, "VERIFY_USER_BAD_TOKEN");
    ada.patch("/users/me", json!({ "email": "ada@example.com" })).await.expect(200);
    assert_eq!(verify(&server.client(), &token).await.expect(200).json()["is_verified"], true);
}

#[tokio::test]
async fn t7_tokens_are_long_and_no_two_are_alike() {
    const LOGINS: usize = 32;
    let server = Server::start(&[]);
    let client = server.client();
    client.register("ada@example.com", PASSWORD).await.expect(201);
    let (mut cookies, mut names, mut refresh) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for _ in 0..LOGINS {
        let form = [("username", "ada@example.com"), ("password", PASSWORD)];
        let cookie = client.form("/auth/cookie/login", &form).await.expect(204).cookie();
        let (_, value) = cookie.split_once('=').unwrap();
        assert!(URL_SAFE_NO_PAD.decode(value).unwrap().len() >= 32, "256 bits");
        cookies.insert(value.to_owned());
        let reply = client.login("ada@example.com", PASSWORD).await.expect(200);
        let name = claims_of(&reply.token()).unwrap()["jti"].as_str().unwrap().to_owned();
        assert_eq!(URL_SAFE_NO_PAD.decode(&name).unwrap().len(), 16, "128 bits");
        names.insert(name);
        refresh.insert(reply.json()["refresh_token"].as_str().unwrap().to_owned());
    }
    assert_eq!([cookies, names, refresh].map(|all| all.len()), [LOGINS; 3]);
}

#[tokio::test]
async fn t12_no_get_changes_anything() {
    let server = Server::start(&[]);
    let ada = server.client().joined("ada@example.com").await;
    let root = server.superuser("root@example.com").await;
    let (id, token) = (id_of(&ada).await, request_verify(&server, "ada@example.com", 1).await);
    let everything = async || (root.get("/users").await.expect(200).text, ada.get("/users/me/sessions").await.text);
    let before = everything().await;
    for route in Route::all() {
        let path = route.path.replace("{backend}", "jwt").replace("{id}", &id);
        for query in ["", "?is_superuser=true&is_active=false&email=x@example.com&password=another+long+enough+one"] {
            for client in [&ada, &root] {
                client.get(&format!("{path}{query}&token={token}")).await;
                client.get(&format!("{path}{query}")).await;
                client.send(client.request(Method::HEAD, &format!("{path}{query}&token={token}"))).await;
            }
        }
    }
    assert_eq!(everything().await, before);
    assert!(server.mails("forgot", "ada@example.com").is_empty());
    // Whoever has looked at the link has not used it up.
    verify(&server.client(), &token).await.expect(200);
}

#[tokio::test]
async fn s10_no_answer_redirects() {
    let server = Server::start(&[]);
    let ada = server.client().joined("ada@example.com").await;
    let targets = [
        "//evil.example",
        "/\\evil.example",
        "https:evil.example",
        "http://a@evil.example",
        "%2f%2fevil.example",
        "x%0d%0aLocation:evil",
    ];
    for route in Route::all().filter(|route| route.method != Method::DELETE) {
        let path = route.path.replace("{backend}", "jwt").replace("{id}", "me");
        if path.ends_with("/logout") {
            continue;
        }
        for target in targets {
            for client in [&ada, &server.client()] {
                let query = format!("{path}?next={target}&redirect_uri={target}&return_to={target}&url={target}");
                let request = client.request(route.method.clone(), &query).header("referer", "https://evil.example/");
                let body = json!({ "next": target, "redirect_uri": target, "username": "ada@example.com", "password": PASSWORD });
                let request = if route.method == Method::GET { request } else { request.json(&body) };
                let reply = client.send(request).await;
                assert!(!(300..400).contains(&reply.status), "{path}: {}", reply.status);
                let shown = format!("{:?} {}", reply.headers, reply.text);
                assert!(!shown.contains("evil") && !shown.to_lowercase().contains("location"), "{path}: {shown}");
            }
        }
    }
}

#[tokio::test]
async fn t14_a_reset_ends_every_session_and_logs_nobody_in() {
    let server = Server::start(&[]);
    let client = server.client();
    let bearer = client.joined("ada@example.com").await;
    let form = [("username", "ada@example.com"), ("password", PASSWORD)];
    let cookie = client.with_cookie(client.form("/auth/cookie/login", &form).await.expect(204).cookie());
    let refresh = client.login("ada@example.com", PASSWORD).await.json()["refresh_token"].clone();
    let token = forgot(&server, "ada@example.com", 1).await;
    let reset = client.post("/auth/reset-password", json!({ "token": token, "password": OTHER })).await.expect(200);
    assert_eq!((reset.text.as_str(), reset.header("set-cookie")), ("null", None));
    for ended in [bearer, cookie] {
        ended.get("/users/me").await.expect_detail(401, "Unauthorized");
    }
    client.post("/auth/jwt/refresh", json!({ "refresh_token": refresh })).await.expect(400);
    client.login("ada@example.com", OTHER).await.expect(200);
}

#[tokio::test]
async fn s12_strangers_make_no_session() {
    let server = Server::start(&[]);
    let ada = server.client().joined("ada@example.com").await;
    let client = server.client().with_cookie("__Host-usermgr=made-up");
    for _ in 0..5 {
        client.get("/users/me").await.expect(401);
        client.login("ada@example.com", "wrong").await.expect(400);
        client.post("/auth/jwt/refresh", json!({ "refresh_token": "made-up" })).await.expect(400);
    }
    let sessions = ada.get("/users/me/sessions").await.expect(200).json();
    assert_eq!(sessions.as_array().unwrap().len(), 1, "{sessions}");
}
