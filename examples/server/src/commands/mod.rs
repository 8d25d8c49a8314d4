//! The commands other than serving: what an operator does at the terminal. They call the public operations of the library. Each result
//! is one JSON line; an error is said on the standard error stream, and decides the exit code.

mod change;
pub(crate) mod check;
mod create;
pub(crate) mod exit;
pub(crate) mod mails;
mod outbox;
mod upkeep;
mod users;

use std::{error::Error, io::Write, time::Duration};

use serde::Serialize;
use usermgr::engine::Deadline;

use crate::{
    accounts::{Accounts, Store},
    options::Command,
};

type Done = Result<(), Box<dyn Error>>;

/// Runs a command over the accounts. One that runs until it is stopped has the time `patience` to end, and returns its deadline.
///
/// # Errors
/// Those of its operation, from which [`exit::code`] makes the exit code.
pub(crate) async fn run<S: Store>(
    accounts: &Accounts<S>,
    command: Command,
    patience: Duration,
) -> Result<Option<Deadline>, Box<dyn Error>> {
    let done = match command {
        Command::Check { .. } => check::check(accounts).await,
        Command::CreateSuperuser { email, password_stdin } => create::superuser(accounts, &email, password_stdin).await,
        Command::CreateUser { email, username, password_stdin, verified } => {
            create::user(accounts, &email, username.as_deref(), password_stdin, verified).await
        }
        Command::CreateServiceAccount { name, scope } => create::service_account(accounts, &name, scope).await,
        Command::Invite { email } => create::invite(accounts, &email).await,
        Command::ListUsers => users::list(accounts, |_| true).await.map(drop),
        Command::Find(conditions) => users::find(accounts, &conditions).await,
        Command::Show(chosen) => users::show(accounts, &chosen).await,
        Command::Promote(chosen) => change::promote(accounts, &chosen).await,
        Command::Demote(chosen) => change::demote(accounts, &chosen).await,
        Command::Block(chosen) => change::set_active(accounts, &chosen, "block", false).await,
        Command::Unblock(chosen) => change::set_active(accounts, &chosen, "unblock", true).await,
        Command::SendReset(chosen) => change::send_reset(accounts, &chosen).await,
        Command::EndSessions(chosen) => change::end_sessions(accounts, &chosen).await,
        Command::RemoveFactors(chosen) => change::remove_all_factors(accounts, &chosen).await,
        Command::DeleteUser(chosen) => change::delete(accounts, &chosen).await,
        Command::Deliver { once: false } => return upkeep::deliver(accounts, patience).await.map(Some),
        Command::Deliver { once: true } => upkeep::deliver_due(accounts).await,
        Command::Outbox(task) => outbox::run(accounts, &task).await,
        Command::Purge { failed_mails } => upkeep::purge(accounts, failed_mails).await,
        Command::Reseal => upkeep::reseal(accounts).await,
        // These need no accounts.
        Command::Serve
        | Command::Migrate
        | Command::ImportFastapiUsers { .. }
        | Command::SendTestMail { .. }
        | Command::PreviewMails { .. } => Ok(()),
    };
    done.map(|()| None)
}

/// Prints one JSON line.
fn print(line: &impl Serialize) -> Done {
    writeln!(std::io::stdout(), "{}", serde_json::to_string(line)?)?;
    Ok(())
}
