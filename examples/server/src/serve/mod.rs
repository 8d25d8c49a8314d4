//! Serving: one socket, one way to stop, and a framework in between.

mod actix;
mod axum;
mod cors;

use std::{error::Error, io::Write, net::TcpListener, sync::Arc, time::Duration};

use serde_json::json;
use tokio::signal;
use usermgr::{engine::Deadline, http::Routes, openapi, prelude::*};
use utoipa::openapi::{OpenApi, Server};

use self::cors::Cors;
use crate::{
    accounts::{Accounts, Store},
    audit::Trail,
    metrics::{self, Requests},
    options::{Framework, Options},
};

/// How long a client may take for the head of a request. A connection that is kept alive waits for its next request as long; for bodies
/// the library has its own limits.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often it deletes what has expired.
const HOUR: Duration = Duration::from_secs(3600);

/// What both frameworks serve.
struct Site<S> {
    accounts: Arc<Accounts<S>>,
    routes: Routes<Accounts<S>>,
    document: OpenApi,
    cors: Option<Cors>,
    /// Counted for the socket of the metrics alone.
    requests: Option<Arc<Requests>>,
}

impl<S: Store> Site<S> {
    fn new(options: &Options, accounts: Arc<Accounts<S>>) -> Self {
        let routes = Routes::of_engine(accounts.engine_ref());
        let mut document = openapi::document(&*accounts, &routes);
        document.servers = options.base_url.as_ref().map(|url| vec![Server::new(&url.0)]);
        let requests = options.metrics_listen.map(|_| Arc::default());
        Self { accounts, routes, document, cors: Cors::of(options), requests }
    }
}

/// Serves until it receives a signal to stop, and then ends everything by the returned deadline.
///
/// # Errors
/// The address is taken.
pub(crate) async fn serve<S: Store>(
    options: &Options,
    accounts: Accounts<S>,
    trail: &Trail,
) -> Result<Deadline, Box<dyn Error>> {
    let accounts = Arc::new(accounts);
    let site = Site::new(options, accounts.clone());
    let listener = TcpListener::bind(options.listen)?;
    listener.set_nonblocking(true)?;
    let metrics = match (options.metrics_listen, &site.requests) {
        (Some(address), Some(requests)) => Some(metrics::serve(address, accounts.clone(), requests.clone()).await?),
        _ => None,
    };
    let stop = stop_signal()?;
    reopen_at_hangup(trail)?;
    let stop = {
        let accounts = accounts.clone();
        async move {
            stop.await;
            accounts.engine().begin_shutdown();
        }
    };
    let patience = Duration::from_secs(options.shutdown_timeout.into());
    let mut out = std::io::stdout();
    writeln!(out, "listening on http://{}", listener.local_addr()?)?;
    if let Some(address) = metrics {
        writeln!(out, "metrics on http://{address}/metrics")?;
    }
    out.flush()?;
    accounts.start_purging(HOUR)?;
    accounts.start_delivery()?;
    let deadline = match options.framework {
        Framework::Axum => axum::serve(listener, site, stop, patience).await?,
        Framework::Actix => actix::serve(listener, site, stop, patience).await?,
    };
    accounts.shutdown(deadline).await;
    Ok(deadline)
}

/// Whether requests should be sent here, and what a load balancer or a monitor reads about it. It names no fault: anybody may ask.
async fn readiness<S: Store>(accounts: &Accounts<S>) -> (bool, String) {
    let readiness = accounts.ready().await;
    if !readiness.is_ready() {
        tracing::warn!(reason = %readiness, "not ready");
    }
    let text = json!({
        "ready": readiness.is_ready(),
        "store": readiness.store.is_ok(),
        "counters": readiness.counters.is_ok(),
        "stopping": readiness.is_stopping,
        "oldest_due_mail": readiness.oldest_due.map(|age| age.as_secs()),
    });
    (readiness.is_ready(), text.to_string())
}

/// Completes when the server must stop. From the call on, no signal is missed: a process that has read the address may stop the server.
pub(crate) fn stop_signal() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    #[cfg(unix)]
    let (mut terminate, mut interrupt) = {
        use signal::unix::{SignalKind, signal};
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?)
    };
    Ok(async move {
        #[cfg(unix)]
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        #[cfg(not(unix))]
        let _ = signal::ctrl_c().await;
    })
}

/// Opens the file of the audit trail again at each SIGHUP. A server without one ends at it, as programs do.
fn reopen_at_hangup(trail: &Trail) -> std::io::Result<()> {
    #[cfg(unix)]
    if trail.has_file() {
        let mut hangup = signal::unix::signal(signal::unix::SignalKind::hangup())?;
        let trail = trail.clone();
        tokio::spawn(async move {
            while hangup.recv().await.is_some() {
                trail.reopen();
            }
        });
    }
    Ok(())
}
