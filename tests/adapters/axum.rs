//! The application of these suites, on axum.

use std::sync::Arc;

use axum::{Json, Router, routing::get};
use serde_json::json;
use usermgr::{
    Directory, SessionStore, UserManager,
    axum::{CurrentUser, Fresh, Superuser, Verified, VerifiedSuperuser},
    http::Routes,
};
use usermgr_tests::serve_axum;

use crate::extractors::Accounts;

/// A route for an extractor and one for its optional form, both of which answer with the address.
macro_rules! routes {
    ($($path:literal $extractor:ident),*) => {
        Router::new()$(
            .route(concat!("/", $path), get(async |user: $extractor<Accounts>| Json(json!(user.email))))
            .route(
                concat!("/", $path, "/optional"),
                get(async |user: Option<$extractor<Accounts>>| Json(json!(user.map(|user| user.email.to_string())))),
            )
        )*
    };
}

pub(crate) async fn open(accounts: Arc<Accounts>) -> String {
    let router = routes!(
        "current" CurrentUser, "verified" Verified, "superuser" Superuser, "verified-superuser" VerifiedSuperuser,
        "fresh" Fresh
    );
    let router = router
        .route(
            "/admin",
            get(async |user: Superuser<Accounts>| format!("{:?} {}", user.admin(), user.session().backend)),
        )
        .merge(usermgr::axum::routes::<Accounts, Arc<Accounts>>())
        .with_state(accounts);
    serve_axum(router)
}

/// These routes of the manager, and a route of the application's own.
pub(crate) async fn own<M: UserManager<Store: SessionStore + Directory>>(manager: Arc<M>, routes: Routes<M>) -> String {
    let router = Router::new()
        .route("/own", get(async |user: CurrentUser<M>| Json(json!(user.email))))
        .route(
            "/own/optional",
            get(async |user: Option<CurrentUser<M>>| Json(json!(user.map(|user| user.email.to_string())))),
        )
        .merge(usermgr::axum::mount(routes));
    serve_axum(router.with_state(manager))
}

/// These routes of the manager, under `/outer`.
pub(crate) async fn mount<M: UserManager<Store: SessionStore + Directory>>(manager: M, routes: Routes<M>) -> String {
    let inner = usermgr::axum::mount(routes).with_state(Arc::new(manager));
    serve_axum(Router::new().nest("/outer", inner).fallback(usermgr::axum::not_found))
}
