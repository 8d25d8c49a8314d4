//! The pages over axum and actix-web, without a browser: what they answer, what they refuse and what they never do.

mod account;
mod admin;
mod entry;
#[cfg(feature = "totp")]
mod factors;
mod languages;
mod mail_login;
mod overrides;
mod providers;
mod rig;
mod safety;
mod usernames;
