//! The actix-web adapter: its extractors and its mounted routes, on an application of its own, and what only it has to take care of.

#[path = "adapters/extractors.rs"]
mod extractors;
#[path = "adapters/actix.rs"]
mod front;
#[path = "adapters/routes.rs"]
mod routes;
#[path = "adapters/threads.rs"]
mod threads;
