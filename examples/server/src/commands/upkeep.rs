//! Upkeep: what a schedule runs, and the worker that delivers mails.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use usermgr::{Admin, prelude::*};

use super::{Done, exit::Failure, print};
use crate::{
    accounts::{Accounts, Store},
    serve::stop_signal,
};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Delivers until it is stopped, or what is due now.
///
/// # Errors
/// There is no place for mails: they would be lost. Or the store failed.
pub(super) async fn deliver<S: Store>(accounts: &Accounts<S>, once: bool) -> Done {
    if !accounts.has_mail() {
        return Err(
            Failure::usage("give --mail-file: without it each mail would be taken from the outbox and lost").into()
        );
    }
    if once {
        return print(&json!({ "delivered": accounts.deliver_due().await? }));
    }
    accounts.deliver(stop_signal()?).await?;
    print(&json!({ "stopped": true }))
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
