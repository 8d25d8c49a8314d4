//! Changing an address: a token is sent to the new address, and the account keeps the old one until the token is used.

#[cfg(feature = "http")]
pub(crate) mod endpoints;
mod errors;
pub(crate) mod notifications;
mod operations;
mod token;

pub use errors::ChangeEmailError;
pub(crate) use errors::ERRORS;
pub(crate) use notifications::notifications;
pub(crate) use operations::*;
pub(crate) use token::is_taken;
