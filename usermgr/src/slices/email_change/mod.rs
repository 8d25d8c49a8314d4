//! Changing an address: a token goes to the new one, and the account keeps the old one until it comes back.

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
