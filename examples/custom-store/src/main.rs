//! A user manager over a custom store. The store has no sessions, so the backend uses signed tokens.

mod notebook;

use std::sync::Arc;

use notebook::Notebook;
use usermgr::{ConfigError, prelude::*};

struct Accounts {
    engine: Engine<Notebook>,
}

#[user_manager(store = Notebook, secret = Secret::env_or_file("SECRET", "custom-store.secret"))]
impl Accounts {}

fn accounts() -> Result<Accounts, ConfigError> {
    let engine = Engine::builder(Notebook::default()).backend(Backend::bearer("jwt", Jwt::new())).build()?;
    Ok(Accounts { engine })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let accounts = Arc::new(accounts()?);
    accounts.check()?;
    let app = usermgr::axum::routes::<Accounts, _>().with_state(accounts.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8000").await?;
    println!("listening on http://{}", listener.local_addr()?);
    let deadline = usermgr::axum::serve(listener, app).await?;
    accounts.shutdown(deadline).await;
    Ok(())
}
