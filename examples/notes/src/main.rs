//! The program: it serves, or creates a superuser.

use std::{env, error::Error, io, time::Duration};

use notes::{App, accounts::Member};
use tokio::net::TcpListener;
use usermgr::{engine::Deadline, mail::Printer, prelude::*};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    let store = SqliteStore::open(setting("NOTES_DATABASE", "notes.db")).await?;
    let engine = Engine::builder(store).trusted_proxies(setting("NOTES_PROXIES", "0").parse()?);
    let secret = Secret::env_or_file("NOTES_SECRET", setting("NOTES_SECRET_FILE", "notes.secret"));
    let app = App::new(engine, Printer::dangerous(), secret).await?;
    match &env::args().skip(1).collect::<Vec<_>>()[..] {
        [] => serve(app).await?,
        [command, email] if command == "create-superuser" => create_superuser(app, email).await?,
        _ => Err("say `create-superuser EMAIL`, or nothing to serve")?,
    }
    Ok(())
}

fn setting(name: &str, default: &str) -> String {
    env::var(name).unwrap_or_else(|_| default.to_owned())
}

/// Serves until Ctrl-C or SIGTERM. Beside it, mails are sent, and what has expired is deleted once an hour.
async fn serve(app: App) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind(setting("NOTES_LISTEN", "127.0.0.1:8000")).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let accounts = app.accounts.clone();
    accounts.start_delivery()?;
    accounts.start_purging(Duration::from_secs(3600))?;
    let deadline = usermgr::axum::serve(listener, app.router()).await?;
    accounts.shutdown(deadline).await;
    Ok(())
}

/// Creates a superuser, whose password is read from standard input.
async fn create_superuser(app: App, email: &str) -> Result<(), Box<dyn Error>> {
    let password = io::read_to_string(io::stdin())?;
    let member = Member { name: "root".into(), quota: 0, invitation: None };
    let new = NewUser::new(EmailAddress::parse(email)?, member);
    let new = new.password(password.trim_end()).superuser(true).verified(true);
    app.accounts.create(new, &Context::system("create-superuser")).await?;
    app.accounts.deliver_due().await?;
    app.accounts.shutdown(Deadline::after(Duration::from_secs(10))).await;
    Ok(())
}
