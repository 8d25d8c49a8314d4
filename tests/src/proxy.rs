//! A proxy in front of a server, whose connections fall silent on request, as behind a firewall that has forgotten them: they stay open,
//! what is sent is taken, and no answer comes.

use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

/// Decides by what a client sends in one piece whether its connection falls silent. The piece itself is not passed on.
type Rule = Box<dyn FnMut(&[u8]) -> bool + Send>;

/// Passes bytes on, on threads of its own, so that a test may block. It ends with the process.
#[derive(Clone)]
pub struct Proxy(Arc<State>);

struct State {
    rule: Mutex<Rule>,
    /// Whether every connection is silent, and every new one.
    is_silent: AtomicBool,
    /// How many connections a rule has silenced.
    silenced: AtomicUsize,
    /// How long each answer is held back, in milliseconds.
    delay: AtomicUsize,
}

impl Proxy {
    /// Starts a proxy before the server that a URL names, and returns the URL with the proxy in its place.
    ///
    /// # Panics
    /// If the URL names no address, or no port is free.
    pub fn before(url: &str) -> (Self, String) {
        let place = url.split("://").nth(1).expect("the URL has a scheme");
        let place = place.split('/').next().unwrap_or_default();
        let server = place.rsplit('@').next().unwrap_or_default().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it has an address");
        let proxy = Self(Arc::new(State {
            rule: Mutex::new(Box::new(|_| false)),
            is_silent: AtomicBool::new(false),
            silenced: AtomicUsize::new(0),
            delay: AtomicUsize::new(0),
        }));
        let url = url.replacen(&server, &address.to_string(), 1);
        let server: SocketAddr = server.replace("localhost", "127.0.0.1").parse().expect("the URL has an address");
        let accepting = proxy.clone();
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                accepting.connect(client, server);
            }
        });
        (proxy, url)
    }

    /// Silences each connection on which the client sends a piece that matches.
    ///
    /// # Panics
    /// Never.
    pub fn silence_on(&self, rule: impl FnMut(&[u8]) -> bool + Send + 'static) {
        *self.0.rule.lock().expect("no rule panics") = Box::new(rule);
    }

    /// Silences each connection on which the client sends this text.
    pub fn silence_on_text(&self, text: &'static str) {
        self.silence_on(move |piece| piece.windows(text.len()).any(|part| part == text.as_bytes()));
    }

    /// Silences all connections, and new ones.
    pub fn silence_all(&self) {
        self.0.is_silent.store(true, Ordering::SeqCst);
    }

    /// Holds each answer back for this time.
    ///
    /// # Panics
    /// If the time is longer than any test takes.
    pub fn delay(&self, time: Duration) {
        self.0.delay.store(usize::try_from(time.as_millis()).expect("a short time"), Ordering::SeqCst);
    }

    /// Passes everything on from now on, except on connections that are silent.
    pub fn pass(&self) {
        self.silence_on(|_| false);
        self.0.is_silent.store(false, Ordering::SeqCst);
        self.delay(Duration::ZERO);
    }

    /// How many connections a rule has silenced so far.
    pub fn silenced(&self) -> usize {
        self.0.silenced.load(Ordering::SeqCst)
    }

    fn connect(&self, client: TcpStream, server: SocketAddr) {
        let Ok(server) = TcpStream::connect(server) else { return };
        let pairs = (client.try_clone(), server.try_clone());
        let (Ok(client_too), Ok(server_too)) = pairs else { return };
        let is_mute = Arc::new(AtomicBool::new(false));
        let (there, back) = (self.clone(), self.clone());
        let is_mute_too = is_mute.clone();
        thread::spawn(move || {
            pass(client, server, |piece| {
                if !is_mute.load(Ordering::SeqCst) && (there.0.rule.lock().expect("no rule panics"))(piece) {
                    there.0.silenced.fetch_add(1, Ordering::SeqCst);
                    is_mute.store(true, Ordering::SeqCst);
                }
                there.becomes_mute(&is_mute)
            });
        });
        thread::spawn(move || {
            pass(server_too, client_too, |_| {
                thread::sleep(Duration::from_millis(back.0.delay.load(Ordering::SeqCst) as u64));
                back.becomes_mute(&is_mute_too)
            });
        });
    }

    /// Whether a connection is silent. Once it is, it stays so.
    fn becomes_mute(&self, is_mute: &AtomicBool) -> bool {
        is_mute.fetch_or(self.0.is_silent.load(Ordering::SeqCst), Ordering::SeqCst) || is_mute.load(Ordering::SeqCst)
    }
}

/// Passes pieces on in one direction until an end closes, except those that are to be swallowed.
fn pass(mut from: TcpStream, mut to: TcpStream, mut is_swallowed: impl FnMut(&[u8]) -> bool) {
    let _ = to.set_nodelay(true);
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        if !is_swallowed(&buffer[..length]) && to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    // Both ends learn that the connection is over.
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proxy").field("silenced", &self.silenced()).finish_non_exhaustive()
    }
}
