//! The server on axum. It takes its connections itself, since `axum::serve` has no time limit for clients that are slow on purpose.

use std::{
    error::Error,
    future,
    net::{SocketAddr, TcpListener},
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, Version, header},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::get,
};
use futures_util::future::Either;
use hyper::{
    server::conn::http1,
    service::{Service as _, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tower::Service;
use usermgr::{axum::Requires, engine::Deadline, http::Problem, prelude::*, store::ListQuery};

use super::{
    PATIENCE, Site,
    cors::{Asked, Cors},
    readiness,
};
use crate::{
    accounts::{Accounts, Store, permissions::can},
    metrics::Requests,
};

/// The longest head of a request, the same as in actix-web.
const MAX_HEAD: usize = 128 * 1024;

pub(super) async fn serve<S: Store>(
    listener: TcpListener,
    site: Site<S>,
    stop: impl Future<Output = ()> + Send + 'static,
    patience: Duration,
) -> Result<Deadline, Box<dyn Error>> {
    let Site { accounts, routes, document, cors, requests } = site;
    let demonstration = match accounts.engine().has_part("api_keys") {
        true => Router::new().route("/demo/account", get(account)).route("/demo/users", get(users)),
        false => Router::new(),
    };
    let app = Router::new()
        .merge(demonstration)
        .route("/healthz", get(async || "ok"))
        .route("/readyz", get(ready))
        .merge(usermgr::axum::mount(routes))
        .merge(usermgr::axum::pages())
        .merge(usermgr::axum::openapi("/openapi.json", &document))
        .fallback(usermgr::axum::not_found)
        .with_state(accounts);
    // A layer costs each request a little, also one that does nothing.
    let app = match cors.map(Arc::new) {
        Some(cors) => app.layer(from_fn(move |request, next| share(cors.clone(), request, next))),
        None => app,
    };
    let app = match requests {
        Some(requests) => app.layer(from_fn(move |request, next| measure(requests.clone(), request, next))),
        None => app,
    };
    Ok(take_connections(tokio::net::TcpListener::from_std(listener)?, app, PATIENCE, stop, patience).await)
}

/// What a session or an API key with `account:read` gets.
async fn account<S: Store>(who: Requires<Accounts<S>, can::AccountRead>) -> impl IntoResponse {
    Json(who.into_user())
}

/// What one with `users:read` gets.
async fn users<S: Store>(
    State(accounts): State<Arc<Accounts<S>>>,
    _: Requires<Accounts<S>, can::UsersRead>,
) -> Result<impl IntoResponse, Problem> {
    Ok(Json(accounts.list_users(&Admin::system("demo"), ListQuery::default()).await?))
}

/// Whether the server can serve.
async fn ready<S: Store>(State(accounts): State<Arc<Accounts<S>>>) -> impl IntoResponse {
    let (is_ready, text) = readiness(&*accounts).await;
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")], text)
}

/// Serves every connection until the signal to stop. The requests in flight then have a share of the time in which the process must end.
async fn take_connections(
    listener: tokio::net::TcpListener,
    app: Router,
    of_heads: Duration,
    stop: impl Future<Output = ()>,
    patience: Duration,
) -> Deadline {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(of_heads).max_buf_size(MAX_HEAD);
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
                // For example, too many open files: others are closed meanwhile.
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let Ok(service) = app.call(peer).await;
        let service = TowerToHyperService::new(service);
        // As a layer of the router it would be one more future on the heap for each request.
        let service = service_fn(move |request| match is_odd(&request) {
            true => Either::Left(future::ready(Ok(refused()))),
            false => Either::Right(service.call(request)),
        });
        let connection = http.serve_connection(TokioIo::new(stream), service);
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection broke off");
            }
        });
    }
    let deadline = Deadline::after(patience);
    drop(listener);
    if deadline.step().bound(connections.shutdown()).await.is_none() {
        tracing::warn!("requests that did not finish in time are cut off");
    }
    deadline
}

/// Counts a request, and how long it took.
async fn measure(requests: Arc<Requests>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let route = route.as_ref().map(MatchedPath::as_str);
    requests.note(method.as_str(), route, response.status().as_u16(), begun.elapsed());
    response
}

/// Lets the pages of the allowed origins read responses, including cookies.
async fn share(cors: Arc<Cors>, request: Request, next: Next) -> Response {
    let asked = Asked {
        method: request.method().as_str(),
        origin: request.headers().get(header::ORIGIN).map(HeaderValue::as_bytes),
        asks_for_method: request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD),
    };
    let (preflight, headers) = (Cors::is_preflight(&asked), cors.headers(&asked));
    let mut response = match preflight {
        true => StatusCode::NO_CONTENT.into_response(),
        false => next.run(request).await,
    };
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().append(HeaderName::from_static(name), value);
        }
    }
    response
}

/// Whether HTTP requires to refuse a request that hyper accepts: with no host or several (RFC 9112, 3.2), or with a body in another coding
/// than chunks (6.1). actix-web refuses them by itself.
fn is_odd<B>(request: &axum::http::Request<B>) -> bool {
    let (headers, mut codings) = (request.headers(), request.headers().get_all(header::TRANSFER_ENCODING).iter());
    let one_host = headers.get_all(header::HOST).iter().count() == 1 || request.version() < Version::HTTP_11;
    let chunks = match (codings.next(), codings.next()) {
        (None, _) => true,
        (Some(coding), None) => coding.as_bytes().eq_ignore_ascii_case(b"chunked"),
        (Some(_), Some(_)) => false,
    };
    !(one_host && chunks)
}

fn refused() -> Response {
    let answer = Problem::unreadable().into_outgoing();
    let mut response = (answer.status, answer.headers, answer.body).into_response();
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

#[cfg(test)]
mod tests {
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

    /// What the server sends until it closes the connection, and how long that took.
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
        let serving = tokio::spawn(take_connections(listener, app, SHORT, async { drop(stopped.await) }, SHORT));

        let all: [&[&str]; 3] = [&[], &["POST / HT"], &[HEAD]];
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
        // A request in flight when it stops is still answered.
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(format!("{HEAD}\r\nab").as_bytes()).await.unwrap();
        tokio::time::sleep(SHORT / 10).await;
        stop.send(()).unwrap();
        stream.write_all(b"cd").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with("abcd"), "{answer}");
        assert!(serving.await.unwrap().remaining() > Duration::ZERO);
    }
}
