//! Sessions over a socket once more, over actix-web.

#[path = "sessions.rs"]
mod suite;
