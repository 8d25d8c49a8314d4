//! The application of these suites, on axum.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State},
    routing::{get, post},
};
use serde_json::{Value, json};
use usermgr::{
    UserManager,
    axum::{CurrentUser, Fresh, RequestContext, Superuser, Verified, VerifiedSuperuser},
    http::Routes,
    store::{Directory, SessionStore},
};
use usermgr_tests::serve_axum;

use crate::{
    extractors::Accounts,
    handlers,
    permissions::{self, can},
};

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

/// The handlers of the application's own that call operations, beside all routes.
pub(crate) async fn handlers(accounts: Arc<handlers::Accounts>) -> String {
    type Accounts = State<Arc<handlers::Accounts>>;
    type User = CurrentUser<handlers::Accounts>;
    type Cx = RequestContext<handlers::Accounts>;
    let leave =
        async |State(accounts): Accounts, user: User, cx: Cx| handlers::leave_elsewhere(&accounts, user, cx).await;
    let address = async |State(accounts): Accounts, user: User, cx: Cx, Json(body): Json<Value>| {
        handlers::take_address(&accounts, user, cx, body).await
    };
    let log_in = async |State(accounts): Accounts, Path(backend): Path<String>, cx: Cx, Json(body): Json<Value>| {
        handlers::log_in(&accounts, &backend, cx, body).await
    };
    let router = Router::new()
        .route("/own/context", get(handlers::circumstances))
        .route("/own/leave-elsewhere", post(leave))
        .route("/own/address", post(address))
        .route("/own/login/{backend}", post(log_in))
        .merge(usermgr::axum::mount(Routes::all()));
    serve_axum(router.with_state(accounts))
}

/// Routes that need permissions: as they are they answer what was granted, and once optional.
pub(crate) async fn permits<const ALL: bool>(accounts: Arc<permissions::Accounts<ALL>>) -> String {
    type Requires<const ALL: bool, N> = usermgr::axum::Requires<permissions::Accounts<ALL>, N>;
    macro_rules! routes {
        ($($path:literal $needs:ty,)*) => {
            Router::new()$(
                .route($path, get(async |who: Requires<ALL, $needs>| Json(who.granted())))
                .route(
                    concat!($path, "/optional"),
                    get(async |who: Option<Requires<ALL, $needs>>| Json(who.map(|who| who.granted()))),
                )
            )*
        };
    }
    let router = routes! {
        "/read" can::OrdersRead,
        "/refund" can::Refund,
        "/write-and-refund" (can::OrdersWrite, can::Refund),
        "/everything" (can::OrdersRead, can::OrdersWrite, can::Refund),
    };
    let users = usermgr::axum::mount(Routes::of_engine(&accounts.engine));
    serve_axum(router.merge(users).with_state(accounts))
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
