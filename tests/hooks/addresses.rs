//! New addresses, before anybody has proved them: what the gate of updates refuses gets no mail, whichever way it is asked for, and where
//! a PATCH proves an address first the account keeps the old one.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use usermgr::{
    ChangeEmailError, NoProfile,
    engine::{Answers, EngineBuilder},
    password::{Argon2Params, Argon2id},
    prelude::*,
    testing::{Client, Reply},
};

const ADA: &str = "ada@example.com";
const BOB: &str = "bob@evil.org";
const GOOD: &str = "correct horse battery";

struct Accounts {
    engine: Engine<MemoryStore>,
    asked: Mutex<Vec<String>>,
    mailed: Mutex<Vec<(String, String)>>,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {
    async fn on_before_update(&self, _: &User, changes: &Changes) -> Result<(), Rejection> {
        let Some(email) = &changes.email else { return Ok(()) };
        self.asked.lock().unwrap().push(email.new.to_string());
        if email.new.as_str().ends_with("@evil.org") {
            Err(Rejection::new("NOT_HERE").reason("ours alone").status(409))
        } else {
            Ok(())
        }
    }

    async fn on_after_request_email_change(&self, _: &User, new: &EmailAddress, token: &ChangeEmailToken) {
        self.mailed.lock().unwrap().push((new.to_string(), token.expose().to_owned()));
    }
}

struct House {
    accounts: Arc<Accounts>,
    client: Client,
    ada: User,
}

impl House {
    async fn open(set_up: impl FnOnce(EngineBuilder<MemoryStore>) -> EngineBuilder<MemoryStore>) -> Self {
        let engine = Engine::builder(MemoryStore::new())
            .backend(Backend::bearer("bearer", Database::new()))
            .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()));
        let engine = set_up(engine).build().unwrap();
        let accounts = Arc::new(Accounts { engine, asked: Mutex::default(), mailed: Mutex::default() });
        accounts.check().unwrap();
        let add = async |email: &str| {
            let new = NewUser::new(EmailAddress::parse(email).unwrap(), NoProfile);
            let new = new.verified(true).password(GOOD);
            accounts.create(new, &Context::system("test")).await.unwrap()
        };
        let ada = add(ADA).await;
        add(BOB).await;
        add("carl@example.com").await;
        let routes = usermgr::axum::routes::<Accounts, Arc<Accounts>>();
        let client = Client::new(routes.with_state(accounts.clone()));
        assert_eq!(client.login("bearer", ADA, GOOD).await.status, 200);
        Self { accounts, client, ada }
    }

    /// The addresses that were mailed by now.
    async fn mailed(&self) -> Vec<String> {
        self.accounts.engine.settle().await;
        self.accounts.deliver_due().await.unwrap();
        self.accounts.mailed.lock().unwrap().iter().map(|(address, _)| address.clone()).collect()
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.accounts.asked.lock().unwrap())
    }

    async fn patch(&self, body: Value) -> Reply {
        self.client.patch("/users/me", body).await
    }

    async fn address(&self) -> String {
        self.client.get("/users/me").await.json["email"].as_str().unwrap().to_owned()
    }
}

fn discreet(engine: EngineBuilder<MemoryStore>) -> EngineBuilder<MemoryStore> {
    engine.answers(Answers::Discreet).require_verified(true)
}

fn proving(engine: EngineBuilder<MemoryStore>) -> EngineBuilder<MemoryStore> {
    engine.prove_new_addresses(true)
}

/// Each way to ask for a new address that is proved first.
async fn e7_no_mail_goes_where_the_gate_says_no(house: House, patch_proves: bool) {
    let new = |text: &str| EmailAddress::parse(text).unwrap();
    let refused = (409, json!({ "code": "NOT_HERE", "reason": "ours alone" }));
    for address in ["free@evil.org", BOB] {
        let operation = house.accounts.request_email_change(&house.ada, &new(address), &Context::system("test")).await;
        assert!(matches!(operation, Err(ChangeEmailError::Rejected(_))), "{operation:?}");
        let reply = house.client.post("/auth/request-email-change", json!({ "email": address })).await;
        assert_eq!((reply.status.as_u16(), &reply.json["detail"]), (refused.0, &refused.1));
        let mut expected = 2;
        if patch_proves {
            let patched = house.patch(json!({ "email": address })).await;
            assert_eq!(patched.status.as_u16(), if house.reports_taken(address) { 400 } else { refused.0 });
            expected += usize::from(!house.reports_taken(address));
        }
        assert_eq!(house.asked(), vec![address.to_owned(); expected], "alike for who has it and who has not");
    }
    assert_eq!(house.mailed().await, Vec::<String>::new());
    assert_eq!(house.address().await, ADA);
    // What it admits is mailed, and it is asked again when the token comes back.
    let asked = house.client.post("/auth/request-email-change", json!({ "email": "new@example.com" })).await;
    assert_eq!(asked.status, 202);
    assert_eq!(house.mailed().await, ["new@example.com"]);
    let token = house.accounts.mailed.lock().unwrap()[0].1.clone();
    let confirmed = house.client.post("/auth/confirm-email-change", json!({ "token": token })).await;
    assert_eq!(confirmed.json["email"], "new@example.com");
    assert_eq!(house.asked(), ["new@example.com", "new@example.com"]);
}

impl House {
    /// Whether a PATCH says that an account has an address before it asks the gate.
    fn reports_taken(&self, address: &str) -> bool {
        address == BOB && self.accounts.engine.answers() == Answers::Explicit
    }
}

#[tokio::test]
async fn e7_a_new_address_that_the_gate_refuses_gets_no_mail_and_is_answered_alike_taken_or_free() {
    e7_no_mail_goes_where_the_gate_says_no(House::open(|engine| engine).await, false).await;
    e7_no_mail_goes_where_the_gate_says_no(House::open(proving).await, true).await;
    e7_no_mail_goes_where_the_gate_says_no(House::open(discreet).await, true).await;
}

#[tokio::test]
async fn e7_nor_is_a_row_of_the_outbox_written_for_it() {
    e7_no_mail_goes_where_the_gate_says_no(House::open(EngineBuilder::outbox).await, false).await;
    e7_no_mail_goes_where_the_gate_says_no(House::open(|engine| proving(engine).outbox()).await, true).await;
    e7_no_mail_goes_where_the_gate_says_no(House::open(|engine| discreet(engine).outbox()).await, true).await;
}

async fn t5_a_patch_proves(house: House) {
    // Another spelling of the user's own address needs no proof.
    assert_eq!(house.patch(json!({ "email": "Ada@example.com" })).await.json["email"], "Ada@example.com");
    let reply = house.patch(json!({ "email": "new@example.com" })).await;
    assert_eq!((reply.status.as_u16(), reply.json["email"].as_str()), (200, Some("Ada@example.com")));
    assert_eq!(reply.json["is_verified"], true, "nothing has changed yet");
    assert_eq!(house.mailed().await, ["new@example.com"]);
    let taken = house.patch(json!({ "email": "carl@example.com" })).await;
    assert_eq!((taken.status.as_u16(), &taken.json["detail"]), (400, &json!("UPDATE_USER_EMAIL_ALREADY_EXISTS")));
    let token = house.accounts.mailed.lock().unwrap()[0].1.clone();
    let confirmed = house.client.post("/auth/confirm-email-change", json!({ "token": token })).await;
    assert_eq!((&confirmed.json["email"], &confirmed.json["is_verified"]), (&json!("new@example.com"), &json!(true)));
    assert_eq!(house.mailed().await, ["new@example.com"], "no other mail was sent");
}

#[tokio::test]
async fn t5_where_it_is_set_a_patch_proves_a_new_address_first_and_a_taken_one_is_still_reported() {
    t5_a_patch_proves(House::open(proving).await).await;
    t5_a_patch_proves(House::open(|engine| proving(engine).outbox()).await).await;
}

#[tokio::test]
async fn t5_unless_it_is_set_a_patch_applies_a_new_address_at_once() {
    let house = House::open(|engine| engine).await;
    let reply = house.patch(json!({ "email": "new@example.com" })).await;
    assert_eq!((&reply.json["email"], &reply.json["is_verified"]), (&json!("new@example.com"), &json!(false)));
    assert_eq!(house.mailed().await, Vec::<String>::new());
}
