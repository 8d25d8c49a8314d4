//! Signing in with accounts at other providers, linking such accounts to a user, and keeping the tokens of these providers.

mod accounts;
mod browser;
mod callback;
pub(crate) mod endpoints;
mod errors;
mod found;
mod handoff;
mod identities;
mod linking;
pub(crate) mod notifications;
mod provider_token;
mod register;
mod tokens;

pub(crate) use accounts::sign_in;
pub(crate) use browser::{Asked, Begin, begin, wanted_backend};
pub(crate) use callback::{Place, Wanted, counted};
pub(crate) use errors::ERRORS;
pub use errors::OAuthError;
pub(crate) use handoff::{is_challenge, redeem};
pub use identities::LinkedIdentity;
pub(crate) use identities::{identities, unlink};
pub(crate) use notifications::notifications;
pub(crate) use provider_token::provider_token;
pub(crate) use register::faults;

#[cfg(all(test, feature = "axum", feature = "testing"))]
mod tests;
