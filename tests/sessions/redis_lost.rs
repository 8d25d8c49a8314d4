//! A Redis that was killed and started again over what it had written, and one that a replica has replaced: what had ended has ended, and
//! the owner of the newest refresh token is not called a thief.

use std::{process::Command, time::Duration};

use usermgr::{
    RefreshError,
    audit::EventKind,
    limits::{CounterKey, CounterStore, Limit, RedisCounters},
    password::{Argon2Params, Argon2id},
    prelude::*,
    store::{
        RedisServer, RedisSessions, SessionFilter, SessionId, SessionLookup, SessionStore, StandaloneSessions,
        WithSessions,
    },
    testing::Probe,
    token::RefreshToken,
};
use usermgr_tests::{OwnRedis, eventually, redis_corner};

use super::{Accounts, PASSWORD, find, session};

const BACKENDS: [&str; 3] = ["rows", "refresh", "revocable"];

/// A process over a Redis.
struct Shop {
    accounts: Accounts,
    probe: Probe,
}

impl Shop {
    async fn open(users: &MemoryStore, server: impl Into<RedisServer>) -> Self {
        let probe = Probe::default();
        let sessions = RedisSessions::open(server).await.unwrap();
        let engine = Engine::builder(WithSessions::new(users.clone(), sessions))
            .backend(Backend::bearer("rows", Database::new()))
            .backend(Backend::bearer("refresh", Jwt::new().with_refresh(Refresh::new().grace(Duration::ZERO))))
            .backend(Backend::bearer("revocable", Jwt::new().revocable()))
            .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
            .audit(probe.clone())
            .build()
            .unwrap();
        Self { accounts: Accounts { engine }, probe }
    }

    /// The token of a new session, and its refresh token if it has one.
    async fn login(&self, backend: &str) -> (String, Option<RefreshToken>) {
        let credentials = Credentials::new("ada@example.com", PASSWORD);
        let login = self.accounts.login(credentials, backend, &Context::default()).await.unwrap();
        (login.token.expose().to_owned(), login.refresh)
    }

    async fn opens(&self, (backend, token): &(&str, String)) -> bool {
        self.accounts.identify(backend, token).await.unwrap().is_some()
    }

    async fn logout(&self, (backend, token): &(&str, String)) {
        let principal = self.accounts.identify(backend, token).await.unwrap().unwrap();
        self.accounts.logout(&principal, &Context::default()).await.unwrap();
    }

    /// The next refresh token, or none if the session has ended.
    async fn refresh(&self, token: &RefreshToken) -> Option<RefreshToken> {
        match self.accounts.refresh(token, "refresh", &Context::default()).await {
            Ok(refreshed) => refreshed.refresh,
            Err(RefreshError::InvalidToken) => None,
            Err(error) => panic!("{error}"),
        }
    }

    fn thefts(&self) -> usize {
        self.probe.count(EventKind::TokenTheft)
    }
}

/// What the owner of an account has: tokens that open, tokens that were logged out, and the newest refresh token.
struct Owner {
    open: Vec<(&'static str, String)>,
    ended: Vec<(&'static str, String)>,
    newest: RefreshToken,
}

impl Owner {
    /// Logs in several times, calls `between`, and then logs out and refreshes.
    async fn of(shop: &Shop, between: impl FnOnce()) -> Self {
        shop.accounts.register(Register::new("ada@example.com", PASSWORD), &Context::default()).await.unwrap();
        let (mut open, mut ended) = (Vec::new(), Vec::new());
        for backend in BACKENDS {
            for all in [&mut open, &mut ended] {
                all.push((backend, shop.login(backend).await.0));
            }
        }
        let first = shop.login("refresh").await.1.unwrap();
        between();
        for token in &ended {
            assert!(shop.opens(token).await);
            shop.logout(token).await;
        }
        let newest = shop.refresh(&shop.refresh(&first).await.unwrap()).await.unwrap();
        Self { open, ended, newest }
    }

    /// How many of the tokens open that do not open any more, and how many of the others.
    async fn opens(&self, shop: &Shop) -> [usize; 2] {
        let mut count = [0, 0];
        for (at, tokens) in [&self.ended, &self.open].into_iter().enumerate() {
            for token in tokens {
                count[at] += usize::from(shop.opens(token).await);
            }
        }
        count
    }
}

#[tokio::test]
async fn s6_after_a_restart_from_a_snapshot_what_had_ended_has_ended_and_nobody_is_a_thief() {
    let Some(mut redis) = OwnRedis::start(&[]) else { return };
    let users = MemoryStore::new();
    let running = Shop::open(&users, redis.url()).await;
    let owner = Owner::of(&running, || assert_eq!(redis.ask(&["SAVE"]), "OK")).await;
    assert_eq!(owner.opens(&running).await, [0, 3]);
    let earlier = generation(&redis);

    redis.kill();
    redis.restart();
    assert_eq!(generation(&redis), earlier, "the snapshot has the sessions of before");
    // Once a new process is the first that looks, and once the one that was running.
    let fresh = Shop::open(&users, redis.url()).await;
    let [mut shops, mut round] = [[&fresh, &running], [&running, &fresh]];
    for _ in 0..2 {
        for shop in shops {
            assert_eq!(owner.opens(shop).await, [0, 0], "one cannot tell them apart");
            assert!(shop.refresh(&owner.newest).await.is_none());
            assert_eq!(shop.thefts(), 0);
        }
        for backend in BACKENDS {
            let token = (backend, fresh.login(backend).await.0);
            assert!(running.opens(&token).await);
            running.logout(&token).await;
            assert!(!fresh.opens(&token).await);
        }
        redis.kill();
        redis.restart();
        std::mem::swap(&mut shops, &mut round);
    }

    // Another purge finds nothing of the generations before.
    let sessions = running.accounts.engine.store();
    assert!(sessions.purge_sessions(running.accounts.engine.now()).await.unwrap() > 0);
    let now = generation(&redis);
    assert_ne!(now, earlier);
    let keys = redis.ask(&["KEYS", "usermgr:*"]);
    assert!(keys.lines().all(|key| key == "usermgr:generation" || key.contains(&now)), "{keys}");
}

/// The present generation, as it is recorded.
fn generation(redis: &OwnRedis) -> String {
    redis.ask(&["HGET", "usermgr:generation", "name"])
}

#[tokio::test]
async fn s6_with_an_append_only_file_sessions_and_their_ends_outlive_a_restart() {
    let Some(mut redis) = OwnRedis::start(&["--appendonly", "yes", "--appendfsync", "always"]) else { return };
    let users = MemoryStore::new();
    let running = Shop::open(&users, redis.url()).await;
    let owner = Owner::of(&running, || ()).await;
    redis.kill();
    redis.restart();
    for shop in [&running, &Shop::open(&users, redis.url()).await] {
        assert_eq!(owner.opens(shop).await, [0, 3]);
    }
    assert!(running.refresh(&owner.newest).await.is_some());
    assert_eq!(running.thefts(), 0);
}

#[tokio::test]
async fn s6_over_older_data_than_a_process_has_used_all_sessions_have_ended() {
    let Some(mut redis) = OwnRedis::start(&["--appendonly", "yes", "--appendfsync", "always"]) else { return };
    let users = MemoryStore::new();
    let running = Shop::open(&users, redis.url()).await;
    let owner = Owner::of(&running, || {
        let copied = Command::new("cp").args(["-r", "appendonlydir", "copy"]).current_dir(redis.folder()).status();
        assert!(copied.unwrap().success());
        redis.kill();
        redis.restart();
    })
    .await;
    redis.kill();
    std::fs::remove_dir_all(redis.folder().join("appendonlydir")).unwrap();
    std::fs::rename(redis.folder().join("copy"), redis.folder().join("appendonlydir")).unwrap();
    redis.restart();
    assert_eq!(owner.opens(&running).await, [0, 0]);
    assert!(running.refresh(&owner.newest).await.is_none());
    assert_eq!(running.thefts(), 0);
}

#[tokio::test]
async fn s6_a_failover_by_sentinel_is_followed_and_ends_no_session() {
    let Some(mut master) = OwnRedis::start(&[]) else { return };
    let port = master.port().to_string();
    let Some(replica) = OwnRedis::start(&["--replicaof", "127.0.0.1", &port]) else { return };
    // It must have run for a while beside the master, or it could be one that was started with older data.
    eventually("the replica follows", || {
        let follows = replica.info("master_link_status") == "up" && replica.info("uptime_in_seconds").as_str() >= "3";
        follows.then_some(())
    });
    let Some(sentinel) = OwnRedis::sentinel(&master) else { return };
    eventually("the sentinel knows the replica", || {
        sentinel.ask(&["SENTINEL", "REPLICAS", "shop"]).contains(&replica.address()).then_some(())
    });
    // The first sentinel of the URL is not there.
    let url = format!("redis+sentinel://127.0.0.1:1,{}/shop", sentinel.address());
    let running = Shop::open(&MemoryStore::new(), &url).await;
    let counters = RedisCounters::open(&url).await.unwrap();
    let (key, limit) = (CounterKey::new("test", "ada"), Limit::new(5));
    let now = running.accounts.engine.now();
    counters.hit(&key, &limit, now).await.unwrap();
    let owner = Owner::of(&running, || ()).await;
    assert_eq!(master.ask(&["WAIT", "1", "5000"]), "1");
    master.kill();

    let mut tries = 0;
    while running.accounts.identify(owner.open[0].0, &owner.open[0].1).await.is_err() {
        tries += 1;
        assert!(tries < 300, "no failover");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(tries > 0, "the master was gone");
    assert_eq!(replica.info("role"), "master");
    assert_eq!(owner.opens(&running).await, [0, 3]);
    assert!(running.refresh(&owner.newest).await.is_some());
    assert_eq!(running.thefts(), 0);
    // The first use notices that the connection was closed.
    let _ = counters.hit(&key, &limit, now).await;
    counters.hit(&key, &limit, now).await.unwrap();
}

#[tokio::test]
async fn a_record_that_was_deleted_is_made_again_for_all_processes() {
    let Some(url) = usermgr_tests::redis("a lost record of the generation") else { return };
    let corner = redis_corner();
    let open = async || RedisSessions::open(RedisServer::new(&url).prefix(&corner)).await.unwrap();
    let (here, there) = (open().await, open().await);
    let row = session("a", 1);
    here.insert(&row).await.unwrap();
    let mut other = ::redis::Client::open(&*url).unwrap().get_multiplexed_async_connection().await.unwrap();
    let deleted: u32 = ::redis::cmd("DEL").arg(format!("{corner}generation")).query_async(&mut other).await.unwrap();
    assert_eq!(deleted, 1);
    assert!(find(&there, SessionLookup::Id(&row.id)).await.is_none());
    here.insert(&row).await.unwrap();
    assert!(find(&there, SessionLookup::Digest(&row.digest)).await.is_some());
    assert_eq!(there.revoke(SessionFilter::User(&1_i64)).await.unwrap(), 1);
    assert!(StandaloneSessions::<i64>::has_ended(&here, &SessionId::new("earlier.token")).await.unwrap());
}

/// What [`generation.lua`] receives, beside the record that it finds.
struct Case {
    what: &'static str,
    /// The runs and the history that are recorded.
    record: [&'static str; 2],
    /// The run, its history, and the one before.
    server: [&'static str; 3],
    appends: bool,
    used: &'static str,
    beside: bool,
    stays: bool,
}

#[tokio::test]
async fn s6_a_generation_goes_on_where_nothing_is_missing() {
    const RECORD: [&str; 2] = ["one zero", "ah"];
    const SAME: Case = Case {
        what: "the same run",
        record: RECORD,
        server: ["one", "ah", "0"],
        appends: false,
        used: "one",
        beside: true,
        stays: true,
    };
    const OTHER: Case = Case { server: ["two", "bh", "0"], beside: false, stays: false, ..SAME };
    const PROMOTED: Case = Case { server: ["two", "bh", "ah"], beside: true, stays: true, ..SAME };
    let cases = [
        SAME,
        Case { what: "the same run, for a new process", used: "", ..SAME },
        Case { what: "the same run, whose history is another by now", server: ["one", "ch", "0"], ..SAME },
        Case { what: "a process that was away for some runs", used: "zero", ..SAME },
        Case { what: "a former master, which does not know its successor", used: "two", stays: false, ..SAME },
        Case { what: "a restart", ..OTHER },
        Case { what: "a restart, for a new process", used: "", ..OTHER },
        Case { what: "a restart with an append-only file", appends: true, stays: true, ..OTHER },
        Case { what: "the same for a new process", appends: true, used: "", stays: true, ..OTHER },
        Case { what: "an older append-only file", appends: true, used: "three", ..OTHER },
        Case { what: "a promoted replica", ..PROMOTED },
        Case {
            what: "a replica that was started after the master had failed",
            beside: false,
            stays: false,
            ..PROMOTED
        },
        Case { what: "a promoted replica, for a new process", used: "", beside: false, stays: false, ..PROMOTED },
        Case {
            what: "a promoted replica of a master that was restarted",
            server: ["two", "bh", "ch"],
            stays: false,
            ..PROMOTED
        },
        Case { what: "a promoted replica, for a process that was away", used: "zero", stays: false, ..PROMOTED },
    ];
    let Some(url) = usermgr_tests::redis("the generations of sessions") else { return };
    let mut connection = ::redis::Client::open(url).unwrap().get_multiplexed_async_connection().await.unwrap();
    let script = ::redis::Script::new(include_str!("../../usermgr/src/store/redis/generation.lua"));
    for case in cases {
        let corner = redis_corner();
        let [record, ended] = ["generation", "generations:ended"].map(|name| format!("{corner}{name}"));
        let fields = [("name", "old"), ("runs", case.record[0]), ("history", case.record[1])];
        ::redis::cmd("HSET").arg(&record).arg(&fields).exec_async(&mut connection).await.unwrap();
        for again in [false, true] {
            let mut call = script.key(&[&record, &ended]);
            // A process that comes again has used this server.
            let used = if again { case.server[0] } else { case.used };
            call.arg(&case.server).arg(case.appends).arg(used).arg(case.beside).arg(if again {
                "newer"
            } else {
                "new"
            });
            let (name, others): (String, bool) = call.invoke_async(&mut connection).await.unwrap();
            let expected = if case.stays { "old" } else { "new" };
            assert_eq!((name.as_str(), others), (expected, !case.stays && !again), "{} {again}", case.what);
        }
        let left: Vec<String> = ::redis::cmd("SMEMBERS").arg(&ended).query_async(&mut connection).await.unwrap();
        assert_eq!(left.len(), usize::from(!case.stays), "{}", case.what);
        ::redis::cmd("DEL").arg(&[record, ended]).exec_async(&mut connection).await.unwrap();
    }
}
