//! Second factors through the public interface: authenticator apps, recovery codes, step-up, and who must have a factor.

mod attacks;
mod demand;
mod enrolment;
mod faults;
mod login;
mod recovery;
pub(crate) mod rig;
mod step_up;
