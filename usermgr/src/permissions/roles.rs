//! Roles: names for sets of permissions.

use super::{Permission, Permissions};

/// A role: a variant of an enum that [derives](macro@crate::permissions::Roles) this trait.
///
/// ```
/// use usermgr::prelude::*;
///
/// #[derive(Clone, Copy, Permission)]
/// enum Can { OrdersRead, Refund }
///
/// #[derive(Clone, Copy, Roles)]
/// #[roles(Can)]
/// enum Role {
///     #[role(OrdersRead)]
///     Clerk,
///     #[role(all)]
///     Owner,
/// }
///
/// assert!(Role::Clerk.grants().names().eq(["orders_read"]));
/// assert_eq!(Role::Owner.name(), "owner");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an enum of roles",
    label = "the trait `Roles` is not implemented for it",
    note = "derive it: `#[derive(Clone, Copy, Roles)]`, with the permissions in `#[roles(..)]`"
)]
pub trait Roles: Copy + Send + Sync + 'static {
    /// The permissions that the roles grant.
    type Permission: Permission;

    /// All roles, in the order of the enum.
    const ALL: &'static [Self];

    /// Returns the name, which is stored and shown.
    fn name(self) -> &'static str;

    /// Returns what a user with this role may do.
    fn grants(self) -> Permissions<Self::Permission>;
}
