//! A passkey as the second step after a password.

use serde_json::Value;

use super::rig::{PASSWORD, Rig, Store};
use crate::{
    LoginError,
    audit::EventKind,
    engine::Proof,
    error::PendingLogin,
    login::LoggedIn,
    passkey::KIND,
    prelude::*,
    session::{Amr, Method},
    testing::FakeAuthenticator,
};

async fn pending(rig: &Rig) -> PendingLogin {
    let typed = Credentials::new("ada@example.com", PASSWORD);
    match rig.accounts.login(typed, "bearer", &Context::default()).await {
        Err(LoginError::SecondFactorRequired(pending)) => pending,
        other => panic!("the passkey is asked for: {other:?}"),
    }
}

fn options(pending: &PendingLogin) -> &Value {
    let offered = pending.factors.iter().find(|offered| offered.kind == KIND).unwrap();
    offered.options.as_ref().unwrap()
}

async fn answer(rig: &Rig, pending: &PendingLogin, answer: Value) -> Result<LoggedIn<Store>, LoginError> {
    let proof = Proof::new(KIND, answer.to_string());
    rig.accounts.finish_login(&pending.token, &proof, "bearer", &Context::default()).await
}

/// A whole login by password and passkey.
pub(super) async fn finish(rig: &Rig, phone: &mut FakeAuthenticator) -> Result<LoggedIn<Store>, LoginError> {
    let pending = pending(rig).await;
    let answered = phone.get(options(&pending)).unwrap();
    answer(rig, &pending, answered).await
}

#[tokio::test]
async fn a_user_with_a_passkey_needs_it_after_the_password() {
    let rig = Rig::new();
    let (_ada, mut phone) = rig.ada().await;
    let asked = pending(&rig).await;
    assert_eq!(options(&asked)["publicKey"]["allowCredentials"].as_array().map(Vec::len), Some(1));
    let login = finish(&rig, &mut phone).await.unwrap();
    let proved = [Method::PASSWORD, Method::KEY, Method::MULTI_FACTOR];
    assert_eq!(login.login.session.amr, Amr::of(proved));
}

#[tokio::test]
async fn the_handle_may_be_absent_but_not_that_of_another() {
    let rig = Rig::new();
    let (_ada, mut phone) = rig.ada().await;
    for (handle, passes) in [(Value::Null, true), (Value::from("AAAA"), false)] {
        let pending = pending(&rig).await;
        let mut answered = phone.get(options(&pending)).unwrap();
        answered["response"]["userHandle"] = handle;
        assert_eq!(answer(&rig, &pending, answered).await.is_ok(), passes);
    }
}

#[tokio::test]
async fn pk1_an_answer_to_another_challenge_is_wrong() {
    let rig = Rig::new();
    let (_ada, mut phone) = rig.ada().await;
    let (one, other) = (pending(&rig).await, pending(&rig).await);
    let answered = phone.get(options(&one)).unwrap();
    assert!(matches!(answer(&rig, &other, answered.clone()).await, Err(LoginError::BadSecondFactor)));
    answer(&rig, &one, answered.clone()).await.unwrap();
    assert!(matches!(answer(&rig, &one, answered).await, Err(LoginError::NotPending)));
}

#[tokio::test]
async fn pk4_a_counter_that_was_set_back_is_refused_and_reported() {
    let rig = Rig::new();
    let (ada, mut key) = (rig.user("ada@example.com").await, super::rig::phone());
    key.set_counter(10);
    super::rig::add(&ada, &mut key).await.expect(200);
    let mut copy = key.clone();
    finish(&rig, &mut key).await.unwrap();
    assert!(matches!(finish(&rig, &mut copy).await, Err(LoginError::BadSecondFactor)));
    assert_eq!(rig.probe.count(EventKind::PasskeySuspected), 1);
    assert_eq!(rig.accounts.suspected.lock().unwrap().len(), 1);
    finish(&rig, &mut key).await.unwrap();
}

#[tokio::test]
async fn pk4_an_answer_that_is_sent_several_times_at_once_is_no_copy_of_its_passkey() {
    let rig = Rig::new();
    let (ada, mut key) = (rig.user("ada@example.com").await, super::rig::phone());
    key.set_counter(10);
    super::rig::add(&ada, &mut key).await.expect(200);
    for _ in 0..20 {
        let pending = pending(&rig).await;
        let answered = key.get(options(&pending)).unwrap();
        let doubled = futures_util::future::join_all((0..4).map(|_| answer(&rig, &pending, answered.clone()))).await;
        assert_eq!(doubled.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{doubled:?}");
    }
    assert_eq!(rig.probe.count(EventKind::PasskeySuspected), 0);
}

#[tokio::test]
async fn pk5_the_passkey_of_another_user_is_wrong() {
    let rig = Rig::new();
    let (_ada, _phone) = rig.ada().await;
    let (eve, mut theirs) = (rig.user("eve@example.com").await, super::rig::phone());
    super::rig::add(&eve, &mut theirs).await.expect(200);
    let pending = pending(&rig).await;
    let mut options = options(&pending).clone();
    options["publicKey"]["allowCredentials"] = Value::Null;
    let answered = theirs.get(&options).unwrap();
    assert!(matches!(answer(&rig, &pending, answered).await, Err(LoginError::BadSecondFactor)));
}

#[tokio::test]
async fn pk9_no_text_is_an_answer() {
    let rig = Rig::new();
    let (_ada, _phone) = rig.ada().await;
    let asked = pending(&rig).await;
    for text in ["", "123456", "{}", "null"] {
        let proof = Proof::new(KIND, text);
        let outcome = rig.accounts.finish_login(&asked.token, &proof, "bearer", &Context::default()).await;
        assert!(matches!(outcome, Err(LoginError::BadSecondFactor)), "{text}");
    }
}
