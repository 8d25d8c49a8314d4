//! Notifications of users through hooks. The hook of a notification is called at once, or, with an outbox, a row is
//! written together with the change and the delivery calls the hook. The notifications themselves are rows in the
//! slices; this module does not know them.

pub(crate) mod attempt;
#[cfg(feature = "outbox")]
pub(crate) mod delivery;
pub(crate) mod enqueue;
pub(crate) mod notice;
mod payload;
pub(crate) mod row;
