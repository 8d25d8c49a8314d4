//! The Redis server that `tests/servers` starts, and a separate corner of it for each test; and servers of a test's own, which it may
//! kill.

use std::{
    fs,
    hash::{BuildHasher, Hasher, RandomState},
    io::{Read, Write},
    iter,
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{self, Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use crate::{Folder, eventually};

/// The URL of the server at `USERMGR_TEST_REDIS`; without one the test says what it leaves out.
pub fn redis(without: &str) -> Option<String> {
    let url = std::env::var("USERMGR_TEST_REDIS").ok();
    if url.is_none() {
        crate::skip(&format!("{without}: USERMGR_TEST_REDIS is not set"));
    }
    url
}

/// What the keys of one test begin with.
pub fn redis_corner() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("usermgr-{}-{}:", process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A Redis, or a sentinel, of a test's own. It is killed when it is dropped, and its files with it.
#[derive(Debug)]
pub struct OwnRedis {
    folder: Folder,
    words: Vec<String>,
    port: u16,
    child: Child,
}

impl OwnRedis {
    /// Starts one with these options, or notes that Redis is not installed. Without options it keeps nothing on the disk.
    ///
    /// # Panics
    /// When it is, and does not start.
    pub fn start(options: &[&str]) -> Option<Self> {
        let (folder, port) = (Folder::over(None), free_port());
        let fixed = ["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", ""];
        let words = fixed.iter().chain(options).map(|word| (*word).to_owned()).collect();
        Self::run(folder, words, port)
    }

    /// Starts a sentinel that watches a server as the service `shop`, and replaces it soon after it has failed.
    ///
    /// # Panics
    /// When Redis is installed, and the sentinel does not start.
    pub fn sentinel(of: &Self) -> Option<Self> {
        let (folder, port) = (Folder::over(None), free_port());
        let watch = format!(
            "port {port}\nbind 127.0.0.1\nsentinel monitor shop 127.0.0.1 {} 1\nsentinel down-after-milliseconds shop 500\n\
             sentinel failover-timeout shop 5000\n",
            of.port
        );
        let file = folder.file("sentinel.conf");
        fs::write(&file, watch).expect("the settings can be written");
        Self::run(folder, vec![file.display().to_string(), "--sentinel".to_owned()], port)
    }

    fn run(folder: Folder, words: Vec<String>, port: u16) -> Option<Self> {
        let child = spawn(&folder, &words);
        if child.is_none() {
            crate::skip("a Redis to be killed: there is no redis-server");
        }
        let this = Self { folder, words, port, child: child? };
        this.wait();
        Some(this)
    }

    /// `127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        SocketAddr::from(([127, 0, 0, 1], self.port)).to_string()
    }

    /// `redis://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("redis://{}", self.address())
    }

    /// Where its files are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The answer to a command, as `redis-cli` prints it.
    ///
    /// # Panics
    /// When `redis-cli` cannot be started.
    pub fn ask(&self, words: &[&str]) -> String {
        let output = Command::new("redis-cli").args(["-p", &self.port.to_string()]).args(words).output();
        String::from_utf8_lossy(&output.expect("redis-cli starts").stdout).trim().to_owned()
    }

    /// A field of what it says about itself.
    ///
    /// # Panics
    /// When there is no such field.
    pub fn info(&self, field: &str) -> String {
        let info = self.ask(&["INFO"]);
        let mut lines = info.lines().filter_map(|line| line.trim().strip_prefix(field)?.strip_prefix(':'));
        lines.next().unwrap_or_else(|| panic!("no {field} in {info}")).to_owned()
    }

    /// Kills it in the middle of its work.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts it again, over what is on the disk.
    ///
    /// # Panics
    /// When it does not start.
    pub fn restart(&mut self) {
        self.child = spawn(&self.folder, &self.words).expect("Redis starts again");
        self.wait();
    }

    fn wait(&self) {
        let ready = || {
            let mut stream = TcpStream::connect(self.address()).ok()?;
            stream.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
            stream.write_all(b"PING\r\n").ok()?;
            let mut answer = [0; 5];
            stream.read_exact(&mut answer).ok()?;
            (&answer == b"+PONG").then_some(())
        };
        eventually("Redis answers", ready);
    }
}

impl Drop for OwnRedis {
    fn drop(&mut self) {
        self.kill();
    }
}

fn spawn(folder: &Folder, words: &[String]) -> Option<Child> {
    let mut serve = Command::new("redis-server");
    serve.args(words).current_dir(folder.path()).stdin(Stdio::null()).stdout(Stdio::null());
    serve.spawn().ok()
}

/// A port on which no process listens now.
///
/// # Panics
/// When there is none.
pub fn free_port() -> u16 {
    // Below the ports that the kernel gives to clients: one of those may be a client's before it is listened at.
    let drawn = iter::repeat_with(|| 20_000 + (RandomState::new().build_hasher().finish() % 12_000) as u16);
    let mut free = drawn.take(100).filter(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    free.next().expect("there is a free port")
}
