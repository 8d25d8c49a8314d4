//! The program: it serves, or creates a superuser.

use std::{env, error::Error, future, io, sync::Arc, time::Duration};

use notes::App;
use notes::accounts::{Accounts, Member, Printer};
use tokio::net::TcpListener;
use usermgr::{engine::Deadline, prelude::*};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    let store = SqliteStore::open(setting("NOTES_DATABASE", "notes.db")).await?;
    let engine = Engine::builder(store).trusted_proxies(setting("NOTES_PROXIES", "0").parse()?);
    let secret = Secret::env_or_file("NOTES_SECRET", setting("NOTES_SECRET_FILE", "notes.secret"));
    let app = App::new(engine, Printer, secret).await?;
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

/// Serves until Ctrl-C or SIGTERM, and sends the mails of what was answered.
async fn serve(app: App) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind(setting("NOTES_LISTEN", "127.0.0.1:8000")).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let accounts = app.accounts.clone();
    let purging = tokio::spawn(purge(accounts.clone()));
    let serving = async {
        let deadline = usermgr::axum::serve(listener, app.router()).await?;
        purging.abort();
        accounts.shutdown(deadline).await;
        Ok::<_, Box<dyn Error>>(())
    };
    let delivering = async { Ok(accounts.deliver(future::pending()).await?) };
    tokio::try_join!(serving, delivering)?;
    Ok(())
}

/// Deletes what has expired, once an hour.
async fn purge(accounts: Arc<Accounts>) {
    loop {
        if let Err(error) = accounts.engine.purge().await {
            eprintln!("expired rows stay for another hour: {error}");
        }
        tokio::time::sleep(Duration::from_secs(3600)).await;
    }
}

/// Creates a superuser, whose password is read from standard input.
async fn create_superuser(app: App, email: &str) -> Result<(), Box<dyn Error>> {
    let password = Some(io::read_to_string(io::stdin())?.trim_end().into());
    let member = Member { name: "root".into(), quota: 0, invitation: None };
    let new = NewUser::new(EmailAddress::parse(email)?, member);
    let new = NewUser { password, is_superuser: true, is_verified: true, ..new };
    app.accounts.create(new, &Context::system("create-superuser")).await?;
    app.accounts.deliver_due().await?;
    app.accounts.shutdown(Deadline::after(Duration::from_secs(10))).await;
    Ok(())
}
