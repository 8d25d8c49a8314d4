//! The options of the server: flags, each also an environment variable with the prefix `USERMGR_`.

mod command;
mod value;

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser};

use self::value::{Argon2Cost, BaseUrl, NameOfHeader, SecretOrFile};
pub(crate) use self::{
    command::{Chosen, Command, Conditions, Mails, OutboxTask},
    value::{CountersIn, DatabaseUrl, Framework, HowMuch, LogForm, Switch},
};
use crate::{commands::exit, factors::Factors, post::Post, providers::Providers};

/// The reference server of usermgr.
#[derive(Parser)]
#[command(version, about, after_help = exit::HELP)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) options: Options,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
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
    /// What the names of the tables begin with. Servers under different prefixes share a database with a kind of user each: give each its
    /// own, as in `staff_`. Cookies and tokens of one are nothing to the others.
    #[arg(long, env = "USERMGR_TABLE_PREFIX", default_value = "usermgr_", global = true)]
    pub(crate) table_prefix: String,
    /// The origin that browsers see, as in `https://users.example.com`: the server of the OpenAPI document, and where providers send
    /// browsers back to. Without it, providers send them to the address on which the server listens.
    #[arg(long, env = "USERMGR_BASE_URL", global = true)]
    pub(crate) base_url: Option<BaseUrl>,
    /// Passkeys, for this relying party: the domain of `--base-url` or a domain above it, as in `example.com`. Without `--base-url` it is
    /// `localhost`, with the port on which the server listens.
    #[arg(long, env = "USERMGR_PASSKEYS", value_name = "RP_ID", global = true)]
    pub(crate) passkeys: Option<String>,
    /// Sessions in Redis instead of the database: `redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]`.
    #[arg(long, env = "USERMGR_REDIS_URL", hide_env_values = true, global = true)]
    pub(crate) redis_url: Option<String>,
    /// The root secret, at least 32 bytes.
    #[arg(long, env = "USERMGR_SECRET", hide_env_values = true, conflicts_with = "secret_file", global = true)]
    pub(crate) secret: Option<String>,
    /// The file with the root secret; it is made when missing.
    #[arg(long, env = "USERMGR_SECRET_FILE", global = true)]
    pub(crate) secret_file: Option<PathBuf>,
    /// An earlier root secret, whose tokens are still good, or `@FILE`. May be given several times; in the variable, one a line.
    #[arg(long, env = "USERMGR_PREVIOUS_SECRET", hide_env_values = true, value_delimiter = '\n', global = true)]
    pub(crate) previous_secret: Vec<SecretOrFile>,
    /// The secret that seals what rows keep secret, at least 32 bytes, or `@FILE`. Without it the root secret does. What the root secrets
    /// have sealed still opens; `reseal` seals it again.
    #[arg(long, env = "USERMGR_DATA_SECRET", hide_env_values = true, global = true)]
    pub(crate) data_secret: Option<SecretOrFile>,
    /// The pepper of new password hashes, a secret of at least 32 bytes that is kept outside of the database, or `@FILE`. Passwords whose
    /// pepper is lost must be reset.
    #[arg(long, env = "USERMGR_PEPPER", hide_env_values = true, global = true)]
    pub(crate) pepper: Option<SecretOrFile>,
    /// A pepper with which hashes are only verified, or `@FILE`: an earlier one, or the next one until every server knows it. May be given
    /// several times; in the variable, one a line.
    #[arg(long, env = "USERMGR_PREVIOUS_PEPPER", hide_env_values = true, value_delimiter = '\n', global = true)]
    pub(crate) previous_pepper: Vec<SecretOrFile>,
    /// A folder with the ranges of Pwned Passwords, one file each, as `haveibeenpwned-downloader DIR -s false` writes it. New passwords that
    /// it lists are refused.
    #[arg(long, env = "USERMGR_BREACHES", global = true)]
    pub(crate) breaches: Option<PathBuf>,
    /// Development mail: every mail is appended to this file as one JSON line.
    #[arg(long, env = "USERMGR_MAIL_FILE", global = true)]
    pub(crate) mail_file: Option<PathBuf>,
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
    /// Let users log in with a link or a code that is mailed to them.
    #[arg(long, env = "USERMGR_MAIL_LOGIN", global = true)]
    pub(crate) mail_login: bool,
    /// Let users make API keys, which begin with this prefix: 2 to 12 characters of `a-z` and `0-9`.
    #[arg(long, env = "USERMGR_API_KEYS", value_name = "PREFIX", global = true)]
    pub(crate) api_keys: Option<String>,
    /// Let no one register, and no provider make accounts: users are invited, or created by a command.
    #[arg(long, env = "USERMGR_INVITE_ONLY", global = true)]
    pub(crate) invite_only: bool,
    /// Let superusers log in as a user, to see what the user sees. The user gets a mail.
    #[arg(long, env = "USERMGR_IMPERSONATION", global = true)]
    pub(crate) impersonation: bool,
    /// Keep the latest logins and refused logins of each user for 90 days, and show them to the user and to superusers.
    #[arg(long, env = "USERMGR_LOGIN_HISTORY", global = true)]
    pub(crate) login_history: bool,
    /// Let users choose a user name, by which they log in too.
    #[arg(long, env = "USERMGR_USERNAMES", global = true)]
    pub(crate) usernames: bool,
    /// Limits on wrong passwords, registrations and mails.
    #[arg(long, env = "USERMGR_LIMITS", default_value = "on", global = true)]
    pub(crate) limits: Switch,
    /// Where limits count. Without it in Redis, if there is one, and otherwise in the database; for SQLite in memory, since one process
    /// serves a file.
    #[arg(long, env = "USERMGR_COUNTERS", global = true)]
    pub(crate) counters: Option<CountersIn>,
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
    /// The form of the log on the standard error stream. It has events, warnings and errors; `RUST_LOG` chooses others.
    #[arg(long, env = "USERMGR_LOG", value_enum, default_value = "text", global = true)]
    pub(crate) log: LogForm,
    /// Append every event to this file, as one JSON line. SIGHUP opens it again, after it was moved.
    #[arg(long, env = "USERMGR_AUDIT_FILE", global = true)]
    pub(crate) audit_file: Option<PathBuf>,
    /// The address of a second socket with `/metrics` for Prometheus. Never make it public; port 0 picks a free one.
    #[arg(long, env = "USERMGR_METRICS_LISTEN", global = true)]
    pub(crate) metrics_listen: Option<SocketAddr>,
    /// How many seconds the server waits for the answer to one statement of the database.
    #[arg(long, env = "USERMGR_STATEMENT_TIMEOUT", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..), global = true)]
    pub(crate) statement_timeout: u32,
    /// How many seconds the process may take to end after the signal to stop. Then it cuts off what has not ended.
    #[arg(long, env = "USERMGR_SHUTDOWN_TIMEOUT", default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..), global = true)]
    pub(crate) shutdown_timeout: u32,
    /// Cookies without `Secure` and `__Host-`, for development; accepted on loopback addresses only.
    #[arg(long, env = "USERMGR_COOKIE_INSECURE", global = true)]
    pub(crate) cookie_insecure: bool,
    #[command(flatten)]
    pub(crate) post: Post,
    #[command(flatten)]
    pub(crate) providers: Providers,
    #[command(flatten)]
    pub(crate) factors: Factors,
}
