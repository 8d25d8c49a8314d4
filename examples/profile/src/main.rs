//! Users with fields of the application, and a handler of the application beside the routes.

use std::sync::Arc;

use axum::{Json, Router, extract::FromRef, routing::get};
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

/// What this shop knows about a customer. Clients cannot set `credits`.
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

#[derive(Clone)]
struct Shop {
    accounts: Arc<Accounts>,
}

impl FromRef<Shop> for Arc<Accounts> {
    fn from_ref(shop: &Shop) -> Self {
        shop.accounts.clone()
    }
}

/// Only the server changes the server's own fields.
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
        .with_state(Shop { accounts: accounts.clone() });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8000").await?;
    println!("listening on http://{}", listener.local_addr()?);
    let deadline = usermgr::axum::serve(listener, app).await?;
    accounts.shutdown(deadline).await;
    Ok(())
}
