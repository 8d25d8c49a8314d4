//! What a manager can do: the traits are the index, and each body is one function in a file of its theme. An operation reads, decides
//! and writes; it knows no HTTP.

mod admin;
mod delete;
#[cfg(feature = "outbox")]
mod delivery;
pub(crate) mod email_change;
#[cfg(feature = "outbox")]
mod entry;
mod index;
mod login;
pub(crate) mod notice;
mod password;
pub(crate) mod register;
mod right;
mod run;
mod sessions;
mod transaction;
pub(crate) mod unreadable;
pub(crate) mod update;
mod verify;

use crate::{
    manager::UserManager,
    store::{UserOf, UserStore},
};

pub use admin::Admin;
#[cfg(feature = "outbox")]
pub use index::Delivery;
pub use index::{Administration, Operations, Sessions};
pub use login::LoggedIn;
pub use sessions::Refreshed;
pub(crate) use transaction::Attempts;

type ProfileOf<M> = <<M as UserManager>::Store as UserStore>::Profile;
type IdOf<M> = <<M as UserManager>::Store as UserStore>::Id;
type ManagedUser<M> = UserOf<<M as UserManager>::Store>;
