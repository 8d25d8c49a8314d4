//! The reference server: every part of the library, configured from outside. Tests, benchmarks and evaluators drive it.

mod accounts;
mod commands;
mod options;

use std::{error::Error, io::Write, net::SocketAddr, process::ExitCode, sync::Arc};

use accounts::Accounts;
use axum::{
    Router,
    http::{HeaderValue, Method, header},
    routing::get,
};
use clap::Parser;
use options::{Cli, Command, Options};
use tokio::{net::TcpListener, signal};
use tower_http::cors::CorsLayer;
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
        Command::Serve => serve(&options, accounts).await,
        Command::CreateSuperuser { email, password_stdin } => {
            commands::create_superuser(&accounts, &email, password_stdin).await
        }
        Command::Promote { email } => commands::promote(&accounts, &email).await,
        Command::ListUsers => commands::list_users(&accounts).await,
        Command::Migrate => Ok(()),
    }
}

async fn serve(options: &Options, accounts: Accounts) -> Result<(), Box<dyn Error>> {
    let accounts = Arc::new(accounts);
    let app = Router::new()
        .route("/healthz", get(async || "ok"))
        .merge(usermgr::axum::routes::<Accounts, _>())
        .merge(usermgr::axum::session_routes())
        .merge(usermgr::axum::directory_routes())
        .fallback(usermgr::axum::not_found)
        .with_state(accounts.clone());
    let app = match &*options.allow_origin {
        [] => app,
        origins => app.layer(cors(origins)?),
    };
    let listener = TcpListener::bind(options.listen).await?;
    let address = listener.local_addr()?;
    let mut out = std::io::stdout();
    writeln!(out, "listening on http://{address}")?;
    out.flush()?;
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app).with_graceful_shutdown(stop_signal()).await?;
    accounts.engine().settle().await;
    accounts.engine().store().close().await;
    Ok(())
}

/// Lets the pages of the allowed origins read answers, cookies included.
fn cors(origins: &[String]) -> Result<CorsLayer, Box<dyn Error>> {
    let origins = origins.iter().map(HeaderValue::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(CorsLayer::new()
        .allow_origin(origins)
        .allow_credentials(true)
        .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE]))
}

/// Ends when the server shall.
async fn stop_signal() {
    #[cfg(unix)]
    let terminated = async {
        if let Ok(mut stream) = signal::unix::signal(signal::unix::SignalKind::terminate()) {
            stream.recv().await;
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = terminated => {}
        _ = signal::ctrl_c() => {}
    }
}
