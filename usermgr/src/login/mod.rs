//! How a proof of any kind becomes a session: the second step if one is required, the gate, the session, and the
//! reports. Every kind of login ends here, and sessions are created nowhere else.

mod errors;
mod establish;
mod failure;
mod identify;
#[cfg(feature = "http")]
mod key_owner;
pub(crate) mod notifications;
mod pending;
mod second_step;
mod sign_in;
mod step_up;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "oauth-bare", feature = "passkeys"))]
mod use_up;

pub(crate) use errors::ERRORS;
pub use errors::LoginError;
pub use establish::LoggedIn;
pub(crate) use establish::{act_as, establish, login_backend};
pub(crate) use failure::{note_failure, note_suspicion, shortened};
pub(crate) use identify::identify;
#[cfg(feature = "http")]
pub(crate) use key_owner::key_owner;
pub(crate) use pending::demand;
pub(crate) use second_step::{finish_authentication, finish_login, pending_login};
pub(crate) use sign_in::sign_in;
pub use step_up::StepUp;
pub(crate) use step_up::{confirm, step_up};
#[cfg(any(feature = "oauth-bare", feature = "passkeys"))]
pub(crate) use use_up::use_up;
