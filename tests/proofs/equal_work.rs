//! Equal work (H2): for every outcome of a login, of a forgotten password or of a registration, the same hashes are made, the same steps
//! are taken in the store, and no mail is waited for. Time measured on one machine would prove less.

use serde_json::json;
use usermgr::{Limits, engine::Answers, limits::Limit, prelude::*, user::PasswordHash};

use crate::{
    over_every_store,
    world::{Ask, GOOD, NEW, Options, TestStore, World, cheap, login_body},
};

/// An account of each kind that a stranger must not be able to tell apart.
const KINDS: [&str; 10] = [
    "active",
    "verified",
    "inactive",
    "super",
    "no-password",
    "unusable",
    "damaged",
    "other-pepper",
    "outdated",
    "inactive-outdated",
];

fn address(kind: &str) -> String {
    format!("{kind}@example.com")
}

async fn populated<S: TestStore>(store: S, options: Options) -> World<S> {
    let world = World::with(store, options);
    for kind in KINDS {
        world
            .add(&address(kind), |new| {
                new.is_active = !kind.starts_with("inactive");
                new.is_verified = kind == "verified";
                new.is_superuser = kind == "super";
                new.password = new.password.take().filter(|_| kind != "no-password");
            })
            .await;
    }
    let outdated = usermgr::password::PasswordHasher::hash(&cheap(8), &GOOD.into()).await.unwrap();
    let peppered = cheap(16).pepper(Secret::new("a-pepper-that-is-lost-0123456789"));
    let peppered = usermgr::password::PasswordHasher::hash(&peppered, &GOOD.into()).await.unwrap();
    for (kind, hash) in [
        ("unusable", PasswordHash::new("!")),
        ("damaged", PasswordHash::new("$argon2id$v=19$m=4294967295,t=1000000,p=1$c2FsdHNhbHQ$aGFzaA")),
        ("other-pepper", peppered),
        ("outdated", outdated.clone()),
        ("inactive-outdated", outdated),
    ] {
        let email = EmailAddress::parse(&address(kind)).unwrap();
        let mut record = world.store.find(usermgr::store::Lookup::Email(&email)).await.unwrap().unwrap();
        record.password_hash = Some(hash);
        let mut tx = world.store.begin().await.unwrap();
        world.store.update(&mut tx, &record).await.unwrap();
        world.store.commit(tx).await.unwrap();
    }
    world.calls.take();
    world
}

/// What was called until the answer, and the answer itself: its status, its body, its headers.
type Observed = (Vec<&'static str>, u16, String, String);

async fn observed<S: TestStore>(world: &World<S>, ask: Ask) -> Observed {
    world.calls.take();
    let reply = world.ask(ask).await;
    let calls = world.calls.take();
    world.settle().await;
    (calls, reply.status, reply.text, format!("{:?}", reply.headers))
}

/// Every response with the work done for it, by what was asked; they must all be equal.
fn all_the_same(seen: Vec<(String, Observed)>) -> Vec<&'static str> {
    let (first, expected) = &seen[0];
    for (what, observed) in &seen {
        assert_eq!(observed, expected, "{what}, beside {first}");
    }
    expected.0.clone()
}

async fn e1_e2_every_failed_login_takes_the_same_steps_and_gets_the_same_answer<S: TestStore>(store: S) {
    let world = populated(store, Options::default()).await;
    for backend in ["session", "cookie", "jwt", "refresh"] {
        let mut seen = Vec::new();
        for kind in KINDS.into_iter().chain(["unknown"]) {
            let body = login_body(&address(kind), NEW);
            seen.push((kind.to_owned(), observed(&world, Ask::post(format!("/auth/{backend}/login"), body)).await));
        }
        // What no registration takes is looked for as anything else.
        for typed in ["unknown@localhost", "no address", "\u{3164}@\u{3164}"] {
            let ask = Ask::post(format!("/auth/{backend}/login"), login_body(typed, NEW));
            seen.push((typed.to_owned(), observed(&world, ask).await));
        }
        // The right password of an account that must not come in, and passwords that are none.
        for (kind, password) in [
            ("inactive", GOOD),
            ("inactive-outdated", GOOD),
            ("no-password", GOOD),
            ("unusable", "!"),
            ("other-pepper", GOOD),
            ("unknown", GOOD),
        ] {
            let body = login_body(&address(kind), password);
            let observed = observed(&world, Ask::post(format!("/auth/{backend}/login"), body)).await;
            seen.push((format!("{kind} with {password}"), observed));
        }
        assert_eq!(all_the_same(seen), ["find", "verify"]);
    }
}

async fn e1_with_verification_required_only_the_right_password_learns_of_it<S: TestStore>(store: S) {
    let world = populated(store, Options { require_verified: true, ..Options::default() }).await;
    let mut seen = Vec::new();
    for (kind, password) in [("active", NEW), ("verified", NEW), ("unknown", NEW), ("inactive", GOOD)] {
        let ask = Ask::post("/auth/session/login", login_body(&address(kind), password));
        seen.push((kind.to_owned(), observed(&world, ask).await));
    }
    assert_eq!(all_the_same(seen), ["find", "verify"]);
    let (calls, status, text, _) =
        observed(&world, Ask::post("/auth/session/login", login_body(&address("active"), GOOD))).await;
    assert_eq!((calls, status), (vec!["find", "verify"], 400), "{text}");
    assert!(text.contains("LOGIN_USER_NOT_VERIFIED"));
}

async fn l3_the_limits_take_the_same_steps_for_known_and_unknown_accounts<S: TestStore>(store: S) {
    let world = populated(store, Options { limits: Limits::default(), ..Options::default() }).await;
    let mut seen = Vec::new();
    for kind in ["active", "unknown", "no-password"] {
        for attempt in 0..12 {
            let ask = Ask::post("/auth/session/login", login_body(&address(kind), NEW));
            let (calls, status, text, headers) = observed(&world, ask).await;
            let expected: &[&str] = if attempt < 10 { &["find", "verify"] } else { &[] };
            assert_eq!(calls, expected, "{kind} {attempt}");
            if attempt >= 10 {
                seen.push((kind.to_owned(), (calls, status, text, headers)));
            }
        }
    }
    assert_eq!(seen[0].1.1, 429);
    all_the_same(seen);
}

/// Before its response such a route touches neither the store nor a hash nor the mailer, for any address.
async fn quiet<S: TestStore>(store: S, path: &str) {
    let world = populated(store, Options::default()).await;
    let mut seen = Vec::new();
    for kind in KINDS.into_iter().chain(["unknown"]) {
        seen.push((kind.to_owned(), observed(&world, Ask::post(path, json!({ "email": address(kind) }))).await));
    }
    assert_eq!(seen[0].1.1, 202);
    assert_eq!(all_the_same(seen), Vec::<&str>::new());
    // It does its work afterwards, or the proof above would be one of nothing.
    assert!(world.mailbox.last(&address("active")).is_some() && world.mailbox.last(&address("unknown")).is_none());
}

async fn e4_forgot_password_answers_before_it_does_anything<S: TestStore>(store: S) {
    quiet(store, "/auth/forgot-password").await;
}

async fn e4_request_verify_answers_before_it_does_anything<S: TestStore>(store: S) {
    quiet(store, "/auth/request-verify-token").await;
}

async fn e5_a_new_address_is_asked_for_by_the_same_steps_taken_or_free<S: TestStore>(store: S) {
    let world = populated(store, Options::default()).await;
    let (token, _) = world.login("session", &address("active"), GOOD).await.unwrap();
    let mut seen = Vec::new();
    for new in KINDS.into_iter().chain(["free"]) {
        let ask = Ask::post("/auth/request-email-change", json!({ "email": address(new) })).bearer(&token);
        seen.push((new.to_owned(), observed(&world, ask).await));
    }
    assert_eq!(seen[0].1.1, 202);
    assert_eq!(all_the_same(seen), ["find_session"]);
    let changes = world.mailbox.all().into_iter().filter(|mail| mail.subject == "change");
    let to: Vec<_> = changes.map(|mail| mail.to.to_string()).collect();
    // The own address may be written otherwise; a taken one gets no token.
    assert_eq!(to, [address("active"), address("free")]);
}

/// The answer tells whether an address is taken, as FastAPI Users' does; what is done for it must not tell more.
async fn e3_a_registration_makes_one_hash_three_steps_and_one_mail_for_a_free_and_a_taken_address<S: TestStore>(
    store: S,
) {
    let world = populated(store, Options::default()).await;
    let register =
        |email: String, password: &str| Ask::post("/auth/register", json!({ "email": email, "password": password }));
    let (free, status, ..) = observed(&world, register("free@example.com".into(), GOOD)).await;
    assert_eq!((free.as_slice(), status), (["hash", "begin", "insert", "commit", "send"].as_slice(), 201));
    let mut seen = Vec::new();
    for kind in KINDS {
        for email in [address(kind), address(kind).to_uppercase()] {
            let observed = observed(&world, register(email.clone(), GOOD)).await;
            assert_eq!(observed.0.len(), free.len(), "{email}: {observed:?}");
            seen.push((email, observed));
        }
    }
    assert_eq!(all_the_same(seen), ["hash", "begin", "insert", "find", "send"]);
    // A password that is refused is refused before anything is known of the address.
    let mut seen = Vec::new();
    for kind in KINDS.into_iter().chain(["another"]) {
        seen.push((kind.to_owned(), observed(&world, register(address(kind), "short")).await));
    }
    assert_eq!(all_the_same(seen), Vec::<&str>::new());
}

/// Discreet answers, with every counter watched: until the response nothing distinguishes a free address from a taken one.
async fn discreet<S: TestStore>(store: S, outbox: bool) -> World<S> {
    let limits = Limits::default().registrations_per_network(Limit::new(1_000));
    let answers = Answers::Discreet;
    let options =
        Options { answers, require_verified: true, limits, outbox, watch_counters: true, ..Options::default() };
    let world = populated(store, options).await;
    let register =
        |email: String, password: &str| Ask::post("/auth/register", json!({ "email": email, "password": password }));
    let mut seen = Vec::new();
    for kind in KINDS.into_iter().chain(["free", "another"]) {
        seen.push((kind.to_owned(), observed(&world, register(address(kind), NEW)).await));
        let spelling = address(kind).to_uppercase();
        seen.push((spelling.clone(), observed(&world, register(spelling, NEW)).await));
    }
    assert_eq!((seen[0].1.1, seen[0].1.2.as_str()), (202, ""));
    let calls = all_the_same(seen);
    assert!(calls.contains(&"hash") && calls.contains(&"hit"), "{calls:?}");
    let mut seen = Vec::new();
    for kind in KINDS.into_iter().chain(["third"]) {
        seen.push((kind.to_owned(), observed(&world, register(address(kind), "short")).await));
    }
    assert_eq!(seen[0].1.1, 400);
    all_the_same(seen);
    assert!(world.user(&address("free")).await.is_some() && world.user(&address("third")).await.is_none());
    world
}

async fn e3_a_discreet_registration_is_answered_after_the_same_steps_for_a_free_and_a_taken_address<S: TestStore>(
    store: S,
) {
    let world = discreet(store, false).await;
    let subject = |kind: &str| world.mailbox.last(&address(kind)).unwrap().subject;
    // The second registration of a free address finds it taken.
    assert_eq!([subject("active"), subject("free")], ["you have an account already"; 2]);
    assert_eq!(world.mailbox.all().iter().filter(|mail| mail.subject == "welcome").count(), KINDS.len() + 2);
}

async fn e3_a_discreet_registration_takes_the_same_steps_with_an_outbox<S: TestStore>(store: S) {
    let world = discreet(store, true).await;
    assert!(world.mailbox.all().is_empty());
    world.accounts.deliver_due().await.unwrap();
    assert_eq!(world.mailbox.all().iter().filter(|mail| mail.subject == "welcome").count(), KINDS.len() + 2);
}

async fn e4_a_mailer_that_never_answers_keeps_no_request_waiting<S: TestStore>(store: S) {
    let world = populated(store, Options::default()).await;
    // Whatever the background waits for, the answer is there before the background has been let run once.
    let reply = world.ask(Ask::post("/auth/forgot-password", json!({ "email": address("active") }))).await;
    assert_eq!(reply.status, 202);
    assert!(world.calls.all().is_empty() && world.mailbox.all().iter().all(|mail| mail.subject == "welcome"));
    world.settle().await;
    assert_eq!(world.calls.take(), ["find", "send"]);
}

over_every_store!(
    e1_e2_every_failed_login_takes_the_same_steps_and_gets_the_same_answer
    e1_with_verification_required_only_the_right_password_learns_of_it
    l3_the_limits_take_the_same_steps_for_known_and_unknown_accounts
    e4_forgot_password_answers_before_it_does_anything
    e4_request_verify_answers_before_it_does_anything
    e5_a_new_address_is_asked_for_by_the_same_steps_taken_or_free
    e3_a_registration_makes_one_hash_three_steps_and_one_mail_for_a_free_and_a_taken_address
    e3_a_discreet_registration_is_answered_after_the_same_steps_for_a_free_and_a_taken_address
    e3_a_discreet_registration_takes_the_same_steps_with_an_outbox
    e4_a_mailer_that_never_answers_keeps_no_request_waiting
);

/// That the comparison can fail: a store that looks an unknown account up twice is detected.
#[test]
fn a_difference_would_be_seen() {
    let seen = |calls: &[&'static str]| (String::new(), (calls.to_vec(), 400, String::new(), String::new()));
    let result = std::panic::catch_unwind(|| all_the_same(vec![seen(&["find", "verify"]), seen(&["find"])]));
    assert!(result.is_err());
}
