//! The routes of a user's sessions, and the one that gets the next tokens.

use ::http::StatusCode;
use serde_json::Map;

use super::auth::add_tokens;
use crate::{
    error::SessionError,
    http::{Guard, Incoming, Outgoing, Problem, body::Fields, identify::demand},
    manager::UserManager,
    operations::Sessions,
    store::{SessionId, SessionStore},
};

pub(in crate::http) async fn refresh<M: UserManager<Store: SessionStore>>(
    manager: &M,
    request: Incoming,
) -> Result<Outgoing, Problem> {
    let name = request.param.clone().ok_or_else(Problem::not_found)?;
    let backend = manager.engine_ref().backend(&name).filter(|backend| backend.strategy().refreshes());
    backend.ok_or_else(Problem::not_found)?;
    let mut fields = Fields::form(&request.parts.headers, &request.body).await?;
    fields.constant("grant_type", "refresh_token");
    let token = fields.filled("refresh_token");
    fields.finish()?;
    let cx = request.into_context::<M::Store>(None);
    let refreshed = manager.refresh(&token.unwrap_or_default().into(), &name, &cx).await?;
    let mut answer = Map::new();
    add_tokens(&mut answer, &refreshed.token, refreshed.refresh.as_ref());
    Outgoing::json(StatusCode::OK, &answer)
}

pub(in crate::http) async fn list<M: UserManager<Store: SessionStore>>(
    manager: &M,
    request: Incoming,
) -> Result<Outgoing, Problem> {
    let principal = demand(manager, &request.parts, Guard::Active).await?;
    let cx = request.into_context(Some(&principal));
    Outgoing::json(StatusCode::OK, &manager.sessions(principal.user(), &cx).await?)
}

pub(in crate::http) async fn revoke_others<M: UserManager<Store: SessionStore>>(
    manager: &M,
    request: Incoming,
) -> Result<Outgoing, Problem> {
    let principal = demand(manager, &request.parts, Guard::Active).await?;
    let cx = request.into_context(Some(&principal));
    match manager.revoke_others(principal.user(), &cx).await {
        Ok(()) => Ok(Outgoing::no_content()),
        // Deleted since the guard let him pass.
        Err(SessionError::NotFound) => Err(Problem::unauthorized()),
        Err(error) => Err(error.into()),
    }
}

pub(in crate::http) async fn revoke<M: UserManager<Store: SessionStore>>(
    manager: &M,
    request: Incoming,
) -> Result<Outgoing, Problem> {
    let principal = demand(manager, &request.parts, Guard::Active).await?;
    // A NUL would make a database stumble.
    let id = request.param.clone().filter(|id| !id.contains('\0')).ok_or_else(Problem::not_found)?;
    let cx = request.into_context(Some(&principal));
    manager.revoke_session(principal.user(), &SessionId::new(id), &cx).await?;
    Ok(Outgoing::no_content())
}
