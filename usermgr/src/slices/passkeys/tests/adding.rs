//! Adding passkeys, and the list of them.

use serde_json::json;

use super::rig::{ORIGIN, Refused, Rig, add, answered, begin, phone};
use crate::{audit::EventKind, prelude::*, testing::FakeAuthenticator};

const CONFIRM: &str = "/users/me/factors/passkeys/confirm";

#[tokio::test]
async fn mf8_a_passkey_is_added_when_it_has_answered_and_not_before() {
    let rig = Rig::new();
    let (ada, mut phone) = (rig.user("ada@example.com").await, phone());
    let list = ada.get("/users/me/factors/passkeys").await.expect(200).json;
    assert_eq!(list, json!({ "rp_id": "shop.example", "user_handle": null, "passkeys": [] }));

    let mut answer = begin(&ada, &mut phone).await;
    let list = ada.get("/users/me/factors/passkeys").await.expect(200).json;
    assert_eq!(list["passkeys"], json!([]), "nothing is added yet");

    answer["label"] = json!("  my phone\n ");
    let added = ada.post(CONFIRM, answer).await.expect(200).json;
    assert_eq!((&added["factor"]["label"], &added["factor"]["kind"]), (&json!("my phone"), &json!("passkey")));
    assert_eq!(added["recovery_codes"].as_array().map(Vec::len), Some(10), "with the first factor");
    let list = ada.get("/users/me/factors/passkeys").await.expect(200).json;
    let listed = &list["passkeys"][0];
    assert_eq!((&listed["id"], &listed["is_synced"]), (&added["factor"]["id"], &json!(true)));
    let factors = ada.get("/users/me/factors").await.expect(200).json;
    assert_eq!(factors[0], added["factor"]);
    assert_eq!(list["user_handle"].as_str().map(str::len), Some(22), "16 random bytes");
    assert_eq!(rig.probe.count(EventKind::FactorAdded), 1);
}

#[tokio::test]
async fn all_passkeys_of_a_user_have_one_handle_and_a_device_has_one_passkey() {
    let rig = Rig::new();
    let (ada, mut phone) = rig.ada().await;
    let handle = ada.get("/users/me/factors/passkeys").await.json["user_handle"].clone();
    let begun = ada.post("/users/me/factors/passkeys", ()).await.expect(200);
    assert_eq!(begun.json["options"]["publicKey"]["user"]["id"], handle);
    assert_eq!(
        begun.json["options"]["publicKey"]["excludeCredentials"][0]["transports"],
        json!(["internal", "hybrid"])
    );
    assert_eq!(phone.create(&begun.json["options"]), None, "the phone has one already");
    // The list is in the order of the times.
    rig.later(1);
    let mut key = FakeAuthenticator::new(ORIGIN);
    key.set_backup(false, false);
    let added = ada.post(CONFIRM, answered(&begun, key.create(&begun.json["options"]))).await.expect(200);
    assert_eq!(added.json["recovery_codes"], json!(null), "they came with the first factor");
    let list = ada.get("/users/me/factors/passkeys").await.json;
    assert_eq!(list["passkeys"][1]["is_synced"], false);
    let eve = rig.user("eve@example.com").await;
    let other = eve.post("/users/me/factors/passkeys", ()).await.json["options"]["publicKey"]["user"]["id"].clone();
    assert_ne!(other, handle);
}

#[tokio::test]
async fn mf9_the_first_passkey_ends_the_other_sessions_and_the_acting_one_lives_on() {
    let rig = Rig::new();
    let ada = rig.user("ada@example.com").await;
    let others = [rig.login("ada@example.com").await, rig.login("ada@example.com").await];
    let mut first = phone();
    add(&ada, &mut first).await.expect(200);
    ada.get("/users/me").await.expect(200);
    for other in others {
        other.get("/users/me").await.expect(401);
    }
    // A second one ends none.
    let other = rig.logged_in(&rig.log_in(&mut first).await.expect(200));
    add(&ada, &mut phone()).await.expect(200);
    for session in [ada, other] {
        session.get("/users/me").await.expect(200);
    }
}

#[tokio::test]
async fn the_hook_inside_the_transaction_may_refuse_a_passkey() {
    let rig = Rig::new();
    let (ada, other) = (rig.user("ada@example.com").await, rig.login("ada@example.com").await);
    rig.accounts.refuses.store(true, std::sync::atomic::Ordering::SeqCst);
    let refused = add(&ada, &mut phone()).await.expect(409);
    assert_eq!(refused.json["detail"]["code"], "NO_PASSKEYS");
    assert_eq!(ada.get("/users/me/factors/passkeys").await.expect(200).json["passkeys"], json!([]));
    other.get("/users/me").await.expect(200);
    assert_eq!(rig.probe.count(EventKind::FactorAdded), 0);
}

#[tokio::test]
async fn mf12_an_unverified_user_adds_no_passkey() {
    let rig = Rig::new();
    let mallory = rig.browser();
    mallory.register("ada@example.com", super::rig::PASSWORD).await.expect(201);
    mallory.login("bearer", "ada@example.com", super::rig::PASSWORD).await.expect(200);
    mallory.post("/users/me/factors/passkeys", ()).await.expect_detail(400, "FACTOR_NOT_VERIFIED");
}

#[tokio::test]
async fn mf12_an_address_that_is_no_longer_verified_adds_no_passkey() {
    let rig = Rig::new();
    let (ada, mut phone) = (rig.user("ada@example.com").await, phone());
    let answer = begin(&ada, &mut phone).await;
    // The change of the address leaves it unverified, as FastAPI Users does.
    ada.patch("/users/me", json!({ "email": "new@example.com" })).await.expect(200);
    let refused = ada.post(CONFIRM, answer).await;
    assert!(
        ["FACTOR_NOT_VERIFIED", "FACTOR_NOT_PENDING"].contains(&refused.json["detail"].as_str().unwrap()),
        "{}",
        refused.text()
    );
    assert_eq!(ada.get("/users/me/factors/passkeys").await.expect(200).json["passkeys"], json!([]));
}

#[tokio::test]
async fn mf8_a_login_that_is_not_fresh_adds_no_passkey() {
    let rig = Rig::new();
    let (ada, mut phone) = (rig.user("ada@example.com").await, phone());
    rig.later(590);
    let answer = begin(&ada, &mut phone).await;
    rig.later(20);
    ada.post(CONFIRM, answer).await.expect_detail(403, "REAUTHENTICATION_REQUIRED");
    ada.post("/users/me/factors/passkeys", ()).await.expect_detail(403, "REAUTHENTICATION_REQUIRED");
    rig.browser().post("/users/me/factors/passkeys", ()).await.expect(401);
}

#[tokio::test]
async fn pk1_a_challenge_is_for_one_answer_of_its_user_and_its_session_within_ten_minutes() {
    let rig = Rig::with(super::rig::verifier(), |engine| engine.fresh(std::time::Duration::from_secs(3600)));
    let (ada, mut phone) = (rig.user("ada@example.com").await, phone());
    let (again, eve) = (rig.login("ada@example.com").await, rig.user("eve@example.com").await);

    let answer = begin(&ada, &mut phone).await;
    again.post(CONFIRM, &answer).await.expect_detail(400, "FACTOR_NOT_PENDING");
    eve.post(CONFIRM, &answer).await.expect_detail(400, "FACTOR_NOT_PENDING");
    ada.post(CONFIRM, &answer).await.expect(200);
    ada.post(CONFIRM, &answer).await.expect_detail(400, "FACTOR_NOT_PENDING");

    for (seconds, status) in [(599, 200), (601, 400)] {
        let bob = rig.user(&format!("bob{seconds}@example.com")).await;
        let answer = begin(&bob, &mut super::rig::phone()).await;
        rig.later(seconds);
        bob.post(CONFIRM, answer).await.expect(status);
    }
}

#[tokio::test]
async fn pk1_a_refused_answer_uses_the_challenge_up() {
    let rig = Rig::new();
    let (ada, mut phone) = (rig.user("ada@example.com").await, phone());
    let right = begin(&ada, &mut phone).await;
    let mut wrong = right.clone();
    wrong["credential"]["response"]["attestationObject"] = json!("AAAA");
    ada.post(CONFIRM, wrong).await.expect_detail(400, "FACTOR_BAD_CODE");
    ada.post(CONFIRM, right).await.expect_detail(400, "FACTOR_NOT_PENDING");
}

#[tokio::test]
async fn pk1_a_new_stamp_ends_the_challenges() {
    let rig = Rig::new();
    let (ada, mut first, mut second) = (rig.user("ada@example.com").await, phone(), phone());
    let (one, other) = (begin(&ada, &mut first).await, begin(&ada, &mut second).await);
    ada.post(CONFIRM, one).await.expect(200);
    ada.post(CONFIRM, other).await.expect_detail(400, "FACTOR_NOT_PENDING");
}

#[tokio::test]
async fn pk2_a_passkey_of_another_page_is_refused() {
    let rig = Rig::new();
    let ada = rig.user("ada@example.com").await;
    for origin in
        ["https://shop.example:8443", "https://www.shop.example", "http://shop.example", "https://evil.example"]
    {
        let mut phone = phone();
        phone.open(origin);
        add(&ada, &mut phone).await.expect_detail(400, "FACTOR_BAD_CODE");
    }
}

#[tokio::test]
async fn pk3_a_passkey_without_user_verification_is_refused() {
    let rig = Rig::new();
    let (ada, mut key) = (rig.user("ada@example.com").await, phone());
    key.verifies(false);
    add(&ada, &mut key).await.expect_detail(400, "FACTOR_BAD_CODE");
}

#[tokio::test]
async fn pk5_a_credential_id_belongs_to_one_user() {
    let rig = Rig::new();
    let (ada, eve) = (rig.user("ada@example.com").await, rig.user("eve@example.com").await);
    let (mut ours, mut copy) = (phone(), phone());
    // Eve's authenticator claims the id of Ada's passkey.
    ours.set_next_id(b"an id that both authenticators use");
    copy.set_next_id(b"an id that both authenticators use");
    add(&ada, &mut ours).await.expect(200);
    add(&eve, &mut copy).await.expect_detail(400, "FACTOR_ALREADY_ADDED");
    assert_eq!(eve.get("/users/me/factors/passkeys").await.json["passkeys"], json!([]));
    rig.log_in(&mut ours).await.expect(200);
}

#[tokio::test]
async fn pk5_of_two_users_with_one_credential_id_at_once_one_gets_it() {
    let rig = Rig::new();
    let (ada, eve) = (rig.user("ada@example.com").await, rig.user("eve@example.com").await);
    let (mut ours, mut copy) = (phone(), phone());
    ours.set_next_id(b"an id that both authenticators use");
    copy.set_next_id(b"an id that both authenticators use");
    let (one, other) = (begin(&ada, &mut ours).await, begin(&eve, &mut copy).await);
    let (one, other) = tokio::join!(ada.post(CONFIRM, one), eve.post(CONFIRM, other));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
}

#[tokio::test]
async fn pk5_a_user_sees_their_own_passkeys_alone() {
    let rig = Rig::new();
    let (_ada, _phone) = rig.ada().await;
    let eve = rig.user("eve@example.com").await;
    assert_eq!(eve.get("/users/me/factors/passkeys").await.expect(200).json["passkeys"], json!([]));
    rig.browser().get("/users/me/factors/passkeys").await.expect(401);
}

#[tokio::test]
async fn pk9_bodies_are_read_strictly() {
    let rig = Rig::new();
    let ada = rig.user("ada@example.com").await;
    for body in [
        json!({}),
        json!([]),
        json!({ "pending_token": "x" }),
        json!({ "credential": {} }),
        json!({ "pending_token": 7, "credential": {} }),
        json!({ "pending_token": "x", "credential": "{}" }),
        json!({ "pending_token": "x", "credential": {}, "label": 7 }),
    ] {
        ada.post(CONFIRM, body).await.expect(422);
    }
    for token in ["", "x", "\u{0}", &"x".repeat(10_000)] {
        let body = json!({ "pending_token": token, "credential": {} });
        ada.post(CONFIRM, body).await.expect_detail(400, "FACTOR_NOT_PENDING");
    }
    let large = json!({ "pending_token": "x", "credential": { "id": "x".repeat(64 * 1024) } });
    ada.post(CONFIRM, large).await.expect(413);
}

#[tokio::test]
async fn an_engine_without_the_part_has_neither_routes_nor_operations() {
    struct Plain {
        engine: Engine<MemoryStore>,
    }
    #[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
    impl Plain {}

    let plain = std::sync::Arc::new(Plain { engine: Engine::new(MemoryStore::new()) });
    let cx = Context::default();
    let new = NewUser::new(EmailAddress::parse("ada@example.com").unwrap(), NoProfile).verified(true);
    let user = plain.create(new, &cx).await.unwrap();
    assert!(matches!(plain.passkeys(&user, &cx).await, Err(crate::factors::FactorError::NotInstalled)));
    assert!(plain.begin_passkey_login("bearer", &cx).await.is_err());
    let routes = crate::http::Routes::<Plain>::all().served_by(&plain.engine);
    assert!(routes.iter().all(|route| !route.path().contains("passkey")));
}
