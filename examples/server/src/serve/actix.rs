//! The server on actix-web.

use std::{
    error::Error,
    net::TcpListener,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    PATIENCE, Site,
    cors::{Asked, Cors, Headers},
    readiness,
};
use crate::{
    accounts::{Accounts, Store, permissions::can},
    metrics::Requests,
};
use actix_web::{
    App, HttpResponse, HttpServer,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{self, HeaderMap, HeaderName, HeaderValue},
    middleware::{Next, from_fn},
    web,
};
use usermgr::{actix::Requires, engine::Deadline, http::Problem, prelude::*, store::ListQuery};

pub(super) async fn serve<S: Store>(
    listener: TcpListener,
    site: Site<S>,
    stop: impl Future<Output = ()> + Send + 'static,
    patience: Duration,
) -> Result<Deadline, Box<dyn Error>> {
    let Site { accounts, routes, document, cors, requests } = site;
    let document = usermgr::actix::openapi("/openapi.json", &document);
    let users = usermgr::actix::mount(accounts.clone(), routes);
    let pages = usermgr::actix::pages(accounts.clone());
    let cors = Arc::new(cors);
    let app = move || {
        let (accounts, cors, requests) = (accounts.clone(), cors.clone(), requests.clone());
        let demonstration = accounts.clone();
        let ready = move || ready(accounts.clone());
        App::new()
            .route("/healthz", web::get().to(async || "ok"))
            .route("/healthz", web::head().to(async || "ok"))
            .route("/readyz", web::get().to(ready.clone()))
            .route("/readyz", web::head().to(ready))
            .configure(move |config| demonstrate(demonstration, config))
            .configure(document.clone())
            .configure(users.clone())
            .configure(pages.clone())
            .default_service(web::to(usermgr::actix::not_found))
            .wrap(from_fn(move |request, next| share(cors.clone(), request, next)))
            .wrap(from_fn(move |request, next| measure(requests.clone(), request, next)))
    };
    let server = HttpServer::new(app).client_request_timeout(PATIENCE).keep_alive(PATIENCE);
    let server = server.disable_signals().listen(listener)?.run();
    Ok(usermgr::actix::serve_until(server, stop, patience).await?)
}

/// Mounts what shows the use of an API key, if the server has any.
fn demonstrate<S: Store>(accounts: Arc<Accounts<S>>, config: &mut web::ServiceConfig) {
    if accounts.engine().has_part("api_keys") {
        config.route("/demo/account", web::get().to(account::<S>)).route("/demo/users", web::get().to(users::<S>));
    }
}

/// What a session or an API key with `account:read` gets.
async fn account<S: Store>(who: Requires<Accounts<S>, can::AccountRead>) -> HttpResponse {
    HttpResponse::Ok().json(who.into_user())
}

/// What one with `users:read` gets.
async fn users<S: Store>(
    accounts: web::Data<Accounts<S>>,
    _: Requires<Accounts<S>, can::UsersRead>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(accounts.list_users(&Admin::system("demo"), ListQuery::default()).await?))
}

/// Whether the server can serve.
async fn ready<S: Store>(accounts: Arc<Accounts<S>>) -> HttpResponse {
    let (is_ready, text) = readiness(&accounts).await;
    let mut response = if is_ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    response.content_type("application/json").insert_header((header::CACHE_CONTROL, "no-store")).body(text)
}

/// Counts a request, and how long it took.
async fn measure(
    requests: Option<Arc<Requests>>,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let Some(requests) = requests else { return next.call(request).await };
    let begun = Instant::now();
    let response = next.call(request).await?;
    let asked = response.request();
    let route = asked.match_pattern();
    requests.note(asked.method().as_str(), route.as_deref(), response.status().as_u16(), begun.elapsed());
    Ok(response)
}

/// Lets the pages of the allowed origins read responses, including cookies.
async fn share(
    cors: Arc<Option<Cors>>,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let Some(cors) = &*cors else { return next.call(request).await };
    let asked = Asked {
        method: request.method().as_str(),
        origin: request.headers().get(header::ORIGIN).map(HeaderValue::as_bytes),
        asks_for_method: request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD),
    };
    let (preflight, headers) = (Cors::is_preflight(&asked), cors.headers(&asked));
    let mut response = match preflight {
        true => request.into_response(HttpResponse::NoContent().finish()),
        false => next.call(request).await?,
    };
    add(response.headers_mut(), headers);
    Ok(response)
}

fn add(answer: &mut HeaderMap, headers: Headers) {
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            answer.append(HeaderName::from_static(name), value);
        }
    }
}
