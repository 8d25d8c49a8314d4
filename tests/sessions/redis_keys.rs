//! What sessions leave in Redis: keys that go by themselves, and digests where there could be tokens.

use usermgr::{
    prelude::*,
    store::{RedisServer, RedisSessions, SessionDigest, SessionStore, WithSessions},
    testing::FakeClock,
};
use usermgr_tests::redis_corner;

use super::{PASSWORD, accounts, beside};

#[tokio::test]
async fn x1_redis_keeps_digests_alone() {
    let Some(store) = beside(MemoryStore::new()).await else { return };
    let accounts = accounts(store.clone(), FakeClock::start());
    let cx = Context::default();
    let ada = accounts.register(Register::new("ada@example.com", PASSWORD), &cx).await.unwrap();
    let login = accounts.login(Credentials::new("ada@example.com", PASSWORD), "refresh", &cx).await.unwrap();
    let token = login.refresh.unwrap();
    let row = &store.list_sessions(&ada.id).await.unwrap()[0];
    assert_eq!(row.digest, SessionDigest::of(&token.expose()[..22]));
    assert_eq!(row.rotation.as_ref().unwrap().digest, SessionDigest::of(token.expose()));
}

/// Every key of a corner, with its time to live in milliseconds and everything that is in it.
async fn keys(url: &str, corner: &str) -> Vec<(String, i64, Vec<String>)> {
    let mut connection = ::redis::Client::open(url).unwrap().get_multiplexed_async_connection().await.unwrap();
    let names: Vec<String> = ::redis::cmd("KEYS").arg(format!("{corner}*")).query_async(&mut connection).await.unwrap();
    let mut keys = Vec::new();
    for name in names {
        let mut ask = async |words: &[&str]| {
            let mut command = ::redis::cmd(words[0]);
            command.arg(&words[1..]).query_async::<::redis::Value>(&mut connection).await.unwrap()
        };
        let kind: String = ::redis::from_redis_value(ask(&["TYPE", &name]).await).unwrap();
        let time_to_live = ::redis::from_redis_value(ask(&["PTTL", &name]).await).unwrap();
        let held = match kind.as_str() {
            "string" => vec![::redis::from_redis_value(ask(&["GET", &name]).await).unwrap()],
            "hash" => ::redis::from_redis_value(ask(&["HGETALL", &name]).await).unwrap(),
            "zset" => ::redis::from_redis_value(ask(&["ZRANGE", &name, "0", "-1"]).await).unwrap(),
            other => panic!("{name} is a {other}"),
        };
        keys.push((name, time_to_live, held));
    }
    keys
}

#[tokio::test]
async fn x1_every_key_goes_by_itself_and_none_holds_a_token() {
    let Some(url) = usermgr_tests::redis("the keys in Redis") else { return };
    let corner = redis_corner();
    let sessions = RedisSessions::open(RedisServer::new(&url).prefix(&corner)).await.unwrap();
    let accounts = accounts(WithSessions::new(MemoryStore::new(), sessions), FakeClock::start());
    let cx = Context::default();
    accounts.register(Register::new("ada@example.com", PASSWORD), &cx).await.unwrap();
    let mut secrets = Vec::new();
    for backend in ["rows", "refresh", "revocable", "revocable"] {
        let login = accounts.login(Credentials::new("ada@example.com", PASSWORD), backend, &cx).await.unwrap();
        // The secret part of a signed token is its signature.
        let token = login.token.expose().to_owned();
        secrets.push(token.rsplit('.').next().unwrap().to_owned());
        secrets.extend(login.refresh.iter().map(|token| token.expose().get(..22).unwrap().to_owned()));
        if backend == "revocable" {
            let principal = accounts.identify(backend, &token).await.unwrap().unwrap();
            accounts.logout(&principal, &cx).await.unwrap();
        }
    }
    let keys = keys(&url, &corner).await;
    let record = format!("{corner}generation");
    let generation = &keys.iter().find(|(name, ..)| *name == record).expect("the generation is recorded").2[1];
    let root = format!("{corner}{generation}:");
    for kind in ["session", "digest", "user", "ended", "expiry"] {
        let found = keys.iter().filter(|(name, ..)| name.starts_with(&format!("{root}{kind}:"))).count();
        assert!(found > 0, "no {kind} in {keys:?}");
    }
    for (name, time_to_live, held) in &keys {
        // The index by expiry is one key for all, and what has expired is taken out of it.
        let stays = [record.clone(), format!("{root}expiry:all")].contains(name);
        assert!(*time_to_live > 0 || stays, "{name} never expires");
        for secret in &secrets {
            assert!(!name.contains(secret) && !held.iter().any(|held| held.contains(secret)), "{name} holds a token");
        }
    }
}
