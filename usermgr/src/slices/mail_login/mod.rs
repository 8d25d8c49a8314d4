//! Logging in with a link or a code that is sent by mail, in place of a password. It is a first step: a user with a second
//! factor is asked for it.

mod ask;
#[cfg(feature = "http")]
pub(crate) mod endpoints;
mod enter;
mod login;
pub(crate) mod notifications;
mod part;
mod proof;
mod request;
mod token;

pub(crate) use ask::request_login;
pub(crate) use login::login_by_mail;
pub(crate) use notifications::notifications;
pub use part::MailLogin;
pub(crate) use part::faults;
#[cfg(feature = "pages")]
pub(crate) use part::sends_codes;
pub use proof::MailProof;
pub(crate) use request::is_waiting;

crate::error::operation_errors! {}

#[cfg(all(test, feature = "axum", feature = "sqlite", feature = "testing"))]
mod tests;
