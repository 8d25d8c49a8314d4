//! The login history: what users see of their own logins, and superusers of those of others.

#[cfg(feature = "http")]
pub(crate) mod endpoints;
#[cfg(all(test, feature = "axum", feature = "testing"))]
mod tests;

use crate::{error::operation_errors, notification::row::notifications};

operation_errors! {}
notifications! {}
