//! The reference server: every part of the library, configured by options. Tests and benchmarks use it.

mod accounts;
mod commands;
mod import;
mod options;
mod providers;
mod serve;

use std::{error::Error, process::ExitCode, sync::Arc};

use accounts::{Accounts, Store};
use clap::Parser;
use options::{Cli, Command, DatabaseUrl};
use usermgr::{
    limits::{CounterStore, MemoryCounters, RedisCounters},
    prelude::*,
    store::{RedisSessions, WithSessions},
};

#[tokio::main]
async fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::from_default_env();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match open_and_run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            if error.is::<import::Incomplete>() { ExitCode::from(3) } else { ExitCode::FAILURE }
        }
    }
}

/// Opens the store that the options name, runs the command over it, and closes it. The counters of limits are where all processes have
/// them; a file is for one.
async fn open_and_run(cli: Cli) -> Result<(), Box<dyn Error>> {
    macro_rules! over {
        ($open:expr, $counters:expr) => {{
            let store = $open.await?;
            let outcome = match cli.options.redis_url.clone() {
                Some(url) => {
                    let both = WithSessions::new(store.clone(), RedisSessions::open(&url).await?);
                    run(cli, both, Arc::new(RedisCounters::open(&url).await?)).await
                }
                None => run(cli, store.clone(), Arc::new($counters(&store))).await,
            };
            store.close().await;
            outcome
        }};
    }
    match &cli.options.database_url {
        DatabaseUrl::Sqlite(file) => over!(SqliteStore::open(file), |_| MemoryCounters::default()),
        DatabaseUrl::Postgres(url) => over!(PgStore::connect(url), PgStore::clone),
        DatabaseUrl::Mysql(url) => over!(MysqlStore::connect(url), MysqlStore::clone),
        DatabaseUrl::Unknown => Err("--database-url: say `sqlite://FILE`, `postgres://..` or `mysql://..`".into()),
    }
}

async fn run<S: Store>(
    Cli { options, command }: Cli,
    store: S,
    counters: Arc<dyn CounterStore>,
) -> Result<(), Box<dyn Error>> {
    if let Some(Command::Migrate) = command {
        println!("the database is up to date");
        return Ok(());
    }
    if let Some(Command::ImportFastapiUsers { from, table, oauth_table }) = command {
        let tables = import::Tables { users: table, links: oauth_table };
        let judge = import::Judge { rules: accounts::email_rules(&options), hasher: accounts::hasher(&options) };
        return import::run(&store, &from, &tables, &judge).await;
    }
    let accounts = Accounts::new(&options, store, counters)?;
    accounts.check()?;
    match command.unwrap_or(Command::Serve) {
        Command::Serve => serve::serve(&options, accounts).await,
        Command::CreateSuperuser { email, password_stdin } => {
            commands::create_superuser(&accounts, &email, password_stdin).await
        }
        Command::Promote { email } => commands::promote(&accounts, &email).await,
        Command::ListUsers => commands::list_users(&accounts).await,
        Command::Migrate | Command::ImportFastapiUsers { .. } => Ok(()),
    }
}
