//! The names a method of a manager must not have, because every manager already has an operation called so.

/// All operations of the runtime's extension traits.
pub(crate) const OPERATIONS: &[&str] = &[
    "register",
    "create",
    "authenticate",
    "login",
    "logout",
    "get",
    "get_by_email",
    "request_verify",
    "verify",
    "forgot_password",
    "reset_password",
    "change_password",
    "request_email_change",
    "confirm_email_change",
    "update",
    "delete",
    "check",
    "identify",
    "update_user",
    "set_active",
    "set_superuser",
    "delete_user",
    "list_users",
];
