//! Setting a new password with a token that is sent by mail.

#[cfg(feature = "http")]
pub(crate) mod endpoints;
mod errors;
pub(crate) mod notifications;
mod operations;
mod token;

pub(crate) use errors::ERRORS;
pub use errors::ResetError;
pub(crate) use notifications::notifications;
pub(crate) use operations::*;
