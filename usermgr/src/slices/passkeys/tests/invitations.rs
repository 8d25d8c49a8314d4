//! Invited users who accept with a passkey in place of a password.

use serde_json::{Value, json};

use super::rig::{Refused, Rig, answered, phone, verifier};
use crate::{
    Code,
    audit::EventKind,
    prelude::*,
    testing::{FakeAuthenticator, Reply},
    token,
};

const ADA: &str = "ada@example.com";

fn rig() -> Rig {
    Rig::with(verifier(), |engine| engine.with(Invitations::new()))
}

/// Invites Ada, and returns the token of the mail.
async fn invited(rig: &Rig) -> String {
    let (admin, email) = (Admin::system("test"), EmailAddress::parse(ADA).unwrap());
    rig.accounts.invite(&admin, email, NoProfile, &Context::default()).await.unwrap();
    rig.probe.token::<token::Invitation>(ADA).unwrap().expose().to_owned()
}

/// Begins to accept, and returns what the phone answers.
async fn begun(rig: &Rig, token: &str, phone: &mut FakeAuthenticator) -> Value {
    let path = "/auth/accept-invitation/passkey-options";
    let begun = rig.browser().post(path, json!({ "token": token })).await.expect(200);
    let mut answer = answered(&begun, phone.create(&begun.json["options"]));
    answer["token"] = json!(token);
    answer["label"] = json!("phone");
    answer
}

async fn accept(rig: &Rig, answer: &Value) -> Reply {
    rig.browser().post("/auth/accept-invitation/passkey", answer).await
}

#[tokio::test]
async fn in1_an_invited_user_accepts_with_a_passkey_once_and_logs_in_with_it() {
    let (rig, mut phone) = (rig(), phone());
    let token = invited(&rig).await;
    let answer = begun(&rig, &token, &mut phone).await;
    let added = accept(&rig, &answer).await.expect(200);
    assert_eq!(added.json["factor"]["label"], "phone");
    assert_eq!(added.json["recovery_codes"].as_array().unwrap().len(), 10);
    let event = rig.probe.events().into_iter().find(|event| event.kind == EventKind::InvitationAccepted).unwrap();
    assert_eq!(event.detail.as_deref(), Some("passkey"));
    assert_eq!(rig.probe.count(EventKind::FactorAdded), 1);

    let login = rig.log_in(&mut phone).await.expect(200);
    let me = rig.logged_in(&login).get("/users/me").await.expect(200);
    assert_eq!((&me.json["email"], &me.json["is_verified"]), (&json!(ADA), &json!(true)));
    accept(&rig, &answer).await.expect_detail(400, Code::AcceptInvitationBadToken.as_str());
    let again = rig.browser().post("/auth/accept-invitation/passkey-options", json!({ "token": token })).await;
    again.expect_detail(400, Code::AcceptInvitationBadToken.as_str());
}

#[tokio::test]
async fn in1_of_a_passkey_and_a_password_at_once_one_accepts() {
    let (rig, mut phone) = (rig(), phone());
    let token = invited(&rig).await;
    let answer = begun(&rig, &token, &mut phone).await;
    let password = json!({ "token": token, "password": super::rig::PASSWORD });
    let browser = rig.browser();
    let by_password = async { browser.post("/auth/accept-invitation", &password).await };
    let (one, other) = tokio::join!(accept(&rig, &answer), by_password);
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
    assert_eq!(rig.probe.count(EventKind::InvitationAccepted), 1);
}

#[tokio::test]
async fn in2_a_challenge_is_good_with_its_invitation_and_its_answer_alone() {
    let (rig, mut phone) = (rig(), phone());
    let token = invited(&rig).await;
    let answer = begun(&rig, &token, &mut phone).await;
    // A session cannot finish what an invitation has begun, and the other way round.
    let bob = rig.user("bob@example.com").await;
    let mut elsewhere = answer.clone();
    elsewhere.as_object_mut().unwrap().remove("token");
    let refused = bob.post("/users/me/factors/passkeys/confirm", &elsewhere).await;
    refused.expect_detail(400, Code::FactorNotPending.as_str());
    let mut of_bob = super::rig::begin(&bob, &mut super::rig::phone()).await;
    of_bob["token"] = json!(token);
    accept(&rig, &of_bob).await.expect_detail(400, Code::FactorNotPending.as_str());
    // A wrong answer, and a label that is too long.
    let mut wrong = begun(&rig, &token, &mut phone).await;
    wrong["label"] = json!("x".repeat(65));
    accept(&rig, &wrong).await.expect_detail(400, Code::FactorInvalidLabel.as_str());
    wrong["label"] = Value::Null;
    wrong["credential"] = answer["credential"].clone();
    accept(&rig, &wrong).await.expect_detail(400, Code::FactorBadCode.as_str());
    accept(&rig, &answer).await.expect(200);
}

#[tokio::test]
async fn in2_a_new_mail_ends_the_challenge_too() {
    let (rig, mut phone) = (rig(), phone());
    let token = invited(&rig).await;
    let mut answer = begun(&rig, &token, &mut phone).await;
    let ada = rig.accounts.get_by_email(&EmailAddress::parse(ADA).unwrap()).await.unwrap().unwrap();
    rig.later(1);
    rig.accounts.resend_invitation(&Admin::system("test"), &ada.id, &Context::default()).await.unwrap();
    accept(&rig, &answer).await.expect_detail(400, Code::AcceptInvitationBadToken.as_str());
    answer["token"] = json!(rig.probe.token::<token::Invitation>(ADA).unwrap().expose());
    accept(&rig, &answer).await.expect_detail(400, Code::FactorNotPending.as_str());
}

#[tokio::test]
async fn the_routes_need_both_parts() {
    let without = Rig::new();
    let path = "/auth/accept-invitation/passkey-options";
    without.browser().post(path, json!({ "token": "x" })).await.expect(404);
    assert!(without.accounts.engine.has_part("passkeys") && !without.accounts.engine.has_part("invitations"));
    rig().browser().post(path, json!({ "token": "x" })).await.expect(400);
}
