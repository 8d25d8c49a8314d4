//! Upkeep: what a schedule runs, and the worker that delivers mails.

use std::{future::pending, time::Duration};

use jiff::Timestamp;
use serde_json::json;
use usermgr::{Admin, engine::Deadline, prelude::*};

use super::{Done, exit::Failure, print};
use crate::{
    accounts::{Accounts, Store},
    serve::stop_signal,
};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Delivers until it is stopped, and then ends by the returned deadline.
///
/// # Errors
/// There is no place for mails: they would be lost.
pub(super) async fn deliver<S: Store>(
    accounts: &Accounts<S>,
    patience: Duration,
) -> Result<Deadline, Box<dyn std::error::Error>> {
    demand_mail(accounts)?;
    let stop = stop_signal()?;
    let stopping = async {
        stop.await;
        let deadline = Deadline::after(patience);
        accounts.shutdown(deadline).await;
        Ok(deadline)
    };
    let (deadline, ()) = tokio::try_join!(stopping, accounts.deliver(pending()))?;
    print(&json!({ "stopped": true }))?;
    Ok(deadline)
}

/// Delivers what is due now.
///
/// # Errors
/// There is no place for mails: they would be lost. Or the store failed.
pub(super) async fn deliver_due<S: Store>(accounts: &Accounts<S>) -> Done {
    demand_mail(accounts)?;
    print(&json!({ "delivered": accounts.deliver_due().await? }))
}

fn demand_mail<S: Store>(accounts: &Accounts<S>) -> Result<(), Failure> {
    if accounts.has_mail() {
        return Ok(());
    }
    Err(Failure::usage("give --mail-file: without it each mail would be taken from the outbox and lost"))
}

/// Deletes what has expired, and mails that have failed long ago.
///
/// # Errors
/// The store failed.
pub(super) async fn purge<S: Store>(accounts: &Accounts<S>, failed_mails: Option<u32>) -> Done {
    let rows = accounts.engine().purge().await?;
    let mails = match failed_mails {
        Some(days) => {
            let before = accounts.engine().now().checked_sub(DAY.saturating_mul(days)).unwrap_or(Timestamp::MIN);
            accounts.purge_undelivered(before).await?
        }
        None => 0,
    };
    print(&json!({ "rows": rows, "failed_mails": mails }))
}

/// Seals what rows keep secret with the current secret.
///
/// # Errors
/// The store failed. Or some rows do not open with any secret.
pub(super) async fn reseal<S: Store>(accounts: &Accounts<S>) -> Done {
    let done = accounts.reseal(&Admin::system("reseal"), &Context::system("reseal")).await?;
    print(&json!({ "rows": done.rows, "unreadable": done.unreadable }))?;
    match done.unreadable {
        0 => Ok(()),
        _ => Err(Failure::in_part("some rows open with none of the secrets: give the one that sealed them").into()),
    }
}
