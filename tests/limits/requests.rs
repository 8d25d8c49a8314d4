//! Requests for mail by an application's own calls: counted as those of the routes, unless the application itself or a hook asks.

use std::sync::{Arc, Mutex};

use usermgr::{
    Backend, ChangeEmailError, Fault, Limits, RegisterError, ResetError, VerifyError,
    context::Actor,
    limits::Limit,
    password::{Argon2Params, Argon2id},
    prelude::*,
};
use usermgr_tests::PASSWORD;

struct Accounts {
    engine: Engine<MemoryStore>,
    mails: Mutex<Vec<&'static str>>,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {
    async fn on_after_register(&self, user: &User, cx: &Context) -> Result<(), HookError> {
        Ok(self.request_verify(user, cx).await?)
    }

    async fn on_after_request_verify(&self, _: &User, _: &VerifyToken) {
        self.mails.lock().unwrap().push("verify");
    }

    async fn on_after_forgot_password(&self, _: &User, _: &ResetToken) {
        self.mails.lock().unwrap().push("reset");
    }

    async fn on_after_request_email_change(&self, _: &User, _: &EmailAddress, _: &ChangeEmailToken) {
        self.mails.lock().unwrap().push("change");
    }
}

async fn world(limits: Limits) -> (Arc<Accounts>, User) {
    let engine = Engine::builder(MemoryStore::new())
        .backend(Backend::bearer("bearer", Database::new()))
        .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
        .limits(limits)
        .build()
        .unwrap();
    let accounts = Arc::new(Accounts { engine, mails: Mutex::default() });
    let ada = accounts.register(Register::new("ada@example.com", PASSWORD), &from("192.0.2.1")).await.unwrap();
    (accounts, ada)
}

impl Accounts {
    async fn mails(&self) -> Vec<&'static str> {
        self.engine.settle().await;
        std::mem::take(&mut *self.mails.lock().unwrap())
    }
}

fn from(ip: &str) -> Context {
    Context::default().ip(ip.parse().unwrap())
}

#[tokio::test]
async fn l8_a_call_of_the_application_shares_the_budget_of_the_routes() {
    let (accounts, ada) = world(Limits::default().mails_per_address(Limit::new(3))).await;
    let cx = from("192.0.2.1");
    assert_eq!(accounts.mails().await, ["verify"], "the mail of the registration, by its hook, is counted there");

    accounts.request_verify(&ada, &cx).await.unwrap();
    accounts.request_verify_for(&ada.email, &cx).await.unwrap();
    accounts.request_verify(&ada, &cx).await.unwrap();
    let limited = accounts.request_verify(&ada, &cx).await;
    assert!(matches!(limited, Err(VerifyError::Fault(Fault::Limited { .. }))), "{limited:?}");
    let limited = accounts.request_verify_for(&ada.email, &cx).await;
    assert!(matches!(limited, Err(Fault::Limited { .. })), "{limited:?}");
    assert_eq!(accounts.mails().await, ["verify"; 3]);

    accounts.forgot_password(&ada, &cx).await.unwrap();
    accounts.request_reset_for(&ada.email, &cx).await.unwrap();
    accounts.forgot_password(&ada, &cx).await.unwrap();
    let limited = accounts.forgot_password(&ada, &cx).await;
    assert!(matches!(limited, Err(ResetError::Fault(Fault::Limited { .. }))), "{limited:?}");
    let limited = accounts.request_reset_for(&ada.email, &cx).await;
    assert!(matches!(limited, Err(Fault::Limited { .. })), "{limited:?}");
    assert_eq!(accounts.mails().await, ["reset"; 3]);
}

#[tokio::test]
async fn l8_a_free_address_is_counted_like_a_taken_one() {
    let (accounts, _) = world(Limits::default().mails_per_address(Limit::new(2))).await;
    let (nobody, cx) = (EmailAddress::parse("nobody@example.com").unwrap(), from("192.0.2.1"));
    for _ in 0..2 {
        accounts.request_verify_for(&nobody, &cx).await.unwrap();
        accounts.request_reset_for(&nobody, &cx).await.unwrap();
    }
    assert!(matches!(accounts.request_verify_for(&nobody, &cx).await, Err(Fault::Limited { .. })));
    assert!(matches!(accounts.request_reset_for(&nobody, &cx).await, Err(Fault::Limited { .. })));
    assert_eq!(accounts.mails().await, ["verify"], "that of the registration");
}

#[tokio::test]
async fn l8_a_new_address_is_counted_for_every_caller_and_what_sends_no_mail_is_not() {
    let (accounts, ada) = world(Limits::default().mails_per_address(Limit::new(2))).await;
    let bob = accounts.register(Register::new("bob@example.com", PASSWORD), &from("192.0.2.1")).await.unwrap();
    let login = accounts.login(Credentials::new("ada@example.com", PASSWORD), "bearer", &from("192.0.2.1")).await;
    let actor = Actor::User { id: ada.id.to_string(), session: login.unwrap().login.session };
    let cx = from("192.0.2.1").actor(actor);
    accounts.mails().await;
    for _ in 0..4 {
        let taken = accounts.request_email_change(&ada, &bob.email, &cx).await;
        assert!(matches!(taken, Err(ChangeEmailError::AlreadyExists)), "{taken:?}");
    }
    let new = EmailAddress::parse("countess@example.com").unwrap();
    accounts.request_email_change(&ada, &new, &cx).await.unwrap();
    accounts.request_email_change_discreetly(&ada, &new, &cx).await.unwrap();
    let limited = accounts.request_email_change(&ada, &new, &cx).await;
    assert!(matches!(limited, Err(ChangeEmailError::Fault(Fault::Limited { .. }))), "{limited:?}");
    let limited = accounts.request_email_change_discreetly(&ada, &new, &cx).await;
    assert!(matches!(limited, Err(ChangeEmailError::Fault(Fault::Limited { .. }))), "{limited:?}");
    assert_eq!(accounts.mails().await, ["change"; 2]);
}

#[tokio::test]
async fn l8_the_application_itself_is_not_counted() {
    let (accounts, ada) = world(Limits::default().mails_per_address(Limit::new(1))).await;
    let cx = Context::system("reminder").ip("192.0.2.1".parse().unwrap());
    accounts.mails().await;
    for _ in 0..4 {
        accounts.request_verify(&ada, &cx).await.unwrap();
        accounts.request_reset_for(&ada.email, &cx).await.unwrap();
    }
    assert_eq!(accounts.mails().await.len(), 8);
    // Nor does it use up what others have.
    accounts.request_verify(&ada, &from("192.0.2.1")).await.unwrap();
    accounts.forgot_password(&ada, &from("192.0.2.1")).await.unwrap();
}

#[tokio::test]
async fn l8_what_a_hook_asks_for_is_counted_where_the_hook_was_called() {
    let (accounts, ada) = world(Limits::default().mails_per_address(Limit::new(1))).await;
    let cx = from("192.0.2.1");
    let another = accounts.register(Register::new("ada@example.com", PASSWORD), &cx).await;
    assert!(matches!(another, Err(RegisterError::Fault(Fault::Limited { .. }))), "{another:?}");
    accounts.request_verify(&ada, &cx).await.unwrap();
    assert!(accounts.request_verify(&ada, &cx).await.is_err(), "one that no hook asks for");
    // A task that the hook spawns would be one of these: the mark is of what is awaited.
    let (owned, user) = (accounts.clone(), ada.clone());
    let spawned = tokio::spawn(async move { owned.request_verify(&user, &from("192.0.2.1")).await });
    assert!(spawned.await.unwrap().is_err());
}

#[tokio::test]
async fn a_discreet_registration_of_the_application_says_the_same_of_a_free_and_a_taken_address() {
    let (accounts, _) = world(Limits::default().mails_per_address(Limit::new(2))).await;
    let cx = from("192.0.2.1");
    for email in ["ada@example.com", "new@example.com"] {
        accounts.register_discreetly(Register::new(email, PASSWORD), &cx).await.unwrap();
    }
    assert_eq!(accounts.mails().await, ["verify"; 2], "of the two that were free");
    let limited = accounts.register_discreetly(Register::new("ada@example.com", PASSWORD), &cx).await;
    assert!(matches!(limited, Err(RegisterError::Fault(Fault::Limited { .. }))), "{limited:?}");
    let found = accounts.get_by_email(&EmailAddress::for_lookup("new@example.com")).await.unwrap();
    assert!(found.is_some());
}
