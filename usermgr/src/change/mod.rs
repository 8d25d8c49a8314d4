//! How an account is changed: the row is held together with the right to change it, written together with what users are told, and the
//! hooks are called around it. Every slice changes accounts through here, and nothing else does.

pub(crate) mod delete;
pub(crate) mod errors;
pub(crate) mod join;
pub(crate) mod notifications;
pub(crate) mod password;
pub(crate) mod patch;
pub(crate) mod proof;
pub(crate) mod right;
pub(crate) mod take_over;
pub(crate) mod transaction;
pub(crate) mod unreadable;
pub(crate) mod update;
mod verdict;
pub(crate) mod written;
