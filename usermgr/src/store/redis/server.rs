//! Where a Redis is, as an application names it: the URL of a server or of sentinels, or a client of its own, and what
//! the keys begin with.

use std::fmt;

use redis::{Client, IntoConnectionInfo, RedisError};

use super::{greeting::Refusal, sentinel::Sentinels};

/// The port of a sentinel whose address names none.
const SENTINEL_PORT: u16 = 26379;

/// A Redis or Valkey server, and what our keys in it begin with. [`RedisSessions`](crate::store::RedisSessions) and
/// [`RedisCounters`](crate::limits::RedisCounters) open it.
///
/// | URL | |
/// |---|---|
/// | `redis://[user:password@]host[:port][/database]` | one server |
/// | `redis+sentinel://[user:password@]host[:port][,host[:port]..]/service[/database]` | the master of a service, as the first sentinel that answers names it |
/// | `redis+unix:///path[?db=1][&user=..&pass=..]` | one server, over its socket |
///
/// `valkey` is another name for `redis`. `rediss` and `valkeys` connect with TLS and need the feature `tls`, to sentinels
/// too. The certificate must be issued by an authority that the system trusts or that `SSL_CERT_FILE` names. The user
/// and the password are those of the server. Sentinels that demand their own have them behind the path:
/// `?sentinel_username=..&sentinel_password=..`.
///
/// ```
/// use usermgr::store::RedisServer;
///
/// let server = RedisServer::new("redis+sentinel://10.0.0.1,10.0.0.2,10.0.0.3/shop").prefix("shop:");
/// # let _ = server;
/// ```
#[derive(Clone)]
pub struct RedisServer {
    place: Place,
    prefix: String,
}

#[derive(Clone)]
enum Place {
    Url(String),
    Client(Box<Client>),
}

/// A place whose URL was read.
pub(super) enum Target {
    Server(Client),
    Sentinels(Sentinels),
}

impl RedisServer {
    /// Names a server by a URL. It is read when the server is opened.
    pub fn new(url: impl Into<String>) -> Self {
        Place::Url(url.into()).into()
    }

    /// Sets the beginning of all keys, so that several applications can share one server. Default: `usermgr:`.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Returns what the keys begin with, and where to connect.
    pub(super) fn read(self) -> Result<(String, Target), Refusal> {
        let target = match self.place {
            Place::Client(client) => Target::Server(*client),
            Place::Url(url) => {
                #[cfg(feature = "tls")]
                provide_cryptography(&url);
                match url.split_once("+sentinel://") {
                    Some((scheme, rest)) => Target::Sentinels(sentinels(scheme, rest)?),
                    None => Target::Server(Client::open(url)?),
                }
            }
        };
        Ok((self.prefix, target))
    }
}

impl From<Place> for RedisServer {
    fn from(place: Place) -> Self {
        Self { place, prefix: "usermgr:".to_owned() }
    }
}

impl From<&str> for RedisServer {
    fn from(url: &str) -> Self {
        Self::new(url)
    }
}

impl From<String> for RedisServer {
    fn from(url: String) -> Self {
        Self::new(url)
    }
}

impl From<&String> for RedisServer {
    fn from(url: &String) -> Self {
        Self::new(url)
    }
}

/// A client of the application, for example with its own authority or a client certificate.
impl From<Client> for RedisServer {
    fn from(client: Client) -> Self {
        Place::Client(Box::new(client)).into()
    }
}

/// The URL may hold a password.
impl fmt::Debug for RedisServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisServer").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

/// Reads what follows `redis+sentinel://`. The parts that a usual URL has too are read by the client library.
fn sentinels(scheme: &str, rest: &str) -> Result<Sentinels, Refusal> {
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (service, database) = path.split_once('/').unwrap_or((path, ""));
    if service.is_empty() {
        return Err("the URL of sentinels names no service: `redis+sentinel://host:port,host:port/service`".into());
    }
    let (login, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (mut name, mut password) = ("", "");
    for part in query.split('&').filter(|part| !part.is_empty()) {
        match part.split_once('=') {
            Some(("sentinel_username", value)) => name = value,
            Some(("sentinel_password", value)) => password = value,
            _ => return Err("the URL of sentinels takes `sentinel_username` and `sentinel_password` alone".into()),
        }
    }
    let own = if name.is_empty() && password.is_empty() { String::new() } else { format!("{name}:{password}") };
    let info = |login: &str, host: &str, database: &str| {
        let at = if login.is_empty() { "" } else { "@" };
        format!("{scheme}://{login}{at}{host}/{database}").into_connection_info()
    };
    let all = hosts.split(',').map(|host| {
        // An address of IPv6 has colons too, in brackets.
        let has_port = host.rsplit(']').next().is_some_and(|end| end.contains(':'));
        info(&own, &if has_port { host.to_owned() } else { format!("{host}:{SENTINEL_PORT}") }, "")
    });
    let master = info(login, "master", database)?;
    Ok(Sentinels::new(all.collect::<Result<_, RedisError>>()?, service.to_owned(), master))
}

/// The Redis client uses rustls' process-wide provider. It panics if the application has compiled two providers in and
/// has not chosen one. A choice that the application has made stays.
#[cfg(feature = "tls")]
fn provide_cryptography(url: &str) {
    let encrypted = ["rediss:", "valkeys:", "rediss+", "valkeys+"].iter().any(|scheme| url.starts_with(scheme));
    if encrypted && rustls::crypto::CryptoProvider::get_default().is_none() {
        // It fails only if another thread has installed a provider in the meantime.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    }
}

#[cfg(test)]
mod tests {
    use redis::ConnectionAddr;

    use super::*;

    fn read(url: &str) -> Result<Sentinels, String> {
        match RedisServer::new(url).read().map_err(|error| error.to_string())?.1 {
            Target::Sentinels(sentinels) => Ok(sentinels),
            Target::Server(_) => Err("one server".to_owned()),
        }
    }

    #[test]
    fn a_url_of_sentinels_names_them_the_service_and_the_logins_of_both() {
        let tcp = |host: &str, port| ConnectionAddr::Tcp(host.to_owned(), port);
        let all = read(
            "redis+sentinel://ada:a%40b@one,10.0.0.2:5000,[::1],[::2]:7/shop/3?sentinel_username=eve&sentinel_password=c%3Ad",
        )
        .unwrap();
        let addresses: Vec<_> = all.all.iter().map(|info| info.addr().clone()).collect();
        assert_eq!(addresses, [tcp("one", 26379), tcp("10.0.0.2", 5000), tcp("::1", 26379), tcp("::2", 7)]);
        let login = |info: &redis::ConnectionInfo| {
            let settings = info.redis_settings();
            let [name, password] = [settings.username(), settings.password()].map(Option::unwrap_or_default);
            (name.to_owned(), password.to_owned(), settings.db())
        };
        assert!(all.all.iter().all(|info| login(info) == ("eve".to_owned(), "c:d".to_owned(), 0)));
        assert_eq!(login(&all.master), ("ada".to_owned(), "a@b".to_owned(), 3));
        assert_eq!(all.service, "shop");

        let plain = read("valkey+sentinel://:secret@one/shop").unwrap();
        assert_eq!(login(&plain.all[0]), (String::new(), String::new(), 0));
        assert_eq!(login(&plain.master), (String::new(), "secret".to_owned(), 0));
    }

    #[test]
    fn a_url_of_sentinels_that_is_wrong_is_refused_without_its_password() {
        for url in [
            "redis+sentinel://:secret@one",
            "redis+sentinel://:secret@one/",
            "redis+sentinel://:secret@one/shop/three",
            "redis+sentinel://:secret@one:port/shop",
            "redis+sentinel://:secret@/shop",
            "redis+sentinel://:secret@one,,two/shop",
            "redis+sentinel://:secret@one/shop?protocol=resp3",
            "http+sentinel://:secret@one/shop",
        ] {
            let error = read(url).err().unwrap_or_else(|| panic!("{url} is accepted"));
            assert!(!error.contains("secret"), "{url}: {error}");
        }
        assert!(!format!("{:?}", RedisServer::new("redis://:secret@one")).contains("secret"));
    }
}
