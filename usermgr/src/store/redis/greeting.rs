//! A new connection, and what the server says about itself there. Servers over which we could not keep our promises are
//! refused.

use std::{error::Error, time::Duration};

use redis::{AsyncConnectionConfig, Client, ErrorKind, InfoDict, ServerErrorKind, aio::MultiplexedConnection};

/// The time limit for an answer of Redis, and for connecting.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Why a server cannot be used.
pub(super) type Refusal = Box<dyn Error + Send + Sync>;

/// The fields of `INFO` whose value refuses the server. The reasons follow.
const REFUSED: [(&str, &str, &str); 5] = [
    ("redis_mode", "sentinel", SENTINEL),
    // The name of the field in Valkey.
    ("server_mode", "sentinel", SENTINEL),
    (
        "cluster_enabled",
        "1",
        "Redis Cluster is not supported, because the keys of a user are in several slots; connect to a server that is \
         not in a cluster, or to its sentinels",
    ),
    ("loading", "1", "the server is still loading its data"),
    ("role", "slave", "the server is a replica, which takes no writes; connect to its master, or to its sentinels"),
];
const SENTINEL: &str = "this is a sentinel; the URL of sentinels is `redis+sentinel://host:port,host:port/service`";

/// What a server says about itself.
pub(super) struct Greeting {
    /// The name of this run of the server. Each start chooses another one.
    pub(super) run: String,
    /// The name of the history of changes that replicas of the server follow.
    pub(super) history: String,
    /// The history that the server followed as a replica before it became a master.
    pub(super) earlier_history: String,
    /// Whether the server appends each change to a file, which it reads at its next start.
    pub(super) appends: bool,
    /// The whole seconds since its start, rounded in any direction.
    pub(super) uptime: u64,
    /// What it does when its memory is full.
    pub(super) policy: String,
}

impl Greeting {
    async fn of(connection: &mut MultiplexedConnection) -> Result<Self, Refusal> {
        let info: InfoDict = match redis::cmd("INFO").query_async(connection).await {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoPerm) => {
                return Err(format!("the user of Redis may not call INFO: {error}").into());
            }
            answer => answer?,
        };
        for (field, value, reason) in REFUSED {
            if info.get::<String>(field).is_some_and(|is| is == value) {
                return Err(reason.into());
            }
        }
        let text = |field: &str| info.get::<String>(field).ok_or_else(|| format!("the INFO of Redis has no {field}"));
        Ok(Self {
            run: text("run_id")?,
            history: text("master_replid")?,
            earlier_history: text("master_replid2")?,
            appends: text("aof_enabled")? == "1",
            uptime: text("uptime_in_seconds")?.parse()?,
            policy: info.get("maxmemory_policy").unwrap_or_default(),
        })
    }

    /// Warns if the server deletes keys when its memory is full.
    pub(super) fn warn(&self) {
        if !matches!(self.policy.as_str(), "" | "noeviction") {
            tracing::warn!(
                target: "usermgr",
                policy = %self.policy,
                "Redis deletes keys when its memory is full, sessions and counters too; set `maxmemory-policy noeviction`"
            );
        }
    }
}

/// Connects to a server of any kind.
pub(super) async fn connect(client: &Client) -> Result<MultiplexedConnection, Refusal> {
    let config =
        AsyncConnectionConfig::new().set_connection_timeout(Some(PATIENCE)).set_response_timeout(Some(PATIENCE));
    Ok(client.get_multiplexed_async_connection_with_config(&config).await?)
}

/// Connects to a server that may be used.
pub(super) async fn greeted(client: &Client) -> Result<(MultiplexedConnection, Greeting), Refusal> {
    let mut connection = connect(client).await?;
    let greeting = Greeting::of(&mut connection).await?;
    Ok((connection, greeting))
}
