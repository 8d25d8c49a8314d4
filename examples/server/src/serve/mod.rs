//! Serving: one socket, one way to stop, and a framework in between.

mod actix;
mod axum;

use std::{error::Error, io::Write, net::TcpListener, sync::Arc, time::Duration};

use tokio::signal;

use crate::{
    accounts::{Accounts, Store},
    options::{Framework, Options},
};

/// Serves until it is told to stop, and then finishes what is in flight.
///
/// # Errors
/// The address is taken, or an origin cannot be a header.
pub(crate) async fn serve<S: Store>(options: &Options, accounts: Accounts<S>) -> Result<(), Box<dyn Error>> {
    let accounts = Arc::new(accounts);
    let listener = TcpListener::bind(options.listen)?;
    listener.set_nonblocking(true)?;
    let mut out = std::io::stdout();
    writeln!(out, "listening on http://{}", listener.local_addr()?)?;
    out.flush()?;
    let purging = tokio::spawn(purge(accounts.clone()));
    match options.framework {
        Framework::Axum => axum::serve(listener, accounts.clone(), &options.allow_origin).await?,
        Framework::Actix => actix::serve(listener, accounts.clone(), &options.allow_origin).await?,
    }
    purging.abort();
    accounts.engine().settle().await;
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
