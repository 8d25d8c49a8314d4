//! The adapters: their extractors and their mounted routes, on a test application with the framework of the target, and what
//! actix-web alone has to take care of.

#[path = "adapters/extractors.rs"]
mod extractors;
#[path = "adapters/front.rs"]
mod front;
#[path = "adapters/handlers.rs"]
mod handlers;
#[path = "adapters/handshake.rs"]
mod handshake;
#[path = "adapters/actix.rs"]
mod on_actix;
#[path = "adapters/axum.rs"]
mod on_axum;
#[path = "adapters/permissions.rs"]
mod permissions;
#[path = "adapters/rejections.rs"]
mod rejections;
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
