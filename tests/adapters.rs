//! The axum adapter: its extractors and its mounted routes, on an application of its own.

#[path = "adapters/extractors.rs"]
mod extractors;
#[path = "adapters/axum.rs"]
mod front;
#[path = "adapters/handlers.rs"]
mod handlers;
#[path = "adapters/handshake.rs"]
mod handshake;
#[path = "adapters/routes.rs"]
mod routes;
#[path = "adapters/slow.rs"]
mod slow;
#[path = "adapters/unsound.rs"]
mod unsound;
