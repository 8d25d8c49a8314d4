//! Which servers are refused when they are opened, and with which words; and the rights that a user of Redis needs.

use usermgr::{
    StoreError,
    limits::{CounterKey, CounterStore, Limit, RedisCounters},
    store::{RedisServer, RedisSessions, SessionFilter, SessionId, SessionLookup, StandaloneSessions},
};
use usermgr_tests::{Log, OwnRedis, free_port};

use super::{find, rotate, session};

/// The words with which a server is refused, for sessions and for counters.
async fn refusals(server: impl Into<RedisServer>) -> [Option<String>; 2] {
    let server = server.into();
    let sessions = RedisSessions::open(server.clone()).await.err();
    let counters = RedisCounters::open(server).await.err();
    [sessions, counters].map(|error| error.as_ref().map(StoreError::to_string))
}

#[track_caller]
fn said(refusals: [Option<String>; 2], words: &str) {
    for refusal in refusals {
        let refusal = refusal.expect("the server is refused");
        assert!(refusal.contains(words), "{refusal}");
    }
}

#[tokio::test]
async fn a_server_of_a_cluster_is_refused_in_words() {
    // By itself it listens ten thousand ports higher too, where a client may be.
    let bus = free_port().to_string();
    let Some(redis) = OwnRedis::start(&["--cluster-enabled", "yes", "--cluster-port", &bus]) else { return };
    said(refusals(redis.url()).await, "Redis Cluster is not supported");
}

#[tokio::test]
async fn a_replica_and_a_sentinel_are_refused_in_words() {
    let Some(master) = OwnRedis::start(&[]) else { return };
    let Some(replica) = OwnRedis::start(&["--replicaof", "127.0.0.1", &master.port().to_string()]) else { return };
    let Some(sentinel) = OwnRedis::sentinel(&master) else { return };
    said(refusals(replica.url()).await, "is a replica");
    said(refusals(sentinel.url()).await, "redis+sentinel://host:port");
    let [own, other] = ["shop", "other"].map(|name| format!("redis+sentinel://{}/{name}", sentinel.address()));
    assert_eq!(refusals(own).await, [None, None]);
    said(refusals(other).await, "knows no service `other`");
    said(refusals(format!("redis+sentinel://{}/shop", master.address())).await, "SENTINEL");
}

/// Makes a user with these rights, and returns the URL.
fn user(redis: &OwnRedis, rights: &[&str]) -> String {
    let words = ["ACL", "SETUSER", "shop", "reset", "on", ">secret"];
    assert_eq!(redis.ask(&[&words, rights].concat()), "OK");
    format!("redis://shop:secret@{}", redis.address())
}

#[tokio::test]
async fn a_right_that_is_lacking_is_named_at_the_start() {
    let Some(redis) = OwnRedis::start(&[]) else { return };
    let all = ["~usermgr:*", "+@all"];
    assert_eq!(refusals(user(&redis, &all)).await, [None, None]);
    for (command, sessions, counters) in [
        ("info", true, true),
        ("script", true, true),
        ("evalsha", true, true),
        ("pexpire", true, true),
        ("hincrby", false, true),
        ("zrangebyscore", true, false),
        ("smembers", false, false),
    ] {
        let lacks = refusals(user(&redis, &[all[0], all[1], &format!("-{command}")])).await;
        assert_eq!(lacks.each_ref().map(Option::is_some), [sessions, counters], "{command}: {lacks:?}");
        for words in lacks.into_iter().flatten() {
            assert!(words.to_lowercase().contains(command), "{command}: {words}");
        }
    }
    said(refusals(user(&redis, &["~other:*", "+@all"])).await, "keys");
    let elsewhere = RedisServer::new(user(&redis, &["~other:*", "+@all"])).prefix("other:");
    assert_eq!(refusals(elsewhere).await, [None, None]);
    let wrong = format!("redis://shop:wrong@{}", redis.address());
    assert!(refusals(wrong).await.iter().all(Option::is_some));
}

#[tokio::test]
async fn the_rights_that_the_guide_prints_are_enough() {
    let guide = include_str!("../../usermgr/docs/sessions.md");
    let line = guide.lines().find(|line| line.starts_with("ACL SETUSER ")).expect("the guide prints the rights");
    let Some(redis) = OwnRedis::start(&[]) else { return };
    assert_eq!(redis.ask(&line.split(' ').collect::<Vec<_>>()), "OK", "{line}");
    let url = format!("redis://shop:PASSWORD@{}", redis.address());
    // Even a server that has just forgotten all scripts.
    let forget = || assert_eq!(redis.ask(&["SCRIPT", "FLUSH"]), "OK");

    let sessions = RedisSessions::open(&url).await.unwrap();
    forget();
    let row = session("a", 1);
    sessions.insert(&row).await.unwrap();
    for by in [SessionLookup::Id(&row.id), SessionLookup::Digest(&row.digest)] {
        assert!(find(&sessions, by).await.is_some());
    }
    assert!(rotate(&sessions, &row).await);
    assert_eq!(StandaloneSessions::<i64>::list(&sessions, &1).await.unwrap().len(), 1);
    let oldest = SessionFilter::Oldest { user_id: &1_i64, id: &SessionId::new("b"), others: 1 };
    assert_eq!(sessions.revoke(oldest).await.unwrap(), 0);
    assert_eq!(sessions.revoke(SessionFilter::User(&1_i64)).await.unwrap(), 1);
    StandaloneSessions::<i64>::end_token(&sessions, &row.id, row.expires_at).await.unwrap();
    assert!(StandaloneSessions::<i64>::has_ended(&sessions, &row.id).await.unwrap());
    let later = "2026-02-01T00:00:00Z".parse().unwrap();
    assert_eq!(StandaloneSessions::<i64>::purge(&sessions, later).await.unwrap(), 1);

    let counters = RedisCounters::open(&url).await.unwrap();
    forget();
    let (key, limit) = (CounterKey::new("test", "ada"), Limit::new(5));
    counters.hit(&key, &limit, later).await.unwrap();
    counters.refund(&key, later, later).await.unwrap();
    counters.clear(&key).await.unwrap();
}

#[tokio::test]
async fn a_policy_that_deletes_keys_is_a_warning() {
    let Some(redis) = OwnRedis::start(&[]) else { return };
    let log = Log::start();
    assert_eq!(refusals(redis.url()).await, [None, None]);
    assert_eq!(log.text(), "");
    assert_eq!(redis.ask(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]), "OK");
    assert_eq!(refusals(redis.url()).await, [None, None]);
    let said = log.text();
    assert_eq!(said.matches("WARN").count(), 2, "{said}");
    assert_eq!(said.matches("noeviction").count(), 2, "{said}");
}
