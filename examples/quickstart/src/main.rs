use std::sync::Arc;
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = Secret::env_or_file("RESET_SECRET", "shop.secret"), verify_audience = "shop:verify")]
impl Accounts {
    async fn on_after_register(&self, user: &User) {
        println!("{} has registered", user.email);
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let accounts = Arc::new(Accounts { engine: Engine::new(SqliteStore::open("shop.db").await?) });
    let app = usermgr::axum::router(accounts.clone())?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8000").await?;
    println!("{}", usermgr::axum::greeting(listener.local_addr()?));
    let deadline = usermgr::axum::serve(listener, app).await?;
    accounts.shutdown(deadline).await;
    Ok(())
}
