//! The part: its settings, and what is refused at the start.

use std::time::Duration;

use super::rig::{ADA, World, address, cx};
use crate::{
    Fault, LoginError, MemoryStore,
    error::HookFuture,
    mail::{Message, Messenger},
    prelude::*,
};

struct Plain {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Plain {}

struct Silence;

impl Messenger<MemoryStore> for Silence {
    fn send<'a>(&'a self, _: Message<'a, MemoryStore>, _: &'a Context) -> HookFuture<'a, HookError> {
        Box::pin(async { Ok(()) })
    }
}

#[test]
fn a_part_whose_mails_no_one_sends_is_refused_by_check() {
    let engine = || Engine::builder(MemoryStore::new()).backend(Backend::bearer("bearer", Database::new()));
    let check = |engine: crate::engine::EngineBuilder<MemoryStore>| Plain { engine: engine.build().unwrap() }.check();
    assert!(check(engine()).is_ok());
    let error = check(engine().with(MailLogin::new())).unwrap_err().to_string();
    assert!(error.contains("`MailLogin` mails nothing") && error.contains("on_after_request_login"), "{error}");
    assert!(check(engine().with(MailLogin::new()).messenger(Silence)).is_ok());
    // The hook alone is enough, as in the other tests.
    World::with(MemoryStore::new(), MailLogin::new(), |engine| engine);
}

#[test]
fn a_lifetime_has_its_limits_and_a_part_is_added_once() {
    let built = |part: MailLogin| Engine::new(MemoryStore::<NoProfile>::new()).with(part).map(drop);
    let seconds = Duration::from_secs;
    for part in [MailLogin::new().link_lifetime(seconds(900)), MailLogin::new().code_lifetime(seconds(600))] {
        assert!(built(part).is_ok());
    }
    for (part, name) in [
        (MailLogin::new().link_lifetime(seconds(901)), "`link_lifetime` must be from 1 to 900 seconds"),
        (MailLogin::new().link_lifetime(Duration::from_millis(999)), "`link_lifetime`"),
        (MailLogin::new().code_lifetime(seconds(601)), "`code_lifetime` must be from 1 to 600 seconds"),
        (MailLogin::new().code_lifetime(Duration::ZERO), "`code_lifetime`"),
    ] {
        let error = built(part).unwrap_err().to_string();
        assert!(error.contains(name), "{error}");
    }
    let twice = Engine::new(MemoryStore::<NoProfile>::new()).with(MailLogin::new()).unwrap().with(MailLogin::new());
    assert!(twice.unwrap_err().to_string().contains("added twice"));
}

#[tokio::test]
async fn ml1_lifetimes_can_be_shorter() {
    let part = MailLogin::new().link_lifetime(Duration::from_secs(60)).code_lifetime(Duration::from_secs(30));
    for (seconds, link, code) in [(29, true, true), (30, true, false), (59, true, false), (60, false, false)] {
        let world = World::with(MemoryStore::new(), part, |engine| engine);
        world.add(ADA, |new| new.verified(true)).await;
        let (by_link, by_code) = (world.link_proof().await, world.code_proof().await);
        world.wait(seconds);
        let entered = (world.enter(&by_link).await.is_ok(), world.enter(&by_code).await.is_ok());
        assert_eq!(entered, (link, code), "after {seconds} s");
    }
}

#[tokio::test]
async fn ml1_ml2_links_or_codes_alone() {
    for (part, has_link, has_code) in [
        (MailLogin::new(), true, true),
        (MailLogin::new().links_only(), true, false),
        (MailLogin::new().codes_only(), false, true),
    ] {
        let world = World::with(MemoryStore::new(), part, |engine| engine);
        world.add(ADA, |new| new.verified(true)).await;
        let request = world.ask(ADA).await;
        assert_eq!((world.link(ADA).is_some(), world.code(ADA).is_some()), (has_link, has_code));
        // What was sent before the setting was changed does not log in either.
        let other = World::with(world.accounts.engine.store().clone(), MailLogin::new(), |engine| engine);
        let before = other.link_proof().await;
        assert_eq!(world.enter(&before).await.is_ok(), has_link);
        let before = other.code_proof().await;
        assert_eq!(world.enter(&before).await.is_ok(), has_code);
        assert_eq!(request.expose().len(), 43);
    }
}

#[tokio::test]
async fn without_the_part_the_operations_say_so() {
    let accounts = std::sync::Arc::new(Plain { engine: Engine::new(MemoryStore::new()) });
    let asked = accounts.request_login(&address(ADA), &cx()).await.unwrap_err();
    assert!(matches!(&asked, Fault::Config(error) if error.to_string().contains("`MailLogin`")), "{asked:?}");
    let entered = accounts.login_by_mail(&MailProof::link("x"), "bearer", &cx()).await.unwrap_err();
    assert!(matches!(entered, LoginError::Fault(Fault::Config(_))), "{entered:?}");
}

#[tokio::test]
async fn a_backend_that_does_not_exist_uses_nothing_up() {
    let world = World::open(MemoryStore::new()).await;
    for proof in [world.link_proof().await, world.code_proof().await] {
        let error = world.accounts.login_by_mail(&proof, "other", &cx()).await.unwrap_err();
        assert!(matches!(error, LoginError::UnknownBackend), "{error:?}");
        assert!(world.enter(&proof).await.is_ok());
    }
}

#[tokio::test]
async fn x1_no_secret_of_a_mail_is_shown() {
    let world = World::open(MemoryStore::new()).await;
    let (request, link, code) = (world.ask(ADA).await, world.link(ADA).unwrap(), world.code(ADA).unwrap());
    let mail = LoginMail { link_token: Some(link.clone()), code: Some(code.clone()), expires_at: jiff::Timestamp::MAX };
    let shown = format!("{mail:?} {:?} {request:?}", MailProof::code(request.clone(), code.clone()));
    for secret in [request.expose(), link.expose(), code.expose()] {
        assert!(!shown.contains(secret), "{shown}");
        assert!(!format!("{:?}", world.probe.events()).contains(secret));
    }
}
