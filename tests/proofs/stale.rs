//! What a session or a password has proved is no longer proved after a reset of the password: a request from before, which is written after, must
//! not undo the reset. The reset comes between by the hook before an update, or is written while the background waits.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};
use usermgr::{
    Admin, ChangeEmailError, UpdateError, UpdateMe,
    clock::Clock,
    context::Actor,
    engine::Answers,
    prelude::*,
    session::Principal,
    store::{Lookup, SessionId},
    testing::{Client, FakeClock, Probe},
    token::{ChangeEmail, Reset},
    user::Stamp,
};

use crate::world::{GOOD, NEW, cheap, system};

const ADA: &str = "ada@example.com";
/// The password of the reset.
const RESET: &str = "the owner's own battery";

struct Accounts {
    engine: Engine<MemoryStore>,
    probe: Probe,
    /// A reset that comes between the proof and the write of the next update.
    between: Mutex<Option<ResetToken>>,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {
    async fn on_before_update(&self, _: &User, _: &Changes) -> Result<(), Rejection> {
        let token = self.between.lock().unwrap().take();
        if let Some(token) = token {
            self.reset_password(&token, RESET.into(), &Context::default()).await.unwrap();
        }
        Ok(())
    }

    async fn on_after_forgot_password(&self, user: &User, token: &ResetToken) {
        self.probe.keep(&user.email, token);
    }

    async fn on_after_request_email_change(&self, user: &User, _: &EmailAddress, token: &ChangeEmailToken) {
        self.probe.keep(&user.email, token);
    }
}

struct World {
    accounts: Arc<Accounts>,
    ada: User,
    client: Client,
    token: String,
    clock: FakeClock,
}

impl World {
    async fn new(answers: Answers) -> Self {
        let clock = FakeClock::start();
        let engine = Engine::builder(MemoryStore::new())
            .backend(Backend::bearer("session", Database::new()))
            .hasher(cheap(16))
            .clock(clock.clone())
            .answers(answers)
            .require_verified(true)
            .build()
            .unwrap();
        let accounts = Arc::new(Accounts { engine, probe: Probe::default(), between: Mutex::default() });
        let email = EmailAddress::parse(ADA).unwrap();
        let new = NewUser::new(email, NoProfile).password(GOOD).verified(true).superuser(true);
        let ada = accounts.create(new, &system()).await.unwrap();
        let client = Client::new(usermgr::axum::routes().with_state(accounts.clone()));
        let login = client.login("session", ADA, GOOD).await;
        let token = login.json["access_token"].as_str().unwrap().to_owned();
        Self { accounts, ada, client, token, clock }
    }

    /// The session of the login, as a guard has read it.
    async fn principal(&self) -> Principal<MemoryStore> {
        self.accounts.identify("session", &self.token).await.unwrap().unwrap()
    }

    async fn reset_token(&self) -> ResetToken {
        self.accounts.forgot_password(&self.ada, &system()).await.unwrap();
        self.accounts.probe.token::<Reset>(ADA).unwrap()
    }

    async fn reset(&self) {
        let token = self.reset_token().await;
        self.accounts.reset_password(&token, RESET.into(), &Context::default()).await.unwrap();
    }

    /// Nothing but the reset has happened.
    async fn assert_reset(&self, what: &str) {
        for (password, opens) in [(RESET, true), (GOOD, false), (NEW, false)] {
            let login = self.accounts.login(Credentials::new(ADA, password), "session", &Context::default()).await;
            assert_eq!(login.is_ok(), opens, "{what}: {password}");
        }
        self.accounts.engine.settle().await;
        assert!(self.accounts.probe.token::<ChangeEmail>(ADA).is_none(), "{what}: a token was sent");
    }
}

#[tokio::test]
async fn t2_a_reset_between_the_proof_of_an_update_and_its_write_stays() {
    let mut tried = 0;
    for answers in [Answers::Explicit, Answers::Discreet] {
        for by_id in [false, true] {
            for shown in [json!(null), json!(GOOD)] {
                for change in [json!({ "password": NEW }), json!({ "password": NEW, "email": "new@example.com" })] {
                    if by_id && !shown.is_null() {
                        // No field of that route.
                        continue;
                    }
                    let world = World::new(answers).await;
                    let path = if by_id { format!("/users/{}", world.ada.id) } else { "/users/me".to_owned() };
                    *world.accounts.between.lock().unwrap() = Some(world.reset_token().await);
                    let mut body = change.clone();
                    if !shown.is_null() {
                        body["current_password"] = shown.clone();
                    }
                    let reply = world.client.patch(&path, body.clone()).await;
                    let what = format!("{answers:?} {path} {body}");
                    // The session has ended with the reset.
                    assert_eq!((reply.status.as_u16(), &reply.json["detail"]), (401, &json!("Unauthorized")), "{what}");
                    world.assert_reset(&what).await;
                    tried += 1;
                }
            }
        }
    }
    assert_eq!(tried, 12);
}

fn reauthenticate() -> Value {
    json!("REAUTHENTICATION_REQUIRED")
}

/// The session was read before the reset, and what is asked through it is read after it.
#[tokio::test]
async fn t2_t5_a_session_of_before_a_reset_proves_nothing_after_it() {
    let world = World::new(Answers::Explicit).await;
    let principal = world.principal().await;
    let actor = Actor::User { id: world.ada.id.to_string(), session: principal.session.clone() };
    let cx = Context::default().actor(actor);
    world.reset().await;
    for update in [UpdateMe::default().password(NEW), UpdateMe::default().email("new@example.com")] {
        let updated = world.accounts.update(&world.ada, update, &cx).await;
        assert!(matches!(updated, Err(UpdateError::ReauthenticationRequired)), "{updated:?}");
    }
    let admin = Admin::from_principal(&principal).unwrap();
    let update = serde_json::from_value(json!({ "password": NEW })).unwrap();
    let updated = world.accounts.update_user(&admin, &world.ada.id, update, &Context::default()).await;
    assert!(matches!(updated, Err(UpdateError::ReauthenticationRequired)), "{updated:?}");
    let new = EmailAddress::parse("new@example.com").unwrap();
    let asked = world.accounts.request_email_change(&world.ada, &new, &cx).await;
    assert!(matches!(asked, Err(ChangeEmailError::ReauthenticationRequired)), "{asked:?}");
    world.assert_reset("operations").await;
}

/// The stamp that a reset writes, without a moment in which the background could run.
async fn new_stamp(world: &World) {
    let store = world.accounts.engine.store();
    let mut record = store.find(Lookup::Id(&world.ada.id)).await.unwrap().unwrap();
    record.stamp = Stamp::from_bytes([7; 16]);
    let mut tx = store.begin().await.unwrap();
    store.update(&mut tx, &record).await.unwrap();
    store.commit(tx).await.unwrap();
}

#[tokio::test]
async fn t5_a_new_address_that_was_asked_for_before_a_reset_gets_no_token_after_it() {
    let email = json!({ "email": "new@example.com" });
    for reset in [false, true] {
        let world = World::new(Answers::Explicit).await;
        assert_eq!(world.client.post("/auth/request-email-change", email.clone()).await.status, 202);
        if reset {
            new_stamp(&world).await;
        }
        world.accounts.engine.settle().await;
        assert_eq!(world.accounts.probe.token::<ChangeEmail>(ADA).is_none(), reset);

        let world = World::new(Answers::Discreet).await;
        assert_eq!(world.client.patch("/users/me", email.clone()).await.status, 200);
        if reset {
            new_stamp(&world).await;
        }
        world.accounts.engine.settle().await;
        assert_eq!(world.accounts.probe.token::<ChangeEmail>(ADA).is_none(), reset);
    }
}

#[tokio::test]
async fn t5_a_token_of_a_new_address_ends_with_a_reset() {
    for reset in [false, true] {
        let world = World::new(Answers::Explicit).await;
        let email = json!({ "email": "new@example.com" });
        assert_eq!(world.client.post("/auth/request-email-change", email).await.status, 202);
        world.accounts.engine.settle().await;
        let token = world.accounts.probe.token::<ChangeEmail>(ADA).unwrap();
        if reset {
            new_stamp(&world).await;
        }
        let reply = world.client.post("/auth/confirm-email-change", json!({ "token": token.expose() })).await;
        let (status, detail) = if reset { (400, json!("CHANGE_EMAIL_BAD_TOKEN")) } else { (200, json!(null)) };
        assert_eq!((reply.status.as_u16(), &reply.json["detail"]), (status, &detail));
    }
}

#[tokio::test]
async fn p14_a_superuser_shows_for_their_own_account_what_every_user_shows() {
    let world = World::new(Answers::Explicit).await;
    let path = format!("/users/{}", world.ada.id);
    world.clock.advance(Duration::from_secs(601));
    for body in [json!({ "password": NEW }), json!({ "email": "new@example.com" })] {
        let reply = world.client.patch(&path, body.clone()).await;
        assert_eq!((reply.status.as_u16(), &reply.json["detail"]), (403, &reauthenticate()), "{body}");
    }
    // A change of neither password nor address needs only the superuser's rights.
    assert_eq!(world.client.patch(&path, json!({ "is_verified": true, "email": ADA })).await.status, 200);
    let other = NewUser::new(EmailAddress::parse("bob@example.com").unwrap(), NoProfile);
    let bob = world.accounts.create(other, &system()).await.unwrap();
    let reply = world.client.patch(&format!("/users/{}", bob.id), json!({ "email": "robert@example.com" })).await;
    assert_eq!(reply.status, 200);
    let client = world.client.clone();
    client.login("session", ADA, GOOD).await;
    assert_eq!(client.patch(&path, json!({ "password": NEW })).await.status, 200);
}

#[tokio::test]
async fn t17_a_login_in_the_future_is_not_fresh_but_for_the_skew_of_two_clocks() {
    let world = World::new(Answers::Explicit).await;
    let login = world.clock.now();
    for (seconds, fresh) in [(0, true), (600, true), (601, false), (-5, true), (-6, false), (-3600, false)] {
        world.clock.set(login.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap());
        let session = SessionInfo::new(SessionId::new("any"), "session", login, jiff::Timestamp::MAX);
        assert_eq!(world.accounts.engine.is_fresh(&session), fresh, "{seconds}");
        let reply = world.client.patch("/users/me", json!({ "password": NEW })).await;
        assert_eq!(reply.status, if fresh { 200 } else { 403 }, "{seconds}");
    }
}
