//! Discreet answers with the limits on: what is counted, and what is refused, tells no more than what is answered; and nothing is refused
//! that is done already.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use serde_json::{Value, json};
use tokio::sync::Semaphore;
use usermgr::{
    Backend, Limits,
    engine::{Answers, EngineBuilder},
    http::Routes,
    limits::{Limit, MemoryCounters},
    password::{Argon2Params, Argon2id},
    prelude::*,
    testing::{Calls, Client, FaultAt, Reply, Watch, Watched},
};
use usermgr_tests::PASSWORD;

const ANOTHER: &str = "another long enough one";

/// Notes calls, and lets no row into the outbox when it is broken.
#[derive(Clone, Default)]
struct Noted {
    calls: Calls,
    broken: Arc<AtomicBool>,
}

impl Watch for Noted {
    fn called(&self, method: &'static str) -> Option<FaultAt> {
        let _ = self.calls.called(method);
        (method == "push" && self.broken.load(Ordering::SeqCst)).then_some(FaultAt::Before)
    }
}

type Store = Watched<MemoryStore, Noted>;

struct Accounts {
    engine: Engine<Store>,
    mails: Mutex<Vec<String>>,
    /// How many mails can be sent at this moment.
    mailer: Semaphore,
}

impl Accounts {
    async fn send(&self, matter: &str, to: &EmailAddress) {
        self.mailer.acquire().await.unwrap().forget();
        self.mails.lock().unwrap().push(format!("{matter} {to}"));
    }
}

#[user_manager(store = Store, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {
    async fn on_after_register(&self, user: &User) {
        self.send("register", &user.email).await;
    }

    async fn on_after_duplicate_register(&self, user: &User) {
        self.send("duplicate", &user.email).await;
    }

    async fn on_after_forgot_password(&self, user: &User, _: &ResetToken) {
        self.send("forgot", &user.email).await;
    }

    async fn on_after_request_email_change(&self, _: &User, new: &EmailAddress, _: &ChangeEmailToken) {
        self.send("change", new).await;
    }
}

struct World {
    accounts: Arc<Accounts>,
    noted: Noted,
}

impl World {
    async fn new(change: impl FnOnce(EngineBuilder<Store>) -> EngineBuilder<Store>) -> Self {
        let noted = Noted::default();
        let engine = Engine::builder(Watched::new(MemoryStore::new(), noted.clone()))
            .backend(Backend::bearer("bearer", Database::new()))
            .hasher(Watched::new(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()), noted.clone()))
            .counters(Watched::new(MemoryCounters::default(), noted.clone()))
            .answers(Answers::Discreet)
            .require_verified(true);
        let engine = change(engine).build().unwrap();
        let accounts = Accounts { engine, mails: Mutex::default(), mailer: Semaphore::new(1000) };
        accounts.check().unwrap();
        let world = Self { accounts: Arc::new(accounts), noted };
        for email in ["ada@example.com", "bob@example.com"] {
            let email = EmailAddress::parse(email).unwrap();
            let new = NewUser::new(email, NoProfile).password(PASSWORD).verified(true);
            world.accounts.create(new, &Context::default()).await.unwrap();
        }
        if world.noted.calls.count("push") > 0 {
            world.accounts.deliver_due().await.unwrap();
        }
        world.accounts.mails.lock().unwrap().clear();
        world
    }

    /// A client in a network.
    fn client(&self, network: u8) -> Client {
        let routes = usermgr::axum::mount::<Accounts, Arc<Accounts>>(Routes::all());
        Client::new(routes.with_state(self.accounts.clone())).peer([192, 0, 2, network])
    }

    async fn bob(&self) -> Client {
        let client = self.client(1);
        assert_eq!(client.login("bearer", "bob@example.com", PASSWORD).await.status, 200);
        client
    }

    async fn opens(&self, password: &str) -> bool {
        self.client(9).login("bearer", "bob@example.com", password).await.status == 200
    }

    async fn mails(&self) -> Vec<String> {
        self.accounts.engine.settle().await;
        std::mem::take(&mut *self.accounts.mails.lock().unwrap())
    }
}

/// An answer as a stranger sees it.
fn seen(reply: &Reply) -> (u16, String, Value) {
    (reply.status.as_u16(), format!("{:?}", reply.headers), reply.json.clone())
}

#[tokio::test]
async fn e3_l3_logins_with_the_password_of_a_registration_are_limited_alike_for_a_taken_and_a_free_address() {
    let world = World::new(|engine| engine).await;
    let mut all = Vec::new();
    for (network, email) in [(1, "ada@example.com"), (2, "free@example.com")] {
        let client = world.client(network);
        assert_eq!(client.register(email, ANOTHER).await.status, 202);
        world.accounts.engine.settle().await;
        let mut answers = Vec::new();
        for _ in 0..12 {
            world.noted.calls.take();
            let reply = client.login("bearer", email, ANOTHER).await;
            answers.push((seen(&reply), world.noted.calls.take()));
        }
        all.push(answers);
    }
    let [taken, free] = &all[..] else { panic!() };
    assert_eq!(taken, free);
    let statuses: Vec<_> = taken.iter().map(|((status, ..), _)| *status).collect();
    assert_eq!(statuses, [[400; 10].as_slice(), &[429; 2]].concat());
}

#[tokio::test]
async fn l8_the_owner_of_a_taken_address_gets_five_mails_from_however_many_networks() {
    let world = World::new(|engine| engine).await;
    let mut statuses = Vec::new();
    for email in ["ada@example.com", "free@example.com"] {
        let mut answers = Vec::new();
        for network in 0..20 {
            let reply = world.client(network).register(email, ANOTHER).await;
            assert_eq!(reply.status == 429, reply.headers.contains_key("retry-after"));
            answers.push((reply.status.as_u16(), reply.json));
            world.accounts.engine.settle().await;
        }
        statuses.push(answers);
    }
    assert_eq!(statuses[0], statuses[1], "taken and free");
    assert_eq!(statuses[0].iter().filter(|(status, _)| *status == 202).count(), 5);
    let mails = world.mails().await;
    assert_eq!(mails.iter().filter(|mail| mail.ends_with("ada@example.com")).count(), 5, "{mails:?}");
    // A registration that is refused has sent nothing, and counts for nothing.
    for network in 0..20 {
        assert_eq!(world.client(network).register("new@example.com", "short").await.status, 400);
    }
    assert_eq!(world.client(30).register("new@example.com", ANOTHER).await.status, 202);
}

#[tokio::test]
async fn h5_a_patch_whose_mail_is_one_too_many_has_changed_nothing() {
    let world = World::new(|engine| engine.limits(Limits::default().mails_per_address(Limit::new(1)))).await;
    let bob = world.bob().await;
    // What is refused for its password asks for no mail, and counts for none.
    for _ in 0..3 {
        let body = json!({ "email": "new@example.com", "password": "short" });
        assert_eq!(bob.patch("/users/me", body).await.status, 400);
    }
    assert_eq!(bob.patch("/users/me", json!({ "email": "new@example.com" })).await.status, 200);
    let body = json!({ "email": "new@example.com", "password": ANOTHER });
    assert_eq!(bob.patch("/users/me", body).await.status, 429);
    assert!(world.opens(PASSWORD).await && !world.opens(ANOTHER).await);
    assert_eq!(world.mails().await, ["change new@example.com"]);
}

#[tokio::test]
async fn h5_a_patch_for_whose_mail_there_is_no_room_has_changed_nothing() {
    let world = World::new(|engine| engine.background_limit(1)).await;
    let bob = world.bob().await;
    world.accounts.mailer.forget_permits(1000);
    let forgot = json!({ "email": "ada@example.com" });
    assert_eq!(bob.post("/auth/forgot-password", forgot).await.status, 202);
    let body = json!({ "email": "new@example.com", "password": ANOTHER });
    assert_eq!(bob.patch("/users/me", body.clone()).await.status, 503);
    assert!(world.opens(PASSWORD).await && !world.opens(ANOTHER).await);
    world.accounts.mailer.add_permits(1000);
    assert_eq!(world.mails().await, ["forgot ada@example.com"]);
    assert_eq!(bob.patch("/users/me", body).await.status, 200);
    assert_eq!(world.mails().await, ["change new@example.com"]);
    assert!(world.opens(ANOTHER).await);
}

#[tokio::test]
async fn x7_a_patch_whose_row_in_the_outbox_fails_has_changed_nothing() {
    let world = World::new(EngineBuilder::outbox).await;
    let bob = world.bob().await;
    world.noted.broken.store(true, Ordering::SeqCst);
    for body in [
        json!({ "email": "new@example.com", "password": ANOTHER }),
        json!({ "password": ANOTHER }),
        json!({ "email": "new@example.com" }),
    ] {
        assert_eq!(bob.patch("/users/me", body.clone()).await.status, 503, "{body}");
        assert!(world.opens(PASSWORD).await && !world.opens(ANOTHER).await, "{body}");
    }
    world.noted.broken.store(false, Ordering::SeqCst);
    let body = json!({ "email": "new@example.com", "password": ANOTHER });
    assert_eq!(bob.patch("/users/me", body).await.status, 200);
    world.accounts.deliver_due().await.unwrap();
    assert_eq!(world.mails().await, ["change new@example.com"]);
    assert!(world.opens(ANOTHER).await);
}
