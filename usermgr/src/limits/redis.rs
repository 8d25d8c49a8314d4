//! Counters in Redis: a hash for each, which Redis itself expires.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;

use super::{Counter, CounterKey, CounterStore, Hit, Limit, SharedCounters, hit, remember, remembered};
use crate::store::{RedisConnection, RedisRepeat as Repeat, RedisServer, RedisUse, StoreError};

/// A second execution would find the value that the first one wrote, and count one attempt more. The connection was
/// used immediately before.
const SWAP: (&str, Repeat) = (include_str!("redis/swap.lua"), Repeat::Never);
/// A second execution would take two attempts back.
const REFUND: (&str, Repeat) = (include_str!("redis/refund.lua"), Repeat::Never);

/// Counters in one Redis (version 6.2 or later) or Valkey server, shared by all processes.
///
/// Keys begin with `usermgr:` and hold digests, neither addresses nor networks. Redis expires a counter by its own
/// clock when its limit forgets it. The engine's clock decides when an attempt is allowed.
///
/// ```no_run
/// use usermgr::{Engine, limits::RedisCounters, SqliteStore};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let store: SqliteStore = SqliteStore::open("shop.db").await?;
/// let engine = Engine::builder(store).counters(RedisCounters::open("redis://127.0.0.1:6379").await?).build()?;
/// # let _ = engine;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RedisCounters(RedisConnection);

impl RedisCounters {
    /// Connects to a server as [`RedisSessions::open`](crate::store::RedisSessions::open) does.
    ///
    /// # Errors
    /// The errors of [`RedisSessions::open`](crate::store::RedisSessions::open).
    pub async fn open(server: impl Into<RedisServer>) -> Result<Self, StoreError> {
        RedisConnection::open(server.into(), RedisUse::Counters).await.map(Self)
    }

    /// Returns the part of a key that follows the prefix.
    fn name(key: &CounterKey) -> String {
        format!("counter:{}", URL_SAFE_NO_PAD.encode(key.as_bytes()))
    }

    fn key(&self, key: &CounterKey) -> String {
        format!("{}{}", self.0.prefix(), Self::name(key))
    }
}

impl fmt::Debug for RedisCounters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisCounters").field("prefix", &self.0.prefix()).finish_non_exhaustive()
    }
}

#[async_trait]
impl SharedCounters for RedisCounters {
    async fn read(&self, key: &CounterKey) -> Result<Option<Counter>, StoreError> {
        let mut command = redis::cmd("HMGET");
        command.arg(self.key(key)).arg("hits").arg("last_at");
        let (Some(count), Some(last)) = self.0.query::<(Option<u32>, Option<i64>)>(&command, Repeat::Once).await?
        else {
            return Ok(None);
        };
        Ok(Some(Counter { count, last: Timestamp::from_microsecond(last).map_err(StoreError::backend)? }))
    }

    async fn swap(
        &self,
        key: &CounterKey,
        read: Option<Counter>,
        next: Counter,
        forget_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let kept_for = Duration::try_from(forget_at.duration_since(next.last)).unwrap_or_default();
        let [was, is] = [read, Some(next)].map(|counter| {
            counter.map_or([String::new(), String::new()], |counter| {
                [counter.count.to_string(), counter.last.as_microsecond().to_string()]
            })
        });
        let arguments: Vec<String> = was.into_iter().chain(is).chain([kept_for.as_millis().to_string()]).collect();
        self.0.run(SWAP, &[Self::name(key)], &arguments).await
    }
}

#[async_trait]
impl CounterStore for RedisCounters {
    async fn hit(&self, key: &CounterKey, limit: &Limit, now: Timestamp) -> Result<Hit, StoreError> {
        hit(self, key, limit, now).await
    }

    async fn refund(&self, key: &CounterKey, last: Timestamp, before: Timestamp) -> Result<(), StoreError> {
        let times = [last, before].map(|time| time.as_microsecond().to_string());
        self.0.run::<u32>(REFUND, &[Self::name(key)], &times).await.map(drop)
    }

    async fn clear(&self, key: &CounterKey) -> Result<(), StoreError> {
        let mut command = redis::cmd("DEL");
        self.0.query::<u32>(command.arg(self.key(key)), Repeat::Once).await.map(drop)
    }

    async fn remember(&self, key: &CounterKey, keep: Duration, now: Timestamp) -> Result<(), StoreError> {
        remember(self, key, keep, now).await
    }

    async fn remembered(&self, key: &CounterKey) -> Result<Option<Timestamp>, StoreError> {
        remembered(self, key).await
    }
}
