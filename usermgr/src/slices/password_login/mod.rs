//! Login with a password, logout, and password change with the current password.

mod change;
#[cfg(feature = "http")]
pub(crate) mod endpoints;
mod errors;
mod operations;
#[cfg(all(test, feature = "axum", feature = "testing"))]
mod tests;

pub(crate) use change::change_password;
pub use errors::ChangePasswordError;
pub(crate) use errors::ERRORS;
pub(crate) use operations::*;

use crate::notification::row::notifications;

notifications! {}
