//! The reference server once more, over actix-web.

#[path = "flow.rs"]
mod suite;
