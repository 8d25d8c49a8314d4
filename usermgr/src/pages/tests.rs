//! The pages over axum and actix-web, without a browser: what they answer, what they refuse and what they never do.

mod account;
mod admin;
mod captcha;
mod entry;
#[cfg(feature = "totp")]
mod factors;
mod history;
mod invitations;
mod keys;
mod languages;
mod mail_login;
mod overrides;
#[cfg(feature = "webauthn-rs")]
mod passkeys;
mod providers;
mod rig;
mod safety;
mod usernames;
