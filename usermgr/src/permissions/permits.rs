//! What a user may do: the application's answer, and the check that asks for it.

use super::{Permission, Permissions};
use crate::{
    api_key::PermissionsByName,
    error::PermissionRequired,
    manager::{ManagedUser, UserManager},
    session::Principal,
};

/// What the users of a manager may do. The application implements it beside the block of its manager.
///
/// It is a plain function, because it is asked at every request that needs a permission: it reads the user and waits for
/// nothing. What needs a query, such as whether *this* order is theirs, is the handler's part.
///
/// ```
/// use serde::{Deserialize, Serialize};
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
/// #[derive(Clone, Debug, Serialize, Deserialize, Profile)]
/// struct Staff {
///     name: String,
///     #[profile(admin)]
///     roles: RoleSet<Role>,
/// }
///
/// struct Accounts { engine: Engine<MemoryStore<Staff>> }
///
/// #[user_manager(store = MemoryStore<Staff>, secret = "only-for-an-example-0123456789abcdef")]
/// impl Accounts {}
///
/// impl Permits for Accounts {
///     type Permission = Can;
///
///     fn permits(&self, user: &User<Staff>) -> Permissions<Can> {
///         user.profile.roles.grants(self.engine.now())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what its users may do",
    label = "the trait `Permits` is not implemented for it",
    note = "write `impl Permits for {Self}`, with the enum of permissions and the function `permits`"
)]
pub trait Permits: UserManager {
    /// The enum of the permissions.
    type Permission: Permission;

    /// Whether the session of a superuser may do everything, whatever [`permits`](Self::permits) returns. It concerns sessions
    /// alone.
    const SUPERUSERS_MAY_ALL: bool = true;

    /// Returns what this user may do now. It is asked again at each request, so a change counts at once.
    fn permits(&self, user: &ManagedUser<Self>) -> Permissions<Self::Permission>;
}

/// What a session of this user may do.
pub(crate) fn granted<M: Permits + ?Sized>(manager: &M, user: &ManagedUser<M>) -> Permissions<M::Permission> {
    match M::SUPERUSERS_MAY_ALL && user.is_superuser {
        true => Permissions::all(),
        false => manager.permits(user),
    }
}

/// Returns what was granted, if it has all that is needed.
pub(crate) fn needed<P: Permission>(
    granted: Permissions<P>,
    needed: Permissions<P>,
) -> Result<Permissions<P>, PermissionRequired> {
    match granted.contains_all(needed) {
        true => Ok(granted),
        false => Err(PermissionRequired::new(needed.difference(granted).names())),
    }
}

/// Checks that the user of a session may do something, for code without an extractor, such as a resolver of GraphQL or a
/// service of gRPC. Returns everything that the session may do.
///
/// It asks [`Permits`] alone. Whether the session itself is accepted, has been judged by what returned the principal: a
/// [guard](crate::http::Guard) or [`identify`](crate::Operations::identify).
///
/// ```
/// # use usermgr::prelude::*;
/// # #[derive(Clone, Copy, Permission)]
/// # enum Can { OrdersRead, Refund }
/// use usermgr::{Fault, permissions::{self, PermissionRequired, Permits}, session::Principal};
///
/// fn refund(accounts: &impl Permits<Permission = Can, Store = MemoryStore>, who: &Principal<MemoryStore>) -> Result<(), PermissionRequired> {
///     let may = permissions::require(accounts, who, Can::Refund)?;
///     if may.contains(Can::OrdersRead) { /* .. */ }
///     Ok(())
/// }
/// ```
///
/// # Errors
/// [`PermissionRequired`] with the names of what is missing: 403 `PERMISSION_REQUIRED` over HTTP.
pub fn require<M: Permits + ?Sized>(
    manager: &M,
    principal: &Principal<M::Store>,
    permissions: impl Into<Permissions<M::Permission>>,
) -> Result<Permissions<M::Permission>, PermissionRequired> {
    needed(granted(manager, principal.user()), permissions.into())
}

/// For the scopes of API keys.
impl<M: Permits> PermissionsByName<M::Store> for M {
    fn permitted(&self, user: &ManagedUser<M>) -> Vec<&'static str> {
        self.permits(user).names().collect()
    }
}
