//! The rig on axum: the routes of the library, and the application's own behind each extractor, once as they are and once optional.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
    routing::{delete, get},
};
use serde_json::{Value, json};
use usermgr::{
    axum::{CurrentUser, Fresh, Superuser, Verified, VerifiedSuperuser, mount, not_found},
    http::{Problem, identify},
};

use super::{RigStore, accounts::Accounts, routes};

type App<S> = Arc<Accounts<S>>;

/// `/app/<path>` and `/app/optional/<path>` for an extractor, which answer with the user.
macro_rules! guarded {
    ($router:expr, $($path:literal: $extractor:ident,)*) => {
        $router$(
            .route(concat!("/app/", $path), get(async |user: $extractor<Accounts<S>>| Json(user.into_user())))
            .route(
                concat!("/app/optional/", $path),
                get(async |user: Option<$extractor<Accounts<S>>>| Json(user.map($extractor::into_user))),
            )
        )*
    };
}

pub(super) fn router<S: RigStore>(accounts: App<S>) -> Router {
    let own = Router::new()
        .route("/app/any", get(any::<S>))
        .route("/app/optional/any", get(optional_any::<S>))
        .route("/app/cookie-only", get(cookie_only::<S>))
        .route("/users/me", delete(leave::<S>));
    let own = guarded! { own,
        "active": CurrentUser,
        "verified": Verified,
        "superuser": Superuser,
        "verified-superuser": VerifiedSuperuser,
        "fresh": Fresh,
    };
    own.merge(mount(routes())).fallback(not_found).with_state(accounts)
}

/// Any user with a good token: no guard is asked.
async fn any<S: RigStore>(state: State<App<S>>, parts: Parts) -> Response {
    match identify(&**state, &parts).await {
        Ok(Some(principal)) => Json(principal.into_user()).into_response(),
        Ok(None) => refused(Problem::unauthorized()),
        Err(problem) => refused(problem),
    }
}

async fn optional_any<S: RigStore>(state: State<App<S>>, parts: Parts) -> Response {
    match identify(&**state, &parts).await {
        Ok(principal) => Json(principal.map(|principal| principal.into_user())).into_response(),
        Err(problem) => refused(problem),
    }
}

/// A route that only one of the backends opens.
async fn cookie_only<S: RigStore>(user: CurrentUser<Accounts<S>>) -> Response {
    match user.session().backend.as_str() {
        "cookie" => Json(user.into_user()).into_response(),
        _ => refused(Problem::unauthorized()),
    }
}

/// The application's own answer to `DELETE /users/me`.
async fn leave<S: RigStore>(user: CurrentUser<Accounts<S>>) -> (StatusCode, Json<Value>) {
    (StatusCode::ACCEPTED, Json(json!({ "left": user.email })))
}

fn refused(problem: Problem) -> Response {
    let answer = problem.into_outgoing();
    (answer.status, answer.headers, answer.body).into_response()
}
