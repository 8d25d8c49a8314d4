//! The server on axum.

use std::{
    error::Error,
    net::{SocketAddr, TcpListener},
    sync::Arc,
};

use axum::{
    Router,
    http::{HeaderValue, Method, header},
    routing::get,
};
use tower_http::cors::CorsLayer;
use usermgr::{http::Routes, openapi};

use crate::accounts::{Accounts, Store};

pub(super) async fn serve<S: Store>(
    listener: TcpListener,
    accounts: Arc<Accounts<S>>,
    origins: &[String],
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Box<dyn Error>> {
    let routes = Routes::all();
    let document = openapi::document(&*accounts, &routes);
    let app = Router::new()
        .route("/healthz", get(async || "ok"))
        .merge(usermgr::axum::mount(routes))
        .merge(usermgr::axum::openapi("/openapi.json", &document))
        .fallback(usermgr::axum::not_found)
        .with_state(accounts);
    let app = match origins {
        [] => app,
        origins => app.layer(cors(origins)?),
    };
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    let listener = tokio::net::TcpListener::from_std(listener)?;
    Ok(axum::serve(listener, app).with_graceful_shutdown(stop).await?)
}

/// Lets the pages of the allowed origins read answers, cookies included.
fn cors(origins: &[String]) -> Result<CorsLayer, Box<dyn Error>> {
    let origins = origins.iter().map(HeaderValue::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(CorsLayer::new()
        .allow_origin(origins)
        .allow_credentials(true)
        .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE]))
}
