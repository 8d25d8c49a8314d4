//! The options of the server: flags, each also an environment variable with the prefix `USERMGR_`, and those that are not supported yet.

use std::{convert::Infallible, net::SocketAddr, path::PathBuf, str::FromStr};

use clap::{Args, Parser, Subcommand, ValueEnum};
use usermgr::password::Argon2Params;

use crate::providers::Providers;

/// The reference server of usermgr.
#[derive(Parser)]
#[command(version, about)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) options: Options,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Serve (the default).
    Serve,
    /// Bring the database up to date and stop.
    Migrate,
    /// Create a verified superuser; the password is read from the terminal or, with the flag, from standard input.
    CreateSuperuser {
        /// The address.
        #[arg(long)]
        email: String,
        /// Read the password from standard input, the first line of it.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Make a user a verified superuser.
    Promote {
        /// The address.
        #[arg(long)]
        email: String,
    },
    /// Print all users, one JSON line each.
    ListUsers,
    /// Import the users of a FastAPI Users application, or of another usermgr database. It can be run again, and reports what it left out.
    ///
    /// Ends with 0 when everything came over, with 3 when an account or a link did not, or only without its password, and with 1 when it
    /// could not be done at all.
    ImportFastapiUsers {
        /// The database that has them: `sqlite://FILE` or `postgres://..`. The names of SQLAlchemy's drivers are understood too.
        #[arg(long)]
        from: String,
        /// The table of the users. Without it `user` is read, or usermgr's own, whichever has the right columns; in PostgreSQL a schema
        /// may stand before it, as in `shop.members`.
        #[arg(long)]
        table: Option<String>,
        /// The table of the links to other providers. Without it `oauth_account` is read, or usermgr's own.
        #[arg(long)]
        oauth_table: Option<String>,
    },
}

#[derive(Args)]
pub(crate) struct Options {
    /// The address to listen on; port 0 picks a free one.
    #[arg(long, env = "USERMGR_LISTEN", default_value = "127.0.0.1:8000", global = true)]
    pub(crate) listen: SocketAddr,
    /// The database: `sqlite://FILE`, `postgres://..` or `mysql://..`; the latter may end in `?sslmode=verify-full` and
    /// `?ssl-mode=VERIFY_IDENTITY`.
    #[arg(
        long,
        env = "USERMGR_DATABASE_URL",
        hide_env_values = true,
        default_value = "sqlite://usermgr.db",
        global = true
    )]
    pub(crate) database_url: DatabaseUrl,
    /// Sessions in Redis instead of the database: `redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]`.
    #[arg(long, env = "USERMGR_REDIS_URL", hide_env_values = true, global = true)]
    pub(crate) redis_url: Option<String>,
    /// The root secret, at least 32 bytes.
    #[arg(long, env = "USERMGR_SECRET", hide_env_values = true, conflicts_with = "secret_file", global = true)]
    pub(crate) secret: Option<String>,
    /// The file with the root secret; it is made when missing.
    #[arg(long, env = "USERMGR_SECRET_FILE", global = true)]
    pub(crate) secret_file: Option<PathBuf>,
    /// Development mail: every mail is appended to this file as one JSON line.
    #[arg(long, env = "USERMGR_MAIL_FILE", global = true)]
    pub(crate) mail_file: Option<PathBuf>,
    /// Real mail. Not there yet.
    #[arg(long, env = "USERMGR_SMTP_URL", global = true)]
    pub(crate) smtp_url: Option<NotYet>,
    /// The cost of Argon2id: memory in KiB, passes, lanes.
    #[arg(long, env = "USERMGR_ARGON2", default_value = "19456,2,1", global = true)]
    pub(crate) argon2: Argon2Cost,
    /// The shortest password accepted, in characters.
    #[arg(long, env = "USERMGR_MIN_PASSWORD", default_value_t = 8, global = true)]
    pub(crate) min_password: usize,
    /// How much answers tell a stranger about who has an account. `discreet` turns `--require-verified` on: without it, a login with the
    /// password of a registration tells whether the address was free.
    #[arg(long, env = "USERMGR_ANSWERS", default_value = "explicit", global = true)]
    pub(crate) answers: HowMuch,
    /// Demand a verified address at login and on the users' routes.
    #[arg(long, env = "USERMGR_REQUIRE_VERIFIED", global = true)]
    pub(crate) require_verified: bool,
    /// Prove a new address in `PATCH /users/me` before the account gets it. Discreet answers always do.
    #[arg(long, env = "USERMGR_PROVE_EMAILS", global = true)]
    pub(crate) prove_emails: bool,
    /// Limits on wrong passwords, registrations and mails.
    #[arg(long, env = "USERMGR_LIMITS", default_value = "on", global = true)]
    pub(crate) limits: Switch,
    /// Keep the principals of tokens in memory for a second, for requests that only read.
    #[arg(long, env = "USERMGR_CACHE", default_value = "off", global = true)]
    pub(crate) cache: Switch,
    /// The name of the session cookie; FastAPI Users' name is `fastapiusersauth`.
    #[arg(long, env = "USERMGR_COOKIE_NAME", default_value = "__Host-usermgr", global = true)]
    pub(crate) cookie_name: String,
    /// An origin beside the own host whose pages may send the cookie and read answers, as in `https://example.com`. May be given
    /// several times; in the variable, separate them with commas.
    #[arg(long, env = "USERMGR_ALLOW_ORIGIN", value_delimiter = ',', global = true)]
    pub(crate) allow_origin: Vec<String>,
    /// A header beside `Authorization` and `Content-Type` that the pages of these origins may send, as in `x-request-id`. May be given
    /// several times; in the variable, separate them with commas.
    #[arg(long, env = "USERMGR_ALLOW_HEADER", value_delimiter = ',', global = true)]
    pub(crate) allow_header: Vec<NameOfHeader>,
    /// How many of your reverse proxies a request passes through before the server. Each must append the address of its client
    /// to `X-Forwarded-For`; without them the address of a client is that of its connection.
    #[arg(long, env = "USERMGR_TRUSTED_PROXIES", default_value_t = 0, global = true)]
    pub(crate) trusted_proxies: usize,
    /// These proxies write `Forwarded` (RFC 7239) instead.
    #[arg(long, env = "USERMGR_READS_FORWARDED", requires = "trusted_proxies", global = true)]
    pub(crate) reads_forwarded: bool,
    /// A reserved domain, or one without a period, at which new addresses are accepted too, with all below it, as `localhost` or
    /// `corp.local` of your own network. May be given several times; in the variable, separate them with commas.
    #[arg(long, env = "USERMGR_ALLOW_SPECIAL_DOMAIN", value_delimiter = ',', global = true)]
    pub(crate) allow_special_domain: Vec<String>,
    /// The web framework.
    #[arg(long, env = "USERMGR_FRAMEWORK", value_enum, default_value = "axum", global = true)]
    pub(crate) framework: Framework,
    /// Cookies without `Secure` and `__Host-`, for development; accepted on loopback addresses only.
    #[arg(long, env = "USERMGR_COOKIE_INSECURE", global = true)]
    pub(crate) cookie_insecure: bool,
    #[command(flatten)]
    pub(crate) providers: Providers,
}

/// A part that does not exist yet: every value is refused.
#[derive(Clone)]
pub(crate) enum NotYet {}

impl FromStr for NotYet {
    type Err = String;

    fn from_str(_: &str) -> Result<Self, String> {
        Err("this part of the server does not exist yet".into())
    }
}

/// The name of a header, in lower case.
#[derive(Clone)]
pub(crate) struct NameOfHeader(pub(crate) String);

impl FromStr for NameOfHeader {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match axum::http::HeaderName::try_from(text) {
            Ok(name) => Ok(Self(name.to_string())),
            Err(_) => Err("this is not the name of a header: write it as in `x-request-id`, and name each".into()),
        }
    }
}

/// How much responses reveal.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum HowMuch {
    Explicit,
    Discreet,
}

/// The framework that serves.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Framework {
    Axum,
    Actix,
}

/// On or off.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    On,
    Off,
}

/// Where the users are. What cannot be a URL of a database is refused later: here the message would repeat it, including the password.
#[derive(Clone)]
pub(crate) enum DatabaseUrl {
    Sqlite(PathBuf),
    Postgres(String),
    Mysql(String),
    Unknown,
}

impl FromStr for DatabaseUrl {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.split_once("://") {
            Some(("sqlite", file)) if !file.is_empty() => Self::Sqlite(file.into()),
            Some(("postgres" | "postgresql", _)) => Self::Postgres(text.to_owned()),
            Some(("mysql" | "mariadb", _)) => Self::Mysql(text.to_owned()),
            _ => Self::Unknown,
        })
    }
}

/// The cost of a hash.
#[derive(Clone)]
pub(crate) struct Argon2Cost(pub(crate) Argon2Params);

impl FromStr for Argon2Cost {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers: Result<Vec<u32>, _> = text.split(',').map(|part| part.trim().parse()).collect();
        let Ok([m, t, p]) = numbers.as_deref() else {
            return Err("expected three numbers, as in `19456,2,1`".into());
        };
        Argon2Params::new(*m, *t, *p)
            .or_else(|error| {
                // A cost that is too low for production is useful in a test.
                let cheap = Argon2Params::dangerous(*m, *t, *p)?;
                eprintln!("warning: --argon2 {text}: {error}");
                Ok(cheap)
            })
            .map(Self)
            .map_err(|error: usermgr::ConfigError| error.to_string())
    }
}
