//! What users do with their own account: reading, changing and deleting it.

#[cfg(feature = "http")]
pub(crate) mod endpoints;
mod operations;

pub(crate) use operations::*;

use crate::notification::row::notifications;

notifications! {}
