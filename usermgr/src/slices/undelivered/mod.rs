//! The notifications that the outbox has given up, as superusers see them. The operations are those of
//! [`Delivery`](crate::slices::index).

pub(crate) mod endpoints;
#[cfg(all(test, feature = "axum", feature = "testing"))]
mod tests;

use crate::{error::operation_errors, notification::row::notifications};

operation_errors! {}
notifications! {}
