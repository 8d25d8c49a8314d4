//! Invitations: an account that waits for the owner of its address, who gets in with the token of a mail, with a passkey, or
//! by a provider that proves the address.

mod accept;
#[cfg(feature = "http")]
pub(crate) mod endpoints;
mod errors;
mod invite;
mod list;
pub(crate) mod notifications;
mod part;
#[cfg(feature = "passkeys")]
mod passkey;
mod resend;
mod row;
mod token;
mod withdraw;

pub(crate) use accept::accept;
#[cfg(feature = "oauth-bare")]
pub(crate) use accept::{reported, take};
pub(crate) use errors::ERRORS;
pub use errors::{AcceptInvitationError, InvitationError};
pub(crate) use invite::{invite, invite_by};
pub(crate) use list::list;
pub use list::{Invitation, InvitationPage};
pub(crate) use notifications::notifications;
pub use part::Invitations;
#[cfg(feature = "passkeys")]
pub(crate) use part::NAME;
pub(crate) use part::faults;
#[cfg(feature = "passkeys")]
pub(crate) use passkey::{accept_with_passkey, begin_passkey};
pub(crate) use resend::resend;
#[cfg(feature = "oauth-bare")]
pub(crate) use row::Invited;
pub(crate) use row::row_of;
pub(crate) use withdraw::withdraw;

#[cfg(all(test, feature = "axum", feature = "sqlite", feature = "testing"))]
mod tests;
