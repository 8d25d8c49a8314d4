//! What two kinds share without sharing anybody: one Redis, one store of counters, one sink of events, one database that both create at
//! once, and superusers who are none elsewhere.

use std::sync::Arc;

use usermgr::{
    Limits, LoginError, UpdateError,
    limits::{Limit, MemoryCounters},
    prelude::*,
    sql::SqlOptions,
    store::{RedisServer, RedisSessions, SessionStore, WithSessions},
    testing::Probe,
};
use usermgr_tests::{DatabaseServer, redis, redis_corner};

use crate::rig::{ADA, GOOD, KindStore, SECRET, Shop, cheap, database, file, over_every_database, system};

type Number = MemoryStore<NoProfile, i64>;

struct Accounts<S> {
    engine: Engine<S>,
}

#[user_manager(store = S, secret = SECRET)]
impl<S: SessionStore<Profile = NoProfile, Id = i64>> Accounts<S> {}

async fn with_ada<S: SessionStore<Profile = NoProfile, Id = i64>>(engine: Engine<S>) -> Accounts<S> {
    let accounts = Accounts { engine };
    accounts.check().unwrap();
    let ada = NewUser::new(EmailAddress::parse(ADA).unwrap(), NoProfile).password(GOOD);
    assert_eq!(accounts.create(ada, &system()).await.unwrap().id, 1);
    accounts
}

/// Staff and customers, of one memory each.
fn realms() -> [Number; 2] {
    [Number::default().in_realm("staff"), Number::default().in_realm("customers")]
}

#[tokio::test]
async fn ku3_guesses_at_one_kind_lock_nobody_of_the_other_out() {
    let counters = Arc::new(MemoryCounters::default());
    let limits = Limits::default().wrong_passwords_per_account(Limit::new(3)).wrong_secrets_per_network(Limit::new(3));
    let [staff, customers] = realms().map(|store| {
        let bearer = Backend::bearer("bearer", Database::new());
        Engine::builder(store)
            .backend(bearer)
            .hasher(cheap())
            .limits(limits)
            .counters(counters.clone())
            .build()
            .unwrap()
    });
    let (staff, customers) = (with_ada(staff).await, with_ada(customers).await);
    let cx = Context::default().ip([192, 0, 2, 7].into());
    for _ in 0..3 {
        let wrong = customers.login(Credentials::new(ADA, "a wrong password"), "bearer", &cx).await;
        assert!(matches!(wrong, Err(LoginError::BadCredentials)), "{wrong:?}");
    }
    let right = || Credentials::new(ADA, GOOD);
    assert!(customers.login(right(), "bearer", &cx).await.is_err(), "the account and the network are locked");
    staff.login(right(), "bearer", &cx).await.unwrap();
}

#[tokio::test]
async fn ku5_sessions_of_two_users_with_one_id_are_apart_in_one_redis() {
    let Some(url) = redis("sessions of two kinds in one Redis") else { return };
    let corner = redis_corner();
    let mut kinds = Vec::new();
    for store in realms() {
        // Both name the same prefix.
        let sessions = RedisSessions::open(RedisServer::new(&url).prefix(&corner)).await.unwrap();
        let bearer = Backend::bearer("bearer", Database::new());
        let store = WithSessions::new(store, sessions);
        kinds.push(with_ada(Engine::builder(store).backend(bearer).hasher(cheap()).build().unwrap()).await);
    }
    let [staff, customers] = [&kinds[0], &kinds[1]];
    let login = async |kind: &Accounts<_>| {
        let login = kind.login(Credentials::new(ADA, GOOD), "bearer", &system()).await.unwrap();
        login.token.expose().to_owned()
    };
    let (at_staff, at_customers) = (login(staff).await, login(customers).await);
    assert!(staff.identify("bearer", &at_customers).await.unwrap().is_none());
    assert_eq!(staff.engine.store().list_sessions(&1).await.unwrap().len(), 1);
    let user = customers.get_by_email(&EmailAddress::for_lookup(ADA)).await.unwrap().unwrap();
    customers.revoke_all(&user, &system()).await.unwrap();
    assert!(customers.identify("bearer", &at_customers).await.unwrap().is_none());
    assert!(staff.identify("bearer", &at_staff).await.unwrap().is_some(), "ended by the other kind");
}

async fn ku6_a_superuser_of_one_kind_administers_nobody_of_the_other<S: KindStore>(stores: [S; 2]) {
    let shop = Shop::new(stores);
    for kind in &shop.kinds {
        kind.add("root@example.com", |new| new.superuser(true).verified(true)).await;
        kind.add(ADA, |new| new).await;
    }
    let [staff, customers] = &shop.kinds;
    let login = staff.accounts.login(Credentials::new("root@example.com", GOOD), "session", &system()).await.unwrap();
    let root = staff.accounts.identify("session", login.token.expose()).await.unwrap().unwrap();
    let admin = Admin::from_principal(&root).unwrap();
    let cx = Context::default();
    let refused = customers.accounts.set_active(&admin, &2, false, &cx).await;
    assert!(matches!(refused, Err(UpdateError::Fault(_))), "{refused:?}");
    assert!(customers.accounts.get(&2).await.unwrap().unwrap().is_active);
    staff.accounts.set_active(&admin, &2, false, &cx).await.unwrap();
    // The application lets staff do it in its own name.
    customers.accounts.set_active(&Admin::system("staff:1"), &2, false, &cx).await.unwrap();
}

over_every_database!(ku6_a_superuser_of_one_kind_administers_nobody_of_the_other);

#[tokio::test]
async fn ku7_an_event_says_of_which_realm_its_user_is() {
    let probe = Probe::default();
    let plain = Number::default();
    for store in realms().into_iter().chain([plain]) {
        let bearer = Backend::bearer("bearer", Database::new());
        let engine = Engine::builder(store).audit(probe.clone()).backend(bearer).hasher(cheap()).build().unwrap();
        with_ada(engine).await;
    }
    let events = probe.events();
    let realms: Vec<_> = events.iter().map(|event| (event.user.as_deref(), event.realm.as_deref())).collect();
    assert_eq!(realms, [(Some("1"), Some("staff")), (Some("1"), Some("customers")), (Some("1"), None)]);
    let json: Vec<_> = events.iter().map(|event| serde_json::to_value(event).unwrap()).collect();
    assert_eq!((json[0]["realm"].as_str(), json[2].get("realm")), (Some("staff"), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn ku8_the_tables_of_two_kinds_are_made_at_once() {
    let path = file();
    let open = |number: usize| {
        let (path, options) = (path.clone(), SqlOptions::new().prefix(["staff_", "usermgr_"][number % 2]));
        tokio::spawn(async move { options.open::<NoProfile, i64>(&path).await.map(drop) })
    };
    for opened in (0..6).map(open).collect::<Vec<_>>() {
        opened.await.unwrap().unwrap();
    }
    for url in [DatabaseServer::Postgres, DatabaseServer::MariaDb].into_iter().filter_map(database) {
        let open = |number: usize| {
            let (url, options) = (url.clone(), SqlOptions::new().prefix(["staff_", "usermgr_"][number % 2]));
            tokio::spawn(async move {
                if url.starts_with("postgres") {
                    options.connect::<sqlx::Postgres, NoProfile, i64>(&url).await.map(drop)
                } else {
                    options.connect::<sqlx::MySql, NoProfile, i64>(&url).await.map(drop)
                }
            })
        };
        for opened in (0..6).map(open).collect::<Vec<_>>() {
            opened.await.unwrap().unwrap();
        }
    }
}

#[tokio::test]
async fn ku11_the_realm_follows_the_prefix_unless_it_is_named() {
    let open = async |options: SqlOptions| options.open::<NoProfile, i64>(file()).await.unwrap();
    for (options, realm) in [
        (SqlOptions::new(), None),
        (SqlOptions::new().prefix("staff_"), Some("staff")),
        (SqlOptions::new().prefix("staff"), Some("staff")),
        (SqlOptions::new().realm("acme"), Some("acme")),
        (SqlOptions::new().prefix("staff_").realm("crew"), Some("crew")),
        (SqlOptions::new().prefix("staff_").realm(""), None),
    ] {
        let engine = Engine::new(open(options).await);
        assert_eq!(engine.realm(), realm);
    }
    // An invalid name is found before anything is served, however the engine was made.
    let wrong = || Number::default().in_realm("Staff; Path=/");
    let said = Engine::builder(wrong()).backend(Backend::bearer("bearer", Database::new())).build().unwrap_err();
    assert!(said.to_string().contains("the realm `Staff; Path=/` is invalid"), "{said}");
    let said = Accounts { engine: Engine::new(wrong()) }.check().unwrap_err();
    assert!(said.to_string().contains("the realm `Staff; Path=/` is invalid"), "{said}");
}
