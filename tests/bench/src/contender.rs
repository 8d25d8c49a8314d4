//! The programs that are compared: each is started with its own database, which has users, and stopped when it is dropped.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use http::{HeaderValue, Method, StatusCode, header};
use serde_json::Value;

use crate::{
    Failure,
    client::{self, Connection, Script, Sent},
    database::Database,
    process::Process,
    programs::Programs,
};

/// How many users a database has before anything is measured; each connection is one of them.
pub(crate) const USERS: usize = 16;
const SECRET: &str = "only-for-benchmarks-0123456789abcdef";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The same written by hand.
    Floor,
    /// usermgr with signed tokens and nothing else.
    Plain,
    /// usermgr with signed tokens that a logout ends.
    Revocable,
    /// A handler of an application that takes the user of a session.
    Current,
    /// One that needs a permission, asked with a session.
    Requires,
    /// The same one, asked with an API key.
    Key,
    /// The reference server without limits: signed tokens with refresh tokens.
    Server,
    /// The same server, asked with its session cookie.
    Cookie,
    /// The reference server as it comes.
    Defaults,
    /// The reference server without limits, with its cache.
    Cached,
    FastApi,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::Plain => "usermgr",
            Self::Revocable => "usermgr, revocable",
            Self::Current => "usermgr, CurrentUser",
            Self::Requires => "usermgr, Requires",
            Self::Key => "usermgr, API key",
            Self::Server => "usermgr, with refresh",
            Self::Cookie => "usermgr, cookie",
            Self::Defaults => "usermgr, server as it comes",
            Self::Cached => "usermgr, cache",
            Self::FastApi => "fastapi-users",
        }
    }

    /// Whether it is a program of this repository that an earlier version has too.
    pub(crate) fn has_a_past(self) -> bool {
        !matches!(self, Self::Floor | Self::FastApi | Self::Current | Self::Requires | Self::Key)
    }

    /// What reads the user of the request.
    fn path(self) -> &'static str {
        match self {
            Self::Current => "/current",
            Self::Requires | Self::Key => "/requires",
            _ => "/users/me",
        }
    }

    /// The one backend that is asked.
    fn backend(self) -> &'static str {
        if self == Self::Cookie { "cookie" } else { "jwt" }
    }

    fn command(self, programs: &Programs, folder: &Path, database: &Database) -> Result<Command, Failure> {
        let url = database.url();
        let server = |flags: &[&str]| {
            let mut command = Command::new(programs.server());
            command.args(["--listen", "127.0.0.1:0", "--secret", SECRET, "--database-url", url]).args(flags);
            command
        };
        Ok(match self {
            Self::Floor => {
                let mut command = Command::new(programs.floor(database));
                command.arg(url);
                command
            }
            Self::Plain | Self::Revocable | Self::Current | Self::Requires | Self::Key => {
                let mut command = Command::new(programs.plain(database));
                command.arg(url).arg(match self {
                    Self::Plain => "plain",
                    Self::Revocable => "revocable",
                    _ => "permissions",
                });
                command
            }
            Self::Server | Self::Cookie => server(&["--limits", "off"]),
            Self::Defaults => server(&[]),
            Self::Cached => server(&["--limits", "off", "--cache", "on"]),
            Self::FastApi => {
                let mut command = Command::new(programs.python().ok_or("there is no Python with FastAPI Users")?);
                let application = Path::new(env!("CARGO_MANIFEST_DIR")).join("../python/fastapi_users_app.py");
                command.arg(application).args(["serve", "--argon2", "19456,2,1", "--folder"]).arg(folder);
                command
            }
        })
    }
}

/// A contender that runs.
pub(crate) struct Contender {
    pub(crate) name: String,
    kind: Kind,
    child: Child,
    address: SocketAddr,
    folder: PathBuf,
    database: Database,
}

impl Contender {
    /// Starts one over an empty database, with [`USERS`] users.
    pub(crate) async fn start(kind: Kind, programs: &Programs, database: Database) -> Result<Self, Failure> {
        // Limits on registrations would refuse this number from one address.
        let first = if kind == Kind::Defaults { Kind::Server } else { kind };
        let contender = Self::start_over(first, programs, database)?;
        let mut connection = Connection::open(contender.address).await?;
        for number in 0..USERS {
            let (status, _, body) = connection.send(client::registration(&email(number))).await?;
            if status != StatusCode::CREATED {
                return Err(format!("{}: a registration was answered {status}: {body:?}", contender.name).into());
            }
        }
        if first == kind { Ok(contender) } else { Self::start_over(kind, programs, contender.stop()?) }
    }

    /// Starts one over a database as it is.
    pub(crate) fn start_over(kind: Kind, programs: &Programs, database: Database) -> Result<Self, Failure> {
        let folder = database.folder().to_owned();
        let mut command = kind.command(programs, &folder, &database)?;
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("USERMGR_")) {
            command.env_remove(name);
        }
        let log = fs::File::options().create(true).append(true).open(folder.join("stderr.log"))?;
        let mut child = command.current_dir(&folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn()?;
        let mut line = String::new();
        if let Some(out) = child.stdout.take() {
            // Nothing more is said on it.
            BufReader::new(out).read_line(&mut line)?;
        }
        let Some(address) = line.trim().strip_prefix("listening on http://").and_then(|text| text.parse().ok()) else {
            let _ = child.kill();
            let _ = child.wait();
            let said = fs::read_to_string(folder.join("stderr.log")).unwrap_or_default();
            return Err(format!("{} does not listen: {line}{said}", kind.name()).into());
        };
        Ok(Self { name: kind.name().to_owned(), kind, child, address, folder, database })
    }

    pub(crate) fn named(self, name: String) -> Self {
        let mut this = self;
        this.name = name;
        this
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn process(&self) -> Process {
        Process(self.child.id())
    }

    /// Ends it and gives its database back.
    pub(crate) fn stop(mut self) -> Result<Database, Failure> {
        self.end();
        Ok(std::mem::replace(&mut self.database, Database::none(self.folder.clone())))
    }

    fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// The time from the start of the process to its first response, which is a 401.
    pub(crate) async fn first_answer(
        kind: Kind,
        programs: &Programs,
        database: Database,
    ) -> Result<(Duration, Self), Failure> {
        let begun = Instant::now();
        let contender = Self::start_over(kind, programs, database)?;
        let asked = client::request(Method::GET, "/users/me", None);
        let (status, ..) = Connection::open(contender.address).await?.send(asked).await?;
        let took = begun.elapsed();
        if status == StatusCode::UNAUTHORIZED { Ok((took, contender)) } else { Err(format!("{status}").into()) }
    }

    /// Logs users in, one for each connection, and returns their credentials.
    pub(crate) async fn log_in(&self, addresses: impl Iterator<Item = String>) -> Result<Vec<Credential>, Failure> {
        let mut connection = Connection::open(self.address).await?;
        let mut credentials = Vec::new();
        for address in addresses {
            let (status, cookie, body) = connection.send(client::login(self.kind.backend(), &address)).await?;
            if !status.is_success() {
                return Err(format!("{}: a login was answered {status}: {body:?}", self.name).into());
            }
            let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
            let text = |name: &str| answer[name].as_str().map(str::to_owned);
            credentials.push(Credential { cookie, token: text("access_token"), refresh: text("refresh_token") });
        }
        Ok(credentials)
    }

    /// As many scripts that read the own account, the users taking turns.
    pub(crate) async fn readers(&self, connections: usize) -> Result<Vec<Script>, Failure> {
        let mut credentials = self.log_in((0..USERS).map(email)).await?;
        if self.kind == Kind::Key {
            let mut connection = Connection::open(self.address).await?;
            for credential in &mut credentials {
                let made = credential.carried_by(client::api_key())?;
                let (status, _, body) = connection.send(made).await?;
                let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
                let key = answer["key"].as_str().ok_or_else(|| format!("a key was answered {status}: {body:?}"))?;
                credential.token = Some(key.to_owned());
            }
        }
        credentials.iter().cycle().take(connections).map(|credential| credential.get(self.kind.path())).collect()
    }

    pub(crate) fn logins(&self, connections: usize) -> Vec<Script> {
        let login = |number| Script::Repeat(Box::new(client::login(self.kind.backend(), &email(number))));
        (0..USERS).cycle().take(connections).map(login).collect()
    }
}

impl Drop for Contender {
    fn drop(&mut self) {
        self.end();
    }
}

/// What a login gave.
pub(crate) struct Credential {
    cookie: Option<String>,
    token: Option<String>,
    pub(crate) refresh: Option<String>,
}

impl Credential {
    pub(crate) fn get(&self, path: &str) -> Result<Script, Failure> {
        Ok(Script::Repeat(Box::new(self.carried_by(client::request(Method::GET, path, None))?)))
    }

    /// The request, with the credential.
    fn carried_by(&self, mut request: Sent) -> Result<Sent, Failure> {
        let (name, value) = match (&self.token, &self.cookie) {
            (Some(token), _) => (header::AUTHORIZATION, format!("Bearer {token}")),
            (None, Some(cookie)) => (header::COOKIE, cookie.clone()),
            (None, None) => return Err("a login gave nothing".into()),
        };
        request.headers_mut().insert(name, HeaderValue::try_from(value)?);
        Ok(request)
    }
}

pub(crate) fn email(number: usize) -> String {
    format!("user{number}@example.com")
}
