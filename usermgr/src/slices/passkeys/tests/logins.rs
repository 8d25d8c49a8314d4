//! Logins with a passkey and nothing else.

use serde_json::{Value, json};

use super::rig::{Refused, Rig, add, answered, phone, verifier};
use crate::{
    Fault,
    audit::EventKind,
    engine::Challenge,
    passkeys::{NewPasskey, PasskeyRefused, PasskeyUser, PasskeyVerifier, StoredPasskey, UsedPasskey, WebauthnRs},
    prelude::*,
    session::Method,
};

const OPTIONS: &str = "/auth/bearer/login/passkey-options";
const LOGIN: &str = "/auth/bearer/login/passkey";

#[tokio::test]
async fn a_passkey_logs_its_user_in_without_a_name_and_proves_two_factors() {
    let rig = Rig::new();
    let (ada, mut phone) = rig.ada().await;
    rig.later(60);
    let reply = rig.log_in(&mut phone).await.expect(200);
    let session = rig.logged_in(&reply);
    assert_eq!(session.get("/users/me").await.expect(200).json["email"], "ada@example.com");
    let sessions = session.get("/users/me/sessions").await.expect(200).json;
    let sessions = sessions.as_array().unwrap();
    let current = sessions.iter().find(|session| session["is_current"] == true).unwrap();
    let proved = [Method::KEY, Method::USER_PRESENCE, Method::MULTI_FACTOR];
    assert_eq!(current["amr"], json!(crate::session::Amr::of(proved)));
    let passkey = &ada.get("/users/me/factors/passkeys").await.expect(200).json["passkeys"][0];
    assert_ne!(passkey["used_at"], Value::Null);
    assert_eq!(rig.probe.count(EventKind::LoginPending), 0, "no second factor is asked for");
}

#[tokio::test]
async fn a_cookie_backend_answers_with_a_cookie_and_refuses_other_origins() {
    let rig = Rig::new();
    let (_ada, mut phone) = rig.ada().await;
    let browser = rig.browser();
    let begun = browser.post("/auth/cookie/login/passkey-options", ()).await.expect(200);
    let answer = answered(&begun, phone.get(&begun.json["options"]));
    let foreign = browser.post("/auth/cookie/login/passkey", &answer).header("origin", "https://evil.example").await;
    foreign.expect_detail(403, "CROSS_ORIGIN_REQUEST");
    browser.post("/auth/cookie/login/passkey", answer).await.expect(204);
    browser.get("/users/me").await.expect(200);
}

#[tokio::test]
async fn the_options_are_conditional_only_if_the_client_asks() {
    let rig = Rig::new();
    let browser = rig.browser();
    assert_eq!(browser.post(OPTIONS, ()).await.expect(200).json["options"].get("mediation"), None);
    let conditional = browser.post(&format!("{OPTIONS}?mediation=conditional"), ()).await.expect(200);
    assert_eq!(conditional.json["options"]["mediation"], "conditional");
    assert_eq!(conditional.json["expires_in"], 600);
    browser.post(&format!("{OPTIONS}?mediation=silent"), ()).await.expect(422);
    browser.post("/auth/nowhere/login/passkey-options", ()).await.expect(404);
}

#[tokio::test]
async fn pk8_the_options_of_a_stranger_write_nothing_and_are_the_same_for_everyone() {
    let rig = Rig::new();
    rig.ada().await;
    let browser = rig.browser();
    rig.calls.take();
    let same = |reply: crate::testing::Reply| {
        let mut options = reply.expect(200).json["options"].clone();
        options["publicKey"]["challenge"] = Value::Null;
        options
    };
    let first = same(browser.post(OPTIONS, ()).await);
    assert_eq!(first["publicKey"]["allowCredentials"], json!([]), "no passkey of anyone is named");
    for _ in 0..1000 {
        assert_eq!(same(browser.post(OPTIONS, ()).await), first);
    }
    assert_eq!(rig.calls.take(), [""; 0], "the store is not asked");
}

#[tokio::test]
async fn pk1_an_answer_is_good_once_for_its_backend_and_for_ten_minutes() {
    let rig = Rig::new();
    let (_ada, mut phone) = rig.ada().await;
    let browser = rig.browser();
    let answer = rig.answer(&mut phone).await;
    browser.post("/auth/other/login/passkey", &answer).await.expect_detail(400, "LOGIN_NOT_PENDING");
    browser.post(LOGIN, &answer).await.expect(200);
    browser.post(LOGIN, &answer).await.expect_detail(400, "LOGIN_NOT_PENDING");
    for (seconds, status) in [(599, 200), (600, 400)] {
        let answer = rig.answer(&mut phone).await;
        rig.later(seconds);
        browser.post(LOGIN, answer).await.expect(status);
    }
    // The answer to one challenge with the token of another.
    let (one, mut other) = (rig.answer(&mut phone).await, rig.answer(&mut phone).await);
    other["credential"] = one["credential"].clone();
    browser.post(LOGIN, other).await.expect_detail(400, "LOGIN_BAD_CREDENTIALS");
}

#[tokio::test]
async fn pk1_a_token_of_another_purpose_is_no_challenge() {
    let rig = Rig::new();
    let (ada, mut phone) = rig.ada().await;
    let mut answer = rig.answer(&mut phone).await;
    let begun = ada.post("/users/me/factors/passkeys", ()).await.expect(200);
    for token in [json!(ada.token()), begun.json["pending_token"].clone(), json!(""), json!("a.b.c")] {
        answer["pending_token"] = token;
        rig.browser().post(LOGIN, &answer).await.expect_detail(400, "LOGIN_NOT_PENDING");
    }
    // Nor does the challenge open anything.
    let begun = rig.browser().post(OPTIONS, ()).await.expect(200);
    let token = begun.json["pending_token"].as_str().unwrap();
    rig.browser().with_token(token).get("/users/me").await.expect(401);
}

#[tokio::test]
async fn pk4_of_many_equal_answers_at_once_one_logs_in() {
    let rig = std::sync::Arc::new(Rig::new());
    let (_ada, mut phone) = rig.ada().await;
    let answer = rig.answer(&mut phone).await;
    let tasks = (0..16).map(|_| {
        let (rig, answer) = (rig.clone(), answer.clone());
        tokio::spawn(async move { rig.browser().post(LOGIN, answer).await.status.as_u16() })
    });
    let mut logged_in = 0;
    for task in tasks.collect::<Vec<_>>() {
        logged_in += usize::from(task.await.unwrap() == 200);
    }
    assert_eq!(logged_in, 1);
}

#[tokio::test]
async fn pk4_a_counter_that_was_set_back_is_refused_and_reported() {
    let rig = Rig::new();
    let (ada, mut key) = (rig.user("ada@example.com").await, phone());
    key.set_counter(10);
    add(&ada, &mut key).await.expect(200);
    let mut copy = key.clone();
    rig.log_in(&mut key).await.expect(200);
    rig.log_in(&mut key).await.expect(200);
    rig.log_in(&mut copy).await.expect_detail(400, "LOGIN_BAD_CREDENTIALS");
    assert_eq!(rig.probe.count(EventKind::PasskeySuspected), 1);
    assert_eq!(*rig.accounts.suspected.lock().unwrap(), [None]);
    // It stays in use: the owner decides.
    rig.log_in(&mut key).await.expect(200);
}

#[tokio::test]
async fn pk4_an_answer_that_is_sent_twice_is_no_copy_of_its_passkey() {
    let rig = Rig::new();
    let (ada, mut key) = (rig.user("ada@example.com").await, phone());
    key.set_counter(10);
    add(&ada, &mut key).await.expect(200);
    let answer = rig.answer(&mut key).await;
    rig.browser().post(LOGIN, &answer).await.expect(200);
    rig.browser().post(LOGIN, &answer).await.expect_detail(400, "LOGIN_NOT_PENDING");
    assert_eq!(rig.probe.count(EventKind::PasskeySuspected), 0);
}

#[tokio::test]
async fn pk2_an_answer_of_another_page_is_refused() {
    let rig = Rig::new();
    let (_ada, mut phone) = rig.ada().await;
    for origin in
        ["https://shop.example:8443", "https://www.shop.example", "http://shop.example", "https://evil.example"]
    {
        phone.open(origin);
        rig.log_in(&mut phone).await.expect_detail(400, "LOGIN_BAD_CREDENTIALS");
    }
}

#[tokio::test]
async fn pk3_a_passkey_without_user_verification_is_no_login() {
    let rig = Rig::new();
    let (_ada, mut phone) = rig.ada().await;
    phone.verifies(false);
    rig.log_in(&mut phone).await.expect_detail(400, "LOGIN_BAD_CREDENTIALS");
}

/// A verifier that does not demand user verification.
struct Lenient(WebauthnRs);

impl PasskeyVerifier for Lenient {
    fn rp_id(&self) -> &str {
        self.0.rp_id()
    }

    fn register(&self, user: &PasskeyUser<'_>, known: &[StoredPasskey]) -> Result<Challenge, Fault> {
        self.0.register(user, known)
    }

    fn registered(&self, state: &str, answer: &Value) -> Result<NewPasskey, PasskeyRefused> {
        self.0.registered(state, answer)
    }

    fn authenticate(&self, known: &[StoredPasskey]) -> Result<Challenge, Fault> {
        self.0.authenticate(known)
    }

    fn authenticated(
        &self,
        state: &str,
        answer: &Value,
        stored: &StoredPasskey,
    ) -> Result<UsedPasskey, PasskeyRefused> {
        Ok(self.0.authenticated(state, answer, stored)?.user_verified(false))
    }
}

#[tokio::test]
async fn pk3_a_lenient_verifier_makes_no_login_without_user_verification_but_a_second_step() {
    let rig = Rig::with(Lenient(verifier()), |engine| engine);
    let (_ada, mut phone) = rig.ada().await;
    rig.log_in(&mut phone).await.expect_detail(400, "LOGIN_BAD_CREDENTIALS");
    super::second_step::finish(&rig, &mut phone).await.unwrap();
}

#[tokio::test]
async fn pk5_a_handle_of_another_user_is_refused_and_none_too() {
    let rig = Rig::new();
    let (ada, mut phone) = rig.ada().await;
    let eve = rig.user("eve@example.com").await;
    add(&eve, &mut super::rig::phone()).await.expect(200);
    let handle = |list: Value| list["user_handle"].clone();
    let theirs = handle(eve.get("/users/me/factors/passkeys").await.json);
    assert_ne!(theirs, handle(ada.get("/users/me/factors/passkeys").await.json));
    for other in [theirs, Value::Null, json!(""), json!("=")] {
        let mut answer = rig.answer(&mut phone).await;
        answer["credential"]["response"]["userHandle"] = other;
        rig.browser().post(LOGIN, answer).await.expect_detail(400, "LOGIN_BAD_CREDENTIALS");
    }
    rig.log_in(&mut phone).await.expect(200);
}

#[tokio::test]
async fn an_unknown_passkey_and_one_of_an_inactive_user_log_no_one_in() {
    let rig = Rig::new();
    let (ada, mut phone) = rig.ada().await;
    let mut stranger = super::rig::phone();
    let begun = ada.post("/users/me/factors/passkeys", ()).await.expect(200);
    stranger.create(&begun.json["options"]).unwrap();
    rig.log_in(&mut stranger).await.expect_detail(400, "LOGIN_BAD_CREDENTIALS");
    let id = ada.get("/users/me").await.json["id"].as_str().unwrap().parse().unwrap();
    rig.accounts.set_active(&Admin::system("test"), &id, false, &Context::default()).await.unwrap();
    rig.log_in(&mut phone).await.expect_detail(400, "LOGIN_BAD_CREDENTIALS");
}

#[tokio::test]
async fn pk6_the_state_of_backup_is_kept() {
    let rig = Rig::new();
    let (ada, mut phone) = rig.ada().await;
    let synced = |list: crate::testing::Reply| list.expect(200).json["passkeys"][0]["is_synced"].clone();
    assert_eq!(synced(ada.get("/users/me/factors/passkeys").await), true);
    phone.set_backup(true, false);
    rig.log_in(&mut phone).await.expect(200);
    assert_eq!(synced(ada.get("/users/me/factors/passkeys").await), false);
    phone.set_backup(false, false);
    rig.log_in(&mut phone).await.expect_detail(400, "LOGIN_BAD_CREDENTIALS");
}

#[tokio::test]
async fn l1_guesses_of_one_network_are_limited() {
    let rig = Rig::new();
    let (_ada, mut phone) = rig.ada().await;
    let mut answer = rig.answer(&mut phone).await;
    answer["credential"]["response"]["signature"] = json!("AAAA");
    let browser = rig.browser().peer([203, 0, 113, 7]);
    let mut limited = false;
    for _ in 0..200 {
        let reply = browser.post(LOGIN, &answer).await;
        limited |= reply.status == 429;
    }
    assert!(limited);
}

#[tokio::test]
async fn pk9_bodies_are_read_strictly() {
    let rig = Rig::new();
    let browser = rig.browser();
    for body in [json!({}), json!({ "pending_token": "x" }), json!({ "pending_token": "x", "credential": [] })] {
        browser.post(LOGIN, body).await.expect(422);
    }
    let begun = browser.post(OPTIONS, ()).await.expect(200);
    for credential in [json!({}), json!({ "id": "" }), json!({ "id": "AQ", "response": 7 }), json!({ "id": "AQ" })] {
        let body = json!({ "pending_token": begun.json["pending_token"], "credential": credential });
        browser.post(LOGIN, body).await.expect_detail(400, "LOGIN_BAD_CREDENTIALS");
    }
}
