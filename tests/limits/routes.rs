//! Every route of the table, with what its limit is: a new route does not compile until it is said here.

use std::{net::SocketAddr, sync::Arc};

use axum::{Extension, extract::ConnectInfo};
use serde_json::{Value, json};
use usermgr::{
    Backend, Limit, Limits,
    http::{self, Endpoint},
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
        Endpoint::Logout
        | Endpoint::Me
        | Endpoint::DeleteMe
        | Endpoint::User
        | Endpoint::UpdateUser
        | Endpoint::DeleteUser
        | Endpoint::ListUsers => None,
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
    for route in http::ROUTES.iter().chain(http::DIRECTORY_ROUTES) {
        let Some(body) = limited(route.endpoint) else { continue };
        let engine = Engine::builder(MemoryStore::new())
            .backend(Backend::bearer("bearer", Database::new()))
            .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
            .limits(limits)
            .build();
        let routes = usermgr::axum::routes::<Accounts, Arc<Accounts>>();
        let address = SocketAddr::from(([192, 0, 2, 1], 1));
        let router = routes.layer(Extension(ConnectInfo(address))).with_state(Arc::new(Accounts { engine }));
        let mut client = Client::new(router);
        client.register("root@example.com", PASSWORD).await;
        client.login("bearer", "root@example.com", PASSWORD).await;
        let path = route.path.replace("{backend}", "bearer");
        let mut answers = Vec::new();
        for _ in 0..4 {
            answers.push(client.send(route.method.clone(), &path, Some(body.clone())).await);
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
