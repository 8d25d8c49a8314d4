//! The reference server: every part of the library, configured from outside. Tests, benchmarks and evaluators drive it.

mod accounts;
mod commands;
mod options;
mod serve;

use std::{error::Error, process::ExitCode};

use accounts::Accounts;
use clap::Parser;
use options::{Cli, Command};
use usermgr::prelude::*;

#[tokio::main]
async fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::from_default_env();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(Cli { options, command }: Cli) -> Result<(), Box<dyn Error>> {
    let store = SqliteStore::open(&options.database_url.0).await?;
    if let Some(Command::Migrate) = command {
        println!("the database is up to date");
        return Ok(());
    }
    let accounts = Accounts::new(&options, store)?;
    accounts.check()?;
    match command.unwrap_or(Command::Serve) {
        Command::Serve => serve::serve(&options, accounts).await,
        Command::CreateSuperuser { email, password_stdin } => {
            commands::create_superuser(&accounts, &email, password_stdin).await
        }
        Command::Promote { email } => commands::promote(&accounts, &email).await,
        Command::ListUsers => commands::list_users(&accounts).await,
        Command::Migrate => Ok(()),
    }
}
