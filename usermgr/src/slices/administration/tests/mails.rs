//! The mails with tokens that superusers send to users.

use ::http::Method;
use serde_json::json;

use super::rig::Rig;
use crate::{
    audit::EventKind,
    token::{Reset, Verify},
};

const ADA: &str = "ada@example.com";

/// A route, the event that it raises, the token that is mailed, and the route that takes the token.
type Mail = (&'static str, EventKind, fn(&Rig, &str) -> Option<String>, &'static str);

const MAILS: [Mail; 2] = [
    ("forgot-password", EventKind::ResetRequested, Rig::token::<Reset>, "/auth/reset-password"),
    ("request-verify-token", EventKind::VerificationRequested, Rig::token::<Verify>, "/auth/verify"),
];

#[tokio::test]
async fn a_superuser_sends_a_mail_with_a_token_that_only_its_user_learns() {
    let rig = Rig::new(|engine| engine).await;
    let ada = rig.add(ADA, |new| new).await;
    for (name, event, token, path) in MAILS {
        let answer = rig.root.request(Method::POST, &format!("/users/{}/{name}", ada.id)).await.expect(202);
        assert_eq!(answer.text(), "");
        assert_eq!(rig.events(event, &ada), 1);
        let body = json!({ "token": token(&rig, ADA).unwrap(), "password": "another good password" });
        rig.stranger().post(path, body).await.expect(200);
    }
}

#[cfg(feature = "outbox")]
#[tokio::test]
async fn with_an_outbox_the_mail_is_delivered_from_it() {
    use crate::Delivery as _;

    let rig = Rig::new(|engine| engine.outbox()).await;
    let ada = rig.add(ADA, |new| new).await;
    for (name, event, token, _) in MAILS {
        rig.root.request(Method::POST, &format!("/users/{}/{name}", ada.id)).await.expect(202);
        assert_eq!((token(&rig, ADA), rig.events(event, &ada)), (None, 1));
        rig.accounts.deliver_due().await.unwrap();
        assert!(token(&rig, ADA).is_some());
    }
}

#[tokio::test]
async fn a_mail_that_could_do_nothing_is_refused_with_the_reason() {
    let rig = Rig::new(|engine| engine).await;
    let inactive = rig.add("ina@example.com", |new| new.active(false)).await;
    let verified = rig.add("vera@example.com", |new| new.verified(true)).await;
    for (user, (name, event, token, _), code) in [
        (&inactive, MAILS[0], "USER_INACTIVE"),
        (&inactive, MAILS[1], "USER_INACTIVE"),
        (&verified, MAILS[1], "VERIFY_USER_ALREADY_VERIFIED"),
    ] {
        let answer = rig.root.request(Method::POST, &format!("/users/{}/{name}", user.id)).await.expect(400);
        assert_eq!(answer.json["detail"], code, "{name}");
        assert_eq!((token(&rig, user.email.as_str()), rig.events(event, user)), (None, 0));
    }
}

#[tokio::test]
async fn only_a_superuser_who_has_just_logged_in_sends_a_mail_and_only_to_a_user_who_is_there() {
    let rig = Rig::new(|engine| engine).await;
    let ada = rig.add(ADA, |new| new).await;
    let client = rig.client(ADA).await;
    for (name, ..) in MAILS {
        for unknown in ["018f0000-0000-7000-8000-000000000000", "me", "a%00", "%ff"] {
            rig.root.request(Method::POST, &format!("/users/{unknown}/{name}")).await.expect(404);
        }
        let path = format!("/users/{}/{name}", ada.id);
        rig.stranger().request(Method::POST, &path).await.expect(401);
        let answer = client.request(Method::POST, &path).await.expect(403);
        assert_eq!(answer.json["detail"], "Forbidden");
        rig.root.get(&path).await.expect(405);
    }
    rig.age();
    for (name, _, token, _) in MAILS {
        let answer = rig.root.request(Method::POST, &format!("/users/{}/{name}", ada.id)).await.expect(403);
        assert_eq!(answer.json["detail"], "REAUTHENTICATION_REQUIRED");
        assert_eq!(token(&rig, ADA), None);
    }
}
