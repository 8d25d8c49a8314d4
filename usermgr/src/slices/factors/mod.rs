//! The second factors of a user: listing, naming and removing them, the codes that replace a lost one, and what a factor that is
//! being added goes through. The kinds of factors are slices of their own.

#![cfg_attr(
    not(any(feature = "passkeys", feature = "totp")),
    allow(dead_code, unused_imports, reason = "only the factors of the library use some of it")
)]

mod adding;
mod codes;
#[cfg(feature = "http")]
pub(crate) mod endpoints;
mod errors;
mod list;
pub(crate) mod notifications;
mod recovery;
mod removing;

pub use adding::AddedFactor;
pub(crate) use adding::{acting, add, may_add, replace_codes};
#[cfg(feature = "passkeys")]
pub(crate) use adding::{add_first, described, report as report_added};
pub use codes::RecoveryCodes;
pub(crate) use errors::ERRORS;
pub use errors::FactorError;
pub(crate) use list::{factors, rename};
pub(crate) use notifications::notifications;
pub(crate) use recovery::install_recovery;
pub(crate) use removing::{remove, remove_all};
