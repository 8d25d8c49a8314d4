//! What a session in which an administrator acts may not do: generated over the routes, and each operation once more by
//! itself.

use ::http::Method;
use serde_json::{Value, json};

use super::rig::{ADA, PASSWORD, Rig};
use crate::{
    StepUp,
    engine::Proof,
    error::{Cause, Coded},
    http::{Caller, Guard, Route, Routes},
    prelude::*,
};

/// Every row of the tables.
fn rows() -> impl Iterator<Item = &'static Route> {
    Route::all().chain(Route::of_parts())
}

fn guard(route: &Route) -> Option<Guard> {
    match route.caller {
        Caller::Guarded(guard) => Some(guard),
        Caller::Anybody | Caller::Holder => None,
    }
}

#[tokio::test]
async fn im3_every_guard_that_asks_for_a_fresh_or_strong_session_refuses_it() {
    let rig = Rig::new().await;
    let (_, acting) = rig.acting().await;
    let principal = rig.principal(&acting).await;
    let (mut refused, mut admitted) = (0, 0);
    for route in rows() {
        let Some(guard) = guard(route) else { continue };
        let fresh = guard == guard.fresh() || guard == guard.strong();
        let answer = guard.admit(&rig.accounts.engine, Some(principal.clone()));
        let status = answer.as_ref().err().map(|problem| problem.to_string());
        if guard == guard.superuser() {
            // The administrator has none of their own rights.
            assert!(status.is_some_and(|text| text.contains("Forbidden")), "{} {}", route.method, route.path);
        } else if fresh {
            assert!(
                status.is_some_and(|text| text.contains("IMPERSONATED_SESSION")),
                "{} {}",
                route.method,
                route.path
            );
            refused += 1;
        } else {
            assert_eq!(status, None, "{} {}", route.method, route.path);
            admitted += 1;
        }
    }
    assert!(refused > 5 && admitted > 5, "{refused} {admitted}");
}

/// The routes that ask for no fresh login and refuse it too, with a body that would do something.
const PERSONAL: &[(&str, &str)] = &[
    ("/users/me", r#"{"email": "eve@example.com", "current_password": "correct horse battery"}"#),
    ("/users/me", r#"{"password": "another horse battery", "current_password": "correct horse battery"}"#),
    ("/users/me", r#"{"username": "eve", "current_password": "correct horse battery"}"#),
    ("/auth/change-password", r#"{"current_password": "correct horse battery", "password": "another horse battery"}"#),
    ("/auth/change-password", r#"{"current_password": "a wrong one", "password": "another horse battery"}"#),
    ("/auth/{backend}/step-up", r#"{"password": "correct horse battery"}"#),
    ("/auth/{backend}/step-up", r#"{"factor": "test:pin", "answer": "1815"}"#),
    ("/users/me/api-keys/{id}", r#"{"label": "eve"}"#),
];

#[tokio::test]
async fn im3_every_route_of_what_only_users_do_refuses_it_and_changes_nothing() {
    let rig = Rig::new().await;
    rig.give_pin(&rig.ada).await;
    // A key of Ada's, made in a session that has proved both factors.
    let pending = rig.client().login("bearer", ADA, PASSWORD).await.expect(400);
    let token = pending.json["detail"]["pending_token"].as_str().unwrap().to_owned();
    let fields = [("pending_token", &*token), ("factor", "test:pin"), ("answer", "1815")];
    let login = rig.client().post_form("/auth/bearer/login/second-factor", &fields).await.expect(200);
    let ada = rig.client().with_token(login.json["access_token"].as_str().unwrap());
    let key = ada.post("/users/me/api-keys", json!({ "scopes": ["orders:read"], "label": "report" })).await.expect(201);
    let key = key.json["id"].as_str().unwrap().to_owned();
    let (_, acting) = rig.acting().await;
    let before = state(&ada).await;

    let mut asked = 0;
    for route in Routes::<super::rig::Accounts>::of_engine(&rig.accounts.engine).iter() {
        let row = route.route();
        let is_fresh = guard(row).is_some_and(|guard| guard == guard.fresh() || guard == guard.strong());
        let is_for_users = guard(row).is_some_and(|guard| guard != guard.superuser());
        if !is_for_users || !(is_fresh || row.personal) {
            continue;
        }
        let bodies: Vec<_> = PERSONAL.iter().filter(|(path, _)| *path == row.path && row.personal).collect();
        assert!(!row.personal || !bodies.is_empty(), "{} {} needs a body here", row.method, row.path);
        let bodies = if bodies.is_empty() { vec!["{}"] } else { bodies.iter().map(|(_, body)| *body).collect() };
        let path = row.path.replace("{id}", &key).replace("{backend}", "bearer").replace("{provider}", "x");
        for body in bodies {
            let body: Value = serde_json::from_str(body).unwrap();
            let request = match row.method {
                Method::DELETE => acting.delete(&path),
                Method::PATCH => acting.patch(&path, &body),
                Method::POST => acting.post(&path, &body),
                _ => acting.get(&path),
            };
            let reply = request.await.expect(403);
            assert_eq!(reply.json["detail"], "IMPERSONATED_SESSION", "{} {path} {body}", row.method);
            asked += 1;
        }
    }
    assert!(asked > 12, "{asked}");
    assert_eq!(state(&ada).await, before);
    // The password and the factor still do.
    ada.post_form("/auth/bearer/step-up", &[("password", PASSWORD), ("factor", "test:pin"), ("answer", "1815")])
        .await
        .expect(200);
}

/// What an account is, as its user sees it.
async fn state(client: &crate::testing::Client) -> Vec<Value> {
    let mut seen = Vec::new();
    for path in ["/users/me", "/users/me/factors", "/users/me/api-keys"] {
        seen.push(client.get(path).await.expect(200).json);
    }
    seen
}

/// Whether an operation was refused because an administrator acts.
fn is_refused<T>(outcome: Result<T, impl Coded>) -> bool {
    let refused = Cause::RightLost(crate::error::RightLost::Impersonated);
    outcome.err().is_some_and(|error| std::mem::discriminant(&error.cause()) == std::mem::discriminant(&refused))
}

#[tokio::test]
async fn im3_operations_refuse_it_without_any_guard() {
    let rig = Rig::new().await;
    let (_, acting) = rig.acting().await;
    let (accounts, ada) = (&rig.accounts, &rig.ada);
    let principal = rig.principal(&acting).await;
    let cx = Context::default()
        .actor(crate::context::Actor::User { id: ada.id.to_string(), session: principal.session.clone() });
    let new = EmailAddress::parse("eve@example.com").unwrap();
    let password = || PASSWORD.into();
    let update = UpdateMe::default().password("another horse battery").current_password(PASSWORD);
    assert!(is_refused(accounts.update(ada, update, &cx).await));
    assert!(is_refused(accounts.change_password(ada, password(), "another horse battery".into(), &cx).await));
    assert!(is_refused(accounts.request_email_change(ada, &new, &cx).await));
    assert!(is_refused(accounts.delete(ada, &cx).await));
    assert!(is_refused(accounts.create_api_key(&principal, NewApiKey::new(["orders:read"]), &cx).await));
    assert!(is_refused(accounts.step_up(&principal, StepUp::new().password(PASSWORD), &cx).await));
    assert!(is_refused(accounts.confirm_identity(&principal, StepUp::new().password(PASSWORD), &cx).await));
    let proof = StepUp::new().proof(Proof::new(super::rig::PIN, "1815"));
    assert!(is_refused(accounts.step_up(&principal, proof, &cx).await));
    assert!(is_refused(accounts.replace_recovery_codes(ada, &cx).await));
    // What support may do for a user.
    accounts.update(ada, UpdateMe::default(), &cx).await.unwrap();
    assert_eq!(accounts.sessions(ada, &cx).await.unwrap().len(), 1);
}
