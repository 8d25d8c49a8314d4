//! API keys: making, listing, naming, rotating and revoking them, and the accounts of programs, which own keys and never
//! log in. Requests with a key are judged in `http`.

mod create;
#[cfg(feature = "http")]
pub(crate) mod endpoints;
mod errors;
mod list;
pub(crate) mod notifications;
mod part;
mod revoke;
mod rotate;
mod service;
#[cfg(all(test, feature = "axum", feature = "testing"))]
mod tests;

pub(crate) use create::{create, create_for_service};
pub use errors::ApiKeyError;
pub(crate) use errors::ERRORS;
pub(crate) use list::{list, rename};
pub(crate) use notifications::notifications;
pub use part::ApiKeys;
pub(crate) use part::faults;
pub(crate) use revoke::{revoke, revoke_all};
pub(crate) use rotate::rotate;
pub(crate) use service::create_service_account;
