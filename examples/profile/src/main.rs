//! Users with fields of the application's own, and a handler of its own beside the routes.

use std::sync::Arc;

use axum::{Json, Router, extract::FromRef, routing::get};
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

/// What this shop knows of a customer. `credits` is not for clients to set.
#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
struct Customer {
    name: String,
    nickname: Option<String>,
    #[profile(server)]
    credits: u32,
}

struct Accounts {
    engine: Engine<SqliteStore<Customer>>,
}

#[user_manager(store = SqliteStore<Customer>, secret = Secret::env_or_file("SECRET", "profile.secret"))]
impl Accounts {
    async fn on_before_register(&self, draft: &mut Draft<Customer>) -> Result<(), Rejection> {
        if draft.profile.name.trim().is_empty() {
            return Err(Rejection::new("NAME_REQUIRED").reason("what shall we call you?").status(400));
        }
        Ok(())
    }

    async fn on_after_register(&self, user: &User<Customer>) {
        println!("{} <{}> has registered", user.profile.name, user.email);
    }
}

type CurrentUser = usermgr::axum::CurrentUser<Accounts>;

#[derive(Clone, FromRef)]
struct Shop {
    accounts: Arc<Accounts>,
}

/// What only the server may change is changed by the server.
async fn credits(user: CurrentUser) -> Json<u32> {
    Json(user.profile.credits)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let accounts = Arc::new(Accounts { engine: Engine::new(SqliteStore::open("profile.db").await?) });
    accounts.check()?;
    let app = Router::new()
        .route("/credits", get(credits))
        .merge(usermgr::axum::routes::<Accounts, Shop>())
        .with_state(Shop { accounts });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8000").await?;
    println!("listening on http://{}", listener.local_addr()?);
    usermgr::axum::serve(listener, app).await?;
    Ok(())
}
