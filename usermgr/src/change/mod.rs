//! Changes of accounts. The row is locked together with the right to change it and written together with the
//! notifications, and the hooks are called around it. All slices change accounts here and nowhere else.

pub(crate) mod delete;
pub(crate) mod deleted;
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
