//! Notes: an application around usermgr, with its own tables, handlers, mails and commands.

pub mod accounts;
mod notes;

use std::{error::Error, sync::Arc};

use axum::routing::{get, post, put};
use axum::{Router, extract::FromRef};
use sqlx::SqlitePool;
use usermgr::{engine::EngineBuilder, http::Routes, prelude::*};

use crate::accounts::{Accounts, Mails, Store};

/// The state of the application. Each handler takes its part.
#[derive(Clone, FromRef)]
pub struct App {
    /// The users.
    pub accounts: Arc<Accounts>,
    /// The pool of the store, for the application's own tables.
    pub db: SqlitePool,
}

impl App {
    /// Puts the application together. `main` and the tests pass an engine over an open store, and what else is different between them.
    pub async fn new(engine: EngineBuilder<Store>, mail: impl Mailer, secret: Secret) -> Result<Self, Box<dyn Error>> {
        let engine = engine
            .backend(Backend::bearer("bearer", Database::new()))
            .backend(Backend::cookie("cookie", CookieOptions::default(), Database::new()))
            .prove_new_addresses(true)
            .messenger(Mails(mail))
            .outbox()
            .build()?;
        let db = engine.store().pool().clone();
        // The store has created the library's tables, to which these refer.
        sqlx::migrate!().run(&db).await?;
        let accounts = Arc::new(Accounts { engine, secret });
        accounts.check()?;
        Ok(Self { accounts, db })
    }

    /// All routes: the application's and the library's.
    pub fn router(self) -> Router {
        Router::new()
            .route("/healthz", get(async || "ok"))
            .route("/invitations", post(notes::invite))
            .route("/members/{id}/quota", put(notes::set_quota))
            .route("/notes", get(notes::list).post(notes::add))
            .merge(usermgr::axum::mount(Routes::all()))
            .fallback(usermgr::axum::not_found)
            .with_state(self)
    }
}
