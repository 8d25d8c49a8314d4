//! What users are told: a notice is handed to its hook at once, or written into the outbox with the change and delivered afterwards.

#[cfg(feature = "outbox")]
pub(crate) mod delivery;
#[cfg(feature = "outbox")]
mod entry;
pub(crate) mod notice;
