//! Signing in with accounts at other providers, and linking such accounts to a user.

mod accounts;
mod browser;
mod callback;
pub(crate) mod endpoints;
mod errors;
mod found;
mod identities;
mod linking;
pub(crate) mod notifications;
mod register;

pub(crate) use errors::ERRORS;
pub use errors::OAuthError;
pub use identities::LinkedIdentity;
pub(crate) use identities::{identities, unlink};
pub(crate) use notifications::notifications;
pub(crate) use register::faults;

#[cfg(all(test, feature = "axum", feature = "testing"))]
mod tests;
