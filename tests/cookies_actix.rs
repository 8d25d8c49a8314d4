//! The cookie transport once more, over actix-web.

#[path = "cookies.rs"]
mod suite;
