//! A slice that only tests have, to show what a new one takes: this folder and its line in the registry. It brings a kind of credential, a
//! route and a notification.

pub(crate) mod endpoints;
pub(crate) mod notifications;
mod operations;
mod part;
mod tests;

pub(crate) use notifications::notifications;

crate::error::operation_errors! {}
