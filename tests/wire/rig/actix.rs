//! The rig on actix-web: the same routes as on axum.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Data, Json, ServiceConfig},
};
use axum::http::{HeaderName, HeaderValue, Request, request::Parts};
use serde_json::{Value, json};
use usermgr::{
    actix::{CurrentUser, Fresh, Optional, Refusal, Superuser, Verified, VerifiedSuperuser, mount, not_found},
    http::{Problem, identify},
};

use super::{RigStore, accounts::Accounts, routes};

/// `/app/<path>` and `/app/optional/<path>` for an extractor, which answer with the user.
macro_rules! guarded {
    ($config:ident, $($path:literal: $extractor:ident,)*) => {$(
        let required = async |user: $extractor<Accounts<S>>| Json(user.into_user());
        $config.route(concat!("/app/", $path), web::get().to(required));
        let optional = async |user: Optional<$extractor<Accounts<S>>>| {
            Json(user.into_inner().map($extractor::into_user))
        };
        $config.route(concat!("/app/optional/", $path), web::get().to(optional));
    )*};
}

pub(super) fn configure<S: RigStore>(
    accounts: Arc<Accounts<S>>,
) -> impl FnOnce(&mut ServiceConfig) + Clone + Send + 'static {
    let users = mount(accounts, routes());
    move |config: &mut ServiceConfig| {
        config
            .route("/app/any", web::get().to(any::<S>))
            .route("/app/optional/any", web::get().to(optional_any::<S>))
            .route("/app/cookie-only", web::get().to(cookie_only::<S>))
            .route("/users/me", web::delete().to(leave::<S>));
        guarded! { config,
            "active": CurrentUser,
            "verified": Verified,
            "superuser": Superuser,
            "verified-superuser": VerifiedSuperuser,
            "fresh": Fresh,
        }
        users(config);
        config.default_service(web::to(not_found));
    }
}

/// Any user with a good token: no guard is asked.
async fn any<S: RigStore>(accounts: Data<Accounts<S>>, request: HttpRequest) -> Result<Json<Value>, Refusal> {
    let principal = identify(&**accounts, &parts(&request)).await?.ok_or_else(Problem::unauthorized)?;
    Ok(Json(json!(principal.user())))
}

async fn optional_any<S: RigStore>(accounts: Data<Accounts<S>>, request: HttpRequest) -> Result<Json<Value>, Refusal> {
    let principal = identify(&**accounts, &parts(&request)).await?;
    Ok(Json(json!(principal.map(|principal| principal.into_user()))))
}

/// A route that only one of the backends opens.
async fn cookie_only<S: RigStore>(user: CurrentUser<Accounts<S>>) -> Result<Json<Value>, Refusal> {
    match user.session().backend.as_str() {
        "cookie" => Ok(Json(json!(user.into_user()))),
        _ => Err(Problem::unauthorized().into()),
    }
}

/// The application's own answer to `DELETE /users/me`.
async fn leave<S: RigStore>(user: CurrentUser<Accounts<S>>) -> HttpResponse {
    HttpResponse::Accepted().json(json!({ "left": user.email }))
}

/// The headers, in the types of `http` 1.
fn parts(request: &HttpRequest) -> Parts {
    let (mut parts, ()) = Request::new(()).into_parts();
    for (name, value) in request.headers() {
        let name = HeaderName::from_bytes(name.as_str().as_bytes()).unwrap();
        parts.headers.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    parts
}
