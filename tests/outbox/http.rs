//! The routes that ask for a mail: one row for every address, written before the answer.

use std::sync::Arc;

use serde_json::json;
use usermgr::{
    Admin,
    prelude::*,
    store::{OutboxEntry, OutboxStore as _},
    testing::{Client, FakeClock},
};
use uuid::Uuid;

use crate::world::{ADA, Accounts, Behaviour, GOOD, Journal};

type Rows = Vec<OutboxEntry<Uuid>>;

async fn world(journal: &Journal) -> (Arc<Accounts<MemoryStore>>, Client) {
    let clock = FakeClock::start();
    let accounts = Accounts::over(MemoryStore::new(), &clock, journal);
    for email in [ADA, "vera@example.com", "ina@example.com"] {
        accounts.registered(email).await;
    }
    let cx = Context::default();
    let ina = accounts.user("ina@example.com").await;
    accounts.set_active(&Admin::system("test"), &ina.id, false, &cx).await.unwrap();
    accounts.request_verify(&accounts.user("vera@example.com").await, &cx).await.unwrap();
    accounts.deliver_due().await.unwrap();
    accounts.verify(&accounts.token("vera@example.com"), &cx).await.unwrap();
    accounts.deliver_due().await.unwrap();
    journal.take();
    let routes = usermgr::axum::routes::<Accounts<MemoryStore>, Arc<Accounts<MemoryStore>>>();
    let client = Client::new(routes.with_state(accounts.clone()));
    (accounts, client)
}

/// The rows in the outbox, which stay there.
async fn rows(accounts: &Accounts<MemoryStore>) -> Rows {
    let now = accounts.engine.now();
    accounts.engine.store().claim(100, now, now).await.unwrap()
}

#[tokio::test]
async fn e4_forgot_and_request_verify_write_the_same_row_for_every_address_before_they_answer() {
    for (path, event) in
        [("/auth/forgot-password", "forgot_password"), ("/auth/request-verify-token", "request_verify")]
    {
        let journal = Journal::default();
        let (accounts, client) = world(&journal).await;
        // No response waits for a hook.
        journal.set(Behaviour::Hang);
        let mut replies = Vec::new();
        let addresses = [ADA, "vera@example.com", "ina@example.com", "nobody@example.com"];
        for (number, email) in addresses.iter().enumerate() {
            let reply = client.post(path, json!({ "email": email })).await;
            assert_eq!(reply.status, 202, "{email}");
            replies.push(reply.json);
            assert_eq!(rows(&accounts).await.len(), number + 1, "{path} {email}: it is there when the answer is");
        }
        assert!(replies.iter().all(|reply| *reply == replies[0]));
        let rows = rows(&accounts).await;
        assert!(rows.iter().all(|row| row.event == event && row.payload == rows[0].payload), "{rows:?}");
        let recipients: Vec<_> = rows
            .iter()
            .map(|row| match &row.recipient {
                usermgr::store::OutboxRecipient::Address(email) => email.to_string(),
                other => panic!("a row for {other:?}"),
            })
            .collect();
        assert_eq!(recipients.iter().collect::<std::collections::BTreeSet<_>>().len(), addresses.len());
    }
}

#[tokio::test]
async fn only_the_accounts_concerned_get_a_mail() {
    let journal = Journal::default();
    let (accounts, client) = world(&journal).await;
    for path in ["/auth/forgot-password", "/auth/request-verify-token"] {
        for email in ["ADA@example.com", "vera@example.com", "ina@example.com", "nobody@example.com"] {
            client.post(path, json!({ "email": email })).await;
        }
    }
    accounts.deliver_due().await.unwrap();
    let mut lines: Vec<_> = journal.take().into_iter().map(|line| line.split(')').next().unwrap().to_owned()).collect();
    lines.sort();
    // U2: to the address that is stored.
    assert_eq!(
        lines,
        [
            "forgot_password(ada@example.com a token to ada@example.com",
            "forgot_password(vera@example.com a token to vera@example.com",
            "request_verify(ada@example.com a token to ada@example.com",
        ]
    );
}

#[tokio::test]
async fn e5_a_request_for_a_taken_address_leaves_the_same_row_as_for_a_free_one() {
    let journal = Journal::default();
    let (accounts, client) = world(&journal).await;
    client.login("jwt", ADA, GOOD).await;
    for email in ["free@example.com", "vera@example.com"] {
        assert_eq!(client.post("/auth/request-email-change", json!({ "email": email })).await.status, 202);
    }
    let rows = rows(&accounts).await;
    assert_eq!(rows.len(), 2);
    let [first, second] = [&rows[0], &rows[1]].map(|row| {
        let mut payload: serde_json::Value = serde_json::from_str(&row.payload).unwrap();
        payload["address"] = "masked".into();
        (row.event.clone(), row.recipient.clone(), payload)
    });
    assert_eq!(first, second);
    accounts.deliver_due().await.unwrap();
    let lines = journal.take();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(
        lines[0].starts_with("request_email_change(ada@example.com a token to free@example.com) by a user through jwt")
    );
}
