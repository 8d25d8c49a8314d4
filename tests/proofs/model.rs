//! The model (H7): whole lives of accounts, made up by proptest, are lived twice: by the library over its routes, and by a model small enough
//! to be read. What is answered, and what is stored, must be the same after every step. With a cache every door is tried after every step
//! too, so that nothing that was kept there outlives what has ended it.
//!
//! A disagreement is printed as the shortest life that shows it. For a long run, raise the number of cases.

#[path = "model/reference.rs"]
mod reference;
#[path = "model/step.rs"]
mod step;

use std::time::Duration;

use axum::http::Method;
use proptest::{
    collection::vec,
    test_runner::{Config, TestCaseError, TestRunner},
};
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;
use usermgr::{
    error::{Cause, Coded},
    http::PrincipalCache,
    prelude::*,
    token::{Reset, Verify},
    user::AdminUpdate,
};
use uuid::Uuid;

use self::{
    reference::{Model, Said},
    step::{Kind, Step},
};
use crate::world::{Ask, Options, Reply, TestStore, World, admin, login_body, system};

/// The passwords of the model by their numbers; the last breaks the policy.
const PASSWORDS: [&str; 4] = ["correct horse battery", "another horse battery", "the third horse battery", "short"];
const SECRETS: [&str; 3] = [
    "only-for-tests-0123456789abcdef-x",
    "the-second-for-tests-0123456789abcdef",
    "the-third-for-tests-0123456789abcdefg",
];

fn address(slot: usize) -> String {
    format!("{}@example.com", ["ada", "bob", "eve", "joe"][slot])
}

/// The library's side: the world, and what it has given out, at the places where the model has them.
struct Library<S: TestStore> {
    world: World<S>,
    store: S,
    cache: Option<PrincipalCache>,
    generation: usize,
    ids: Vec<Uuid>,
    sessions: Vec<Given>,
    verify: Vec<String>,
    reset: Vec<String>,
    change: Vec<String>,
}

struct Given {
    access: String,
    renewals: Vec<String>,
}

impl<S: TestStore> Library<S> {
    fn new(store: S, cache: Option<PrincipalCache>) -> Self {
        let world = World::with(store.clone(), Options { cache: cache.clone(), ..Options::default() });
        Self {
            world,
            store,
            cache,
            generation: 0,
            ids: Vec::new(),
            sessions: Vec::new(),
            verify: Vec::new(),
            reset: Vec::new(),
            change: Vec::new(),
        }
    }

    async fn ask(&self, ask: Ask) -> Reply {
        let reply = self.world.ask(ask).await;
        self.world.settle().await;
        reply
    }

    async fn as_session(&self, session: usize, method: Method, path: &str, body: Option<Value>) -> Reply {
        let ask = Ask { body, ..Ask::new(method, path) };
        self.ask(ask.bearer(&self.sessions[session].access)).await
    }

    async fn take(&mut self, step: &Step) -> Said {
        let post = |path: &str, body: Value| Ask::post(path, body);
        match *step {
            Step::Register { slot, password } => {
                let body = json!({ "email": address(slot), "password": PASSWORDS[password] });
                let reply = self.ask(post("/auth/register", body)).await;
                self.ids.extend(reply.json()["id"].as_str().map(|id| id.parse::<Uuid>().unwrap()));
                said(&reply)
            }
            Step::Login { slot, password, kind } => {
                let path = format!("/auth/{}/login", kind.backend());
                let reply = self.ask(post(&path, login_body(&address(slot), PASSWORDS[password]))).await;
                if let Some(access) = reply.json()["access_token"].as_str() {
                    let renewals = reply.json()["refresh_token"].as_str().map(str::to_owned).into_iter().collect();
                    self.sessions.push(Given { access: access.to_owned(), renewals });
                }
                said(&reply)
            }
            Step::Me { session } => said(&self.as_session(session, Method::GET, "/users/me", None).await),
            Step::List { session } => {
                let reply = self.as_session(session, Method::GET, "/users/me/sessions", None).await;
                match reply.json() {
                    Value::Array(rows) => Said::Listed(rows.len()),
                    _ => said(&reply),
                }
            }
            Step::Logout { session, kind } => {
                let path = format!("/auth/{}/logout", kind.backend());
                said(&self.as_session(session, Method::POST, &path, None).await)
            }
            Step::RequestVerify { slot } => {
                let before = self.world.mailbox.all().len();
                let reply = self.ask(post("/auth/request-verify-token", json!({ "email": address(slot) }))).await;
                if self.world.mailbox.all().len() > before {
                    self.verify.push(self.world.token::<Verify>(&address(slot)));
                }
                said(&reply)
            }
            Step::Forgot { slot } => {
                let before = self.world.mailbox.all().len();
                let reply = self.ask(post("/auth/forgot-password", json!({ "email": address(slot) }))).await;
                if self.world.mailbox.all().len() > before {
                    self.reset.push(self.world.token::<Reset>(&address(slot)));
                }
                said(&reply)
            }
            Step::RequestChange { session, slot } => {
                let before = self.world.mailbox.all().len();
                let body = Some(json!({ "email": address(slot) }));
                let reply = self.as_session(session, Method::POST, "/auth/request-email-change", body).await;
                if self.world.mailbox.all().len() > before {
                    self.change.push(self.world.mailbox.all().last().unwrap().text.clone());
                }
                said(&reply)
            }
            Step::Verify { token } => {
                said(&self.ask(post("/auth/verify", json!({ "token": self.verify[token] }))).await)
            }
            Step::Reset { token, password } => {
                let body = json!({ "token": self.reset[token], "password": PASSWORDS[password] });
                said(&self.ask(post("/auth/reset-password", body)).await)
            }
            Step::ConfirmChange { token } => {
                said(&self.ask(post("/auth/confirm-email-change", json!({ "token": self.change[token] }))).await)
            }
            Step::ChangePassword { session, current, new } => {
                let body = json!({ "current_password": PASSWORDS[current], "password": PASSWORDS[new] });
                said(&self.as_session(session, Method::POST, "/auth/change-password", Some(body)).await)
            }
            Step::Update { session, slot, password, current } => {
                let mut body = Map::new();
                let mut put = |name: &str, value: Option<String>| {
                    body.extend(value.map(|value| (name.to_owned(), value.into())));
                };
                put("email", slot.map(address));
                put("password", password.map(|at| PASSWORDS[at].to_owned()));
                put("current_password", current.map(|at| PASSWORDS[at].to_owned()));
                said(&self.as_session(session, Method::PATCH, "/users/me", Some(body.into())).await)
            }
            Step::DeleteMe { session } => said(&self.as_session(session, Method::DELETE, "/users/me", None).await),
            Step::RevokeOthers { session } => {
                said(&self.as_session(session, Method::DELETE, "/users/me/sessions", None).await)
            }
            Step::Refresh { session, back } => {
                let renewals = &self.sessions[session].renewals;
                let at = renewals.len() - 1 - back.min(renewals.len() - 1);
                let reply = self.ask(post("/auth/refresh/refresh", json!({ "refresh_token": renewals[at] }))).await;
                if let (Some(access), Some(renewal)) =
                    (reply.json()["access_token"].as_str(), reply.json()["refresh_token"].as_str())
                {
                    let given = &mut self.sessions[session];
                    given.access = access.to_owned();
                    // A lost answer that is given again is the one that was given.
                    if !given.renewals.iter().any(|known| known == renewal) {
                        given.renewals.push(renewal.to_owned());
                    }
                }
                said(&reply)
            }
            Step::Administer { account, active, superuser, verified } => {
                let mut update = AdminUpdate::<NoProfile>::default();
                (update.is_active, update.is_superuser, update.is_verified) = (active, superuser, verified);
                let outcome = self.world.accounts.update_user(&admin(), &self.ids[account], update, &system()).await;
                outcome.map_or_else(|error| refused(&error), |_| Said::Done)
            }
            Step::Delete { account } => {
                let outcome = self.world.accounts.delete_user(&admin(), &self.ids[account], &system()).await;
                outcome.map_or_else(|error| refused(&error), |()| Said::Done)
            }
            Step::Advance { seconds } => {
                self.world.clock.advance(Duration::from_secs(seconds));
                Said::Done
            }
            Step::Rotate => {
                let previous = SECRETS[self.generation % SECRETS.len()];
                self.generation += 1;
                let options = Options {
                    secret: SECRETS[self.generation % SECRETS.len()],
                    previous: Some(previous),
                    clock: Some(self.world.clock.clone()),
                    cache: self.cache.clone(),
                    ..Options::default()
                };
                self.world = World::with(self.store.clone(), options);
                Said::Done
            }
        }
    }

    /// The accounts as they are stored.
    async fn accounts(&self) -> Vec<Option<(String, bool, bool, bool)>> {
        let mut accounts = Vec::new();
        for id in &self.ids {
            let user = self.world.accounts.get(id).await.unwrap();
            accounts
                .push(user.map(|user| (user.email.to_string(), user.is_active, user.is_superuser, user.is_verified)));
        }
        accounts
    }
}

/// What a reply said, without its tokens.
fn said(reply: &Reply) -> Said {
    match reply.status {
        200..300 => Said::Done,
        401 => Said::Unauthorized,
        _ => {
            let detail = &reply.json()["detail"];
            Said::No(detail["code"].as_str().or(detail.as_str()).unwrap_or("?").to_owned())
        }
    }
}

/// What the route of an error would say.
fn refused(error: &impl Coded) -> Said {
    match error.cause() {
        Cause::Code(code) => Said::No(code.as_str().to_owned()),
        Cause::NotFound => Said::No("Not Found".to_owned()),
        other => panic!("{other:?}"),
    }
}

async fn live<S: TestStore>(store: S, cache: Option<PrincipalCache>, steps: &[Step]) -> Result<u64, TestCaseError> {
    let (mut library, mut model) = (Library::new(store, cache), Model::default());
    let mut taken = 0;
    for step in steps {
        // Numbers become those of what exists by now; a step without its subject is left out.
        let Some(step) = step.clone().resolved(&model) else { continue };
        let (expected, said) = (model.take(&step), library.take(&step).await);
        proptest::prop_assert_eq!(&said, &expected, "{:?}, after {} steps", step, taken);
        proptest::prop_assert_eq!(library.accounts().await, model.visible(), "after {:?}", step);
        let given = [library.verify.len(), library.reset.len(), library.change.len(), library.sessions.len()];
        proptest::prop_assert_eq!(given, model.given(), "what was given out, after {:?}", step);
        taken += 1;
        if library.cache.is_some() {
            try_doors(&mut library, &mut model, &format!("after {step:?}")).await?;
        }
    }
    // At the end every door is tried.
    try_doors(&mut library, &mut model, "at the end").await?;
    for slot in 0..4 {
        for password in 0..3 {
            let step = Step::Login { slot, password, kind: Kind::Jwt };
            proptest::prop_assert_eq!(library.take(&step).await, model.take(&step), "{:?} at the end", step);
        }
    }
    Ok(taken)
}

async fn try_doors<S: TestStore>(library: &mut Library<S>, model: &mut Model, when: &str) -> Result<(), TestCaseError> {
    for session in 0..library.sessions.len() {
        let step = Step::Me { session };
        proptest::prop_assert_eq!(library.take(&step).await, model.take(&step), "session {} {}", session, when);
    }
    Ok(())
}

/// Runs this number of lives with this number of steps.
fn lives<S: TestStore>(cases: u32, length: usize, cache: fn() -> Option<PrincipalCache>, store: impl AsyncFn() -> S) {
    let runtime = Runtime::new().unwrap();
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let taken = std::cell::Cell::new(0);
    let run = |steps: Vec<Step>| {
        runtime.block_on(async {
            taken.set(taken.get() + live(store().await, cache(), &steps).await?);
            Ok(())
        })
    };
    if let Err(failure) = runner.run(&vec(step::steps(), length / 2..length), run) {
        panic!("{failure}");
    }
    usermgr_tests::figure("steps of lives beside the model", taken.get());
    assert!(taken.get() > u64::from(cases) * length as u64 / 4, "most steps have a subject: {}", taken.get());
}

#[test]
fn h7_every_life_in_memory_is_that_of_the_model() {
    lives(256, 80, || None, async || MemoryStore::new());
}

#[test]
fn h7_j6_every_life_with_a_cache_is_that_of_the_model() {
    lives(96, 80, || Some(PrincipalCache::default()), async || MemoryStore::new());
}

#[test]
fn h7_every_life_in_sqlite_is_that_of_the_model() {
    lives(24, 60, || None, async || SqliteStore::in_memory().await.unwrap());
}
