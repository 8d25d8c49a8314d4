//! One function per route: it takes the fields out of the request, calls the operation and words the answer.

pub(super) mod auth;
pub(super) mod sessions;
pub(super) mod users;

use super::Problem;
use crate::{manager::UserManager, store::UserStore};

type IdOf<M> = <<M as UserManager>::Store as UserStore>::Id;

/// The id in the path. One that does not parse is unknown; one with a NUL would make a database stumble.
fn id<M: UserManager>(param: Option<&str>) -> Result<IdOf<M>, Problem> {
    let text = param.filter(|text| !text.contains('\0')).ok_or_else(Problem::not_found)?;
    text.parse().map_err(|_| Problem::not_found())
}
