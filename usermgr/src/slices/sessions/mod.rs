#[cfg(feature = "http")]
pub(crate) mod endpoints;
mod operations;

pub use operations::Refreshed;
pub(crate) use operations::*;

use crate::notification::row::notifications;

notifications! {}
