//! Acting as a user: an administrator sees what the user sees, in a session that names both, is never fresh, and ends
//! with the administrator's own. What such a session may not do is refused where it would be done: in `change` and by the
//! guards of `http`.

#[cfg(feature = "http")]
pub(crate) mod endpoints;
mod errors;
mod operations;
mod part;
#[cfg(all(test, feature = "axum", feature = "testing"))]
mod tests;

pub(crate) use errors::ERRORS;
pub use errors::ImpersonateError;
pub(crate) use operations::impersonate;
pub use part::Impersonation;

use crate::notification::row::notifications;

notifications! {}
