//! The reference server as a child process, in its own folder.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use serde_json::Value;

use crate::{Client, Database, Folder, Framework, build, eventually};

/// Hashes that cost nothing, for tests of something else.
const CHEAP: &str = "64,1,1";
/// The root secret of every server, for tokens that a test forges.
pub const SECRET: &str = "only-for-tests-0123456789abcdef-x";
/// Serves until the pipe to its standard input closes, which happens when the test process ends in any way; then cleans up.
const GUARD: &str = r#"trap '' INT; "$@" & read -r _; kill $!; wait; rm -rf "$PWD""#;

/// A server that runs. It is killed when it is dropped, and its folder with it.
#[derive(Debug)]
pub struct Server {
    child: Child,
    folder: Arc<Folder>,
    address: String,
    /// The options that the commands of the same binary need too.
    flags: Vec<String>,
}

/// A command of the server binary over the files of a folder and on its target, with cheap hashes and without limits, which flags given
/// later override. The caller's environment does not configure it.
pub fn command(folder: &Folder) -> Command {
    let mut command = Command::new(build("server"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("USERMGR_") {
            command.env_remove(name);
        }
    }
    let target = folder.target();
    let framework = match target.framework {
        Framework::Axum => "axum",
        Framework::Actix => "actix",
    };
    command
        .current_dir(folder.path())
        .env("USERMGR_LISTEN", "127.0.0.1:0")
        .env("USERMGR_DATABASE_URL", folder.database_url())
        .env("USERMGR_SECRET", SECRET)
        .env("USERMGR_MAIL_FILE", folder.file("mail.jsonl"))
        .env("USERMGR_ARGON2", CHEAP)
        .env("USERMGR_LIMITS", "off")
        .env("USERMGR_FRAMEWORK", framework)
        .env("USERMGR_CACHE", if target.cache { "on" } else { "off" });
    if target.redis {
        command.env("USERMGR_REDIS_URL", std::env::var("USERMGR_TEST_REDIS").expect("USERMGR_TEST_REDIS is set"));
    }
    command
}

/// All mails that a server in this folder has written so far, the oldest first.
///
/// # Panics
/// When the mail file does not hold JSON lines.
pub fn all_mails(folder: &Folder) -> Vec<Value> {
    let text = fs::read_to_string(folder.file("mail.jsonl")).unwrap_or_default();
    // The last line may be only half written.
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().map(|line| serde_json::from_str(line).expect("a mail is a JSON line")).collect()
}

/// Those of an event to an address.
///
/// # Panics
/// When the mail file does not hold JSON lines.
pub fn mails(folder: &Folder, event: &str, email: &str) -> Vec<Value> {
    let all = all_mails(folder).into_iter();
    all.filter(|mail| mail["event"] == event && mail["email"] == email).collect()
}

impl Server {
    /// A server in an empty folder.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(flags: &[&str]) -> Self {
        Self::start_in(Arc::new(Folder::new()), flags)
    }

    /// A server in an empty folder over a database on a server, or over a SQLite file regardless of the environment.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_over(database: Option<Database>, flags: &[&str]) -> Self {
        Self::start_in(Arc::new(Folder::over(database)), flags)
    }

    /// A server over the files and the database of a folder.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_in(folder: Arc<Folder>, flags: &[&str]) -> Self {
        let mut serve = command(&folder);
        serve.args(flags);
        let mut server = Self::spawn(folder, serve);
        server.flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
        server
    }

    /// A server in a folder, for all tests of this process. It ends with the process, and its folder with it; the database stays.
    ///
    /// # Panics
    /// When it does not start.
    pub fn shared(folder: impl Into<Arc<Folder>>, flags: &[&str]) -> &'static Self {
        let folder = folder.into();
        let serve = command(&folder);
        let mut guarded = Command::new("sh");
        guarded.args(["-c", GUARD, "sh"]).arg(serve.get_program()).args(flags).current_dir(folder.path());
        for (name, value) in serve.get_envs() {
            match value {
                Some(value) => guarded.env(name, value),
                None => guarded.env_remove(name),
            };
        }
        guarded.stdin(Stdio::piped());
        let mut server = Self::listen(folder, guarded);
        server.flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
        Box::leak(Box::new(server))
    }

    /// Any command that serves, in a folder.
    ///
    /// # Panics
    /// When it does not.
    pub fn spawn(folder: Arc<Folder>, mut serve: Command) -> Self {
        serve.stdin(Stdio::null());
        Self::listen(folder, serve)
    }

    fn listen(folder: Arc<Folder>, mut serve: Command) -> Self {
        let log = File::options().create(true).append(true).open(folder.file("stderr.log")).expect("the log opens");
        let mut child = serve.stdout(Stdio::piped()).stderr(log).spawn().expect("the server starts");
        let out = child.stdout.take().expect("its output is piped");
        let (send, lines) = mpsc::channel();
        // Reads to the end, or the server would stop at a full pipe.
        thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                let _ = send.send(line);
            }
        });
        let mut server = Self { child, folder, address: String::new(), flags: Vec::new() };
        server.address = match lines.recv_timeout(Duration::from_secs(30)) {
            Ok(line) => line.strip_prefix("listening on ").expect("the server says where it listens").to_owned(),
            Err(_) => panic!("the server does not listen:\n{}", server.log()),
        };
        server
    }

    /// A client of it.
    pub fn client(&self) -> Client {
        Client::new(&self.address)
    }

    /// `http://ADDRESS`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its folder, to start another one in.
    pub fn folder(&self) -> Arc<Folder> {
        Arc::clone(&self.folder)
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it wrote to its standard error stream.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.file("stderr.log")).unwrap_or_default()
    }

    /// The database file, if it is a file.
    pub fn database(&self) -> PathBuf {
        self.folder.file("users.db")
    }

    /// The mails of an event to an address so far, the oldest first.
    ///
    /// # Panics
    /// When the mail file does not hold JSON lines.
    pub fn mails(&self, event: &str, email: &str) -> Vec<Value> {
        mails(&self.folder, event, email)
    }

    /// Waits until there are `count` mails of an event to an address, and returns the newest.
    ///
    /// # Panics
    /// When they do not come.
    #[track_caller]
    pub fn mail(&self, event: &str, email: &str, count: usize) -> Value {
        eventually(&format!("mail number {count} of {event} to {email}"), || {
            let mut mails = mails(&self.folder, event, email);
            (mails.len() >= count).then(|| mails.pop()).flatten()
        })
    }

    /// Waits until there are `count` mails of an event to an address, and returns the token of the newest.
    ///
    /// # Panics
    /// When they do not come.
    #[track_caller]
    pub fn mailed_token(&self, event: &str, email: &str, count: usize) -> String {
        self.mail(event, email, count)["token"].as_str().expect("the mail has a token").to_owned()
    }

    /// Makes a user a verified superuser by the server's own command.
    ///
    /// # Panics
    /// When the command fails.
    pub fn promote(&self, email: &str) {
        let mut promote = command(&self.folder);
        let output =
            promote.args(["promote", "--email", email]).args(&self.flags).output().expect("the command starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// A client logged in as a new verified superuser.
    ///
    /// # Panics
    /// When that fails.
    pub async fn superuser(&self, email: &str) -> Client {
        self.client().register(email, crate::PASSWORD).await.expect(201);
        self.promote(email);
        self.client().logged_in(email, crate::PASSWORD).await
    }

    /// Tells it to stop, and demands that it finishes well.
    ///
    /// # Panics
    /// When it does not within ten seconds, or not with 0.
    pub fn stop(mut self) -> Arc<Folder> {
        #[cfg(unix)]
        {
            crate::signal(self.child.id(), rustix::process::Signal::TERM);
            let status = eventually("the server stops", || self.child.try_wait().expect("it can be waited for"));
            assert!(status.success(), "{status}: {}", self.log());
        }
        Arc::clone(&self.folder)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("what the server said:\n{}", self.log());
        }
    }
}
