//! Permissions that the compiler knows: an application's enums of permissions and roles go in, sets of them and a check of
//! each request come out.
//!
//! An enum that derives [`Permission`](macro@crate::permissions::Permission) names what can be done. One that derives
//! [`Roles`](macro@crate::permissions::Roles) names who may do it, and a [`RoleSet`] in the profile says which roles a user
//! has. [`Permits`] tells the library what a user may do. Handlers name what they need in
#![cfg_attr(feature = "http", doc = "[`Requires`](crate::http::Requires).")]
#![cfg_attr(not(feature = "http"), doc = "`Requires` (feature `http`).")]

mod needs;
mod permits;
mod role_set;
mod roles;
mod set;
#[cfg(test)]
mod tests;

pub use crate::error::PermissionRequired;
#[doc(inline)]
pub use crate::macros::{Permission, Roles};
pub use needs::Needs;
pub use permits::{Permits, require};
#[cfg(feature = "http")]
pub(crate) use permits::{granted, needed};
pub use role_set::{Held, RoleSet};
pub use roles::Roles;
#[doc(hidden)]
pub use set::Place;
pub use set::{Permission, Permissions};
