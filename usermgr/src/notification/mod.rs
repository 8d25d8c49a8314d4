//! Notifications: what users are told by hooks. The hook of a notification is called at once, or, with an outbox, a row is written with the
//! change and the hook is called by delivery. The notifications themselves are rows in the slices; nothing here knows one of them.

pub(crate) mod attempt;
#[cfg(feature = "outbox")]
pub(crate) mod delivery;
pub(crate) mod enqueue;
pub(crate) mod notice;
mod payload;
pub(crate) mod row;
