//! Making accounts: by anybody, or by the application.

#[cfg(feature = "http")]
pub(crate) mod endpoints;
pub(crate) mod notifications;
mod operations;

pub(crate) use notifications::notifications;
pub(crate) use operations::*;
