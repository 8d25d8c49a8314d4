//! The table: each credential of one kind at each place of the other, where it is refused as a text that was never given to anyone.

use axum::http::header;
use serde_json::json;
use usermgr::{
    http::{Endpoint, Routes},
    prelude::*,
    user::AdminUpdate,
};

use crate::{
    credentials::{NAMES, cookie_name, held, key_of, people},
    rig::{ADA, Ask, GOOD, Kind, KindStore, NEW, ROOTS, Reply, Shop, over_every_database, system},
};

/// A way to present a text to a route.
#[derive(Clone, Copy, Debug)]
enum Way {
    Bearer,
    /// In the cookie of the kind that is asked.
    Cookie,
    /// In each field that a body can have.
    Body,
}

/// Every route of a kind, in every way.
fn places<S: KindStore>(shop: &Shop<S>, at: usize, text: &str) -> Vec<Ask> {
    let engine = &shop.kinds[at].accounts.engine;
    let mut asks = Vec::new();
    for route in Routes::<crate::rig::Accounts<S>>::of_engine(engine) {
        let backend = if route.endpoint() == Endpoint::Refresh { "refresh" } else { "session" };
        let path = route.path().replace("{backend}", backend).replace("{provider}", "corp").replace("{id}", "1");
        for way in [Way::Bearer, Way::Cookie, Way::Body] {
            let ask = Ask::new(route.method().clone(), path.clone());
            asks.push(match way {
                Way::Bearer => ask.bearer(text),
                Way::Cookie => ask.with(header::COOKIE, format!("{}={text}", cookie_name(shop, at))),
                Way::Body => Ask {
                    body: Some(json!({
                        "token": text, "refresh_token": text, "pending_token": text, "code": text, "request": text, "state": text,
                        "recovery_code": text, "id_token": text, "code_verifier": text, "password": NEW, "credential": {},
                    })),
                    ..ask
                },
            });
        }
    }
    asks.push(Ask::get("/orders").bearer(text));
    asks
}

/// How a kind answers a text, at each place, that it has never given to anyone.
async fn answers<S: KindStore>(shop: &Shop<S>, at: usize, text: &str) -> Vec<Reply> {
    let mut answers = Vec::new();
    for ask in places(shop, at, text) {
        answers.push(shop.ask(shop.kinds[at].root, &ask).await);
    }
    answers
}

/// An API key in the right form, which is known neither to staff nor to customers.
async fn key_of_another_shop() -> String {
    let kind = Kind::alone(MemoryStore::<NoProfile, i64>::default(), ROOTS[0]);
    kind.add(ADA, |new| new.verified(true)).await;
    key_of(&kind).await
}

/// What both kinds would show if something had happened.
async fn state<S: KindStore>(shop: &Shop<S>) -> Vec<String> {
    let mut all = Vec::new();
    for kind in &shop.kinds {
        for id in 1..=4 {
            let record = kind.store.find(usermgr::store::Lookup::Id(&id)).await.unwrap();
            let credentials = kind.store.credentials(&id, shop.now()).await.unwrap();
            let sessions = kind.store.list_sessions(&id).await.unwrap();
            all.push(format!("{record:?} {credentials:?} {sessions:?}"));
        }
    }
    all
}

async fn ku1_what_one_kind_was_given_is_unknown_to_the_other<S: KindStore>(stores: [S; 2]) {
    let shop = Shop::new(stores);
    let mut phone = people(&shop).await;
    let elsewhere = key_of_another_shop().await;
    let mut tried = 0;
    for at in [0, 1] {
        let other = &shop.kinds[1 - at];
        let strange = answers(&shop, 1 - at, &"x".repeat(43)).await;
        let strange_key = answers(&shop, 1 - at, &elsewhere).await;
        for name in NAMES {
            let held = held(&shop, at, name, &mut phone).await;
            let before = state(&shop).await;
            // The very request in which it is good, sent to the other kind.
            let unknown = shop.ask(other.root, &held.good.replaced(&held.text, &held.unknown())).await;
            let own = (held.good.clone(), &unknown);
            let strange = if name == "api key" { &strange_key } else { &strange };
            for (ask, expected) in [own].into_iter().chain(places(&shop, 1 - at, &held.text).into_iter().zip(strange)) {
                let reply = shop.ask(other.root, &ask).await;
                // What a route gives to anyone is another text each time.
                let is_equal = if expected.status < 400 { reply.status == expected.status } else { reply == *expected };
                assert!(is_equal, "{name} of {}: {ask:?}: {reply:?} in place of {expected:?}", shop.kinds[at].root);
                tried += 1;
            }
            assert_eq!(state(&shop).await, before, "{name} of {} has changed something", shop.kinds[at].root);
            // It is good after all that, where it belongs.
            let reply = shop.ask(shop.kinds[at].root, &held.good).await;
            assert!(reply.status < 400, "{name} of {}: {reply:?}", shop.kinds[at].root);
            restore(&shop).await;
        }
    }
    usermgr_tests::figure("credentials tried at another kind", tried);
    assert!(tried > 5_000, "{tried}");
}

/// Makes both adas as they were.
async fn restore<S: KindStore>(shop: &Shop<S>) {
    let (admin, cx) = (Admin::system("test"), system());
    for kind in &shop.kinds {
        let former = AdminUpdate::default().email(ADA).password(GOOD);
        kind.accounts.update_user(&admin, &1, former, &cx).await.unwrap();
        kind.accounts.update_user(&admin, &1, AdminUpdate::default().verified(true), &cx).await.unwrap();
    }
}

over_every_database!(ku1_what_one_kind_was_given_is_unknown_to_the_other);
