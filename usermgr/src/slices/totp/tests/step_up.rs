//! A new proof in a session, and a proof for one action.

use serde_json::json;

use super::rig::{EMAIL, PASSWORD, Rig};
use crate::{
    Fault, LoginError, StepUp,
    audit::EventKind,
    engine::Proof,
    error::RightLost,
    prelude::*,
    store::{CredentialKind, SessionStore as _},
};

#[tokio::test]
async fn mf14_a_step_up_gives_a_new_session_and_ends_the_old_one() {
    let rig = Rig::new();
    let (client, app, _) = rig.with_app().await;
    rig.later(600);
    client.post("/users/me/recovery-codes", ()).await.expect(403);
    let body = json!({ "password": PASSWORD, "code": app.code() });
    let reply = client.post("/auth/bearer/step-up", body.clone()).await.expect(200);
    client.get("/users/me").await.expect(401);
    let stepped = rig.bearing(&reply);
    stepped.post("/users/me/recovery-codes", ()).await.expect(200);
    assert_eq!(rig.probe.count(EventKind::SteppedUp), 1);
    // The code was used up.
    let reply = stepped.post("/auth/bearer/step-up", body).await.expect(400);
    assert_eq!(reply.json["detail"], "LOGIN_BAD_SECOND_FACTOR");
    assert_eq!(rig.probe.count(EventKind::ReauthenticationFailed), 1);
}

#[tokio::test]
async fn mf13_a_step_up_is_as_recent_as_what_it_proves() {
    let rig = Rig::new();
    let (client, app, _) = rig.with_app().await;
    rig.later(600);
    // The factor alone leaves the session as old as it is.
    let reply = client.post("/auth/bearer/step-up", json!({ "code": app.code() })).await.expect(200);
    let client = rig.bearing(&reply);
    let reply = client.post("/users/me/recovery-codes", ()).await.expect(403);
    assert_eq!(reply.json["detail"], "REAUTHENTICATION_REQUIRED");
    // The password alone is not enough for a user with a factor.
    let reply = client.post("/auth/bearer/step-up", json!({ "password": PASSWORD })).await.expect(400);
    assert_eq!(reply.json["detail"]["code"], "LOGIN_SECOND_FACTOR_REQUIRED");
    rig.later(30);
    let token = reply.json["detail"]["pending_token"].as_str().unwrap().to_owned();
    // What is pending in a session is no login, and is of no other session.
    let refused = rig.answer(&token, "code", &app.code()).await.expect(400);
    assert_eq!(refused.json["detail"], "LOGIN_NOT_PENDING");
    let other = rig.log_in(&app).await;
    rig.later(30);
    let body = json!({ "pending_token": token, "code": app.code() });
    other.post("/auth/bearer/step-up", body.clone()).await.expect(400);
    let reply = client.post("/auth/bearer/step-up", body).await.expect(200);
    rig.bearing(&reply).post("/users/me/recovery-codes", ()).await.expect(200);
}

#[tokio::test]
async fn mf14_without_a_factor_the_password_makes_a_session_fresh() {
    let rig = Rig::new();
    let client = rig.logged_in(EMAIL).await;
    rig.later(600);
    for body in [json!({}), json!({ "password": "wrong" }), json!({ "code": "123456" })] {
        let reply = client.post("/auth/bearer/step-up", body).await.expect(400);
        assert_eq!(reply.json["detail"], "LOGIN_BAD_CREDENTIALS");
    }
    client.get("/users/me").await.expect(200);
    let reply = client.post("/auth/bearer/step-up", json!({ "password": PASSWORD })).await.expect(200);
    client.get("/users/me").await.expect(401);
    let fresh = rig.bearing(&reply);
    fresh.delete("/users/me").await.expect(204);
    // It is a step in its own backend, by a user who is logged in.
    rig.client().post("/auth/bearer/step-up", json!({ "password": PASSWORD })).await.expect(401);
}

#[tokio::test]
async fn mf14_another_backend_is_not_there() {
    let rig = Rig::new();
    let client = rig.logged_in(EMAIL).await;
    client.post("/auth/other/step-up", json!({ "password": PASSWORD })).await.expect(404);
    client.post("/auth/nothing/step-up", json!({ "password": PASSWORD })).await.expect(404);
}

#[tokio::test]
async fn mf14_one_action_is_proved_without_a_new_session() {
    let rig = Rig::new();
    let (client, app, _) = rig.with_app().await;
    let cx = Context::default();
    let principal = rig.accounts.identify("bearer", &client.token().unwrap()).await.unwrap().unwrap();
    let code = |code: String| StepUp::new().proof(Proof::new(CredentialKind::new("totp"), code));
    let refused = rig.accounts.confirm_identity(&principal, code(app.wrong()), &cx).await;
    assert!(matches!(refused, Err(LoginError::BadSecondFactor)));
    let confirmed = rig.accounts.confirm_identity(&principal, code(app.code()), &cx).await.unwrap();
    assert_eq!(confirmed.email.as_str(), EMAIL);
    client.get("/users/me").await.expect(200);
    // A session that has ended proves nothing.
    rig.accounts.revoke_all(&confirmed, &Context::system("test")).await.unwrap();
    rig.later(30);
    let refused = rig.accounts.confirm_identity(&principal, code(app.code()), &cx).await;
    assert!(matches!(refused, Err(LoginError::Fault(_))), "{refused:?}");
}

#[tokio::test]
async fn w1_a_session_that_ends_during_its_step_up_gets_no_new_one() {
    let rig = Rig::new();
    let client = rig.logged_in(EMAIL).await;
    let principal = rig.accounts.identify("bearer", &client.token().unwrap()).await.unwrap().unwrap();
    *rig.accounts.logs_out.lock().unwrap() = Some(principal.clone());
    let refused = rig.accounts.step_up(&principal, StepUp::new().password(PASSWORD), &Context::default()).await;
    assert!(matches!(refused, Err(LoginError::Fault(Fault::RightLost(RightLost::Session)))), "{refused:?}");
    assert_eq!(rig.store.list_sessions(&principal.user().id).await.unwrap().len(), 0);
    // Nothing says that there was another login.
    assert_eq!((rig.probe.count(EventKind::LoggedIn), rig.probe.count(EventKind::SteppedUp)), (1, 0));
}

#[tokio::test]
async fn mf13_a_code_alone_makes_no_session_last_longer() {
    let rig = Rig::new();
    let (client, app, _) = rig.with_app().await;
    rig.later(600);
    let step_up = async |token: &str, proof: StepUp| {
        let principal = rig.accounts.identify("bearer", token).await.unwrap().unwrap();
        let end = principal.session.expires_at;
        let login = rig.accounts.step_up(&principal, proof, &Context::default()).await.unwrap();
        (end, login.login.session.expires_at, login.token)
    };
    let code = || StepUp::new().proof(Proof::new(CredentialKind::new("totp"), app.code()));
    let (before, after, token) = step_up(&client.token().unwrap(), code()).await;
    assert_eq!(before, after);
    rig.later(30);
    let (before, after, _) = step_up(token.expose(), code().password(PASSWORD)).await;
    assert!(after > before, "the password gives a session its full time again");
}
