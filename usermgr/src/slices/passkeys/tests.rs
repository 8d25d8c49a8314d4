//! Passkeys over HTTP, with an authenticator without a browser: adding, logging in, the second step, and what is refused.

mod adding;
mod faults;
mod invitations;
mod logins;
mod rig;
mod second_step;
