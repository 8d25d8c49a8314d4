//! Every route of the table, with what its limit is: a route that is not named here fails the test.

use std::sync::Arc;

use serde_json::{Value, json};
use usermgr::{
    Backend, Limits, Refresh,
    http::{self, Endpoint, Routes},
    limits::Limit,
    password::{Argon2Params, Argon2id},
    prelude::*,
    testing::Client,
};
use usermgr_tests::PASSWORD;

struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {}

/// What a request must have wrong to be counted; `None` for a route that tests no secret beside the session's own token, which has 128
/// random bits or more.
fn limited(endpoint: Endpoint) -> Option<Value> {
    match endpoint {
        Endpoint::Login => Some(json!({ "username": "ada@example.com", "password": "wrong" })),
        Endpoint::Register => Some(json!({ "email": "ada@example.com", "password": PASSWORD })),
        Endpoint::RequestVerify | Endpoint::ForgotPassword => Some(json!({ "email": "ada@example.com" })),
        Endpoint::RequestEmailChange => Some(json!({ "email": "new@example.com" })),
        Endpoint::Verify | Endpoint::ConfirmEmailChange => Some(json!({ "token": "wrong" })),
        Endpoint::ResetPassword => Some(json!({ "token": "wrong", "password": PASSWORD })),
        Endpoint::ChangePassword => Some(json!({ "current_password": "wrong", "password": PASSWORD })),
        Endpoint::UpdateMe => Some(json!({ "email": "new@example.com", "current_password": "wrong" })),
        Endpoint::Refresh => Some(json!({ "refresh_token": "wrong" })),
        // Their mails go to the superuser who asks.
        Endpoint::SendResetMail | Endpoint::SendVerifyMail => Some(json!({})),
        Endpoint::Logout
        | Endpoint::Me
        | Endpoint::DeleteMe
        | Endpoint::User
        | Endpoint::UpdateUser
        | Endpoint::DeleteUser
        | Endpoint::ListSessions
        | Endpoint::RevokeSession
        | Endpoint::RevokeSessions
        | Endpoint::ListUsers
        | Endpoint::ListUserSessions
        | Endpoint::RevokeUserSessions
        | Endpoint::PublicKeys => None,
        other => panic!("say whether {other:?} tests a secret, and how"),
    }
}

#[tokio::test]
async fn l9_every_route_that_tests_a_secret_or_sends_a_mail_is_limited() {
    const FEW: Limit = Limit::new(3);
    let limits = Limits::default()
        .wrong_passwords_per_account(FEW)
        .wrong_secrets_per_network(FEW)
        .registrations_per_network(FEW)
        .mails_per_address(FEW)
        .mails_per_network(FEW);
    let mut counted = 0;
    for route in http::Route::all() {
        let Some(body) = limited(route.endpoint) else { continue };
        let engine = Engine::builder(MemoryStore::new())
            .backend(Backend::bearer("bearer", Jwt::new().with_refresh(Refresh::new())))
            .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
            .limits(limits)
            .build()
            .unwrap();
        let routes = usermgr::axum::mount::<Accounts, Arc<Accounts>>(Routes::all());
        let accounts = Arc::new(Accounts { engine });
        let client = Client::new(routes.with_state(accounts.clone())).peer([192, 0, 2, 1]);
        client.register("root@example.com", PASSWORD).await;
        let root = accounts.get_by_email(&EmailAddress::for_lookup("root@example.com")).await.unwrap().unwrap();
        accounts.set_superuser(&Admin::system("test"), &root.id, true, &Context::default()).await.unwrap();
        client.login("bearer", "root@example.com", PASSWORD).await;
        let path = route.path.replace("{backend}", "bearer").replace("{id}", &root.id.to_string());
        let mut answers = Vec::new();
        for _ in 0..4 {
            answers.push(client.request(route.method.clone(), &path).json(&body).await);
        }
        let last = answers.pop().unwrap();
        assert_eq!(last.status, 429, "{path}");
        assert_eq!(last.json, json!({ "detail": "TOO_MANY_REQUESTS" }), "{path}");
        assert!(last.headers.contains_key("retry-after"), "{path}");
        // The registration of before counts.
        let free = if route.endpoint == Endpoint::Register { 2 } else { 3 };
        assert!(answers.iter().take(free).all(|answer| answer.status != 429), "{path}");
        counted += 1;
    }
    assert!(counted >= 10, "{counted}");
}

#[tokio::test]
async fn l2_behind_a_trusted_proxy_each_network_is_a_client_and_what_it_sends_itself_is_not_believed() {
    const FEW: u32 = 3;
    let engine = Engine::builder(MemoryStore::new())
        .backend(Backend::bearer("bearer", Database::new()))
        .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
        .limits(Limits::default().wrong_secrets_per_network(Limit::new(FEW)))
        .trusted_proxies(1)
        .build()
        .unwrap();
    let client =
        usermgr_tests::Client::new(usermgr_tests::serve_axum(usermgr::axum::router(Accounts { engine }).unwrap()));
    let mut asked = 0;
    // A failed login of another account each time, with these values of the header.
    let mut login = async |forwarded: &[&str]| {
        asked += 1;
        let body = json!({ "username": format!("nobody{asked}@example.com"), "password": "wrong" });
        let mut request = client.request(reqwest::Method::POST, "/auth/bearer/login").json(&body);
        for value in forwarded {
            request = request.header("x-forwarded-for", *value);
        }
        client.send(request).await.status
    };
    for number in 1..=9 {
        assert_eq!(login(&[&format!("192.0.2.{number}")]).await, 400, "each address is another client");
    }
    // One client, who pretends to be others.
    for number in 0..6 {
        let forged = [format!("6.6.6.{number}, 192.0.2.77"), format!("6.6.6.{number}"), "::ffff:192.0.2.77".to_owned()];
        let status = match number % 3 {
            0 => login(&[&forged[0]]).await,
            1 => login(&[&forged[1], "192.0.2.77"]).await,
            _ => login(&[&forged[2]]).await,
        };
        assert_eq!(status, if number < FEW { 400 } else { 429 }, "{number}");
    }
    // The hosts of one IPv6 network, in any spelling.
    for (number, host) in
        ["2001:db8::1", "2001:DB8:0:0::2", "2001:db8::ffff:ffff", "2001:db8::4", "2001:db8:0:0:a:b:c:d"]
            .iter()
            .enumerate()
    {
        assert_eq!(login(&[host]).await, if number < FEW as usize { 400 } else { 429 }, "{host}");
    }
    assert_eq!(login(&["2001:db8:0:1::1"]).await, 400, "another network");
    assert_eq!(login(&["192.0.2.78"]).await, 400, "another address");
}
