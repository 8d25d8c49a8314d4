//! axum: the routes as a [`Router`](::axum::Router), and extractors for handlers of the application.

mod extract;
mod mount;
mod rejection;
mod serve;

pub use crate::http::{
    CurrentUser, Fresh, FreshStrong, RequestContext, Requires, Strong, Superuser, Verified, VerifiedSuperuser, greeting,
};
#[cfg(feature = "openapi")]
pub use mount::openapi;
#[cfg(feature = "pages")]
pub use mount::pages;
pub use mount::{directory_routes, mount, not_found, router, routes, session_routes};
pub use serve::{serve, serve_until};
