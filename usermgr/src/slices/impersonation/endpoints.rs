//! The route with which a superuser acts as a user.

use std::sync::Arc;

use crate::{
    admin::Admin,
    engine::IMPERSONATION,
    error::Code,
    http::{Guard, Incoming, Outgoing, Problem, Success, endpoints},
    manager::UserManager,
    session::Principal,
    slices::{administration::endpoints::id, index::Administration},
};

endpoints! {
    parts {
        /// Begins to act as a user.
        impersonate for Guard::active().superuser().fresh() =>
            Route::post("/users/{id}/impersonate", Impersonate, "users:impersonate")
                .summary("Act as a user")
                .answers(Success::Login)
                .codes(&[
                    Code::ImpersonateForbidden,
                    Code::UserInactive,
                    Code::SecondFactorRequired,
                    Code::ReauthenticationRequired,
                ])
                .names_something()
                .needs(IMPERSONATION);
    }
}

async fn impersonate<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let id = id::<M>(&request)?;
    let cx = request.into_context(Some(&principal));
    let begun = manager.impersonate(&Admin::guarded(&principal), &id, &cx).await?;
    Outgoing::logged_in(&**manager, begun, &cx)
}
