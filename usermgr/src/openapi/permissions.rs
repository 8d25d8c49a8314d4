//! Permissions in the document: what a route of the application needs, and the schema of the roles in a profile.

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Array, KnownFormat, RefOr, Schema, Type, path::Operation, schema::AnyOfBuilder, security::SecurityRequirement,
    },
};

use super::{
    EngineFacts, KEYS,
    response::permission_responses,
    schema::{formatted, nullable, of_type, text},
};
use crate::{
    error::PermissionRequired,
    permissions::{Needs, Permits, RoleSet, Roles},
};

/// Describes that an operation of the application needs the permissions `N`, as its handler does with
/// [`Requires`](crate::http::Requires).
///
/// It sets the extension `x-required-permissions` to the names, adds the security schemes of the manager's backends and of
/// API keys, and adds the responses 401, 403 and 503, with API keys 429 too, where the operation has none of its own. The
/// schemes and shared responses are in the [`document`](super::document) of the manager, with which that of the
/// application is merged.
///
/// ```
/// # use usermgr::prelude::*;
/// # struct Accounts { engine: Engine<MemoryStore> }
/// # #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
/// # impl Accounts {}
/// # #[derive(Clone, Copy, Permission)]
/// # enum Can { OrdersRead, Refund }
/// # impl Permits for Accounts {
/// #     type Permission = Can;
/// #     fn permits(&self, _: &User) -> Permissions<Can> { Permissions::none() }
/// # }
/// use usermgr::openapi;
/// use utoipa::openapi::path::OperationBuilder;
///
/// let accounts = Accounts { engine: Engine::new(MemoryStore::new()) };
/// // With `#[utoipa::path]` it is a field of `document.paths.paths["/refunds"]`.
/// let mut operation = OperationBuilder::new().summary(Some("Refund an order")).build();
/// openapi::require::<_, can::Refund>(&accounts, &mut operation);
/// assert_eq!(serde_json::to_value(&operation)?["x-required-permissions"], serde_json::json!(["refund"]));
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn require<M: Permits, N: Needs<M::Permission>>(manager: &M, operation: &mut Operation) {
    let facts = EngineFacts::of(manager.engine_ref());
    let names: Vec<_> = N::NEEDED.names().collect();
    operation.extensions.get_or_insert_default().insert("x-required-permissions".to_owned(), names.into());
    let keys = facts.accepts_keys.then(|| SecurityRequirement::new(KEYS, [""; 0]));
    operation.security.get_or_insert_default().extend(facts.requirements().chain(keys));
    for (status, response) in permission_responses(&facts, PermissionRequired::new(N::NEEDED.names())) {
        operation.responses.responses.entry(status).or_insert(response);
    }
}

/// An array of names of roles, and of objects with limits.
impl<R: Roles> PartialSchema for RoleSet<R> {
    fn schema() -> RefOr<Schema> {
        // A list of the values would break clients as soon as a role is added or removed: unknown ones are kept.
        let known: Vec<_> = R::ALL.iter().map(|role| role.name()).collect();
        let name = || text().description(Some(format!("The name of a role: {}.", known.join(", "))));
        let limited = of_type(Type::Object)
            .property("role", name())
            .required("role")
            .property("in", nullable(text()))
            .property("until", nullable(formatted(KnownFormat::DateTime)));
        Array::new(AnyOfBuilder::new().item(name()).item(limited)).into()
    }
}

impl<R: Roles> ToSchema for RoleSet<R> {}
