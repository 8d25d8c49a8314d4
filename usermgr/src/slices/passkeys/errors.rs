//! This slice has no errors of its own: adding a passkey fails as adding any factor, and a login as any login.

crate::error::operation_errors! {}
