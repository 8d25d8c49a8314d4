//! The operations of a manager, one trait for each theme. A method here holds the signature and the documentation. It
//! calls the function of its name in a slice or in the core, unless the transaction of another operation is open.

mod administration;
mod api_keys;
#[cfg(feature = "outbox")]
mod delivery;
mod factors;
mod invitations;
mod mail_login;
mod sessions;
mod users;

pub use administration::Administration;
pub use api_keys::ApiKeyring;
#[cfg(feature = "outbox")]
pub use delivery::Delivery;
pub use factors::Factors;
pub use invitations::Invite;
pub use mail_login::LoginByMail;
pub use sessions::Sessions;
pub use users::Operations;
