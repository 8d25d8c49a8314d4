//! Logging in by a password, logging out, and changing the password by the current one.

mod change;
#[cfg(feature = "http")]
pub(crate) mod endpoints;
mod errors;
mod operations;

pub(crate) use change::change_password;
pub use errors::ChangePasswordError;
pub(crate) use errors::ERRORS;
pub(crate) use operations::*;

use crate::notification::row::notifications;

notifications! {}
