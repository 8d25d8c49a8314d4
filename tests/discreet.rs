//! The reference server with discreet answers: a stranger's request about an address with an account is answered, byte for byte, like
//! a request about a free address.

use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use usermgr::{
    Admin, UpdateError,
    audit::{Event, EventKind},
    engine::Answers,
    password::{Argon2Params, Argon2id},
    prelude::*,
    testing::Probe,
    user::AdminUpdate,
};
use usermgr_tests::{Client, PASSWORD, Reply, Server};

const ADA: &str = "ada@example.com";
const FREE: &str = "free@example.com";
const ANOTHER: &str = "another long enough one";

struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {}

fn discreet(flags: &[&str]) -> Server {
    let flags: Vec<&str> = ["--answers", "discreet"].into_iter().chain(flags.iter().copied()).collect();
    Server::start(&flags)
}

/// A verified account.
async fn joined(server: &Server, email: &str) -> Client {
    let client = server.client();
    client.register(email, PASSWORD).await.expect(202);
    server.mail("register", email, 1);
    let verify = json!({ "email": email });
    client.post("/auth/request-verify-token", verify).await.expect(202);
    let token = server.mailed_token("verify", email, 1);
    client.post("/auth/verify", json!({ "token": token })).await.expect(200);
    client.with_token(client.login(email, PASSWORD).await.expect(200).token())
}

/// The whole answer, less the time.
fn seen(reply: &Reply) -> (u16, Vec<(String, String)>, String) {
    let headers = reply.headers.iter().filter(|(name, _)| *name != "date");
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    (reply.status, headers, reply.text.clone())
}

#[tokio::test]
async fn e3_a_registration_is_answered_alike_for_a_taken_and_a_free_address() {
    let server = discreet(&[]);
    joined(&server, ADA).await;
    let client = server.client();
    let [taken, free] = [client.register(ADA, ANOTHER).await, client.register(FREE, ANOTHER).await];
    assert_eq!((taken.status, taken.text.as_str()), (202, ""));
    assert_eq!(seen(&taken), seen(&free));
    server.mail("duplicate_register", ADA, 1);
    server.mail("register", FREE, 1);

    // Nor does a login with the password of the registration, before the mail is answered.
    let [taken, free] = [client.login(ADA, ANOTHER).await, client.login(FREE, ANOTHER).await];
    assert_eq!(seen(&taken), seen(&free));
    taken.expect_detail(400, "LOGIN_BAD_CREDENTIALS");
    client.login(ADA, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn e3_what_is_wrong_with_a_registration_is_reported_alike() {
    let server = discreet(&[]);
    joined(&server, ADA).await;
    for (password, status) in [("short", 400), ("password1", 400)] {
        let [taken, free] =
            [server.client().register(ADA, password).await, server.client().register(FREE, password).await];
        assert_eq!(seen(&taken), seen(&free));
        assert_eq!((taken.status, &taken.json()["detail"]["code"]), (status, &json!("REGISTER_INVALID_PASSWORD")));
    }
    server.client().post("/auth/register", json!({ "email": ADA })).await.expect(422);
    server.client().login(FREE, "password1").await.expect(400);
}

#[tokio::test]
async fn r1_of_many_discreet_registrations_at_once_one_makes_the_account() {
    let server = discreet(&[]);
    let passwords: Vec<String> = (0..8).map(|number| format!("long enough password {number}")).collect();
    let mut all = JoinSet::new();
    for password in passwords.clone() {
        let client = server.client();
        all.spawn(async move { client.register(ADA, &password).await });
    }
    for reply in all.join_all().await {
        assert_eq!((reply.status, reply.text.as_str()), (202, ""));
    }
    server.mail("register", ADA, 1);
    server.mail("duplicate_register", ADA, 7);
    server.client().post("/auth/request-verify-token", json!({ "email": ADA })).await.expect(202);
    let token = server.mailed_token("verify", ADA, 1);
    server.client().post("/auth/verify", json!({ "token": token })).await.expect(200);
    let mut opened = 0;
    for password in &passwords {
        opened += usize::from(server.client().login(ADA, password).await.status == 200);
    }
    assert_eq!(opened, 1);
}

#[tokio::test]
async fn e5_a_new_address_is_proved_first_and_answered_alike_for_a_taken_one() {
    let server = discreet(&[]);
    let (_, bob) = (joined(&server, ADA).await, joined(&server, "bob@example.com").await);
    let me = bob.get("/users/me").await.expect(200).json();
    let patch = async |email: &str| bob.patch("/users/me", json!({ "email": email })).await.expect(200);
    let [taken, free] = [patch(ADA).await, patch(FREE).await];
    assert_eq!(seen(&taken), seen(&free));
    assert_eq!(taken.json(), me);
    let token = server.mailed_token("change_email", FREE, 1);
    bob.post("/auth/confirm-email-change", json!({ "token": token })).await.expect(200);
    server.client().login(FREE, PASSWORD).await.expect(200);
    assert!(server.mails("change_email", ADA).is_empty());
}

#[tokio::test]
async fn e5_a_new_address_with_a_new_password_is_proved_by_a_token_of_the_new_stamp() {
    let server = discreet(&[]);
    let bob = joined(&server, "bob@example.com").await;
    // Another spelling needs no proof, a field of the account neither.
    let reply = bob.patch("/users/me", json!({ "email": "Bob@example.com" })).await.expect(200).json();
    assert_eq!(reply["email"], "Bob@example.com");
    bob.patch("/users/me", json!({ "email": FREE, "password": ANOTHER })).await.expect(200);
    let token = server.mailed_token("change_email", FREE, 1);
    server.client().post("/auth/confirm-email-change", json!({ "token": token })).await.expect(200);
    server.client().login(FREE, ANOTHER).await.expect(200);
}

#[tokio::test]
async fn p16_a_superuser_starts_a_reset_and_chooses_no_password_but_their_own() {
    let server = discreet(&[]);
    let ada = joined(&server, ADA).await;
    let path = format!("/users/{}", ada.get("/users/me").await.expect(200).json()["id"].as_str().unwrap());
    joined(&server, "root@example.com").await;
    server.promote("root@example.com");
    let client = server.client();
    let root = client.with_token(client.login("root@example.com", PASSWORD).await.expect(200).token());
    for body in [json!({ "password": ANOTHER }), json!({ "password": ANOTHER, "is_active": false })] {
        root.patch(&path, body).await.expect_detail(403, "UPDATE_USER_PASSWORD_FORBIDDEN");
    }
    // A reset would go there.
    for body in
        [json!({ "email": "root+ada@example.com", "is_verified": true }), json!({ "email": ADA.to_uppercase() })]
    {
        root.patch(&path, body).await.expect_detail(403, "UPDATE_USER_EMAIL_FORBIDDEN");
    }
    client.login(ADA, ANOTHER).await.expect(400);
    client.login(ADA, PASSWORD).await.expect(200);
    root.patch(&path, json!({ "is_superuser": true, "email": ADA })).await.expect(200);
    let own = format!("/users/{}", root.get("/users/me").await.expect(200).json()["id"].as_str().unwrap());
    root.patch(&own, json!({ "password": ANOTHER })).await.expect(200);
    client.login("root@example.com", ANOTHER).await.expect(200);
}

/// Whether a superuser may choose a password, with these answers and this setting of the engine.
async fn chooses(answers: Answers, choice: Option<bool>) -> bool {
    let probe = Probe::default();
    let engine = Engine::builder(MemoryStore::new())
        .backend(Backend::bearer("bearer", Database::new()))
        .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
        .audit(probe.clone())
        .answers(answers)
        .require_verified(true);
    let engine =
        choice.into_iter().fold(engine, |engine, choice| engine.superusers_set_passwords(choice)).build().unwrap();
    let accounts = Accounts { engine };
    accounts.check().unwrap();
    let cx = Context::default();
    let mut users = Vec::new();
    for (email, is_superuser) in [(ADA, false), ("root@example.com", true)] {
        let email = EmailAddress::parse(email).unwrap();
        let new = NewUser::new(email, NoProfile).password(PASSWORD).superuser(is_superuser).verified(true);
        users.push(accounts.create(new, &cx).await.unwrap());
    }
    let [ada, root] = &users[..] else { panic!() };
    let login = accounts.login(Credentials::new("root@example.com", PASSWORD), "bearer", &cx).await.unwrap();
    let principal = accounts.identify("bearer", login.token.expose()).await.unwrap().unwrap();
    let admin = Admin::from_principal(&principal).unwrap();
    let update = || serde_json::from_value::<AdminUpdate>(json!({ "password": ANOTHER })).unwrap();
    let chosen = match accounts.update_user(&admin, &ada.id, update(), &cx).await {
        Ok(_) => true,
        Err(UpdateError::PasswordForbidden) => false,
        Err(other) => panic!("{other:?}"),
    };
    let named = format!("user:{}", root.id);
    let by_superuser = |event: &Event| event.kind == EventKind::PasswordChanged && event.actor.as_ref() == Some(&named);
    assert_eq!(probe.events().iter().any(by_superuser), chosen, "the event names the superuser");
    // The application itself may.
    accounts.update_user(&Admin::system("seed"), &ada.id, update(), &cx).await.unwrap();
    chosen
}

#[tokio::test]
async fn p16_whether_a_superuser_chooses_a_password_follows_the_answers_unless_it_is_said() {
    for (answers, choice, expected) in [
        (Answers::Explicit, None, true),
        (Answers::Explicit, Some(false), false),
        (Answers::Discreet, None, false),
        (Answers::Discreet, Some(true), true),
    ] {
        assert_eq!(chooses(answers, choice).await, expected, "{answers:?} {choice:?}");
    }
}

#[test]
fn x14_discreet_answers_without_verification_do_not_start() {
    let engine = || {
        let engine =
            Engine::builder(MemoryStore::<NoProfile>::new()).backend(Backend::bearer("bearer", Database::new()));
        engine.answers(Answers::Discreet)
    };
    let refused = engine().build().unwrap_err().to_string();
    assert!(refused.contains("`.require_verified(true)`") && refused.contains("dangerous"), "{refused}");
    engine().require_verified(true).build().unwrap();
    engine().dangerous_unverified_logins(true).build().unwrap();
}

#[tokio::test]
async fn the_document_says_what_a_discreet_server_answers() {
    let document = discreet(&[]).client().get("/openapi.json").await.expect(200).json();
    let register = &document["paths"]["/auth/register"]["post"]["responses"];
    assert_eq!((&register["201"], &register["202"]["content"]), (&Value::Null, &Value::Null));
    let said = |path: &str, method: Method| document["paths"][path][method.as_str().to_lowercase()].to_string();
    for (path, method, code) in [
        ("/auth/register", Method::POST, "REGISTER_USER_ALREADY_EXISTS"),
        ("/auth/jwt/login", Method::POST, "LOGIN_USER_NOT_VERIFIED"),
        ("/users/me", Method::PATCH, "UPDATE_USER_EMAIL_ALREADY_EXISTS"),
    ] {
        assert!(!said(path, method).contains(code), "{code}");
    }
    let by_id = said("/users/{id}", Method::PATCH);
    assert!(by_id.contains("UPDATE_USER_EMAIL_ALREADY_EXISTS") && by_id.contains("UPDATE_USER_PASSWORD_FORBIDDEN"));
}
