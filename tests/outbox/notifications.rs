//! What is delivered through the outbox, and what is in it meanwhile.

use sqlx::Row as _;
use usermgr::{UpdateMe, VerifyError, audit::EventKind, prelude::*, store::OutboxStore as _, testing::FakeClock};

use crate::world::{ADA, Accounts, GOOD, Journal, NEW};

/// A request of a client.
fn request() -> Context {
    Context::system("a test").ip([203, 0, 113, 7].into()).user_agent("curl")
}

const REQUESTED: &str = "by system:a test from 203.0.113.7, curl";

/// Runs all operations with a notification, each with what its hook receives. Between an operation and its delivery no hook is called.
async fn everything<S: crate::world::Store>(store: S, at_rest: impl AsyncFn()) -> Vec<String> {
    let (clock, journal, cx) = (FakeClock::start(), Journal::default(), request());
    let accounts = Accounts::over(store, &clock, &journal);
    let mut secrets = vec![GOOD.to_owned(), NEW.to_owned()];
    let delivered = async |expected: &str| {
        assert_eq!(journal.take(), Vec::<String>::new(), "{expected}: not by the operation");
        at_rest().await;
        assert_eq!(accounts.deliver_due().await.unwrap(), 1, "{expected}");
        assert_eq!(journal.take(), [format!("{expected} {REQUESTED}")]);
        assert_eq!(accounts.deliver_due().await.unwrap(), 0, "{expected}: once");
    };

    let ada = accounts.register(Register::new(ADA, GOOD), &cx).await.unwrap();
    delivered("register(ada@example.com)").await;
    accounts.register(Register::new(ADA, GOOD), &cx).await.unwrap_err();
    delivered("duplicate_register(ada@example.com)").await;

    accounts.request_verify(&ada, &cx).await.unwrap();
    delivered("request_verify(ada@example.com a token to ada@example.com)").await;
    let token: VerifyToken = accounts.token(ADA);
    secrets.push(token.expose().to_owned());
    assert!(accounts.verify(&token, &cx).await.unwrap().is_verified);
    delivered("verify(ada@example.com)").await;
    assert!(matches!(accounts.verify(&token, &cx).await, Err(VerifyError::AlreadyVerified)));

    accounts.forgot_password(&ada, &cx).await.unwrap();
    delivered("forgot_password(ada@example.com a token to ada@example.com)").await;
    let token: ResetToken = accounts.token(ADA);
    secrets.push(token.expose().to_owned());
    let ada = accounts.reset_password(&token, NEW.into(), &cx).await.unwrap();
    delivered("reset_password(ada@example.com)").await;
    let ada = accounts.change_password(&ada, NEW.into(), GOOD.into(), &cx).await.unwrap();
    delivered("change_password(ada@example.com)").await;

    let new = EmailAddress::parse("countess@example.com").unwrap();
    accounts.request_email_change(&ada, &new, &cx).await.unwrap();
    delivered("request_email_change(ada@example.com a token to countess@example.com)").await;
    let token: ChangeEmailToken = accounts.token(new.as_str());
    secrets.push(token.expose().to_owned());
    accounts.confirm_email_change(&token, &cx).await.unwrap();
    delivered("change_email(countess@example.com from ada@example.com)").await;
    for kind in [EventKind::VerificationRequested, EventKind::ResetRequested, EventKind::EmailChangeRequested] {
        assert_eq!(accounts.events(kind).len(), 1, "{kind:?}");
    }
    secrets
}

#[tokio::test]
async fn x6_each_notification_is_written_with_its_change_and_delivered_by_its_hook_afterwards() {
    everything(MemoryStore::new(), async || ()).await;
}

/// One transaction may write several mails.
#[tokio::test]
async fn p14_x6_a_password_and_an_address_that_come_by_an_update_are_both_notified() {
    let (clock, journal, cx) = (FakeClock::start(), Journal::default(), request());
    let accounts = Accounts::over(MemoryStore::new(), &clock, &journal);
    let ada = accounts.register(Register::new(ADA, GOOD), &cx).await.unwrap();
    accounts.deliver_due().await.unwrap();
    journal.take();
    let update = UpdateMe::default().email("countess@example.com").password(NEW);
    accounts.update(&ada, update, &cx).await.unwrap();
    assert_eq!(journal.take(), Vec::<String>::new(), "not by the operation");
    assert_eq!(accounts.deliver_due().await.unwrap(), 2);
    let mut lines = journal.take();
    lines.sort();
    let expected = ["change_email(countess@example.com from ada@example.com)", "change_password(countess@example.com)"];
    assert_eq!(lines, expected.map(|hook| format!("{hook} {REQUESTED}")));
}

#[tokio::test]
async fn x6_no_row_holds_a_token_a_password_or_a_hash() {
    let store: SqliteStore = SqliteStore::in_memory().await.unwrap();
    let pool = store.pool().clone();
    let dumps = std::sync::Mutex::new(Vec::new());
    let dump = async || {
        let columns =
            "id || ' ' || event || ' ' || coalesce(hex(user_id), '') || ' ' || coalesce(email, '') || ' ' || payload";
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!("SELECT {columns} FROM usermgr_outbox")));
        let rows = rows.fetch_all(&pool).await.unwrap();
        dumps.lock().unwrap().extend(rows.iter().map(|row| row.get::<String, _>(0)));
        let account =
            sqlx::query("SELECT password_hash, hex(stamp) FROM usermgr_users").fetch_one(&pool).await.unwrap();
        for secret in [0, 1].map(|column| account.get::<String, _>(column)) {
            assert!(dumps.lock().unwrap().iter().all(|row| !row.to_uppercase().contains(&secret.to_uppercase())));
        }
    };
    let secrets = everything(store, dump).await;
    let dumps = dumps.into_inner().unwrap();
    assert_eq!(dumps.len(), 9, "{dumps:?}");
    for row in &dumps {
        assert!(secrets.iter().all(|secret| !row.contains(secret.as_str())), "{row}");
        assert!(!row.contains("eyJ") && !row.contains("$argon2"), "{row}");
    }
}

#[tokio::test]
async fn x13_a_deleted_user_is_notified_of_nothing() {
    let (clock, journal, cx) = (FakeClock::start(), Journal::default(), Context::default());
    let accounts = Accounts::over(MemoryStore::new(), &clock, &journal);
    let ada = accounts.registered(ADA).await;
    accounts.forgot_password(&ada, &cx).await.unwrap();
    accounts.delete(&ada, &cx).await.unwrap();
    let left = accounts.engine.store().claim(10, accounts.engine.now(), accounts.engine.now()).await.unwrap();
    assert_eq!(left, []);
    // Requested by an admin who does not know yet that the account was deleted.
    accounts.request_verify(&ada, &cx).await.unwrap();
    assert_eq!(accounts.deliver_due().await.unwrap(), 0);
    assert_eq!(journal.take(), Vec::<String>::new());
}

#[tokio::test]
async fn t18_who_is_inactive_or_verified_by_then_gets_no_token() {
    let (clock, journal, cx) = (FakeClock::start(), Journal::default(), Context::default());
    let accounts = Accounts::over(MemoryStore::new(), &clock, &journal);
    let (ada, admin) = (accounts.registered(ADA).await, Admin::system("test"));
    accounts.deliver_due().await.unwrap();
    accounts.request_verify(&ada, &cx).await.unwrap();
    accounts.forgot_password(&ada, &cx).await.unwrap();
    accounts.set_active(&admin, &ada.id, false, &cx).await.unwrap();
    journal.take();
    assert_eq!(accounts.deliver_due().await.unwrap(), 2, "they are done");
    assert_eq!(journal.take(), Vec::<String>::new());
}

/// The request came through a session that the new password has ended; the token would be bound to the new stamp.
#[tokio::test]
async fn t5_a_new_password_ends_an_address_change_that_is_not_mailed_yet() {
    let (clock, journal, cx) = (FakeClock::start(), Journal::default(), Context::system("test"));
    let accounts = Accounts::over(MemoryStore::new(), &clock, &journal);
    let ada = accounts.registered(ADA).await;
    accounts.deliver_due().await.unwrap();
    accounts.request_email_change(&ada, &EmailAddress::parse("thief@example.com").unwrap(), &cx).await.unwrap();
    accounts.change_password(&ada, GOOD.into(), NEW.into(), &cx).await.unwrap();
    journal.take();
    assert_eq!(accounts.deliver_due().await.unwrap(), 2);
    assert_eq!(journal.take(), ["change_password(ada@example.com) by system:test from nowhere, without an agent"]);
}

#[tokio::test]
async fn a_token_is_made_when_it_is_delivered() {
    let (clock, journal, cx) = (FakeClock::start(), Journal::default(), Context::default());
    let accounts = Accounts::over(MemoryStore::new(), &clock, &journal);
    let ada = accounts.registered(ADA).await;
    accounts.forgot_password(&ada, &cx).await.unwrap();
    // The mail was under way for longer than a token lives.
    clock.advance(std::time::Duration::from_secs(7200));
    accounts.deliver_due().await.unwrap();
    accounts.reset_password(&accounts.token(ADA), NEW.into(), &cx).await.unwrap();
}

#[tokio::test]
async fn without_an_outbox_hooks_are_called_at_once_and_no_worker_can_deliver() {
    struct Plain {
        engine: Engine<MemoryStore>,
        journal: std::sync::Mutex<Vec<String>>,
    }

    #[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
    impl Plain {
        async fn on_after_register(&self, user: &User) {
            self.journal.lock().unwrap().push(user.email.to_string());
        }
    }

    let plain = Plain { engine: Engine::new(MemoryStore::new()), journal: Default::default() };
    plain.register(Register::new(ADA, GOOD), &Context::default()).await.unwrap();
    assert_eq!(*plain.journal.lock().unwrap(), [ADA]);
    let error = plain.deliver(std::future::pending()).await.unwrap_err().to_string();
    assert!(error.contains("Engine::builder(store).outbox()"), "{error}");
}
