//! Serving: a listener and an application go in, and requests are answered until the server must stop.

use std::{future::IntoFuture, io, net::SocketAddr, time::Duration};

use ::axum::Router;
use tokio::{net::TcpListener, sync::oneshot};

use crate::{
    deadline::{Deadline, PATIENCE},
    signals::stop_signal,
};

/// Serves an application until the process receives Ctrl-C or SIGTERM. The process then has 25 seconds to end: the returned deadline. The
/// server accepts no new connections, and requests in flight have two thirds of that time to finish. Pass the deadline to
/// [`shutdown`](crate::Operations::shutdown), which ends everything else. A second signal changes nothing; to stop sooner, kill the process.
///
/// In addition to `axum::serve`, it gives the routes the client's address, which limits, sessions and events use, and it shuts down gracefully.
/// An application with other needs can use `axum::serve` itself: serve `app.into_make_service_with_connect_info::<SocketAddr>()`.
///
/// ```no_run
/// # use std::sync::Arc;
/// # use usermgr::prelude::*;
/// # struct Accounts { engine: Engine<MemoryStore> }
/// # #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
/// # impl Accounts {}
/// # async fn example(accounts: Accounts) -> Result<(), Box<dyn std::error::Error>> {
/// let accounts = Arc::new(accounts);
/// let app = usermgr::axum::router(accounts.clone())?;
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:8000").await?;
/// let deadline = usermgr::axum::serve(listener, app).await?;
/// accounts.shutdown(deadline).await;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// The signal handlers cannot be installed, or the listener has failed.
pub async fn serve(listener: TcpListener, app: Router) -> io::Result<Deadline> {
    serve_until(listener, app, stop_signal()?, PATIENCE).await
}

/// Serves an application as [`serve`] does, until `stop` completes. The process then has the time `patience` to end.
///
/// ```no_run
/// # async fn example(app: axum::Router, stop: impl Future<Output = ()> + Send + 'static) -> std::io::Result<()> {
/// use std::time::Duration;
///
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:8000").await?;
/// let deadline = usermgr::axum::serve_until(listener, app, stop, Duration::from_secs(8)).await?;
/// # let _ = deadline;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// The listener has failed.
pub async fn serve_until(
    listener: TcpListener,
    app: Router,
    stop: impl Future<Output = ()> + Send + 'static,
    patience: Duration,
) -> io::Result<Deadline> {
    let (stopping, stopped) = oneshot::channel();
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    let serving = ::axum::serve(listener, app).with_graceful_shutdown(async move {
        stop.await;
        // The other end is dropped only with this future.
        let _ = stopping.send(Deadline::after(patience));
    });
    let mut serving = std::pin::pin!(serving.into_future());
    let deadline = tokio::select! {
        served = &mut serving => return served.map(|()| Deadline::after(patience)),
        Ok(deadline) = stopped => deadline,
    };
    deadline.finish(serving).await
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use ::axum::{extract::ConnectInfo, routing::get};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
        task::JoinHandle,
        time::sleep,
    };

    use super::*;

    const SHORT: Duration = Duration::from_millis(300);

    async fn open(stop: oneshot::Receiver<()>) -> (SocketAddr, JoinHandle<io::Result<Deadline>>) {
        let app = Router::new()
            .route("/who", get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.ip().to_string()))
            .route("/slow", get(async || sleep(SHORT / 3).await))
            .route("/never", get(std::future::pending::<()>));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        (address, tokio::spawn(serve_until(listener, app, async { drop(stop.await) }, SHORT)))
    }

    async fn ask(address: SocketAddr, path: &str) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    }

    async fn answer(mut stream: TcpStream) -> String {
        let mut text = String::new();
        let _ = stream.read_to_string(&mut text).await;
        text
    }

    #[tokio::test]
    async fn the_address_is_known_and_what_is_being_answered_is_answered_when_it_stops() {
        let (stop, stopped) = oneshot::channel();
        let (address, serving) = open(stopped).await;
        assert!(answer(ask(address, "/who").await).await.ends_with("127.0.0.1"));
        let slow = ask(address, "/slow").await;
        sleep(SHORT / 6).await;
        stop.send(()).unwrap();
        assert!(answer(slow).await.starts_with("HTTP/1.1 200"));
        let deadline = serving.await.unwrap().unwrap();
        assert!(deadline.remaining() > Duration::ZERO, "the rest is for what follows");
        assert!(TcpStream::connect(address).await.is_err(), "the listener is closed");
    }

    #[tokio::test]
    async fn x10_what_never_ends_does_not_keep_it_from_stopping() {
        let (stop, stopped) = oneshot::channel();
        let (address, serving) = open(stopped).await;
        let never = ask(address, "/never").await;
        sleep(SHORT / 6).await;
        stop.send(()).unwrap();
        let begun = Instant::now();
        let deadline = serving.await.unwrap().unwrap();
        assert!(begun.elapsed() >= SHORT / 2 && begun.elapsed() < 10 * SHORT, "{:?}", begun.elapsed());
        assert!(deadline.remaining() < SHORT, "it began with the signal");
        drop(never);
    }
}
