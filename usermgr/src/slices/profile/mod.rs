//! What users do with their own account: reading, changing and deleting it.

#[cfg(feature = "http")]
pub(crate) mod endpoints;
mod operations;

pub(crate) use operations::*;

use crate::{error::operation_errors, notification::row::notifications};

operation_errors! {}
notifications! {}
