//! Where mails go, and that nothing a client says of the host gets into them.

use serde_json::json;
use usermgr::testing::claims_of;
use usermgr_tests::{Server, raw};

use super::forgot;

#[tokio::test]
async fn u2_mail_goes_to_the_address_as_it_is_stored() {
    let server = Server::start(&[]);
    server.client().joined("Ada.Lovelace@example.com").await;
    for (at, spelling) in ["ADA.LOVELACE@EXAMPLE.COM", "ada.lovelace@example.com"].into_iter().enumerate() {
        server.client().post("/auth/forgot-password", json!({ "email": spelling })).await.expect(202);
        server.mailed_token("forgot", "Ada.Lovelace@example.com", at + 1);
        assert!(server.mails("forgot", spelling).is_empty());
    }
    // A letter that some would take for another one is another address, and that mail is not sent to any account; one that Unicode itself calls the
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
        let (status, _) = raw(server.address(), request.as_bytes()).await;
        assert_eq!(status, 202, "{target} {headers}");
        sent += 1;
        server.mailed_token("forgot", ada, sent);
    }
    // All mails are one but for what makes a token another one.
    let mails: Vec<_> = server
        .mails("forgot", ada)
        .into_iter()
        .map(|mut mail| {
            let token = mail["token"].as_str().unwrap().to_owned();
            let claims = claims_of(&token).unwrap();
            for field in ["link", "text", "html"] {
                mail[field] = json!(without_moment(&mail[field].as_str().unwrap().replace(&token, "..")));
            }
            mail["token"] =
                json!({ "aud": claims["aud"], "sub": claims["sub"], "email": claims["email"], "st": claims["st"] });
            assert!(!mail.to_string().contains("evil"), "{mail}");
            mail
        })
        .collect();
    assert!(mails.iter().all(|mail| *mail == mails[0]), "{mails:?}");
    assert!(mails[0]["link"].as_str().unwrap().starts_with("http://localhost:"), "{}", mails[0]["link"]);
}

/// A mail without the moment until which its link works.
fn without_moment(text: &str) -> String {
    match text.split_once("until ").and_then(|(before, rest)| Some((before, rest.split_once(" UTC")?.1))) {
        Some((before, after)) => format!("{before}..{after}"),
        None => text.to_owned(),
    }
}
