//! Serving: the routes over a web framework, until the process is told to stop.

use std::{error::Error, io::Write, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    http::{HeaderValue, Method, header},
    routing::get,
};
use tokio::{net::TcpListener, signal};
use tower_http::cors::CorsLayer;

use crate::{
    accounts::{Accounts, Store},
    options::Options,
};

/// Serves until SIGTERM or Ctrl-C, then finishes what is in flight.
///
/// # Errors
/// The address cannot be listened on, or an origin is none.
pub(crate) async fn serve<S: Store>(options: &Options, accounts: Accounts<S>) -> Result<(), Box<dyn Error>> {
    let accounts = Arc::new(accounts);
    let app = Router::new()
        .route("/healthz", get(async || "ok"))
        .merge(usermgr::axum::routes::<Accounts<S>, _>())
        .merge(usermgr::axum::session_routes())
        .merge(usermgr::axum::directory_routes())
        .fallback(usermgr::axum::not_found)
        .with_state(accounts.clone());
    let app = match &*options.allow_origin {
        [] => app,
        origins => app.layer(cors(origins)?),
    };
    let listener = TcpListener::bind(options.listen).await?;
    let address = listener.local_addr()?;
    let mut out = std::io::stdout();
    writeln!(out, "listening on http://{address}")?;
    out.flush()?;
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app).with_graceful_shutdown(stop_signal()).await?;
    accounts.engine().settle().await;
    Ok(())
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

/// Ends when the server shall.
async fn stop_signal() {
    #[cfg(unix)]
    let terminated = async {
        if let Ok(mut stream) = signal::unix::signal(signal::unix::SignalKind::terminate()) {
            stream.recv().await;
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = terminated => {}
        _ = signal::ctrl_c() => {}
    }
}
