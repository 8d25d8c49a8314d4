//! The routes of a user's sessions, and the route that refreshes tokens.

use std::sync::Arc;

use ::http::StatusCode;
use serde_json::Map;

use crate::{
    error::Code,
    http::{Fields, Guard, Incoming, Outgoing, Problem, Success, Takes, add_tokens, endpoints},
    manager::UserManager,
    session::{Principal, SessionInfo},
    slices::{index::Sessions, sessions::SessionError},
    store::{ListQuery, SessionId, SessionStore, UserOf},
};

endpoints! {
    sessions {
        /// Refreshes the tokens of a session.
        refresh => Route::post("/auth/{backend}/refresh", Refresh, "auth:{}.refresh")
            .summary("Get the next tokens of a session")
            .takes(Takes::Refresh)
            .answers(Success::Tokens)
            .codes(&[Code::RefreshBadToken, Code::TooManyRequests]);
        /// Lists the caller's sessions.
        list for Guard::active() => Route::get("/users/me/sessions", ListSessions, "users:list_sessions")
            .summary("List your sessions")
            .takes(Takes::Page)
            .answers(Success::Sessions);
        /// Ends the caller's other sessions.
        revoke_others for Guard::active().fresh() =>
            Route::delete("/users/me/sessions", RevokeSessions, "users:revoke_sessions")
                .summary("End your other sessions")
                .codes(&[Code::ReauthenticationRequired]);
        /// Ends one of the caller's sessions.
        revoke for Guard::active() =>
            Route::delete("/users/me/sessions/{id}", RevokeSession, "users:revoke_session")
                .summary("End one of your sessions")
                .names_something();
    }
}

async fn refresh<M: UserManager<Store: SessionStore>>(
    manager: &Arc<M>,
    request: Incoming,
) -> Result<Outgoing, Problem> {
    let name = request.param.clone().ok_or_else(Problem::not_found)?;
    let backend = manager.engine_ref().backend(&name).filter(|backend| backend.strategy().refreshes());
    let backend = backend.ok_or_else(Problem::not_found)?;
    let mut fields = Fields::form(&request.parts.headers, &request.body).await?;
    fields.constant("grant_type", "refresh_token");
    let token = fields.filled("refresh_token");
    fields.finish()?;
    let cx = request.into_context::<M::Store>(None);
    let refreshed = manager.refresh(&token.unwrap_or_default().into(), &name, &cx).await?;
    let mut answer = Map::new();
    add_tokens(&mut answer, backend.transport(), &refreshed.token, refreshed.refresh.as_ref(), refreshed.expires_in);
    Outgoing::json(StatusCode::OK, &answer)
}

async fn list<M: UserManager<Store: SessionStore>>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    sessions_of(manager, request, &principal, principal.user()).await
}

/// The requested page of the sessions of a user.
pub(crate) async fn sessions_of<M: UserManager<Store: SessionStore>>(
    manager: &Arc<M>,
    request: Incoming,
    principal: &Principal<M::Store>,
    user: &UserOf<M::Store>,
) -> Result<Outgoing, Problem> {
    let query = request.page_query(cursor)?;
    let cx = request.into_context(Some(principal));
    let all = manager.sessions(user, &cx).await?;
    let (page, more) = page(&all, &query);
    let answer = Outgoing::json(StatusCode::OK, &page)?;
    Ok(match page.last().filter(|_| more) {
        Some(last) => answer.with_next_page(&format!("cursor={}&limit={}", last.id, query.limit)),
        None => answer,
    })
}

/// A cursor is the name of a session. Any other text is refused.
fn cursor(text: &str) -> Option<SessionId> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_".contains(&b);
    (!text.is_empty() && text.len() <= 64 && text.bytes().all(plain)).then(|| SessionId::new(text))
}

/// The requested page of a user's list, and whether there are more sessions. The number of sessions is limited, so the
/// whole list was read. The session of the cursor may have ended since: names are ordered by time, like the list.
fn page<'a>(all: &'a [SessionInfo], query: &ListQuery<SessionId>) -> (&'a [SessionInfo], bool) {
    let start = query.after.as_ref().map_or(0, |after| {
        let there = all.iter().position(|session| session.id == *after);
        let behind = || all.iter().position(|session| session.id.as_str() < after.as_str()).unwrap_or(all.len());
        there.map_or_else(behind, |at| at + 1)
    });
    let rest = &all[start..];
    (&rest[..rest.len().min(query.limit as usize)], rest.len() > query.limit as usize)
}

async fn revoke_others<M: UserManager<Store: SessionStore>>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let cx = request.into_context(Some(&principal));
    match manager.revoke_others(principal.user(), &cx).await {
        Ok(()) => Ok(Outgoing::no_content()),
        // The user was deleted after the guard's check.
        Err(SessionError::NotFound) => Err(Problem::unauthorized()),
        Err(error) => Err(error.into()),
    }
}

async fn revoke<M: UserManager<Store: SessionStore>>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let id = SessionId::new(request.path_text()?);
    let cx = request.into_context(Some(&principal));
    manager.revoke_session(principal.user(), &id, &cx).await?;
    Ok(Outgoing::no_content())
}
