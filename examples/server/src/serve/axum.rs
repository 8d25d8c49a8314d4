//! The server on axum. It takes its connections itself, since `axum::serve` has no time limit for clients that are slow on purpose.

use std::{
    error::Error,
    net::{SocketAddr, TcpListener},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    http::{HeaderValue, Method, header},
    routing::get,
};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tower::Service;
use tower_http::{cors::CorsLayer, timeout::RequestBodyTimeoutLayer};
use usermgr::{http::Routes, openapi};

use crate::accounts::{Accounts, Store};

/// How long a client may take for the head of a request, and how long nothing more of its body may come. A connection that is kept alive
/// waits for its next request as long.
const PATIENCE: Duration = Duration::from_secs(30);

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
    take_connections(tokio::net::TcpListener::from_std(listener)?, app, PATIENCE, stop).await;
    Ok(())
}

/// Serves every connection until it is told to stop, and then those that are busy to the end of what they do.
async fn take_connections(
    listener: tokio::net::TcpListener,
    app: Router,
    patience: Duration,
    stop: impl Future<Output = ()>,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(patience);
    let app = app.layer(RequestBodyTimeoutLayer::new(patience));
    let mut app = app.into_make_service_with_connect_info::<SocketAddr>();
    let (mut stop, connections) = (pin!(stop), GracefulShutdown::new());
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Such as too many open files: others end meanwhile.
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let Ok(service) = app.call(peer).await;
        let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection broke off");
            }
        });
    }
    drop(listener);
    connections.shutdown().await;
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

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use axum::routing::post;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
        sync::oneshot,
        time::timeout,
    };

    use super::*;

    const SHORT: Duration = Duration::from_millis(300);
    const HEAD: &str = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n";

    /// What comes back until the server closes, and after how long.
    async fn exchange(address: SocketAddr, parts: &[&str]) -> (String, Duration) {
        let begun = Instant::now();
        let mut stream = TcpStream::connect(address).await.unwrap();
        for part in parts {
            stream.write_all(part.as_bytes()).await.unwrap();
            tokio::time::sleep(SHORT / 10).await;
        }
        let mut answer = Vec::new();
        let read = timeout(20 * SHORT, stream.read_to_end(&mut answer)).await;
        assert!(read.is_ok(), "it was left open: {parts:?}");
        (String::from_utf8(answer).unwrap(), begun.elapsed())
    }

    #[tokio::test]
    async fn x10_a_client_that_is_slow_on_purpose_is_cut_off_and_others_are_served() {
        let app = Router::new().route("/", post(async |body: String| body));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(take_connections(listener, app, SHORT, async { drop(stopped.await) }));

        let all: [&[&str]; 4] = [&[], &["POST / HT"], &[HEAD], &[HEAD, "\r\nab"]];
        let mut slow = tokio::task::JoinSet::new();
        for parts in all {
            slow.spawn(async move { exchange(address, parts).await });
        }
        let (answer, _) = exchange(address, &[HEAD, "Connection: close\r\n\r\nab", "cd"]).await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("abcd"), "{answer}");
        for (answer, after) in slow.join_all().await {
            assert!(!answer.starts_with("HTTP/1.1 2"), "{answer}");
            assert!(after >= SHORT && after < 10 * SHORT, "{after:?}");
        }
        // Whoever is being served when it stops is served.
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(format!("{HEAD}\r\nab").as_bytes()).await.unwrap();
        tokio::time::sleep(SHORT / 10).await;
        stop.send(()).unwrap();
        stream.write_all(b"cd").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with("abcd"), "{answer}");
        serving.await.unwrap();
    }
}
