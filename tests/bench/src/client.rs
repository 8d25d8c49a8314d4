//! The load: connections that are kept alive send requests that were made before, one after the other, and how long each took is noted.
//! All of it runs on one thread, since client and server share the machine.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use hdrhistogram::Histogram;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{net::TcpStream, task::JoinSet, time::sleep};

use crate::Failure;

/// What is not measured at the beginning of a turn: at most this, and at most as long as is measured.
const WARM_UP: Duration = Duration::from_millis(200);

pub(crate) type Sent = Request<Full<Bytes>>;

/// A connection that is kept alive.
pub(crate) struct Connection(SendRequest<Full<Bytes>>);

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, driver) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(driver);
        Ok(Self(sender))
    }

    /// The status, the cookie that was set, and the body.
    pub(crate) async fn send(&mut self, request: Sent) -> Result<(StatusCode, Option<String>, Bytes), Failure> {
        self.0.ready().await?;
        let (parts, body) = self.0.send_request(request).await?.into_parts();
        let cookie = parts.headers.get(header::SET_COOKIE).and_then(|value| value.to_str().ok()?.split(';').next());
        let cookie = cookie.map(str::to_owned);
        Ok((parts.status, cookie, body.collect().await?.to_bytes()))
    }
}

/// A request with a body of that type, or without one.
pub(crate) fn request(method: Method, path: &str, body: Option<(&str, String)>) -> Sent {
    let builder = Request::builder().method(method).uri(path).header(header::HOST, "localhost");
    let built = match body {
        Some((kind, body)) => builder.header(header::CONTENT_TYPE, kind).body(Full::from(body)),
        None => builder.body(Full::default()),
    };
    built.expect("the parts of a request are fixed texts")
}

pub(crate) const FORM: &str = "application/x-www-form-urlencoded";
pub(crate) const JSON: &str = "application/json";

/// What one connection asks.
#[derive(Clone)]
pub(crate) enum Script {
    /// The same again and again.
    Repeat(Box<Sent>),
    /// Registrations of free addresses, by the next number.
    Register(Arc<AtomicU64>),
    /// The next tokens for the newest refresh token.
    Refresh(String),
}

impl Script {
    fn next(&self) -> Sent {
        match self {
            Self::Repeat(request) => Sent::clone(request),
            Self::Register(number) => {
                let email = format!("new{}@example.com", number.fetch_add(1, Relaxed));
                registration(&email)
            }
            Self::Refresh(token) => {
                let form = format!("grant_type=refresh_token&refresh_token={token}");
                request(Method::POST, "/auth/jwt/refresh", Some((FORM, form)))
            }
        }
    }

    fn answered(&mut self, status: StatusCode, body: &[u8]) -> Result<(), Failure> {
        if !status.is_success() {
            return Err(format!("{status}: {}", String::from_utf8_lossy(body)).into());
        }
        if let Self::Refresh(token) = self {
            let answer: Value = serde_json::from_slice(body)?;
            *token = answer["refresh_token"].as_str().ok_or("there is no refresh token")?.to_owned();
        }
        Ok(())
    }
}

/// The password of everybody.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

pub(crate) fn registration(email: &str) -> Sent {
    let body = json!({ "email": email, "password": PASSWORD }).to_string();
    request(Method::POST, "/auth/register", Some((JSON, body)))
}

pub(crate) fn login(backend: &str, email: &str) -> Sent {
    let form = format!("username={}&password={}", email.replace('@', "%40"), PASSWORD.replace(' ', "+"));
    request(Method::POST, &format!("/auth/{backend}/login"), Some((FORM, form)))
}

pub(crate) fn api_key() -> Sent {
    let body = json!({ "scopes": ["orders:write"] }).to_string();
    request(Method::POST, "/users/me/api-keys", Some((JSON, body)))
}

/// What one group of connections has done.
pub(crate) struct Tally {
    pub(crate) took: Histogram<u64>,
    pub(crate) elapsed: Duration,
}

impl Tally {
    pub(crate) fn rate(&self) -> f64 {
        self.took.len() as f64 / self.elapsed.as_secs_f64()
    }

    /// In milliseconds.
    pub(crate) fn quantile(&self, part: f64) -> f64 {
        self.took.value_at_quantile(part) as f64 / 1000.0
    }
}

/// Lets two groups of connections work for a while, each connection by its script, and calls `at_bounds` when measuring begins and when
/// it ends. With a pace, each of the second group waits for its next moment before it asks. What the scripts have become is put back. A request that is under way when measuring begins is counted if it ends in time.
pub(crate) async fn load(
    address: SocketAddr,
    groups: [&mut Vec<Script>; 2],
    pace: Option<Duration>,
    window: Duration,
    mut at_bounds: impl FnMut(),
) -> Result<[Tally; 2], Failure> {
    let (measuring, stopped) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let mut tallies = Vec::new();
    let mut running = Vec::new();
    for (scripts, pace) in groups.into_iter().zip([None, pace]) {
        let took = Arc::new(Mutex::new(Histogram::<u64>::new_with_bounds(1, 60_000_000, 3)?));
        let mut tasks: JoinSet<Result<Script, String>> = JoinSet::new();
        for mut script in scripts.drain(..) {
            let mut connection = Connection::open(address).await?;
            let (took, measuring, stopped) = (took.clone(), measuring.clone(), stopped.clone());
            tasks.spawn(async move {
                let mut paced = pace.map(tokio::time::interval);
                while !stopped.load(Relaxed) {
                    if let Some(paced) = &mut paced {
                        paced.tick().await;
                    }
                    let begun = Instant::now();
                    let (status, _, body) =
                        connection.send(script.next()).await.map_err(|failure| failure.to_string())?;
                    if measuring.load(Relaxed) {
                        let micros = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
                        took.lock().map_err(|_| "another connection panicked")?.saturating_record(micros);
                    }
                    script.answered(status, &body).map_err(|failure| failure.to_string())?;
                }
                Ok(script)
            });
        }
        tallies.push(took);
        running.push((scripts, tasks));
    }
    sleep(WARM_UP.min(window)).await;
    let begun = Instant::now();
    at_bounds();
    measuring.store(true, Relaxed);
    sleep(window).await;
    measuring.store(false, Relaxed);
    let elapsed = begun.elapsed();
    at_bounds();
    stopped.store(true, Relaxed);
    for (scripts, mut tasks) in running {
        while let Some(ended) = tasks.join_next().await {
            scripts.push(ended??);
        }
    }
    let mut tallies = tallies.into_iter().map(|took| Tally {
        took: took.lock().map_or_else(|broken| broken.into_inner().clone(), |took| took.clone()),
        elapsed,
    });
    match (tallies.next(), tallies.next()) {
        (Some(first), Some(second)) => Ok([first, second]),
        _ => Err("there are two groups".into()),
    }
}
