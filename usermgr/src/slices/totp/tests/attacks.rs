//! Ways round a second factor, and ways to use it against its owner.

use serde_json::json;

use super::rig::{EMAIL, PASSWORD, Rig, secrets};
use crate::{
    LoginError, StepUp, UpdateError,
    engine::Proof,
    factors::FactorError,
    http::Problem,
    limits::Limit,
    prelude::*,
    session::Amr,
    store::{CredentialKind, CredentialStore, NewCredential},
    user::AdminUpdate,
};

#[tokio::test]
async fn mf11_no_new_address_of_a_thief_takes_a_factor_away() {
    let rig = Rig::new();
    let (client, app, _) = rig.with_app().await;
    rig.later(601);
    // With the session and the password, but without the app.
    let body = json!({ "email": "thief@example.com", "current_password": PASSWORD });
    let kept = client.patch("/users/me", body).await.expect(200);
    assert_eq!(kept.json["email"], EMAIL, "the new address is proved first");
    let user = rig.accounts.get_by_email(&EmailAddress::parse(EMAIL).unwrap()).await.unwrap().unwrap();
    let update = UpdateMe {
        email: Some("thief@example.com".into()),
        current_password: Some(PASSWORD.into()),
        ..Default::default()
    };
    let refused = rig.accounts.update(&user, update, &Context::default()).await;
    assert!(matches!(refused, Err(UpdateError::EmailProofRequired)), "{refused:?}");
    rig.later(30);
    rig.log_in(&app).await;
    // A user without a factor changes the address as before.
    let bob = rig.logged_in("bob@example.com").await;
    let moved = bob.patch("/users/me", json!({ "email": "bobby@example.com" })).await.expect(200);
    assert_eq!(moved.json["email"], "bobby@example.com");
}

#[tokio::test]
async fn mf11_a_superuser_proves_their_own_new_address_too() {
    let rig = Rig::new();
    let (client, ..) = rig.with_app().await;
    let (admin, cx) = (Admin::system("test"), Context::default());
    let ada = rig.accounts.get_by_email(&EmailAddress::parse(EMAIL).unwrap()).await.unwrap().unwrap();
    rig.accounts.set_superuser(&admin, &ada.id, true, &cx).await.unwrap();
    let path = format!("/users/{}", ada.id);
    let refused = client.patch(&path, json!({ "email": "thief@example.com" })).await.expect(403);
    assert_eq!(refused.json["detail"], "REAUTHENTICATION_REQUIRED");
    // Another spelling is the same address, and the addresses of others are those that superusers choose.
    let kept = client.patch(&path, json!({ "email": "Ada@example.com", "is_verified": true })).await.expect(200);
    assert_eq!(kept.json["email"], "Ada@example.com");
    let bob = rig.user("bob@example.com").await;
    client.patch(&format!("/users/{}", bob.id), json!({ "email": "bobby@example.com" })).await.expect(200);
    // The application itself decides for every account.
    let update = AdminUpdate::default().email("new@example.com");
    let moved = rig.accounts.update_user(&admin, &ada.id, update, &cx).await.unwrap();
    assert_eq!(moved.email.as_str(), "new@example.com");
}

#[tokio::test]
async fn mf11_an_outdated_copy_of_the_user_spares_no_proof() {
    let rig = Rig::new();
    rig.with_app().await;
    let cx = Context::default();
    let outdated = rig.accounts.get_by_email(&EmailAddress::parse(EMAIL).unwrap()).await.unwrap().unwrap();
    let update = AdminUpdate::default().email("new@example.com");
    rig.accounts.update_user(&Admin::system("test"), &outdated.id, update, &cx).await.unwrap();
    let update = UpdateMe::default().email(EMAIL).current_password(PASSWORD);
    let refused = rig.accounts.update(&outdated, update, &cx).await;
    assert!(matches!(refused, Err(UpdateError::EmailProofRequired)), "{refused:?}");
}

#[tokio::test]
async fn mf15_a_factor_is_added_by_the_principal_whatever_the_context_says() {
    let rig = Rig::new();
    let (client, app, _) = rig.with_app().await;
    let mut principal = rig.accounts.identify("bearer", &client.token().unwrap()).await.unwrap().unwrap();
    principal.session = principal.session.clone().amr(Amr::PASSWORD);
    let refused = rig.accounts.begin_totp(&principal, &Context::default()).await;
    assert!(matches!(refused, Err(FactorError::SecondFactorRequired)), "{refused:?}");
    drop(app);

    // And the session of the principal goes on, as in a request.
    let bob = rig.logged_in("bob@example.com").await;
    let principal = rig.accounts.identify("bearer", &bob.token().unwrap()).await.unwrap().unwrap();
    let cx = Context::default();
    let begun = rig.accounts.begin_totp(&principal, &cx).await.unwrap();
    let app = super::rig::App::of(&json!({ "secret": begun.secret(), "uri": begun.uri() }), &rig.clock);
    rig.accounts.confirm_totp(&principal, &begun.token, &app.code(), None, &cx).await.unwrap();
    let sessions = bob.get("/users/me/sessions").await.expect(200);
    assert_eq!(sessions.json[0]["amr"], json!(["mfa", "otp", "pwd"]));
}

#[tokio::test]
async fn mf6_guesses_beside_a_factor_that_cannot_be_read_count_too() {
    let store = MemoryStore::new();
    let limits = || crate::Limits::default().wrong_passwords_per_account_and_network(Limit::new(10));
    let rig = Rig::over(store.clone(), secrets("0123456789abcdef0123456789abcdef"), |engine| engine.limits(limits()));
    let (_, app, _) = rig.with_app().await;
    let user = rig.accounts.get_by_email(&EmailAddress::parse(EMAIL).unwrap()).await.unwrap().unwrap();
    let mut tx = store.begin().await.unwrap();
    let broken = NewCredential::new(user.id, CredentialKind::new("totp"), "v1.gone.x", rig.accounts.engine.now());
    store.insert_credential(&mut tx, &broken).await.unwrap();
    store.commit(tx).await.unwrap();
    for _ in 0..10 {
        let pending = rig.pending(EMAIL).await;
        rig.answer(&pending, "code", &app.wrong()).await.expect(500);
    }
    let pending = rig.pending(EMAIL).await;
    rig.answer(&pending, "code", &app.code()).await.expect(429);
}

#[tokio::test]
async fn mf14_a_password_that_is_given_is_judged_beside_a_token_too() {
    let rig = Rig::new();
    let (client, app, _) = rig.with_app().await;
    let token = async || {
        let reply = client.post("/auth/bearer/step-up", json!({})).await.expect(400);
        reply.json["detail"]["pending_token"].as_str().unwrap().to_owned()
    };
    let body = json!({ "pending_token": token().await, "code": app.code(), "password": "wrong" });
    let reply = client.post("/auth/bearer/step-up", body).await.expect(400);
    assert_eq!(reply.json["detail"], "LOGIN_BAD_CREDENTIALS");
    rig.later(601);
    let body = json!({ "pending_token": token().await, "code": app.code(), "password": PASSWORD });
    let reply = client.post("/auth/bearer/step-up", body).await.expect(200);
    rig.bearing(&reply).post("/users/me/recovery-codes", ()).await.expect(200);
}

#[tokio::test]
async fn mf14_who_knows_the_password_does_not_lock_the_owner_out_of_a_step_up() {
    let limits = crate::Limits::default().wrong_passwords_per_account_and_network(Limit::new(10));
    let rig = Rig::with(|engine| engine.limits(limits));
    let (client, app, _) = rig.with_app().await;
    for _ in 0..10 {
        let pending = rig.pending(EMAIL).await;
        rig.answer(&pending, "code", &app.wrong()).await.expect(400);
    }
    let pending = rig.pending(EMAIL).await;
    rig.answer(&pending, "code", &app.code()).await.expect(429);
    client.post("/auth/bearer/step-up", json!({ "code": app.code() })).await.expect(200);
}

#[tokio::test]
async fn x1_no_token_of_a_pending_login_is_printed() {
    let rig = Rig::new();
    rig.with_app().await;
    let refused = rig.accounts.login(Credentials::new(EMAIL, PASSWORD), "bearer", &Context::default()).await;
    let Err(error @ LoginError::SecondFactorRequired(_)) = refused else { panic!("{refused:?}") };
    let LoginError::SecondFactorRequired(pending) = &error else { unreachable!() };
    let token = pending.token.expose().to_owned();
    let problem = Problem::from(error);
    for text in [problem.to_string(), format!("{problem:?}")] {
        assert!(!text.contains(&token) && text.contains("LOGIN_SECOND_FACTOR_REQUIRED"), "{text}");
    }
    assert!(
        !format!("{:?}", StepUp::new().proof(Proof::new(CredentialKind::new("totp"), "123456"))).contains("123456")
    );
}
