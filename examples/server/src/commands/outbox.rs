//! Mails that were given up: which they are and why, another attempt, and none any more.

use std::{error::Error, io::Write};

use serde_json::json;
use usermgr::{
    Admin, Fault,
    prelude::*,
    store::{FailedEntry, ListQuery, OutboxId, OutboxRecipient},
};
use uuid::Uuid;

use super::{Done, exit::Failure, print};
use crate::{
    accounts::{Accounts, Store},
    options::{Mails, OutboxTask},
};

/// Runs one of the three commands.
///
/// # Errors
/// No mail with this id was given up. Or the store failed.
pub(super) async fn run<S: Store>(accounts: &Accounts<S>, task: &OutboxTask) -> Done {
    match task {
        OutboxTask::List => list(accounts).await,
        OutboxTask::Retry(mails) => {
            let admin = Admin::system("outbox retry");
            let retried = each(accounts, mails, async |id| accounts.retry_undelivered(&admin, id).await).await?;
            print(&json!({ "retried": retried }))?;
            Ok(accounts.deliver_here().await?)
        }
        OutboxTask::Drop(mails) => {
            let admin = Admin::system("outbox drop");
            let dropped = each(accounts, mails, async |id| accounts.delete_undelivered(&admin, id).await).await?;
            print(&json!({ "dropped": dropped }))
        }
    }
}

/// Prints the mails that were given up, one JSON line each.
async fn list<S: Store>(accounts: &Accounts<S>) -> Done {
    let mut out = std::io::stdout().lock();
    for FailedEntry { entry, failed_at, error, .. } in all(accounts).await? {
        let (user, email) = match &entry.recipient {
            OutboxRecipient::User(id) => (Some(id), None),
            OutboxRecipient::Address(email) => (None, Some(email)),
            _ => (None, None),
        };
        let line = json!({
            "id": entry.id.as_str(), "event": entry.event, "user": user, "email": email, "attempts": entry.attempts,
            "failed_at": failed_at, "error": error,
        });
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// Reads all mails that were given up.
async fn all<S: Store>(accounts: &Accounts<S>) -> Result<Vec<FailedEntry<Uuid>>, Fault> {
    let (admin, mut query, mut all) = (Admin::system("outbox"), ListQuery::default(), Vec::new());
    loop {
        let page = accounts.list_undelivered(&admin, query).await?;
        let Some(last) = page.last() else { return Ok(all) };
        query = ListQuery::default().after(last.entry.id.clone());
        all.extend(page);
    }
}

/// Applies an operation to the chosen mails, and returns for how many it was done.
async fn each<S: Store>(
    accounts: &Accounts<S>,
    mails: &Mails,
    operation: impl AsyncFn(&OutboxId) -> Result<bool, Fault>,
) -> Result<u64, Box<dyn Error>> {
    let ids = match mails.all {
        true => all(accounts).await?.into_iter().map(|failed| failed.entry.id).collect(),
        false => mails.ids.iter().map(OutboxId::new).collect::<Vec<_>>(),
    };
    let mut done = 0;
    for id in &ids {
        match operation(id).await? {
            true => done += 1,
            // With all, another process may have been faster.
            false if mails.all => {}
            false => return Err(Failure::no_such_mail(id.as_str()).into()),
        }
    }
    Ok(done)
}
