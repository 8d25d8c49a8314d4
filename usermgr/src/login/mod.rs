//! How a proof becomes a session, whatever it was proved by: a second step where one is due, the gate, the session, what is told of it.
//! Each way in ends here, and nothing else makes a session.

mod errors;
mod establish;
mod failure;
mod identify;
mod pending;
mod second_step;
mod sign_in;
#[cfg(test)]
mod tests;

pub(crate) use errors::ERRORS;
pub use errors::LoginError;
pub use establish::LoggedIn;
pub(crate) use establish::{establish, login_backend};
pub(crate) use failure::{note_failure, shortened};
pub(crate) use identify::identify;
pub(crate) use pending::demand;
pub(crate) use second_step::{finish_authentication, finish_login};
pub(crate) use sign_in::sign_in;
