//! Serving: a server of actix-web goes in, and requests are answered until it must stop.

use std::{io, pin::pin, time::Duration};

use actix_web::dev::Server;

use crate::{
    deadline::{Deadline, PATIENCE},
    signals::stop_signal,
};

/// Serves until the process receives Ctrl-C or SIGTERM. The process then has 25 seconds to end: the returned deadline. The server accepts
/// no new connections, and requests in flight have two thirds of that time to finish. Pass the deadline to
/// [`shutdown`](crate::Operations::shutdown), which ends everything else.
///
/// Turn actix-web's own signal handlers off, as here. With them, Ctrl-C cuts off the requests in flight.
///
/// ```no_run
/// # use std::sync::Arc;
/// # use usermgr::prelude::*;
/// # struct Accounts { engine: Engine<MemoryStore> }
/// # #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
/// # impl Accounts {}
/// use actix_web::{App, HttpServer};
///
/// # async fn example(accounts: Accounts) -> Result<(), Box<dyn std::error::Error>> {
/// let accounts = Arc::new(accounts);
/// let users = usermgr::actix::configure(accounts.clone())?;
/// let app = move || App::new().configure(users.clone());
/// let server = HttpServer::new(app).bind("127.0.0.1:8000")?.disable_signals().run();
/// let deadline = usermgr::actix::serve(server).await?;
/// accounts.shutdown(deadline).await;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// The signal handlers cannot be installed, or the server has failed.
pub async fn serve(server: Server) -> io::Result<Deadline> {
    serve_until(server, stop_signal()?, PATIENCE).await
}

/// Serves as [`serve`] does, until `stop` completes. The process then has the time `patience` to end.
///
/// ```no_run
/// # async fn example(server: actix_web::dev::Server, stop: impl Future<Output = ()>) -> std::io::Result<()> {
/// use std::time::Duration;
///
/// let deadline = usermgr::actix::serve_until(server, stop, Duration::from_secs(8)).await?;
/// # let _ = deadline;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// The server has failed.
pub async fn serve_until(
    mut server: Server,
    stop: impl Future<Output = ()>,
    patience: Duration,
) -> io::Result<Deadline> {
    let stop = pin!(stop);
    tokio::select! {
        served = &mut server => return served.map(|()| Deadline::after(patience)),
        () = stop => {}
    }
    let deadline = Deadline::after(patience);
    // It carries this out while it is polled.
    drop(server.handle().stop(true));
    deadline.finish(server).await
}

#[cfg(test)]
mod tests {
    use std::{net::SocketAddr, time::Instant};

    use actix_web::{App, HttpServer, web};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
        sync::oneshot,
        task::JoinHandle,
        time::sleep,
    };

    use super::*;

    const SHORT: Duration = Duration::from_millis(300);

    /// The server finds out once a second whether its requests have ended.
    const LONG: Duration = Duration::from_secs(6);

    fn open(stop: oneshot::Receiver<()>, patience: Duration) -> (SocketAddr, JoinHandle<io::Result<Deadline>>) {
        let app = || {
            App::new()
                .route(
                    "/slow",
                    web::get().to(async || {
                        sleep(SHORT).await;
                        "done"
                    }),
                )
                .route("/never", web::get().to(std::future::pending::<String>))
        };
        let server = HttpServer::new(app).workers(1).bind("127.0.0.1:0").unwrap().disable_signals();
        let address = server.addrs()[0];
        (address, tokio::spawn(serve_until(server.run(), async { drop(stop.await) }, patience)))
    }

    async fn ask(address: SocketAddr, path: &str) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        sleep(SHORT / 3).await;
        stream
    }

    #[tokio::test]
    async fn what_is_being_answered_is_answered_when_it_stops() {
        let (stop, stopped) = oneshot::channel();
        let (address, serving) = open(stopped, LONG);
        let mut slow = ask(address, "/slow").await;
        stop.send(()).unwrap();
        let mut answer = String::new();
        slow.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with("done"), "{answer}");
        let deadline = serving.await.unwrap().unwrap();
        assert!(deadline.remaining() > Duration::ZERO, "the rest is for what follows");
        assert!(TcpStream::connect(address).await.is_err(), "the listener is closed");
    }

    #[tokio::test]
    async fn x10_what_never_ends_does_not_keep_it_from_stopping() {
        let (stop, stopped) = oneshot::channel();
        let (address, serving) = open(stopped, SHORT);
        let never = ask(address, "/never").await;
        stop.send(()).unwrap();
        let begun = Instant::now();
        serving.await.unwrap().unwrap();
        assert!(begun.elapsed() < 10 * SHORT, "{:?}", begun.elapsed());
        drop(never);
    }
}
