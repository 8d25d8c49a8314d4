//! The sample through the public interface: its route, its credential and its notification work if its part is
//! installed.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use ::http::{Request, StatusCode};

use super::part::{BADGE, Badges};
use crate::{
    LoginError,
    engine::{EngineBuilder, Proof},
    http::{Endpoint, Route, Routes},
    prelude::*,
    store::{CredentialStore, NewCredential},
};

const PASSWORD: &str = "correct horse battery";

struct Accounts {
    engine: Engine<MemoryStore>,
    notified: AtomicU32,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {
    async fn on_after_verify(&self, _: &User) {
        self.notified.fetch_add(1, Ordering::Relaxed);
    }
}

/// Accounts with one user who has a badge.
async fn accounts(engine: EngineBuilder<MemoryStore>) -> (Arc<Accounts>, User) {
    let accounts = Arc::new(Accounts { engine: engine.build().unwrap(), notified: AtomicU32::new(0) });
    accounts.check().unwrap();
    let cx = Context::default();
    let user = accounts.register(Register::new("ada@example.com", PASSWORD), &cx).await.unwrap();
    let store = accounts.engine.store();
    let mut tx = store.begin().await.unwrap();
    let badge = NewCredential::new(user.id, BADGE, "1815", accounts.engine.now());
    store.insert_credential(&mut tx, &badge).await.unwrap();
    store.commit(tx).await.unwrap();
    (accounts, user)
}

fn engine() -> EngineBuilder<MemoryStore> {
    Engine::builder(MemoryStore::new()).backend(Backend::bearer("bearer", Database::new()))
}

/// The status of the route's response, if the route is mounted.
async fn shown(accounts: &Arc<Accounts>, token: &str) -> Option<StatusCode> {
    let routes = Routes::<Accounts>::all().served_by(&accounts.engine);
    let route = routes.iter().find(|route| route.endpoint() == Endpoint::ShowBadge)?;
    let request = Request::post(route.path()).header("authorization", format!("Bearer {token}"));
    let (parts, ()) = request.body(()).unwrap().into_parts();
    Some(route.answer(accounts.clone(), parts, Ok(bytes::Bytes::new()), None).await.status)
}

#[tokio::test]
async fn a_slice_brings_a_credential_a_route_and_a_notification_by_its_folder_and_one_line() {
    let (accounts, _) = accounts(engine().outbox().with(Badges)).await;
    let cx = Context::default();

    let login = accounts.login(Credentials::new("ada@example.com", PASSWORD), "bearer", &cx).await;
    let Err(LoginError::SecondFactorRequired(pending)) = login else { panic!("the badge is asked for: {login:?}") };
    let wrong = accounts.finish_login(&pending.token, &Proof::new(BADGE, "1816"), "bearer", &cx).await;
    assert!(matches!(wrong, Err(LoginError::BadSecondFactor)));
    let login = accounts.finish_login(&pending.token, &Proof::new(BADGE, "1815"), "bearer", &cx).await.unwrap();

    assert_eq!(shown(&accounts, login.token.expose()).await, Some(StatusCode::NO_CONTENT));
    accounts.deliver_due().await.unwrap();
    assert_eq!(accounts.notified.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn without_an_outbox_the_hook_is_called_at_once() {
    let (accounts, user) = accounts(engine().with(Badges)).await;
    let principal = Context::default();
    let begun = crate::op::Begun::new(&*accounts, &principal).unwrap();
    let op = begun.op();
    assert!(super::operations::show(op, &user).await.unwrap());
    assert_eq!(accounts.notified.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn an_engine_without_the_part_has_none_of_it() {
    let (accounts, _) = accounts(engine()).await;
    let cx = Context::default();
    let login = accounts.login(Credentials::new("ada@example.com", PASSWORD), "bearer", &cx).await.unwrap();
    assert_eq!(shown(&accounts, login.token.expose()).await, None);
    assert!(Route::all().any(|route| route.endpoint == Endpoint::ShowBadge), "the row exists without the part too");
}
