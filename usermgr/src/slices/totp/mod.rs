//! Authenticator apps: time-based one-time passwords (RFC 6238) as a second factor.

mod code;
#[cfg(feature = "http")]
pub(crate) mod endpoints;
mod enrolment;
mod operations;
mod part;
mod qr;
#[cfg(all(test, feature = "axum", feature = "testing"))]
pub(crate) mod tests;

pub use enrolment::TotpEnrolment;
pub(crate) use operations::{begin_totp, confirm_totp};
pub use part::Totp;
#[cfg(feature = "pages")]
pub(crate) use qr::Picture;

crate::error::operation_errors! {}
crate::notification::row::notifications! {}
