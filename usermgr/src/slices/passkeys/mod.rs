//! Passkeys of a user: adding them, listing them, and logging in with one and nothing else.

pub(crate) mod endpoints;
mod enrolment;
mod errors;
mod list;
mod login;
pub(crate) mod notifications;
mod part;

pub(crate) use enrolment::{Begun, Bound, add, begin, challenge};
pub(crate) use errors::ERRORS;
pub(crate) use list::list;
pub use list::{PasskeyInfo, PasskeyList};
pub(crate) use login::{begin as begin_login, log_in};
pub(crate) use notifications::notifications;
pub use part::Passkeys;

#[cfg(all(test, feature = "webauthn-rs", feature = "axum", feature = "testing"))]
mod tests;
