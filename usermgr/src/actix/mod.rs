//! actix-web: the routes as a part of an [`App`](actix_web::App)'s configuration, and extractors for handlers of the application.
//!
//! ```no_run
//! use std::sync::Arc;
//! use actix_web::{App, HttpServer, web};
//! use usermgr::prelude::*;
//!
//! struct Accounts { engine: Engine<MemoryStore> }
//!
//! #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
//! impl Accounts {}
//!
//! type CurrentUser = usermgr::actix::CurrentUser<Accounts>;
//!
//! async fn hello(user: CurrentUser) -> String {
//!     format!("hello, {}", user.email)
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let accounts = Arc::new(Accounts { engine: Engine::new(MemoryStore::new()) });
//!     let users = usermgr::actix::configure(accounts.clone())?;
//!     let app = move || App::new().route("/hello", web::get().to(hello)).configure(users.clone());
//!     let server = HttpServer::new(app).bind("127.0.0.1:8000")?.disable_signals().run();
//!     let deadline = usermgr::actix::serve(server).await?;
//!     accounts.shutdown(deadline).await;
//!     Ok(())
//! }
//! ```

mod alone;
mod convert;
mod extract;
mod mount;
mod serve;

pub use crate::http::{
    CurrentUser, Fresh, FreshStrong, RequestContext, Requires, Strong, Superuser, Verified, VerifiedSuperuser, greeting,
};
pub use extract::{Optional, Refusal};
#[cfg(feature = "openapi")]
pub use mount::openapi;
#[cfg(feature = "pages")]
pub use mount::pages;
pub use mount::{configure, directory_routes, mount, not_found, routes, session_routes};
pub use serve::{serve, serve_until};
