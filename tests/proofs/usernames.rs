//! User names (UN): who may take which, that a login by a name does the same work and is limited as one by the address, what a
//! change of a name needs, and that an engine without the part knows nothing of them.

use axum::http::Method;
use serde_json::{Value, json};
use usermgr::{
    Admin, Backend, Engine, Limits, MemoryStore, RegisterError, UpdateError,
    audit::EventKind,
    engine::{Answers, Usernames},
    limits::Limit,
    prelude::*,
    user::{AdminUpdate, NewRecord, Stamp, Username},
};

use crate::{
    over_every_store,
    world::{Ask, GOOD, NEW, Options, Reply, TestStore, World, login_body, system},
};

const ADA: &str = "ada@example.com";

fn named() -> Options {
    Options { usernames: Some(Usernames::new()), ..Options::default() }
}

/// A world with Ada, Bob, who has no name, and a superuser.
async fn open<S: TestStore>(store: S, options: Options) -> World<S> {
    let world = World::with(store, options);
    world.add(ADA, |new| new.username = Username::parse("Ada").ok()).await;
    world.add("bob@example.com", |_| {}).await;
    world.add("root@example.com", |new| new.is_superuser = true).await;
    world.settle().await;
    world.calls.take();
    world
}

fn register(email: &str, username: impl Into<Value>) -> Ask {
    Ask::post("/auth/register", json!({ "email": email, "password": GOOD, "username": username.into() }))
}

async fn bearer<S: TestStore>(world: &World<S>, who: &str) -> String {
    world.login("session", who, GOOD).await.expect("the login succeeds").0
}

async fn patch<S: TestStore>(world: &World<S>, token: &str, path: &str, body: Value) -> Reply {
    world.ask(Ask { body: Some(body), ..Ask::new(Method::PATCH, path) }.bearer(token)).await
}

fn code(reply: &Reply) -> (u16, String) {
    let detail = &reply.json()["detail"];
    (reply.status, detail.as_str().or(detail["code"].as_str()).unwrap_or_default().to_owned())
}

#[track_caller]
fn refused(reply: &Reply, expected: &str) {
    assert_eq!(code(reply), (400, expected.to_owned()), "{}", reply.text);
}

async fn un2_a_registration_takes_a_name_in_its_own_spelling_and_a_name_is_taken_in_any<S: TestStore>(store: S) {
    let world = open(store, named()).await;
    let made = world.ask(register("grace@example.com", "Grace.Hopper")).await;
    assert_eq!((made.status, &made.json()["username"]), (201, &json!("Grace.Hopper")), "{}", made.text);
    refused(&world.ask(register("eve@example.com", "GRACE.hopper")).await, "REGISTER_USERNAME_ALREADY_EXISTS");
    assert!(world.user("eve@example.com").await.is_none());
    // Of two taken things, the address is named first, and its owner hears of it as ever.
    refused(&world.ask(register(ADA, "grace.hopper")).await, "REGISTER_USER_ALREADY_EXISTS");
    world.settle().await;
    assert_eq!(world.mailbox.last(ADA).unwrap().subject, "you have an account already");
    for absent in [Value::Null, json!("eve2")] {
        let made = world.ask(register(&format!("eve{}@example.com", absent.is_null()), absent.clone())).await;
        assert_eq!((made.status, made.json().get("username").cloned().unwrap_or_default()), (201, absent));
    }
}

async fn un1_a_name_that_is_not_allowed_is_refused_with_the_rule<S: TestStore>(store: S) {
    let world = open(store, named()).await;
    for (name, rule, limit) in [
        ("al", "too_short", Some("3")),
        (&*"a".repeat(33), "too_long", Some("32")),
        ("ada@example.com", "character", None),
        ("a..b", "separator", None),
        ("1815", "no_letter", None),
        ("Post-Master", "reserved", None),
    ] {
        let reply = world.ask(register("eve@example.com", name)).await;
        refused(&reply, "REGISTER_INVALID_USERNAME");
        let detail = &reply.json()["detail"];
        assert_eq!((detail["reason_code"].as_str(), detail["reason_limit"].as_str()), (Some(rule), limit), "{name}");
        assert!(!detail["reason"].as_str().unwrap().is_empty() && !reply.text.contains(name), "{}", reply.text);
    }
    for wrong in [json!(7), json!(["ada"]), json!({})] {
        assert_eq!(world.ask(register("eve@example.com", wrong)).await.status, 422);
    }
    assert!(world.user("eve@example.com").await.is_none());
    // The application itself may give a name that is reserved.
    let root = world.add("admin@example.com", |new| new.username = Some(Username::from_stored("admin"))).await;
    assert_eq!(root.username.unwrap().as_str(), "admin");
}

async fn un1_a_registration_needs_a_name_where_one_is_required<S: TestStore>(store: S) {
    let world = open(store, Options { usernames: Some(Usernames::new().required()), ..Options::default() }).await;
    let bare = || Ask::post("/auth/register", json!({ "email": "eve@example.com", "password": GOOD }));
    for ask in [bare(), register("eve@example.com", Value::Null), register("eve@example.com", "")] {
        let reply = world.ask(ask).await;
        assert_eq!((reply.status, &reply.json()["detail"][0]["loc"]), (422, &json!(["body", "username"])));
    }
    let refused = world.accounts.register(Register::new("eve@example.com", GOOD), &Context::default()).await;
    assert!(
        matches!(&refused, Err(RegisterError::InvalidUsername(error)) if error.code() == "required"),
        "{refused:?}"
    );
    assert_eq!(world.ask(register("eve@example.com", "eve")).await.status, 201);
}

async fn un3_a_user_logs_in_by_the_name_in_any_case_or_by_the_address<S: TestStore>(store: S) {
    let world = open(store, named()).await;
    for typed in ["ada", "ADA", " Ada ", ADA, "ADA@example.com"] {
        for backend in ["session", "cookie", "jwt", "refresh"] {
            let ask = Ask::post(format!("/auth/{backend}/login"), login_body(typed, GOOD));
            let reply = world.ask(ask).await;
            assert!(reply.status == 200 || reply.status == 204, "{typed} {backend}: {}", reply.text);
        }
    }
    for (typed, password) in [("ada", NEW), ("ad", GOOD), ("adaa", GOOD), ("bob", GOOD), ("%", GOOD), ("a\0", GOOD)] {
        refused(
            &world.ask(Ask::post("/auth/session/login", login_body(typed, password))).await,
            "LOGIN_BAD_CREDENTIALS",
        );
    }
    // What has an `@` is an address, also if a stored name were one.
    let eve = EmailAddress::parse("eve@example.com").unwrap();
    let mut new = NewRecord::new(eve, world.accounts.engine.now(), NoProfile, Stamp::from_bytes([7; 16]));
    new.username = Some(Username::from_stored("root@example.com"));
    let mut tx = world.store.begin().await.unwrap();
    world.store.insert(&mut tx, &new).await.unwrap();
    world.store.commit(tx).await.unwrap();
    let login = world.accounts.login(Credentials::new("root@example.com", GOOD), "session", &Context::default()).await;
    assert_eq!(login.unwrap().user.email.as_str(), "root@example.com");
}

async fn un3_a_failed_login_by_a_name_takes_the_same_steps_and_gets_the_same_answer<S: TestStore>(store: S) {
    let world = open(store, Options { limits: Limits::default(), watch_counters: true, ..named() }).await;
    for (email, name) in [("blocked@example.com", "blocked"), ("open@example.com", "open")] {
        world
            .add(email, |new| {
                new.username = Username::parse(name).ok();
                new.is_active = name != "blocked";
                new.password = new.password.take().filter(|_| name != "open");
            })
            .await;
    }
    world.settle().await;
    let long = "x".repeat(5000);
    for password in [NEW, &long] {
        let mut seen = Vec::new();
        for typed in ["ada", "blocked", "open", "unknown", "a b", "\u{430}da"] {
            world.calls.take();
            let reply = world.ask(Ask::post("/auth/session/login", login_body(typed, password))).await;
            seen.push((world.calls.take(), reply.status, reply.text, format!("{:?}", reply.headers)));
            world.settle().await;
        }
        assert!(seen.iter().all(|observed| *observed == seen[0]), "{seen:?}");
        let (calls, status, ..) = &seen[0];
        assert_eq!((calls.first(), *status), (Some(&"find"), 400), "{calls:?}");
        assert_eq!(calls.iter().filter(|call| **call == "find").count(), 1);
        assert_eq!(calls.contains(&"verify"), password == NEW, "{calls:?}");
    }
}

async fn un4_the_attempts_by_a_name_and_by_the_address_are_counted_together<S: TestStore>(store: S) {
    let limits = Limits::default().wrong_passwords_per_account_and_network(Limit::new(6));
    let world = open(store, Options { limits, ..named() }).await;
    let status = async |typed: &str, password: &str| {
        world.ask(Ask::post("/auth/session/login", login_body(typed, password))).await.status
    };
    for typed in ["ada", ADA, "ADA", "Ada@example.com", "ada", ADA] {
        assert_eq!(status(typed, NEW).await, 400);
    }
    // A name brings no second budget, and neither does another spelling.
    for typed in ["ada", ADA, "ADA"] {
        assert_eq!(status(typed, GOOD).await, 429, "{typed}");
    }
    // A name that no account has is limited alike, and alone.
    for _ in 0..6 {
        assert_eq!(status("unknown", NEW).await, 400);
    }
    assert_eq!((status("Unknown", NEW).await, status("other", NEW).await), (429, 400));
    // A reset by mail opens both ways again.
    let ada = world.user(ADA).await.unwrap();
    world.accounts.forgot_password(&ada, &system()).await.unwrap();
    let token = ResetToken::from(world.token::<usermgr::token::Reset>(ADA));
    world.accounts.reset_password(&token, NEW.into(), &Context::default()).await.unwrap();
    assert_eq!((status("ada", NEW).await, status(ADA, NEW).await), (200, 200));
}

async fn un4_a_registration_with_a_taken_name_counts_for_the_network<S: TestStore>(store: S) {
    let limits = Limits::default().registrations_per_network(Limit::new(3));
    let world = open(store, Options { limits, ..named() }).await;
    let mut cx = Context::default();
    cx.ip = Some([192, 0, 2, 7].into());
    for number in 0..4 {
        let new = Register::new(format!("eve{number}@example.com"), GOOD).username("ada");
        match world.accounts.register(new, &cx).await {
            Err(RegisterError::UsernameAlreadyExists) if number < 3 => {}
            Err(RegisterError::Fault(usermgr::Fault::Limited { .. })) if number == 3 => {}
            other => panic!("{number}: {other:?}"),
        }
    }
}

async fn un3_mails_are_asked_for_by_address_alone_and_a_name_reveals_nothing<S: TestStore>(store: S) {
    let world = open(store, named()).await;
    for path in ["/auth/forgot-password", "/auth/request-verify-token"] {
        let mut seen = Vec::new();
        for typed in ["ada", "unknown"] {
            let reply = world.ask(Ask::post(path, json!({ "email": typed }))).await;
            assert_eq!((reply.status, world.calls.take()), (422, Vec::new()), "{}", reply.text);
            seen.push(reply.text);
        }
        assert_eq!(seen[0], seen[1]);
    }
    world.settle().await;
    assert!(world.mailbox.all().iter().all(|mail| mail.subject == "welcome"));
}

async fn un5_a_change_of_the_name_needs_what_a_change_of_the_address_needs<S: TestStore>(store: S) {
    let world = open(store, named()).await;
    let token = bearer(&world, "ada").await;
    let me = async |token: &str, body: Value| patch(&world, token, "/users/me", body).await;
    let changed = me(&token, json!({ "username": "Countess" })).await;
    assert_eq!((changed.status, &changed.json()["username"]), (200, &json!("Countess")), "{}", changed.text);
    world.settle().await;
    let mail = world.mailbox.last(ADA).unwrap();
    assert_eq!((mail.subject.as_str(), mail.text.as_str()), ("user name", "Countess"));
    assert_eq!(world.probe.count(EventKind::UsernameChanged), 1);
    // The earlier name is free at once, and opens nothing.
    assert!(world.login("session", "ada", GOOD).await.is_none());
    assert_eq!(world.ask(register("eve@example.com", "ada")).await.status, 201);
    refused(&me(&token, json!({ "username": "ADA" })).await, "UPDATE_USER_USERNAME_ALREADY_EXISTS");
    refused(&me(&token, json!({ "username": "root" })).await, "UPDATE_USER_INVALID_USERNAME");
    assert_eq!(me(&token, json!({ "username": null })).await.status, 422);
    // The same text is no change, another spelling is one.
    assert_eq!(me(&token, json!({ "username": "Countess" })).await.status, 200);
    assert_eq!(world.probe.count(EventKind::UsernameChanged), 1);
    world.clock.advance(std::time::Duration::from_secs(3600));
    assert_eq!(me(&token, json!({ "username": "Countess" })).await.status, 200);
    for name in ["COUNTESS", "duchess"] {
        let reply = me(&token, json!({ "username": name })).await;
        assert_eq!(code(&reply), (403, "REAUTHENTICATION_REQUIRED".to_owned()), "{name}");
    }
    let changed = me(&token, json!({ "username": "duchess", "current_password": GOOD })).await;
    assert_eq!((changed.status, &changed.json()["username"]), (200, &json!("duchess")));
    // A taken address beside a free name, and the other way about.
    let both = json!({ "username": "baroness", "email": "bob@example.com", "current_password": GOOD });
    refused(&me(&token, both).await, "UPDATE_USER_EMAIL_ALREADY_EXISTS");
    let both = json!({ "username": "ada", "email": "new@example.com", "current_password": GOOD });
    refused(&me(&token, both).await, "UPDATE_USER_USERNAME_ALREADY_EXISTS");
    let now = world.user(ADA).await.unwrap();
    assert_eq!(now.username.unwrap().as_str(), "duchess");
}

async fn un5_superusers_give_any_name_and_no_one_else_does<S: TestStore>(store: S) {
    let world = open(store, named()).await;
    let bob = world.user("bob@example.com").await.unwrap();
    let path = format!("/users/{}", bob.id);
    let (root, ada) = (bearer(&world, "root@example.com").await, bearer(&world, "ada").await);
    assert_eq!(patch(&world, &ada, &path, json!({ "username": "support" })).await.status, 403);
    let changed = patch(&world, &root, &path, json!({ "username": "Support" })).await;
    assert_eq!((changed.status, &changed.json()["username"]), (200, &json!("Support")), "{}", changed.text);
    refused(&patch(&world, &root, &path, json!({ "username": "ADA" })).await, "UPDATE_USER_USERNAME_ALREADY_EXISTS");
    refused(&patch(&world, &root, &path, json!({ "username": "a b" })).await, "UPDATE_USER_INVALID_USERNAME");
    let shown = world.ask(Ask::new(Method::GET, &path).bearer(&root)).await;
    assert_eq!(shown.json()["username"], "Support");
    // A name from before the rules stays as it is beside another change, as an address does.
    let old = world.add("al@example.com", |new| new.username = Some(Username::from_stored("al"))).await;
    let path = format!("/users/{}", old.id);
    let kept = patch(&world, &root, &path, json!({ "username": "al", "is_verified": true })).await;
    assert_eq!((kept.status, &kept.json()["username"]), (200, &json!("al")), "{}", kept.text);
    refused(&patch(&world, &root, &path, json!({ "username": "x" })).await, "UPDATE_USER_INVALID_USERNAME");
    // For the own account a superuser is a user as others.
    world.clock.advance(std::time::Duration::from_secs(3600));
    let own = format!("/users/{}", world.user("root@example.com").await.unwrap().id);
    let reply = patch(&world, &root, &own, json!({ "username": "operations" })).await;
    assert_eq!(code(&reply), (403, "REAUTHENTICATION_REQUIRED".to_owned()));
    let update = AdminUpdate::default().username("root");
    let named = world.accounts.update_user(&Admin::system("test"), &bob.id, update, &system()).await.unwrap();
    assert_eq!(named.username.unwrap().as_str(), "root");
}

async fn un6_superusers_find_users_by_the_beginning_of_the_name<S: TestStore>(store: S) {
    let world = open(store, named()).await;
    for (email, name) in [("z@example.com", "adam"), ("y@example.com", "Adele"), ("x@example.com", "zoe")] {
        world.add(email, |new| new.username = Username::parse(name).ok()).await;
    }
    let root = bearer(&world, "root@example.com").await;
    let found = async |query: &str| {
        let mut names = Vec::new();
        let mut next = Some(String::new());
        while let Some(cursor) = next {
            let path = format!("/users?{query}&limit=1{cursor}");
            let page = world.ask(Ask::new(Method::GET, path).bearer(&root)).await;
            assert_eq!(page.status, 200, "{}", page.text);
            let page = page.json();
            names.extend(
                page["users"].as_array().unwrap().iter().map(|user| user["email"].as_str().unwrap().to_owned()),
            );
            next = page["next_cursor"].as_str().map(|cursor| format!("&cursor={cursor}"));
        }
        names
    };
    assert_eq!(found("username=AD").await, [ADA, "y@example.com", "z@example.com"]);
    assert_eq!(found("username=ad&email=y").await, ["y@example.com"]);
    assert_eq!(found("username=ad&is_superuser=true").await, [""; 0]);
    assert_eq!(found("username=a_").await, [""; 0]);
    assert_eq!(found("email=bob").await, ["bob@example.com"]);
}

/// Whether a name is taken afterwards would reveal whether the address was free.
async fn un4_a_discreet_registration_takes_no_name<S: TestStore>(store: S) {
    let options = || Options { answers: Answers::Discreet, require_verified: true, ..named() };
    let world = open(store, options()).await;
    world.calls.take();
    let mut seen = Vec::new();
    for (email, name) in [(ADA, "fresh"), ("free@example.com", "fresh"), (ADA, "ada"), ("free@example.com", "ada")] {
        let reply = world.ask(register(email, name)).await;
        refused(&reply, "REGISTER_INVALID_USERNAME");
        assert_eq!(reply.json()["detail"]["reason_code"], "after_login");
        seen.push((world.calls.take(), reply.text));
    }
    assert!(seen.iter().all(|observed| *observed == seen[0] && observed.0.is_empty()), "{seen:?}");
    // Without one, it is answered as ever; the name comes after the first login.
    let bare = Ask::post("/auth/register", json!({ "email": "free@example.com", "password": GOOD }));
    assert_eq!(world.ask(bare).await.status, 202);
    world.settle().await;
    let id = world.user("free@example.com").await.unwrap().id;
    let update = AdminUpdate::default().verified(true);
    world.accounts.update_user(&Admin::system("test"), &id, update, &system()).await.unwrap();
    let token = bearer(&world, "free@example.com").await;
    assert_eq!(patch(&world, &token, "/users/me", json!({ "username": "fresh" })).await.status, 200);
    assert!(world.login("session", "fresh", GOOD).await.is_some());
}

#[test]
fn un4_discreet_answers_and_required_names_are_no_engine() {
    let build = |names: Usernames| {
        Engine::builder(MemoryStore::<NoProfile>::new())
            .backend(Backend::bearer("bearer", Database::new()))
            .answers(Answers::Discreet)
            .require_verified(true)
            .with(names)
            .build()
    };
    assert!(build(Usernames::new().required()).unwrap_err().to_string().contains("`Usernames::required` exclude"));
    assert!(build(Usernames::new().length(0..=3)).unwrap_err().to_string().contains("within 1 to 64 characters"));
    assert!(build(Usernames::new()).is_ok());
}

/// A world whose store has names of an earlier engine with the part.
async fn un6_without_the_part_nothing_shows_takes_or_finds_a_name<S: TestStore>(store: S) {
    drop(open(store.clone(), named()).await);
    let world = World::with(store, Options::default());
    assert!(world.login("session", "ada", GOOD).await.is_none());
    let (ada, root) = (bearer(&world, ADA).await, bearer(&world, "root@example.com").await);
    let id = world.user(ADA).await.unwrap().id;
    let get = async |token: &str, path: &str| world.ask(Ask::new(Method::GET, path).bearer(token)).await.text;
    let (one, list) = (format!("/users/{id}"), "/users");
    for (token, path) in [(&ada, "/users/me"), (&root, &*one), (&root, list), (&root, "/users?email=ada")] {
        let shown = get(token, path).await;
        assert!(shown.contains(ADA) && !shown.contains("username") && !shown.contains("\"Ada\""), "{path}: {shown}");
    }
    assert_eq!(get(&root, "/users?username=zzz").await, get(&root, list).await);
    let changed = patch(&world, &ada, "/users/me", json!({ "username": "countess" })).await;
    assert!(changed.status == 200 && !changed.text.contains("username"), "{}", changed.text);
    let made = world.ask(register("eve@example.com", "a name that no rule allows")).await;
    assert!(made.status == 201 && !made.text.contains("username"), "{}", made.text);
    // The name that the store has stays as it was.
    assert_eq!(world.user(ADA).await.unwrap().username.unwrap().as_str(), "Ada");
    let register = Register::new("fay@example.com", GOOD).username("fay");
    let refused = world.accounts.register(register, &Context::default()).await;
    assert!(matches!(refused, Err(RegisterError::Fault(_))), "{refused:?}");
    let user = world.user(ADA).await.unwrap();
    let refused = world.accounts.update(&user, UpdateMe::default().username("countess"), &system()).await;
    assert!(matches!(refused, Err(UpdateError::Fault(_))), "{refused:?}");
}

over_every_store!(
    un2_a_registration_takes_a_name_in_its_own_spelling_and_a_name_is_taken_in_any
    un1_a_name_that_is_not_allowed_is_refused_with_the_rule
    un1_a_registration_needs_a_name_where_one_is_required
    un3_a_user_logs_in_by_the_name_in_any_case_or_by_the_address
    un3_a_failed_login_by_a_name_takes_the_same_steps_and_gets_the_same_answer
    un4_the_attempts_by_a_name_and_by_the_address_are_counted_together
    un4_a_registration_with_a_taken_name_counts_for_the_network
    un3_mails_are_asked_for_by_address_alone_and_a_name_reveals_nothing
    un5_a_change_of_the_name_needs_what_a_change_of_the_address_needs
    un5_superusers_give_any_name_and_no_one_else_does
    un6_superusers_find_users_by_the_beginning_of_the_name
    un4_a_discreet_registration_takes_no_name
    un6_without_the_part_nothing_shows_takes_or_finds_a_name
);
