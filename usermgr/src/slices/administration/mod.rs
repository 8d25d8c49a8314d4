//! Administration: what superusers, and the application itself, do with other users' accounts.

#[cfg(feature = "http")]
pub(crate) mod endpoints;
mod list;
mod operations;
#[cfg(all(test, feature = "axum", feature = "testing"))]
mod tests;

pub(crate) use list::{list_users, search_users};
pub(crate) use operations::*;

use crate::{error::operation_errors, notification::row::notifications};

operation_errors! {}
notifications! {}
