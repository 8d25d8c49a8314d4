//! A slice for tests only. It shows what a new slice needs: this folder and its line in the registry. It provides a
//! kind of credential, a route and a notification.

pub(crate) mod endpoints;
pub(crate) mod notifications;
mod operations;
mod part;
mod tests;

pub(crate) use notifications::notifications;

crate::error::operation_errors! {}
