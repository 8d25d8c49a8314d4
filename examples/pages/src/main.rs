//! Pages for people and mails to a folder: a whole account without a line of HTML. Open <http://localhost:8000/account/sign-up>, register,
//! and open `mails/index.html` for the mail.

use std::sync::Arc;
use usermgr::{
    mail::{Brand, MailFolder, Mails},
    pages::Pages,
    prelude::*,
};

struct Accounts {
    engine: Engine,
}

#[user_manager(secret = Secret::env_or_file("SECRET", "pages.secret"))]
impl Accounts {}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let brand = Brand::new("Shop").accent("#0f766e");
    let engine = Engine::builder(SqliteStore::open("pages.db").await?)
        .backend(Backend::cookie("cookie", CookieOptions::default(), Database::new()))
        .with(Mails::new("http://localhost:8000", MailFolder::dangerous("mails")).brand(brand.clone()))
        .with(Pages::new("cookie").brand(brand))
        .build()?;
    let accounts = Arc::new(Accounts { engine });
    let app = usermgr::axum::router(accounts.clone())?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8000").await?;
    println!("open http://localhost:8000/account/sign-up");
    let deadline = usermgr::axum::serve(listener, app).await?;
    accounts.shutdown(deadline).await;
    Ok(())
}
