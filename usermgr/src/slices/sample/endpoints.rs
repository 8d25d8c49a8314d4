//! The route of the sample.

use std::sync::Arc;

use super::{operations, part::PART};
use crate::{
    http::{Guard, Incoming, Outgoing, Problem, endpoints},
    manager::UserManager,
    op::Begun,
    session::Principal,
};

endpoints! {
    every_store {
        /// Shows the caller's badge.
        show for Guard::active() => Route::post("/sample/badge", ShowBadge, "sample:show_badge")
            .summary("Show your badge")
            .names_something()
            .needs(PART);
    }
}

async fn show<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let cx = request.into_context(Some(&principal));
    match operations::show(Begun::new(&**manager, &cx)?.op(), principal.user()).await? {
        true => Ok(Outgoing::no_content()),
        false => Err(Problem::not_found()),
    }
}
