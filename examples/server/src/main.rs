//! The reference server: every part of the library, configured by options. Tests and benchmarks use it.

mod accounts;
mod audit;
mod commands;
mod factors;
mod import;
mod log;
mod metrics;
mod options;
mod post;
mod private_file;
mod providers;
mod serve;

use std::{error::Error, process::ExitCode, sync::Arc, time::Duration};

use accounts::{Accounts, Store};
use audit::Trail;
use clap::Parser;
use commands::exit;
use options::{Cli, Command, CountersIn, DatabaseUrl, Options};
use usermgr::{
    engine::Deadline,
    limits::{CounterStore, MemoryCounters, RedisCounters},
    prelude::*,
    sql::SqlOptions,
    store::{RedisSessions, WithSessions},
    user::UsernameRules,
};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let form = cli.options.log;
    log::start(form);
    if let Some(warning) = &cli.options.argon2.warning {
        log::warn(form, warning);
    }
    match in_runtime(open_and_run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log::end(form, &*error);
            ExitCode::from(exit::code(&*error))
        }
    }
}

/// Runs the program to its end, and does not wait for what still runs then, such as a name that is being resolved. `#[tokio::main]` would
/// wait for it without a limit.
fn in_runtime<T>(program: impl Future<Output = Result<T, Box<dyn Error>>>) -> Result<T, Box<dyn Error>> {
    let runtime = tokio::runtime::Runtime::new()?;
    let outcome = runtime.block_on(program);
    runtime.shutdown_background();
    outcome
}

/// Opens the store that the options name, runs the command over it, and closes it in a limited time.
async fn open_and_run(cli: Cli) -> Result<(), Box<dyn Error>> {
    let seconds = |seconds| Duration::from_secs(u64::from(seconds));
    let limit = seconds(cli.options.statement_timeout);
    let sql = SqlOptions::new().prefix(&cli.options.table_prefix).statement_timeout(limit);
    let sql = match &cli.command {
        Some(Command::Check { health: true }) => return commands::check::health(cli.options.listen),
        // These two need no database.
        Some(Command::SendTestMail { to }) => return commands::mails::send_test(&cli.options, to).await,
        Some(Command::PreviewMails { folder }) => return commands::mails::preview(&cli.options, folder),
        Some(Command::Check { .. }) => sql.without_migrating(),
        _ => sql,
    };
    let patience = seconds(cli.options.shutdown_timeout);
    let trail = Trail::open(cli.options.audit_file.as_deref())?;
    macro_rules! over {
        ($store:ty: $open:expr, $counters:expr) => {{
            let store: $store = $open.await?;
            let counters = counters(&cli.options, &store, $counters).await?;
            let outcome = match cli.options.redis_url.clone() {
                Some(url) => {
                    let both = WithSessions::new(store.clone(), RedisSessions::open(&url).await?);
                    run(cli, both, counters, &trail).await
                }
                None => run(cli, store.clone(), counters, &trail).await,
            };
            // What is stopped has its deadline since the signal.
            let deadline = outcome.as_ref().ok().copied().flatten().unwrap_or_else(|| Deadline::after(patience));
            deadline.bound(store.close()).await;
            outcome.map(drop)
        }};
    }
    let outcome = match &cli.options.database_url {
        DatabaseUrl::Sqlite(file) => over!(SqliteStore: sql.open(file), CountersIn::Memory),
        DatabaseUrl::Postgres(url) => over!(PgStore: sql.connect(url), CountersIn::Database),
        DatabaseUrl::Mysql(url) => over!(MysqlStore: sql.connect(url), CountersIn::Database),
        DatabaseUrl::Unknown => Err("--database-url: say `sqlite://FILE`, `postgres://..` or `mysql://..`".into()),
    };
    trail.flush();
    outcome
}

/// The counters of limits, by themselves where all processes have them: a file is for one.
async fn counters(
    options: &Options,
    store: &(impl CounterStore + Clone),
    usual: CountersIn,
) -> Result<Arc<dyn CounterStore>, Box<dyn Error>> {
    let redis = options.redis_url.as_deref();
    let usual = if redis.is_some() { CountersIn::Redis } else { usual };
    Ok(match (options.counters.unwrap_or(usual), redis) {
        (CountersIn::Memory, _) => Arc::new(MemoryCounters::default()),
        (CountersIn::Database, _) => Arc::new(store.clone()),
        (CountersIn::Redis, Some(url)) => Arc::new(RedisCounters::open(url).await?),
        (CountersIn::Redis, None) => return Err(exit::Failure::usage("--counters redis needs --redis-url").into()),
    })
}

/// Runs the command. A server, or another command that is stopped, returns the deadline that it has ended by.
async fn run<S: Store>(
    Cli { options, command }: Cli,
    store: S,
    counters: Arc<dyn CounterStore>,
    trail: &Trail,
) -> Result<Option<Deadline>, Box<dyn Error>> {
    match command.unwrap_or(Command::Serve) {
        Command::Migrate => {
            println!("the database is up to date");
        }
        Command::ImportFastapiUsers { from, table, oauth_table } => {
            let tables = import::Tables { users: table, links: oauth_table };
            let judge = import::Judge {
                rules: accounts::email_rules(&options),
                hasher: accounts::hasher(&options),
                names: options.usernames.then(UsernameRules::new),
            };
            import::run(&store, &from, &tables, &judge).await?;
        }
        command => {
            let accounts = Accounts::new(&options, store, counters, trail.clone())?;
            accounts.check()?;
            match command {
                Command::Serve => return serve::serve(&options, accounts, trail).await.map(Some),
                command => {
                    let patience = Duration::from_secs(options.shutdown_timeout.into());
                    return commands::run(&accounts, command, patience).await;
                }
            }
        }
    }
    Ok(None)
}
