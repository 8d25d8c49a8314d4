//! Captchas over the routes: that each is asked before any work, that known and unknown addresses get the same, and what a
//! verifier that fails, hangs or panics does.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    audit::EventKind,
    captcha::{Action, Attempt, Captcha},
    engine::EngineBuilder,
    limits::{Limit, Limits},
    password::{Argon2Params, Argon2id},
    prelude::*,
    testing::{Calls, Client, Counted, FakeClock, Probe, Reply},
};

const PASSWORD: &str = "correct horse battery";
const ADA: &str = "ada@example.com";
const RIGHT: &str = "right-canary";

type Store = Counted<MemoryStore>;

struct Accounts {
    engine: Engine<Store>,
}

#[user_manager(store = Store, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {
    async fn on_after_request_login(&self, _: &User, _: &LoginMail) {}
}

/// What verifiers were asked.
#[derive(Clone, Default)]
struct Asked(Arc<AtomicUsize>);

impl Asked {
    fn take(&self) -> usize {
        self.0.swap(0, Ordering::SeqCst)
    }

    /// A captcha with one right answer.
    fn captcha(&self) -> Captcha {
        let asked = self.clone();
        Captcha::new(move |attempt: Attempt| {
            asked.0.fetch_add(1, Ordering::SeqCst);
            async move { Ok::<_, io::Error>(attempt.answer.expose() == RIGHT) }
        })
    }
}

struct Rig {
    accounts: Arc<Accounts>,
    calls: Calls,
    probe: Probe,
    clock: FakeClock,
}

impl Rig {
    fn new(captcha: Captcha) -> Self {
        Self::with(|engine| engine.with(captcha))
    }

    fn with(change: impl FnOnce(EngineBuilder<Store>) -> EngineBuilder<Store>) -> Self {
        let (calls, probe, clock) = (Calls::default(), Probe::default(), FakeClock::start());
        let hasher = Argon2id::new(Argon2Params::dangerous(8, 1, 1).unwrap());
        let engine = Engine::builder(Counted::new(MemoryStore::new(), calls.clone()))
            .backend(Backend::bearer("bearer", Database::new()))
            .backend(Backend::cookie("cookie", CookieOptions::default(), Database::new()))
            .hasher(Counted::new(hasher, calls.clone()))
            .clock(clock.clone())
            .audit(probe.clone())
            .with(MailLogin::new());
        Self { accounts: Arc::new(Accounts { engine: change(engine).build().unwrap() }), calls, probe, clock }
    }

    fn client(&self) -> Client {
        Client::new(crate::axum::router(self.accounts.clone()).unwrap()).peer([192, 0, 2, 7])
    }

    async fn add(&self, email: &str) {
        let new = NewUser::new(EmailAddress::parse(email).unwrap(), NoProfile).password(PASSWORD);
        self.accounts.create(new, &Context::system("test")).await.unwrap();
        self.calls.take();
    }

    /// Sends a request of an action, with an answer in the field of this name.
    async fn send(&self, action: Action, email: &str, answer: Option<(&str, &str)>) -> Reply {
        let client = self.client();
        let mut body = match action {
            Action::Register => json!({ "email": email, "password": PASSWORD }),
            Action::Login => json!({ "username": email, "password": PASSWORD }),
            _ => json!({ "email": email }),
        };
        if let Some((name, answer)) = answer {
            body[name] = Value::from(answer);
        }
        let reply = client.post(path(action), body).await;
        self.accounts.engine.settle().await;
        reply
    }

    /// The details of the events of this kind.
    fn details(&self, kind: EventKind) -> Vec<String> {
        let events = self.probe.events().into_iter().filter(|event| event.kind == kind);
        events.map(|event| event.detail.unwrap_or_default().into_owned()).collect()
    }
}

fn path(action: Action) -> &'static str {
    match action {
        Action::Register => "/auth/register",
        Action::Login => "/auth/bearer/login",
        Action::ForgotPassword => "/auth/forgot-password",
        Action::RequestVerify => "/auth/request-verify-token",
        Action::RequestLogin => "/auth/request-login",
    }
}

fn answered(answer: &str) -> Option<(&str, &str)> {
    Some(("captcha", answer))
}

#[tokio::test]
async fn cp1_each_action_asks_before_any_work_and_the_same_for_known_and_unknown_addresses() {
    let asked = Asked::default();
    for &action in Action::ALL {
        let rig = Rig::new(asked.captcha());
        rig.add(ADA).await;
        for (answer, expected, verified) in [
            (None, "CAPTCHA_REQUIRED", 0),
            (answered(""), "CAPTCHA_REQUIRED", 0),
            (answered("wrong"), "CAPTCHA_WRONG", 1),
            (answered("right-canar"), "CAPTCHA_WRONG", 1),
        ] {
            let known = rig.send(action, ADA, answer).await.expect(400);
            let unknown = rig.send(action, "unknown@example.com", answer).await.expect(400);
            assert_eq!(known.text(), format!(r#"{{"detail":"{expected}"}}"#), "{action} {answer:?}");
            assert_eq!(known.text(), unknown.text(), "{action}");
            assert_eq!(rig.calls.take(), [""; 0], "{action} {answer:?}");
            assert_eq!(asked.take(), 2 * verified, "{action} {answer:?}");
        }
        // The right answer lets each request do what it does without the part.
        let bare = Rig::with(|engine| engine);
        bare.add(ADA).await;
        for email in [ADA, "unknown@example.com"] {
            let (with, without) =
                (rig.send(action, email, answered(RIGHT)).await, bare.send(action, email, None).await);
            assert_eq!(with.status, without.status, "{action} {email}");
            assert_eq!(rig.calls.take(), bare.calls.take(), "{action} {email}");
            assert_eq!(asked.take(), 1, "{action} {email}");
        }
    }
}

#[tokio::test]
async fn cp1_the_body_is_read_first_and_nothing_is_verified_for_one_that_is_invalid() {
    let asked = Asked::default();
    let rig = Rig::new(asked.captcha());
    let client = rig.client();
    for &action in Action::ALL {
        for wrong in [json!({ "captcha": RIGHT }), json!([]), json!("x")] {
            client.post(path(action), wrong).await.expect(422);
        }
        let mut body = json!({ "email": ADA, "username": ADA, "password": PASSWORD });
        for value in [json!(7), json!([RIGHT]), json!({}), json!(true)] {
            body["captcha"] = value;
            let refused = client.post(path(action), &body).await.expect(422);
            assert_eq!(refused.json["detail"][0]["loc"], json!(["body", "captcha"]), "{action}");
            assert_eq!(refused.json["detail"][0]["type"], "string_type", "{action}");
        }
        assert_eq!(asked.take(), 0, "{action}");
    }
    // The origin is checked before too: a page of another site learns nothing and causes nothing.
    let forged = client.post("/auth/cookie/login", json!({ "username": ADA, "password": PASSWORD, "captcha": RIGHT }));
    forged.header("origin", "https://evil.example").await.expect(403);
    assert_eq!(asked.take(), 0);
}

#[tokio::test]
async fn cp1_the_form_of_a_login_has_the_field_and_clients_of_the_kit_send_it() {
    let rig = Rig::new(Asked::default().captcha());
    rig.add(ADA).await;
    let client = rig.client();
    let form = [("username", ADA), ("password", PASSWORD), ("captcha", RIGHT)];
    for backend in ["bearer", "cookie"] {
        let path = format!("/auth/{backend}/login");
        assert_eq!(client.post_form(&path, &form[..2]).await.expect(400).json["detail"], "CAPTCHA_REQUIRED");
        assert!(client.post_form(&path, &form).await.status.is_success());
    }
    client.login("bearer", ADA, PASSWORD).await.expect(400);
    let solved = client.with_field("captcha", "wrong").with_field("captcha", RIGHT);
    solved.login("bearer", ADA, PASSWORD).await.expect(200);
    solved.register("bob@example.com", PASSWORD).await.expect(201);
}

#[tokio::test]
async fn cp2_only_some_actions_are_asked_under_a_name_of_the_application() {
    let asked = Asked::default();
    let rig = Rig::new(asked.captcha().only([Action::Register, Action::ForgotPassword]).field("x-response"));
    rig.add(ADA).await;
    for &action in Action::ALL {
        let is_asked = [Action::Register, Action::ForgotPassword].contains(&action);
        let refused = rig.send(action, "new@example.com", answered(RIGHT)).await;
        assert_eq!(refused.json["detail"] == "CAPTCHA_REQUIRED", is_asked, "{action}");
        let passed = rig.send(action, "new@example.com", Some(("x-response", RIGHT))).await;
        assert_ne!(passed.json["detail"], "CAPTCHA_REQUIRED", "{action}");
        assert_eq!(asked.take(), usize::from(is_asked), "{action}");
    }
}

#[tokio::test]
async fn cp2_a_verifier_gets_the_answer_the_address_and_the_action() {
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let keep = seen.clone();
    let captcha = Captcha::new(move |attempt: Attempt| {
        keep.lock().unwrap().push((attempt.action, attempt.ip, attempt.answer.expose().to_owned()));
        async { Ok::<_, io::Error>(false) }
    });
    let rig = Rig::new(captcha);
    for &action in Action::ALL {
        rig.send(action, ADA, answered(" sp\u{e4}t ")).await.expect(400);
        let ip = Some([192, 0, 2, 7].into());
        assert_eq!(seen.lock().unwrap().drain(..).collect::<Vec<_>>(), [(action, ip, " sp\u{e4}t ".to_owned())]);
    }
}

/// Verifiers that fail in each way, and what the event says.
fn failing() -> Vec<(&'static str, Captcha)> {
    type Verified = Result<bool, io::Error>;
    vec![
        (
            "the verifier failed: 500 of /verify?answer=*****",
            Captcha::new(|attempt: Attempt| async move {
                Err::<bool, _>(io::Error::other(format!("500 of /verify?answer={}", attempt.answer.expose())))
            }),
        ),
        (
            "the verifier took too long",
            Captcha::new(|_| async {
                std::future::pending::<()>().await;
                Verified::Ok(true)
            }),
        ),
        ("the verifier panicked", Captcha::new(|_| async { panic!("broken: {RIGHT}") as Verified })),
        (
            "the verifier panicked",
            Captcha::new(|_| -> std::future::Ready<Verified> { panic!("broken before its future") }),
        ),
    ]
}

#[tokio::test(start_paused = true)]
async fn cp3_a_verifier_that_fails_refuses_with_503_in_time_unless_the_captcha_opens() {
    for &action in Action::ALL {
        for (why, captcha) in failing() {
            let rig = Rig::new(captcha);
            let begun = tokio::time::Instant::now();
            let refused = rig.send(action, "new@example.com", answered(RIGHT)).await.expect(503);
            assert!(begun.elapsed() < Duration::from_millis(5_100), "{why}");
            assert_eq!(refused.json["detail"], "CAPTCHA_UNAVAILABLE", "{why}");
            assert_eq!(refused.headers["retry-after"], "5", "{why}");
            assert_eq!(rig.calls.take(), [""; 0], "{why}");
            assert_eq!(rig.details(EventKind::CaptchaFailed), [format!("{action}: {why}")]);
        }
        for (why, captcha) in failing() {
            let rig = Rig::new(captcha.open_on_failure());
            let passed = rig.send(action, "new@example.com", answered(RIGHT)).await;
            assert!(passed.status != 503 && passed.json["detail"] != "CAPTCHA_UNAVAILABLE", "{why}: {passed:?}");
            assert!(!rig.calls.take().is_empty(), "{why}");
            assert_eq!(rig.details(EventKind::CaptchaFailed), [format!("{action}: {why}")]);
            // An answer must be there all the same.
            assert_eq!(rig.send(action, ADA, None).await.expect(400).json["detail"], "CAPTCHA_REQUIRED");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn cp3_the_time_limit_is_a_setting_and_a_failure_costs_no_attempt() {
    let slow = |limit| {
        let captcha = Captcha::new(|_| async {
            tokio::time::sleep(Duration::from_secs(8)).await;
            Ok::<_, io::Error>(true)
        });
        Rig::with(|engine| {
            engine.limits(Limits::default().wrong_secrets_per_network(Limit::new(2))).with(captcha.timeout(limit))
        })
    };
    let patient = slow(Duration::from_secs(9));
    patient.send(Action::Register, ADA, answered(RIGHT)).await.expect(201);
    let hasty = slow(Duration::from_secs(1));
    for _ in 0..5 {
        hasty.send(Action::Register, ADA, answered(RIGHT)).await.expect(503);
    }
}

#[tokio::test]
async fn cp4_a_wrong_answer_counts_for_the_network_and_a_flood_does_not_reach_the_verifier() {
    let asked = Asked::default();
    let limits = Limits::default().wrong_secrets_per_network(Limit::new(3));
    let rig = Rig::with(|engine| engine.limits(limits).with(asked.captcha()));
    rig.add(ADA).await;
    for _ in 0..20 {
        rig.send(Action::ForgotPassword, ADA, answered(RIGHT)).await;
    }
    assert_eq!(asked.take(), 20, "right answers are not counted");
    for _ in 0..3 {
        rig.send(Action::Register, ADA, answered("wrong")).await.expect(400);
    }
    assert_eq!(asked.take(), 3);
    for &action in Action::ALL {
        let refused = rig.send(action, ADA, answered("wrong")).await.expect(429);
        assert_eq!(refused.json["detail"], "TOO_MANY_REQUESTS", "{action}");
        assert!(refused.headers.contains_key("retry-after"), "{action}");
        // A missing one is found in the body alone.
        rig.send(action, ADA, None).await.expect(400);
    }
    assert_eq!(asked.take(), 0);
    // Another network is not concerned.
    let elsewhere = rig.client().peer([198, 51, 100, 9]).with_field("captcha", RIGHT);
    elsewhere.login("bearer", ADA, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn cp5_after_some_failures_only_the_network_that_failed_is_asked() {
    let asked = Asked::default();
    let rig = Rig::with(|engine| engine.with(asked.captcha().after(3)));
    rig.add(ADA).await;
    let login = |email: &'static str, password: &'static str, answer: &'static str| {
        let client = rig.client();
        async move {
            let body = json!({ "username": email, "password": password, "captcha": answer });
            let reply = client.post("/auth/bearer/login", body).await;
            reply.json["detail"].as_str().unwrap_or("OK").to_owned()
        }
    };
    for _ in 0..10 {
        assert_eq!(login(ADA, PASSWORD, "").await, "OK", "right passwords are not failures");
    }
    // Known and unknown accounts come to it alike.
    for email in [ADA, "unknown@example.com", ADA] {
        assert_eq!(login(email, "wrong horse battery", "").await, "LOGIN_BAD_CREDENTIALS");
    }
    assert_eq!(asked.take(), 0);
    for email in [ADA, "unknown@example.com"] {
        rig.calls.take();
        assert_eq!(login(email, PASSWORD, "").await, "CAPTCHA_REQUIRED");
        assert_eq!(login(email, PASSWORD, "wrong").await, "CAPTCHA_WRONG");
        assert_eq!(rig.calls.take(), [""; 0]);
    }
    assert_eq!(login(ADA, PASSWORD, RIGHT).await, "OK");
    let elsewhere = rig.client().peer([198, 51, 100, 9]);
    elsewhere.login("bearer", ADA, PASSWORD).await.expect(200);
    // Time forgets failures, and then no one is asked.
    rig.clock.advance(Duration::from_secs(3601));
    assert_eq!(login(ADA, PASSWORD, "").await, "OK");
}

#[tokio::test]
async fn cp5_registrations_and_mails_have_failures_of_their_own() {
    let rig = Rig::new(Asked::default().captcha().after(2));
    let detail = async |action, email: &str, answer| {
        let reply = rig.send(action, email, answer).await;
        (reply.status.as_u16(), reply.json["detail"].as_str().unwrap_or_default().to_owned())
    };
    let required = (400, "CAPTCHA_REQUIRED".to_owned());
    assert_eq!(detail(Action::Register, "a@example.com", None).await.0, 201);
    assert_eq!(detail(Action::Register, "b@example.com", None).await.0, 201);
    assert_eq!(detail(Action::Register, "c@example.com", None).await, required);
    // The three requests for mails count together, as the limit does.
    assert_eq!(detail(Action::ForgotPassword, "a@example.com", None).await.0, 202);
    assert_eq!(detail(Action::RequestVerify, "unknown@example.com", None).await.0, 202);
    for action in [Action::ForgotPassword, Action::RequestVerify, Action::RequestLogin] {
        assert_eq!(detail(action, "a@example.com", None).await, required);
    }
    assert_eq!(detail(Action::Login, "a@example.com", None).await.0, 200);
    assert_eq!(detail(Action::Register, "c@example.com", answered(RIGHT)).await.0, 201);
}

#[tokio::test]
async fn cp6_an_answer_is_in_no_event_and_no_debug() {
    let rig = Rig::new(Asked::default().captcha());
    for answer in [None, answered("wrong-canary"), answered(RIGHT)] {
        rig.send(Action::Register, ADA, answer).await;
    }
    assert_eq!(rig.details(EventKind::CaptchaRefused), ["register"]);
    let events = format!("{:?}", rig.probe.events());
    let attempt = format!("{:?}", Attempt::new("wrong-canary", Action::Register));
    for shown in [events, attempt, format!("{:?}", Asked::default().captcha())] {
        assert!(!shown.contains("canary"), "{shown}");
    }
}

#[test]
fn cp7_an_engine_with_wrong_settings_is_not_built() {
    let fault = |captcha: Captcha| {
        let engine = Engine::new(MemoryStore::<NoProfile>::new()).with(captcha);
        engine.err().map(|error| error.to_string()).unwrap_or_default()
    };
    let captcha = || Asked::default().captcha();
    assert_eq!(fault(captcha()), "");
    for taken in ["email", "password", "username", "grant_type", "is_superuser"] {
        assert!(fault(captcha().field(taken)).contains("the name of another field"), "{taken}");
    }
    for wrong in ["", "a b", "a.b", "\u{e9}"] {
        assert!(fault(captcha().field(wrong)).contains("use letters, digits"), "{wrong}");
    }
    assert_eq!(fault(captcha().field("h-captcha-response")), "");
    assert!(fault(captcha().only([])).contains("names no action"));
    for limit in [Duration::ZERO, Duration::from_secs(61)] {
        assert!(fault(captcha().timeout(limit)).contains("at most 60 seconds"));
    }
    let engine = Engine::builder(MemoryStore::<NoProfile>::new()).with(captcha().after(3));
    let refused = engine.limits(Limits::dangerous_none()).build().unwrap_err().to_string();
    assert!(refused.contains("`Captcha::after` counts as the limits do"), "{refused}");
    let twice = Engine::builder(MemoryStore::<NoProfile>::new()).with(captcha()).with(captcha());
    assert!(twice.build().unwrap_err().to_string().contains("the part `captcha` is added twice"));
}

#[tokio::test]
async fn cp7_without_the_part_a_field_of_its_name_is_ignored_as_ever() {
    let rig = Rig::with(|engine| engine);
    rig.add(ADA).await;
    for &action in Action::ALL {
        let (with, without) =
            (rig.send(action, "a@example.com", answered("x")).await, rig.send(action, "b@example.com", None).await);
        assert_eq!(with.status, without.status, "{action}");
    }
    assert_eq!(rig.details(EventKind::CaptchaRefused), [""; 0]);
}
