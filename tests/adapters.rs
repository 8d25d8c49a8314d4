//! The axum adapter: its extractors and its mounted routes, on an application of its own.

#[path = "adapters/extractors.rs"]
mod extractors;
#[path = "adapters/axum.rs"]
mod front;
#[path = "adapters/routes.rs"]
mod routes;
