//! Who may act as which user, and what is reported about it.

use serde_json::json;

use super::rig::{ADA, PASSWORD, Post, ROOT, Rig, Tokened, text};
use crate::{
    Fault,
    audit::EventKind,
    engine::Demand,
    error::RightLost,
    impersonation::ImpersonateError,
    prelude::*,
    session::Method,
    testing::{Client, claims_of},
};

#[tokio::test]
async fn im1_a_superuser_with_a_fresh_login_acts_as_a_user_and_no_one_else_does() {
    let rig = Rig::new().await;
    rig.client().post(&rig.path(), json!({})).await.expect(401);
    let ada = rig.login(ADA).await;
    rig.begin(&ada).await.expect(403);

    let root = rig.login(ROOT).await;
    rig.wait(601);
    let stale = rig.begin(&root).await.expect(403);
    assert_eq!(stale.json["detail"], "REAUTHENTICATION_REQUIRED");
    // The operation asks for it too, whatever a handler of the application does.
    let principal = rig.principal(&root).await;
    let admin = Admin::from_principal(&principal).unwrap();
    let stale = rig.accounts.impersonate(&admin, &rig.ada.id, &Context::default()).await;
    assert!(matches!(stale, Err(ImpersonateError::ReauthenticationRequired)), "{stale:?}");
    let system = rig.accounts.impersonate(&Admin::system("job"), &rig.ada.id, &Context::default()).await;
    assert!(matches!(system, Err(ImpersonateError::Fault(Fault::RightLost(RightLost::Session)))), "{system:?}");
    assert_eq!(rig.probe.count(EventKind::Impersonated), 0);

    let (_, acting) = rig.acting().await;
    let me = acting.get("/users/me").await.expect(200);
    assert_eq!(me.json["email"], ADA);
}

#[tokio::test]
async fn im1_a_superuser_who_has_a_factor_proves_it_first() {
    let rig = Rig::new().await;
    let root = rig.login(ROOT).await;
    rig.give_pin(&rig.root).await;
    let weak = rig.begin(&root).await.expect(403);
    assert_eq!(weak.json["detail"], "SECOND_FACTOR_REQUIRED");
    let strong =
        root.post_form("/auth/bearer/step-up", &[("factor", "test:pin"), ("answer", "1815")]).await.expect(200);
    rig.begin(&rig.client().with_token(strong.token())).await.expect(200);
}

#[tokio::test]
async fn im1_no_one_acts_as_a_superuser_themselves_an_inactive_user_or_a_program() {
    let rig = Rig::new().await;
    let other = rig.add("third@example.com", |new| new.superuser(true)).await;
    let blocked = rig.add("blocked@example.com", |new| new).await;
    let (system, cx) = (Admin::system("test"), Context::default());
    rig.accounts.set_active(&system, &blocked.id, false, &cx).await.unwrap();
    let robot = rig.accounts.create_service_account(&system, "robot", NoProfile, &cx).await.unwrap();
    let root = rig.login(ROOT).await;
    let unknown = uuid::Uuid::nil();
    for (id, status, detail) in [
        (other.id, 403, "IMPERSONATE_FORBIDDEN"),
        (rig.root.id, 403, "IMPERSONATE_FORBIDDEN"),
        (robot.id, 403, "IMPERSONATE_FORBIDDEN"),
        (blocked.id, 400, "USER_INACTIVE"),
        (unknown, 404, "Not Found"),
    ] {
        let refused = root.post(&format!("/users/{id}/impersonate"), json!({})).await.expect(status);
        assert_eq!(refused.json["detail"], detail);
    }
    root.post("/users/nonsense/impersonate", json!({})).await.expect(404);
    assert_eq!(rig.probe.count(EventKind::Impersonated), 0);
}

#[tokio::test]
async fn im1_an_engine_without_the_part_has_no_route_and_refuses_the_operation() {
    let rig = Rig::with(|engine| engine).await;
    let root = rig.login(ROOT).await;
    rig.begin(&root).await.expect(404);
    let admin = Admin::from_principal(&rig.principal(&root).await).unwrap();
    let refused = rig.accounts.impersonate(&admin, &rig.ada.id, &Context::default()).await;
    assert!(matches!(refused, Err(ImpersonateError::NotInstalled)), "{refused:?}");
}

#[tokio::test]
async fn im2_the_session_names_the_administrator_to_handlers_the_list_and_tokens() {
    let rig = Rig::new().await;
    let (root, acting) = rig.acting().await;
    let principal = rig.principal(&acting).await;
    assert_eq!(principal.user().id, rig.ada.id);
    let actor = principal.session.actor.clone().unwrap();
    assert_eq!(actor.id, rig.root.id.to_string());
    assert!(!rig.accounts.engine.is_fresh(&principal.session), "as fresh as the clock can make it, and still not");
    assert!(!principal.session.amr.is_multi_factor() && !principal.session.amr.contains(&Method::PASSWORD));

    rig.wait(1);
    let ada = rig.login(ADA).await;
    for (client, path) in [(&ada, "/users/me/sessions".to_owned()), (&root, format!("/users/{}/sessions", rig.ada.id))]
    {
        let listed = client.get(&path).await.expect(200).json;
        let actors: Vec<_> = listed.as_array().unwrap().iter().map(|session| session.get("actor").cloned()).collect();
        assert_eq!(
            actors,
            [None, Some(json!({ "id": rig.root.id }))],
            "no session of the user has it, and no more is said"
        );
    }

    // In a signed token it is the claim `act` of RFC 8693.
    for (backend, header) in [("signed", "x-signed"), ("revocable", "x-revocable"), ("refreshed", "x-refreshed")] {
        let login = rig.client().login(backend, ROOT, PASSWORD).await.expect(200);
        assert_eq!(claims_of(&login.token()).unwrap().get("act"), None, "{backend}");
        let begun = rig.client().header(header, &login.token()).post(&rig.path(), json!({})).await.expect(200);
        assert_eq!(begun.json.get("refresh_token"), None, "{backend}");
        let claims = claims_of(&begun.token()).unwrap();
        assert_eq!((&claims["sub"], &claims["act"]["sub"]), (&json!(rig.ada.id), &json!(rig.root.id)));
        assert_eq!(claims["amr"], json!([]), "{backend}");
        let me = rig.client().header(header, &begun.token()).get("/users/me").await.expect(200);
        assert_eq!(me.json["email"], ADA, "{backend}");
    }

    // A cookie stays a cookie.
    let browser = rig.client();
    browser.login("cookie", ROOT, PASSWORD).await.expect(204);
    browser.post(&rig.path(), json!({})).await.expect(204);
    assert_eq!(browser.get("/users/me").await.expect(200).json["email"], ADA);
    browser.logout("cookie").await.expect(204);
    // The administrator signs in again.
    browser.get("/users/me").await.expect(401);
}

#[tokio::test]
async fn im2_a_forged_or_stripped_act_is_no_session() {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

    use crate::{testing::forge, token::Access};

    let rig = Rig::new().await;
    let login = rig.client().login("signed", ROOT, PASSWORD).await.expect(200);
    let begun = rig.client().header("x-signed", &login.token()).post(&rig.path(), json!({})).await.expect(200);
    let claims = claims_of(&begun.token()).unwrap();
    let status = async |token: &str| rig.client().header("x-signed", token).get("/users/me").await.status;
    assert_eq!(status(&begun.token()).await, 200);

    // Without the claim, under the old signature.
    let mut stripped = claims.clone();
    stripped.as_object_mut().unwrap().remove("act");
    let parts: Vec<_> = begun.json["access_token"].as_str().unwrap().split('.').collect();
    let payload = URL_SAFE_NO_PAD.encode(stripped.to_string());
    assert_eq!(status(&format!("{}.{payload}.{}", parts[0], parts[2])).await, 401);

    // With a claim that no one has, under the right signature.
    let secret = Secret::new("only-for-tests-0123456789abcdef-x");
    let forged = |act: serde_json::Value| {
        let mut claims = claims.clone();
        claims["act"] = act;
        forge::<Access>(&secret, &claims).unwrap().expose().to_owned()
    };
    assert_eq!(status(&forged(claims["act"].clone())).await, 200, "the signature is right");
    let with = |name: &str, value: &str| {
        let mut act = claims["act"].clone();
        act[name] = json!(value);
        act
    };
    for act in [
        json!(null),
        json!({}),
        json!("root"),
        json!([]),
        json!({ "sub": rig.root.id }),
        with("sub", &rig.ada.id.to_string()),
        with("sub", "nonsense"),
        with("st", "AAAAAAAAAAA"),
        with("backend", "unknown"),
    ] {
        assert_eq!(status(&forged(act.clone())).await, 401, "{act}");
    }
}

#[tokio::test]
async fn im5_it_is_reported_and_is_no_login_of_the_user() {
    let rig = Rig::new().await;
    let ada = rig.login(ADA).await;
    rig.heard();
    let before = rig.probe.events().len();
    let (_, acting) = rig.acting().await;
    let begun: Vec<_> = rig.probe.events().split_off(before + 1);
    assert_eq!(begun.len(), 1, "{begun:?}");
    let event = &begun[0];
    assert_eq!((event.kind, event.user.clone()), (EventKind::Impersonated, Some(rig.ada.id.to_string())));
    assert_eq!(event.actor, Some(format!("user:{}", rig.root.id)));
    let principal = rig.principal(&acting).await;
    assert_eq!(event.detail.as_deref(), Some(&*format!("session {}", principal.session.id)));
    assert_eq!(
        rig.heard(),
        ["root@example.com logs in", "root@example.com has logged in", "ada@example.com is acted as"]
    );
    ada.get("/users/me").await.expect(200);

    // What is done in it names both.
    acting.logout("bearer").await.expect(204);
    assert_eq!(rig.heard(), ["ada@example.com is logged out by an administrator"]);
    let ended = rig.probe.events().pop().unwrap();
    assert_eq!((ended.kind, ended.user), (EventKind::LoggedOut, Some(rig.ada.id.to_string())));
    assert_eq!(ended.actor, Some(format!("user:{} as user:{}", rig.root.id, rig.ada.id)));
}

#[tokio::test]
async fn im5_no_session_of_the_user_ends_for_it_whatever_their_number() {
    let rig = Rig::with(|engine| engine.with(Impersonation::new()).max_sessions(1)).await;
    let ada = rig.login(ADA).await;
    let (_, acting) = rig.acting().await;
    ada.get("/users/me").await.expect(200);
    acting.get("/users/me").await.expect(200);
}

/// A manager that writes no hooks.
struct Plain {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Plain {}

#[tokio::test]
async fn im5_the_user_gets_a_mail_unless_it_is_turned_off() {
    for wanted in [true, false] {
        let post = Post::default();
        let engine = Engine::builder(MemoryStore::new())
            .backend(Backend::bearer("bearer", Database::new()))
            .messenger(post.clone())
            .with(Impersonation::new().notify_user(wanted))
            .build()
            .unwrap();
        let accounts = std::sync::Arc::new(Plain { engine });
        let cx = Context::system("test");
        let new = |email: &str| NewUser::new(EmailAddress::parse(email).unwrap(), NoProfile).password(PASSWORD);
        accounts.create(new(ROOT).superuser(true).verified(true), &cx).await.unwrap();
        let ada = accounts.create(new(ADA).verified(true), &cx).await.unwrap();
        accounts.engine.settle().await;
        post.0.lock().unwrap().clear();
        let client = Client::new(crate::axum::router(accounts.clone()).unwrap());
        client.login("bearer", ROOT, PASSWORD).await.expect(200);
        client.post(&format!("/users/{}/impersonate", ada.id), json!({})).await.expect(200);
        accounts.engine.settle().await;
        let expected = if wanted { vec![(ADA.to_owned(), "impersonated")] } else { Vec::new() };
        assert_eq!(*post.0.lock().unwrap(), expected);
    }
}

#[tokio::test]
async fn im3_no_factor_is_demanded_of_a_session_of_a_user_who_must_have_one() {
    let rig = Rig::with(|engine| engine.with(Impersonation::new()).with(Demand::everybody())).await;
    // The superuser has proved one.
    rig.give_pin(&rig.root).await;
    let pending = rig.client().login("bearer", ROOT, PASSWORD).await.expect(400);
    let token = text(&pending.json["detail"]["pending_token"]);
    let fields = [("pending_token", &*token), ("factor", "test:pin"), ("answer", "1815")];
    let login = rig.client().post_form("/auth/bearer/login/second-factor", &fields).await.expect(200);
    let begun = rig.begin(&rig.client().with_token(login.token())).await.expect(200);
    let acting = rig.client().with_token(begun.token());
    acting.get("/users/me/sessions").await.expect(200);
    rig.login(ADA).await.get("/users/me/sessions").await.expect(403);
}

#[test]
fn what_is_wrong_with_the_part_is_an_error() {
    use std::time::Duration;
    for seconds in [0, 86_401] {
        let part = Impersonation::new().lifetime(Duration::from_secs(seconds));
        let engine = Engine::<MemoryStore>::new(MemoryStore::new()).with(part);
        assert!(engine.unwrap_err().to_string().contains("from 1 to 86400 seconds"), "{seconds}");
    }
    let day = Impersonation::new().lifetime(Duration::from_secs(86_400));
    assert!(Engine::<MemoryStore>::new(MemoryStore::new()).with(day).is_ok());
}
