//! Which operations check a new password against data breaches, and what they do if that fails.

use std::{
    collections::HashMap,
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use ::http::Method;
use serde_json::json;

use crate::{
    Fault, RegisterError,
    audit::EventKind,
    engine::{Answers, EngineBuilder},
    password::{Argon2Params, Argon2id, Breaches},
    prelude::*,
    testing::{Client, Probe},
};

const OLD: &str = "correct horse battery";
const NEW: &str = "another horse battery";
const BREACHED: &str = "a horse that everybody has seen";
const OTHER: &str = "0018A45C4D1DEF81644B54AB7F969B88D65";

struct Accounts {
    engine: Engine<MemoryStore>,
    probe: Probe,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {
    async fn on_after_forgot_password(&self, user: &User, token: &ResetToken) -> Result<(), HookError> {
        self.probe.keep(&user.email, token);
        Ok(())
    }
}

impl Accounts {
    async fn create_user(&self, email: &str, password: Option<&str>) -> Result<User, RegisterError> {
        let new = NewUser::new(EmailAddress::parse(email).unwrap(), NoProfile).verified(true);
        let new = NewUser { password: password.map(Into::into), ..new };
        self.create(new, &Context::system("test")).await
    }

    async fn reset_token(&self, user: &User) -> ResetToken {
        self.forgot_password(user, &Context::default()).await.unwrap();
        self.probe.token(user.email.as_str()).unwrap()
    }

    /// The events of checks that failed, with the reason and whether they name a user.
    fn failures(&self) -> Vec<(String, bool)> {
        let events = self.probe.events().into_iter().filter(|event| event.kind == EventKind::BreachCheckFailed);
        events.map(|event| (event.detail.unwrap().into_owned(), event.user.is_some())).collect()
    }
}

fn engine() -> EngineBuilder<MemoryStore> {
    Engine::builder(MemoryStore::new())
        .backend(Backend::bearer("bearer", Database::new()))
        .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
        .limits(crate::Limits::dangerous_none())
}

fn accounts(breaches: Breaches) -> Arc<Accounts> {
    let probe = Probe::default();
    let engine = engine().audit(probe.clone()).with(breaches).build().unwrap();
    Arc::new(Accounts { engine, probe })
}

/// The ranges that were asked for.
type Asked = Arc<Mutex<Vec<String>>>;

/// A service that knows one breached password.
fn service() -> (Breaches, Asked) {
    let asked = Asked::default();
    let keep = asked.clone();
    // The range of the password, and the rest of its digest.
    let known = HashMap::from([("8E486".to_owned(), "94330F7E68E1DE9A584A4C2B2DDFF6D50DC")]);
    let breaches = Breaches::online(move |range| {
        let text = known.get(&range).map_or(format!("{OTHER}:1"), |rest| format!("{OTHER}:1\r\n{rest}:2\r\n{OTHER}:0"));
        keep.lock().unwrap().push(range);
        async { Ok::<_, io::Error>(text) }
    });
    (breaches, asked)
}

#[tokio::test]
async fn p6_every_new_password_is_checked_once_and_no_login_asks() {
    let (breaches, asked) = service();
    let accounts = accounts(breaches);
    let cx = Context::default();
    let calls = || asked.lock().unwrap().drain(..).count();
    let ada = accounts.register(Register::new("ada@example.com", OLD), &cx).await.unwrap();
    assert_eq!(calls(), 1, "registration");
    accounts.create_user("bob@example.com", Some(OLD)).await.unwrap();
    assert_eq!(calls(), 1, "creation");
    accounts.create_user("eve@example.com", None).await.unwrap();
    assert_eq!(calls(), 0, "creation without a password");
    for (email, password) in [
        ("ada@example.com", OLD),
        ("ada@example.com", NEW),
        ("ada@example.com", BREACHED),
        ("eve@example.com", OLD),
        ("unknown@example.com", BREACHED),
    ] {
        let _ = accounts.login(Credentials::new(email, password), "bearer", &cx).await;
        let _ = accounts.authenticate(Credentials::new(email, password), &cx).await;
    }
    assert_eq!(calls(), 0, "logins");
    let token = accounts.reset_token(&ada).await;
    assert_eq!(calls(), 0, "a request of a reset");
    accounts.reset_password(&token, NEW.into(), &cx).await.unwrap();
    assert_eq!(calls(), 1, "reset");
    assert!(accounts.reset_password(&token, OLD.into(), &cx).await.is_err());
    assert_eq!(calls(), 0, "a used token");

    let client = Client::new(crate::axum::router(accounts.clone()).unwrap());
    client.login("bearer", "ada@example.com", NEW).await.expect(200);
    assert_eq!(calls(), 0);
    let change = |old: &str, new: &str| json!({ "current_password": old, "password": new });
    client.post("/auth/change-password", change(BREACHED, OLD)).await.expect(400);
    assert_eq!(calls(), 0, "a change with a wrong password");
    client.post("/auth/change-password", change(NEW, OLD)).await.expect(204);
    assert_eq!(calls(), 1, "change");
    client.login("bearer", "ada@example.com", OLD).await.expect(200);
    client.patch("/users/me", json!({ "password": NEW })).await.expect(200);
    assert_eq!(calls(), 1, "update");
    client.login("bearer", "ada@example.com", NEW).await.expect(200);
    client.patch("/users/me", json!({ "email": "ada@example.com" })).await.expect(200);
    assert_eq!(calls(), 0, "an update without a password");
    // What the policy refuses is not asked for.
    client.register("new@example.com", "short").await.expect(400);
    assert_eq!(calls(), 0, "a password that the policy refuses");
    assert_eq!(accounts.failures(), []);
}

#[tokio::test]
async fn p6_a_breached_password_is_refused_with_its_code_and_nothing_is_written() {
    let accounts = accounts(service().0);
    let ada = accounts.create_user("ada@example.com", Some(OLD)).await.unwrap();
    let refused = accounts.create_user("bob@example.com", Some(BREACHED)).await.unwrap_err();
    assert!(matches!(refused, RegisterError::InvalidPassword(why) if why.code() == Some("breached")));
    let client = Client::new(crate::axum::router(accounts.clone()).unwrap());
    client.login("bearer", "ada@example.com", OLD).await.expect(200);
    let token = accounts.reset_token(&ada).await;
    for (method, path, body) in [
        (Method::POST, "/auth/register", json!({ "email": "new@example.com", "password": BREACHED })),
        // The same of a taken address.
        (Method::POST, "/auth/register", json!({ "email": "ada@example.com", "password": BREACHED })),
        (Method::POST, "/auth/change-password", json!({ "current_password": OLD, "password": BREACHED })),
        (Method::PATCH, "/users/me", json!({ "password": BREACHED })),
        (Method::POST, "/auth/reset-password", json!({ "token": token.expose(), "password": BREACHED })),
    ] {
        let answer = client.request(method, path).json(body).await.expect(400).json;
        let detail = &answer["detail"];
        assert_eq!(detail["reason_code"], "breached", "{path}: {answer}");
        assert_eq!(detail["reason"], "the password has appeared in a data breach", "{path}");
    }
    assert!(accounts.get_by_email(&EmailAddress::parse("new@example.com").unwrap()).await.unwrap().is_none());
    client.login("bearer", "ada@example.com", OLD).await.expect(200);
    accounts.reset_password(&token, NEW.into(), &Context::default()).await.unwrap();
}

#[tokio::test]
async fn p6_discreet_answers_are_equal_for_free_and_taken_addresses_and_ask_alike() {
    let gone = || Breaches::online(|_| async { Err::<String, _>(io::Error::other("away")) });
    for (breaches, password, status) in
        [(service().0, OLD, 202), (service().0, BREACHED, 400), (gone(), OLD, 202), (gone().closed(), OLD, 503)]
    {
        let probe = Probe::default();
        let engine = engine().audit(probe.clone()).with(breaches).require_verified(true).answers(Answers::Discreet);
        let accounts = Arc::new(Accounts { engine: engine.build().unwrap(), probe: probe.clone() });
        let client = Client::new(crate::axum::router(accounts.clone()).unwrap());
        accounts.create_user("taken@example.com", None).await.unwrap();
        let mut seen = Vec::new();
        for email in ["taken@example.com", "free@example.com"] {
            let before = accounts.failures().len();
            let reply = client.register(email, password).await.expect(status);
            let text = reply.text().replace(email, "..");
            seen.push((text, accounts.failures().len() - before));
            accounts.engine.settle().await;
        }
        assert_eq!(seen[0], seen[1], "{password} {status}");
    }
}

/// A source that fails in each way, and what the event says of it.
fn failing() -> Vec<(&'static str, Breaches)> {
    type Text = Result<String, io::Error>;
    async fn slow(_: String) -> Text {
        tokio::time::sleep(Duration::from_millis(3001)).await;
        Ok(format!("{OTHER}:1"))
    }
    async fn error(range: String) -> Text {
        Err(io::Error::other(format!("429 of /range/{range}")))
    }
    async fn garbage(_: String) -> Text {
        Ok("<html>".into())
    }
    async fn long(_: String) -> Text {
        Ok(format!("{OTHER}:1\n").repeat(60_000))
    }
    async fn broken(_: String) -> Text {
        panic!("broken")
    }
    vec![
        ("it took too long", Breaches::online(slow)),
        ("the source failed: 429 of /range/*****", Breaches::online(error)),
        ("the range is not a list of digests and counts", Breaches::online(garbage)),
        ("the range is longer than a mebibyte", Breaches::online(long)),
        ("it panicked", Breaches::online(broken)),
        ("it panicked", Breaches::online(|_| -> std::future::Ready<Text> { panic!("broken before its future") })),
        ("the source failed: No such file or directory (os error 2)", Breaches::folder(std::env::temp_dir())),
    ]
}

#[tokio::test(start_paused = true)]
async fn p6_a_check_that_fails_accepts_the_password_with_an_event() {
    for (why, breaches) in failing() {
        let accounts = accounts(breaches);
        let cx = Context::default();
        let begun = tokio::time::Instant::now();
        let ada = accounts.register(Register::new("ada@example.com", OLD), &cx).await.unwrap();
        assert!(begun.elapsed() < Duration::from_millis(3100), "{why}");
        assert_eq!(accounts.failures(), [(why.to_owned(), false)]);
        let token = accounts.reset_token(&ada).await;
        accounts.reset_password(&token, BREACHED.into(), &cx).await.unwrap();
        assert_eq!(accounts.failures()[1..], [(why.to_owned(), true)]);
    }
}

#[tokio::test(start_paused = true)]
async fn p6_an_answer_within_the_time_is_waited_for() {
    let accounts = accounts(Breaches::online(|_| async {
        tokio::time::sleep(Duration::from_millis(2900)).await;
        Ok::<_, io::Error>(format!("{OTHER}:1\n{}:2", "94330F7E68E1DE9A584A4C2B2DDFF6D50DC"))
    }));
    assert!(accounts.create_user("ada@example.com", Some(BREACHED)).await.is_err());
    assert_eq!(accounts.failures(), []);
}

#[tokio::test(start_paused = true)]
async fn p6_a_closed_check_that_fails_accepts_nothing() {
    for (why, breaches) in failing() {
        let accounts = accounts(breaches.closed());
        let failed = accounts.create_user("ada@example.com", Some(OLD)).await;
        assert!(matches!(&failed, Err(RegisterError::Fault(Fault::BreachCheck(said))) if said == why), "{failed:?}");
        assert_eq!(accounts.failures(), [(why.to_owned(), false)]);
        let client = Client::new(crate::axum::router(accounts.clone()).unwrap());
        let answer = client.register("ada@example.com", OLD).await.expect(503);
        assert!(answer.headers.contains_key("retry-after"), "{why}");
        assert!(accounts.get_by_email(&EmailAddress::parse("ada@example.com").unwrap()).await.unwrap().is_none());
    }
}

#[test]
fn p6_an_engine_has_one_check_of_a_folder_that_exists() {
    let none = engine().with(Breaches::folder("/no/such/folder")).build().unwrap_err().to_string();
    assert!(none.contains("`/no/such/folder` is not a folder"), "{none}");
    let twice = engine().with(service().0).with(service().0).build().unwrap_err().to_string();
    assert!(twice.contains("the part `breaches` is added twice"), "{twice}");
}
