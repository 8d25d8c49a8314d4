//! Metrics for Prometheus, on a socket of their own: what the library counts, and the requests, which only the server sees whole.

mod requests;

use std::{error::Error, fmt::Write as _, net::SocketAddr, sync::Arc};

use axum::{Router, http::header, routing::get};
use usermgr::prelude::*;

pub(crate) use self::requests::Requests;
use crate::accounts::{Accounts, Store};

/// Answers `/metrics` until the program ends.
///
/// # Errors
/// The address is taken.
pub(crate) async fn serve<S: Store>(
    address: SocketAddr,
    accounts: Arc<Accounts<S>>,
    requests: Arc<Requests>,
) -> Result<SocketAddr, Box<dyn Error>> {
    let listener = tokio::net::TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let answer = async move || {
        // It notes how old the oldest mail is.
        accounts.ready().await;
        let mut text = accounts.engine().metrics().to_string();
        // Writing to a string does not fail.
        let _ = write!(text, "{requests}");
        ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text)
    };
    let app = Router::new().route("/metrics", get(answer));
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, app).await {
            tracing::error!(%error, "there are no metrics any more");
        }
    });
    Ok(address)
}
