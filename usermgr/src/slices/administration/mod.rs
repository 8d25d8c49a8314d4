#[cfg(feature = "http")]
pub(crate) mod endpoints;
mod list;
mod operations;

pub(crate) use list::list_users;
pub(crate) use operations::*;

use crate::notification::row::notifications;

notifications! {}
