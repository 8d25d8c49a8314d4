//! Resealing stored data after a rotation of the secret.

#[cfg(feature = "http")]
pub(crate) mod endpoints {
    //! It has no routes.
    crate::http::endpoints! {}
}
mod operations;

pub use operations::Resealed;
pub(crate) use operations::*;

use crate::{error::operation_errors, notification::row::notifications};

operation_errors! {}
notifications! {}

#[cfg(all(test, feature = "testing"))]
mod tests;
