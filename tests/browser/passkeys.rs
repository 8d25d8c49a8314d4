//! Passkeys in a real browser with a virtual authenticator.

use serde_json::json;
use usermgr::{
    pages::{Brand, Pages},
    passkeys::{Passkeys, WebauthnRs},
    prelude::*,
    session::CookieOptions,
};
use usermgr_tests::{PASSWORD, Target, serve_over};

use super::{Accounts, driven, life::assert_views};

/// Each view: its name, its address, its heading, and its notice.
const VIEWS: &[[&str; 4]] = &[
    ["offered", "/account/factors/passkey/offer", "Sign in faster next time?", ""],
    ["asked for a passkey", "/account/factors/passkey/offer", "Make the passkey", ""],
    ["recovery codes", "/account/factors/passkey/confirm", "Your recovery codes", "The passkey is added."],
    ["account", "/account", "Your account", ""],
    ["sign-in", "/account/sign-in", "Sign in", ""],
    ["signed in by the button", "/account", "Your account", ""],
    ["signed in by a suggestion", "/account", "Your account", ""],
    ["second step", "/account/second-step/passkey", "Second step", ""],
    ["signed in by the second step", "/account", "Your account", ""],
];

/// A shop with passkeys and two users: one goes over the pages, the other over a page of the application's own.
async fn shop() -> String {
    let store = MemoryStore::new();
    let accounts = Accounts { engine: Engine::new(store.clone()) };
    for name in ["ada", "bob"] {
        let email = EmailAddress::parse(&format!("{name}@example.com")).unwrap();
        let user = NewUser::new(email, NoProfile).password(PASSWORD).verified(true);
        accounts.create(user, &Context::system("test")).await.unwrap();
    }
    let address = serve_over(Target::of_suite().framework, |address| {
        let verifier = WebauthnRs::new("localhost", [address.replace("127.0.0.1", "localhost")]).unwrap().name("Shop");
        let engine = Engine::builder(store)
            .backend(Backend::cookie("cookie", CookieOptions::default(), Database::new()))
            .with(Pages::new("cookie").brand(Brand::new("Shop")))
            .with(Passkeys::new(verifier));
        Accounts { engine: engine.build().unwrap() }
    })
    .await;
    address.replace("127.0.0.1", "localhost")
}

#[tokio::test(flavor = "multi_thread")]
async fn pk1_to_pk5_chromium_makes_and_uses_passkeys_and_what_it_signs_elsewhere_does_not_count() {
    let (shop, neighbour) = (shop().await, shop().await);
    let Some(seen) = driven("passkeys.mjs", &[&shop, &format!("{neighbour}/users/me")]).await else { return };
    assert_views(&seen, VIEWS);
    assert_eq!(seen["listed"], json!(["Phone", "Recovery codes"]));
    assert_eq!(seen["known"], "This device has a passkey of your account already.");
    let done = json!({
        "password": 204, "added": [200, null], "alone": [204, null], "suggested": [204, null], "second": [204, null],
    });
    assert_eq!(seen["bare"], done, "{seen}");
    let refused = json!({
        "replayed": { "status": 400, "says": true },
        "again": [400, "LOGIN_NOT_PENDING"],
        "unverified": [400, "LOGIN_BAD_CREDENTIALS"],
        "counter": [400, "LOGIN_BAD_CREDENTIALS"],
        "user": [400, "LOGIN_BAD_SECOND_FACTOR"],
        "port": [400, "LOGIN_BAD_CREDENTIALS"],
        // The browser itself signs nothing for a page that is not of the relying party.
        "host": "SecurityError",
    });
    assert_eq!(seen["refused"], refused, "{seen}");
}
