//! axum: the routes as a [`Router`](::axum::Router), and extractors for handlers of the application's own.

mod extract;
mod mount;

pub use crate::http::{CurrentUser, Fresh, Superuser, Verified, VerifiedSuperuser, greeting};
#[cfg(feature = "openapi")]
pub use mount::openapi;
pub use mount::{directory_routes, mount, not_found, router, routes};
