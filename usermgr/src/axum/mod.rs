//! axum: the routes as a [`Router`](::axum::Router), and extractors for handlers of the application's own.

mod extract;
mod mount;

pub use crate::http::greeting;
pub use extract::{CurrentUser, Fresh, Superuser, Verified, VerifiedSuperuser};
pub use mount::{directory_routes, mount, not_found, router, routes};
