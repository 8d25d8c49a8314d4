//! The actix-web adapter: its extractors and its mounted routes, on an application of its own, and what only it has to take care of.

#[path = "adapters/extractors.rs"]
mod extractors;
#[path = "adapters/actix.rs"]
mod front;
#[path = "adapters/handlers.rs"]
mod handlers;
#[path = "adapters/handshake.rs"]
mod handshake;
#[path = "adapters/routes.rs"]
mod routes;
#[path = "adapters/slow.rs"]
mod slow;
#[path = "adapters/tenants.rs"]
mod tenants;
#[path = "adapters/threads.rs"]
mod threads;
#[path = "adapters/unsound.rs"]
mod unsound;
