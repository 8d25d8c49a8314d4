//! The connection to Redis that all users of a store share. It is made again when it was lost, and each new one is
//! looked at first: behind the same address there may be another server, or the same one with older data.
//!
//! The server or a proxy may close an idle connection, and the client notices this only when it sends the next command.
//! [`Repeat`] says for each command whether it is sent again then.

use std::{
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use redis::{
    Cmd, ErrorKind, FromRedisValue, RedisError, RedisResult, Script, ServerErrorKind, ToRedisArgs, Value,
    aio::MultiplexedConnection, from_redis_value,
};
use tokio::{sync::Mutex, time::timeout};

use super::{
    commands::Use,
    generation::{RECORD, generation},
    greeting::{Greeting, PATIENCE, Refusal, greeted},
    server::{RedisServer, Target},
};
use crate::store::StoreError;

/// What happens to a command whose connection was closed before the answer arrived. The server may have executed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// Send it again over a new connection: a second execution has no further effect.
    Once,
    /// Return the error: a second execution would have a further effect.
    Never,
}

/// What an error means for its connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// The connection is in order.
    Answer,
    /// The server is not, or no longer, the one to ask, and has executed nothing.
    Elsewhere,
    /// The connection was closed.
    Closed,
    /// The server does not answer. The caller does not wait for it twice.
    Silent,
}

impl Meaning {
    fn of(error: &RedisError) -> Self {
        match error.kind() {
            // The master has become a replica.
            ErrorKind::Server(ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown) => Self::Elsewhere,
            _ if error.code() == Some("GENERATION") => Self::Elsewhere,
            _ if error.is_connection_dropped() => Self::Closed,
            _ if error.is_timeout() || error.is_unrecoverable_error() => Self::Silent,
            _ => Self::Answer,
        }
    }

    fn repeats(self, repeat: Repeat) -> bool {
        self == Self::Elsewhere || (self == Self::Closed && repeat == Repeat::Once)
    }
}

/// A connection to a server that was looked at.
struct Live {
    connection: MultiplexedConnection,
    /// The generation of the sessions, where there are sessions.
    generation: Option<Generation>,
    run: Arc<Run>,
}

/// A generation of the sessions, with the key of its record and the beginning of its keys.
struct Generation {
    name: String,
    record: String,
    root: String,
}

impl Generation {
    fn new(prefix: &str, name: String) -> Self {
        Self { record: format!("{prefix}{RECORD}"), root: format!("{prefix}{name}:"), name }
    }
}

/// A run of a server, and when it answered last.
struct Run {
    name: String,
    /// Milliseconds of the clock of [`Shared`].
    answered: AtomicU64,
}

struct Shared {
    target: Arc<Target>,
    prefix: String,
    kind: Use,
    start: Instant,
    live: RwLock<Option<Arc<Live>>>,
    /// Who holds it connects; the others wait for the outcome.
    turn: Mutex<Turn>,
    /// How many attempts to connect have failed.
    failures: AtomicU64,
}

#[derive(Default)]
struct Turn {
    last: Option<Arc<Run>>,
    failure: String,
}

/// What is sent: a script, or a command whose keys are complete.
enum Call<'a, A> {
    Script(&'a str, &'a [String], &'a [A]),
    Command(&'a Cmd),
}

#[derive(Clone)]
pub(crate) struct Connection(Arc<Shared>);

impl Connection {
    pub(crate) async fn open(server: RedisServer, kind: Use) -> Result<Self, StoreError> {
        let (prefix, target) = server.read().map_err(StoreError::backend)?;
        let this = Self::to(Arc::new(target), prefix, kind);
        let first = async {
            let (mut connection, greeting) = this.0.connect().await?;
            greeting.warn();
            kind.try_commands(&mut connection, &this.0.prefix).await?;
            this.0.join(connection, &greeting, None).await
        };
        let live = in_time(first).await.map_err(StoreError::backend)?;
        this.0.keep(&mut *this.0.turn.lock().await, &live);
        Ok(this)
    }

    /// Returns a connection of its own to the same server, whose keys have a longer prefix. It is made at the first use.
    pub(crate) fn below(&self, name: &str) -> Self {
        Self::to(Arc::clone(&self.0.target), format!("{}{name}", self.0.prefix), self.0.kind)
    }

    /// Returns a connection that is not made yet.
    fn to(target: Arc<Target>, prefix: String, kind: Use) -> Self {
        Self(Arc::new(Shared {
            target,
            prefix,
            kind,
            start: Instant::now(),
            live: RwLock::default(),
            turn: Mutex::default(),
            failures: AtomicU64::default(),
        }))
    }

    pub(crate) fn prefix(&self) -> &str {
        &self.0.prefix
    }

    /// Returns the generation of the sessions.
    pub(crate) async fn generation(&self) -> Result<Option<String>, StoreError> {
        let live = self.0.live().await.map_err(StoreError::backend)?;
        Ok(live.generation.as_ref().map(|generation| generation.name.clone()))
    }

    /// Runs a script atomically. The keys are completed here.
    pub(crate) async fn run<T: FromRedisValue>(
        &self,
        (script, repeat): (&str, Repeat),
        keys: &[String],
        arguments: &[impl ToRedisArgs + Sync],
    ) -> Result<T, StoreError> {
        self.perform(Call::Script(script, keys, arguments), repeat).await
    }

    pub(crate) async fn query<T: FromRedisValue>(&self, command: &Cmd, repeat: Repeat) -> Result<T, StoreError> {
        self.perform(Call::<&str>::Command(command), repeat).await
    }

    async fn perform<T: FromRedisValue>(
        &self,
        call: Call<'_, impl ToRedisArgs + Sync>,
        repeat: Repeat,
    ) -> Result<T, StoreError> {
        let mut live = self.0.live().await.map_err(StoreError::backend)?;
        let mut outcome = self.0.send(&live, &call).await;
        if let Err(error) = &outcome
            && Meaning::of(error).repeats(repeat)
        {
            live = self.0.live().await.map_err(StoreError::backend)?;
            outcome = self.0.send(&live, &call).await;
        }
        from_redis_value(outcome.map_err(StoreError::backend)?).map_err(StoreError::backend)
    }
}

impl Shared {
    fn current(&self) -> Option<Arc<Live>> {
        self.live.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes a connection the one that all callers use.
    fn keep(&self, turn: &mut Turn, live: &Arc<Live>) {
        turn.last = Some(Arc::clone(&live.run));
        *self.live.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(live));
    }

    /// Sends a call, and notes what the outcome says about the connection.
    async fn send(&self, live: &Arc<Live>, call: &Call<'_, impl ToRedisArgs + Sync>) -> RedisResult<Value> {
        let mut connection = live.connection.clone();
        let outcome = match call {
            Call::Command(command) => command.query_async(&mut connection).await,
            Call::Script(script, keys, arguments) => {
                let script = Script::new(script);
                let mut call = script.prepare_invoke();
                let root = match &live.generation {
                    Some(Generation { name, record, root }) => {
                        call.key(record).arg(&[&self.prefix, name]);
                        root
                    }
                    None => &self.prefix,
                };
                for key in *keys {
                    call.key(format!("{root}{key}"));
                }
                for argument in *arguments {
                    call.arg(argument);
                }
                call.invoke_async(&mut connection).await
            }
        };
        match outcome.as_ref().err().map_or(Meaning::Answer, Meaning::of) {
            Meaning::Answer => live.run.answered.store(self.now(), Ordering::Relaxed),
            _ => self.give_up(live),
        }
        outcome
    }

    /// Forgets a connection, if it is still the current one. Calls that wait for an answer on it go on waiting.
    fn give_up(&self, lost: &Arc<Live>) {
        let mut live = self.live.write().unwrap_or_else(PoisonError::into_inner);
        if live.as_ref().is_some_and(|live| Arc::ptr_eq(live, lost)) {
            *live = None;
        }
    }

    /// Returns the connection. If there is none, one caller connects, and the others get the outcome.
    async fn live(&self) -> Result<Arc<Live>, Refusal> {
        if let Some(live) = self.current() {
            return Ok(live);
        }
        let failures = self.failures.load(Ordering::Acquire);
        let mut turn = self.turn.lock().await;
        if let Some(live) = self.current() {
            return Ok(live);
        }
        if self.failures.load(Ordering::Acquire) != failures {
            return Err(turn.failure.clone().into());
        }
        let last = turn.last.clone();
        let attempt = async {
            let (connection, greeting) = self.connect().await?;
            self.join(connection, &greeting, last.as_deref()).await
        };
        match in_time(attempt).await {
            Ok(live) => {
                self.keep(&mut turn, &live);
                Ok(live)
            }
            Err(error) => {
                turn.failure = error.to_string();
                self.failures.fetch_add(1, Ordering::Release);
                Err(error)
            }
        }
    }

    async fn connect(&self) -> Result<(MultiplexedConnection, Greeting), Refusal> {
        match &*self.target {
            Target::Server(client) => greeted(client).await,
            Target::Sentinels(sentinels) => sentinels.connect().await,
        }
    }

    /// Joins the server with the generation of the sessions in it.
    async fn join(
        &self,
        mut connection: MultiplexedConnection,
        greeting: &Greeting,
        last: Option<&Run>,
    ) -> Result<Arc<Live>, Refusal> {
        let generation = match self.kind {
            Use::Counters => None,
            Use::Sessions => {
                let since = |run: &Run| {
                    let ago = self.now().saturating_sub(run.answered.load(Ordering::Relaxed));
                    Duration::from_millis(ago)
                };
                let last = last.map(|run| (run.name.as_str(), since(run)));
                let name = generation(&mut connection, &self.prefix, greeting, last).await?;
                Some(Generation::new(&self.prefix, name))
            }
        };
        let run = Run { name: greeting.run.clone(), answered: AtomicU64::new(self.now()) };
        Ok(Arc::new(Live { connection, generation, run: Arc::new(run) }))
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

async fn in_time<T>(attempt: impl Future<Output = Result<T, Refusal>>) -> Result<T, Refusal> {
    let late = || format!("Redis did not answer within {PATIENCE:?}").into();
    timeout(PATIENCE, attempt).await.unwrap_or_else(|_| Err(late()))
}
