//! The routes that list logins and refused logins.

use std::{net::IpAddr, sync::Arc};

use ::http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;

use crate::{
    engine::HISTORY,
    http::{Guard, Incoming, Outgoing, Problem, Success, endpoints},
    manager::UserManager,
    session::{Method, Principal},
    slices::{administration::endpoints::found, index::Operations},
    store::{LoginEntry, UserOf},
};

endpoints! {
    parts {
        /// Lists the caller's logins.
        list for Guard::active() => Route::get("/users/me/logins", ListLogins, "users:list_logins")
            .summary("List your logins, and those that were refused")
            .answers(Success::Logins)
            .needs(HISTORY);
        /// Lists the logins of a user.
        list_of_user for Guard::active().superuser() =>
            Route::get("/users/{id}/logins", ListUserLogins, "users:list_user_logins")
                .summary("List the logins of a user, and those that were refused")
                .answers(Success::Logins)
                .names_something()
                .needs(HISTORY);
    }
}

/// A login on the wire.
#[derive(Serialize)]
struct Shown<'a> {
    at: Timestamp,
    outcome: &'static str,
    reason: Option<&'a str>,
    methods: Vec<&'a str>,
    ip: Option<IpAddr>,
    user_agent: Option<&'a str>,
}

impl<'a> Shown<'a> {
    fn of<I>(entry: &'a LoginEntry<I>) -> Self {
        let LoginEntry { at, outcome, methods, ip, user_agent, .. } = entry;
        Self {
            at: *at,
            outcome: if outcome.is_success() { "logged_in" } else { "refused" },
            reason: outcome.reason(),
            methods: methods.iter().map(Method::as_str).collect(),
            ip: *ip,
            user_agent: user_agent.as_deref(),
        }
    }
}

async fn list<M: UserManager>(
    manager: &Arc<M>,
    _: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    shown(manager, principal.user()).await
}

async fn list_of_user<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    _: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    shown(manager, &found(manager, &request).await?).await
}

/// The history of a user.
async fn shown<M: UserManager>(manager: &Arc<M>, user: &UserOf<M::Store>) -> Result<Outgoing, Problem> {
    let entries = manager.login_history(user).await?;
    let entries: Vec<_> = entries.iter().map(Shown::of).collect();
    Outgoing::json(StatusCode::OK, &entries)
}
