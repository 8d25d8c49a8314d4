//! Serving: one socket, one way to stop, and a framework in between.

mod actix;
mod axum;
mod cors;

use std::{error::Error, io::Write, net::TcpListener, sync::Arc, time::Duration};

use tokio::{signal, sync::oneshot};
use usermgr::prelude::*;

use self::cors::Cors;
use crate::{
    accounts::{Accounts, Store},
    options::{Framework, Options},
};

/// How long a client may take for the head of a request. A connection that is kept alive waits for its next request as long; for bodies
/// the library has its own limits.
const PATIENCE: Duration = Duration::from_secs(30);

/// Serves until it receives a signal to stop, and then finishes the requests in flight.
///
/// # Errors
/// The address is taken.
pub(crate) async fn serve<S: Store>(options: &Options, accounts: Accounts<S>) -> Result<(), Box<dyn Error>> {
    let accounts = Arc::new(accounts);
    let listener = TcpListener::bind(options.listen)?;
    listener.set_nonblocking(true)?;
    let stop = stop_signal()?;
    let mut out = std::io::stdout();
    writeln!(out, "listening on http://{}", listener.local_addr()?)?;
    out.flush()?;
    let purging = tokio::spawn(purge(accounts.clone()));
    let (keep_delivering, stopped) = oneshot::channel::<()>();
    let delivering = tokio::spawn({
        let accounts = accounts.clone();
        async move { accounts.deliver(async { drop(stopped.await) }).await }
    });
    match options.framework {
        Framework::Axum => axum::serve(listener, accounts.clone(), Cors::of(options), stop).await?,
        Framework::Actix => actix::serve(listener, accounts.clone(), Cors::of(options), stop).await?,
    }
    purging.abort();
    accounts.engine().settle().await;
    drop(keep_delivering);
    delivering.await??;
    // The background work of the last requests.
    accounts.deliver_due().await?;
    Ok(())
}

/// Deletes what has expired, once an hour.
async fn purge<S: Store>(accounts: Arc<Accounts<S>>) {
    let mut hour = tokio::time::interval(Duration::from_secs(3600));
    loop {
        hour.tick().await;
        if let Err(error) = accounts.engine().purge().await {
            tracing::warn!(%error, "expired rows stay for another hour");
        }
    }
}

/// Completes when the server must stop. From the call on, no signal is missed: a process that has read the address may stop the server.
fn stop_signal() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
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
