//! Looking at a token that was sent by mail, before it is used.

#[cfg(feature = "http")]
pub(crate) mod endpoints {
    //! It has no routes: an application asks before it shows a page.
    crate::http::endpoints! {}
}
mod operations;
mod purposes;

pub use operations::TokenState;
pub(crate) use operations::inspect;
pub use purposes::MailedPurpose;

use crate::{error::operation_errors, notification::row::notifications};

operation_errors! {}
notifications! {}

#[cfg(all(test, feature = "testing"))]
mod tests;
