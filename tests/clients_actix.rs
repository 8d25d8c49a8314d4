//! Clients of other people's once more, over actix-web.

#[path = "clients.rs"]
mod suite;
