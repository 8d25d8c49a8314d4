//! The application of these suites, on actix-web.

use std::sync::Arc;

use actix_web::web::{self, Data, Json, Path, ServiceConfig};
use serde_json::{Value, json};
use usermgr::{
    UserManager,
    actix::{CurrentUser, Fresh, Optional, RequestContext, Superuser, Verified, VerifiedSuperuser},
    http::Routes,
    store::{Directory, SessionStore},
};
use usermgr_tests::serve_actix;

use crate::{
    extractors::Accounts,
    handlers,
    permissions::{self, can},
};

/// A route for an extractor and one for its optional form, both of which answer with the address.
macro_rules! routes {
    ($config:ident, $($path:literal $extractor:ident),*) => {$(
        $config.route(concat!("/", $path), web::get().to(async |user: $extractor<Accounts>| Json(json!(user.email))));
        $config.route(
            concat!("/", $path, "/optional"),
            web::get().to(async |user: Optional<$extractor<Accounts>>| {
                Json(json!(user.as_ref().map(|user| user.email.to_string())))
            }),
        );
    )*};
}

pub(crate) async fn open(accounts: Arc<Accounts>) -> String {
    let users = usermgr::actix::routes(accounts);
    serve_actix(|config: &mut ServiceConfig| {
        users(config);
        routes!(
            config, "current" CurrentUser, "verified" Verified, "superuser" Superuser,
            "verified-superuser" VerifiedSuperuser, "fresh" Fresh
        );
        let admin = async |user: Superuser<Accounts>| format!("{:?} {}", user.admin(), user.session().backend);
        config.route("/admin", web::get().to(admin));
    })
}

/// The handlers of the application's own that call operations, beside all routes.
pub(crate) async fn handlers(accounts: Arc<handlers::Accounts>) -> String {
    type Accounts = Data<handlers::Accounts>;
    type User = CurrentUser<handlers::Accounts>;
    type Cx = RequestContext<handlers::Accounts>;
    let users = usermgr::actix::configure(accounts).unwrap();
    serve_actix(move |config: &mut ServiceConfig| {
        let leave = async |accounts: Accounts, user: User, cx: Cx| handlers::leave_elsewhere(&accounts, user, cx).await;
        let address = async |accounts: Accounts, user: User, cx: Cx, Json(body): Json<Value>| {
            handlers::take_address(&accounts, user, cx, body).await
        };
        let log_in = async |accounts: Accounts, backend: Path<String>, cx: Cx, Json(body): Json<Value>| {
            handlers::log_in(&accounts, &backend, cx, body).await
        };
        config.route("/own/context", web::get().to(handlers::circumstances));
        config.route("/own/leave-elsewhere", web::post().to(leave));
        config.route("/own/address", web::post().to(address));
        config.route("/own/login/{backend}", web::post().to(log_in));
        users(config);
    })
}

/// Routes that need permissions: as they are they answer what was granted, and once optional.
pub(crate) async fn permits<const ALL: bool>(accounts: Arc<permissions::Accounts<ALL>>) -> String {
    type Requires<const ALL: bool, N> = usermgr::actix::Requires<permissions::Accounts<ALL>, N>;
    macro_rules! routes {
        ($config:ident, $($path:literal $needs:ty,)*) => {$(
            $config.route($path, web::get().to(async |who: Requires<ALL, $needs>| Json(who.granted())));
            $config.route(
                concat!($path, "/optional"),
                web::get().to(async |who: Optional<Requires<ALL, $needs>>| Json(who.as_ref().map(|who| who.granted()))),
            );
        )*};
    }
    let routes = Routes::of_engine(&accounts.engine);
    let users = usermgr::actix::mount(accounts, routes);
    serve_actix(move |config: &mut ServiceConfig| {
        users(config);
        routes! { config,
            "/read" can::OrdersRead,
            "/refund" can::Refund,
            "/write-and-refund" (can::OrdersWrite, can::Refund),
            "/everything" (can::OrdersRead, can::OrdersWrite, can::Refund),
        }
    })
}

/// These routes of the manager, and a route of the application's own.
pub(crate) async fn own<M: UserManager<Store: SessionStore + Directory>>(manager: Arc<M>, routes: Routes<M>) -> String {
    let users = usermgr::actix::mount(manager, routes);
    serve_actix(move |config: &mut ServiceConfig| {
        users(config);
        config.route("/own", web::get().to(async |user: CurrentUser<M>| Json(json!(user.email))));
        let optional =
            async |user: Optional<CurrentUser<M>>| Json(json!(user.as_ref().map(|user| user.email.to_string())));
        config.route("/own/optional", web::get().to(optional));
    })
}

/// These routes of the manager, under `/outer`.
pub(crate) async fn mount<M: UserManager<Store: SessionStore + Directory>>(manager: M, routes: Routes<M>) -> String {
    let inner = usermgr::actix::mount(Arc::new(manager), routes);
    serve_actix(move |config: &mut ServiceConfig| {
        config.service(web::scope("/outer").configure(inner));
        config.default_service(web::to(usermgr::actix::not_found));
    })
}
