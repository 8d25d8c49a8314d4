//! The sessions of a user: listing, ending and refreshing them.

#[cfg(feature = "http")]
pub(crate) mod endpoints;
mod errors;
mod operations;

pub(crate) use errors::ERRORS;
pub use errors::{RefreshError, SessionError};
pub use operations::Refreshed;
pub(crate) use operations::*;

use crate::notification::row::notifications;

notifications! {}
