//! Creating accounts: by registration, or by the application.

#[cfg(feature = "http")]
pub(crate) mod endpoints;
mod errors;
pub(crate) mod notifications;
mod operations;

pub(crate) use errors::ERRORS;
pub use errors::RegisterError;
pub(crate) use notifications::notifications;
pub(crate) use operations::*;
