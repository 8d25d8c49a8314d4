//! The rules of the public kit over every store and every way to set it up.

use usermgr::{
    MemoryStore, MysqlStore, NoProfile, PgStore, limits::MemoryCounters, store_conformance,
    testing::conformance::profiles::Fragile,
};
use uuid::Uuid;

use crate::rig::*;

/// A store, or the end of a test whose server is not there.
macro_rules! there {
    ($store:expr) => {
        match $store.await {
            Some(store) => store,
            None => return,
        }
    };
}

store_conformance!(memory_uuids, MemoryStore::new());
store_conformance!(memory_numbers, MemoryStore::<NoProfile, i64>::default());
store_conformance!(memory_texts, MemoryStore::<NoProfile, String>::default());
store_conformance!(memory_with_a_profile, MemoryStore::<Card>::default(), profile: Card::sample());

store_conformance!(sqlite_uuids, sqlite::<NoProfile, Uuid>().await);
store_conformance!(sqlite_numbers, sqlite::<NoProfile, i64>().await);
store_conformance!(sqlite_texts, sqlite::<NoProfile, String>().await);
store_conformance!(sqlite_with_a_profile, sqlite::<Card, Uuid>().await, profile: Card::sample());

store_conformance!(postgres_uuids, there!(postgres::<NoProfile, Uuid>()));
store_conformance!(postgres_numbers, there!(postgres::<NoProfile, i64>()));
store_conformance!(postgres_texts, there!(postgres::<NoProfile, String>()));
store_conformance!(postgres_with_a_profile, there!(postgres::<Card, i64>()), profile: Card::sample());
store_conformance!(
    postgres_fragile,
    there!(postgres::<Fragile, Uuid>()),
    profile: Fragile::named("Ada"),
    rules: [profiles]
);
store_conformance!(
    postgres_over_one_connection,
    PgStore::<NoProfile>::with_pool(there!(postgres_pool(1))).await.unwrap()
);

store_conformance!(postgres_under_another_prefix, there!(prefixed_postgres::<i64>()));
store_conformance!(mariadb_under_another_prefix, there!(prefixed_mariadb::<i64>()));

store_conformance!(mariadb_uuids, there!(mariadb::<NoProfile, Uuid>()));
store_conformance!(mariadb_numbers, there!(mariadb::<NoProfile, i64>()));
store_conformance!(mariadb_texts, there!(mariadb::<NoProfile, String>()));
store_conformance!(mariadb_with_a_profile, there!(mariadb::<Card, i64>()), profile: Card::sample());
store_conformance!(
    mariadb_fragile,
    there!(mariadb::<Fragile, String>()),
    profile: Fragile::named("Ada"),
    rules: [profiles]
);
store_conformance!(
    mariadb_over_one_connection,
    MysqlStore::<NoProfile>::with_pool(there!(mariadb_pool(1))).await.unwrap()
);

store_conformance!(
    postgres_with_the_rights_of_the_guide,
    there!(serving_postgres()),
    rules: [users, transactions, sessions, directory, import, counters, credentials, outbox, history]
);
store_conformance!(
    mariadb_with_the_rights_of_the_guide,
    there!(serving_mariadb()),
    rules: [users, transactions, sessions, directory, import, counters, credentials, outbox, history]
);

store_conformance!(counters_in_memory, MemoryCounters::default(), rules: [counters]);
store_conformance!(counters_in_sqlite, sqlite::<NoProfile, Uuid>().await, rules: [counters]);
store_conformance!(counters_in_postgres, there!(postgres::<NoProfile, Uuid>()), rules: [counters]);
store_conformance!(
    counters_in_postgres_over_one_connection,
    PgStore::<NoProfile>::with_pool(there!(postgres_pool(1))).await.unwrap(),
    rules: [counters]
);
store_conformance!(counters_in_mariadb, there!(mariadb::<NoProfile, Uuid>()), rules: [counters]);
store_conformance!(counters_in_redis, there!(redis()), rules: [counters]);
store_conformance!(memory_outbox, MemoryStore::<NoProfile, String>::default(), rules: [outbox]);
store_conformance!(sqlite_outbox, sqlite::<NoProfile, Uuid>().await, rules: [outbox]);
store_conformance!(postgres_outbox_of_uuids, there!(postgres::<NoProfile, Uuid>()), rules: [outbox]);
store_conformance!(postgres_outbox_of_numbers, there!(postgres::<NoProfile, i64>()), rules: [outbox]);
store_conformance!(postgres_outbox_of_texts, there!(postgres::<NoProfile, String>()), rules: [outbox]);
store_conformance!(
    postgres_outbox_over_one_connection,
    PgStore::<NoProfile>::with_pool(there!(postgres_pool(1))).await.unwrap(),
    rules: [outbox]
);
store_conformance!(mariadb_outbox_of_uuids, there!(mariadb::<NoProfile, Uuid>()), rules: [outbox]);
store_conformance!(mariadb_outbox_of_numbers, there!(mariadb::<NoProfile, i64>()), rules: [outbox]);
store_conformance!(mariadb_outbox_of_texts, there!(mariadb::<NoProfile, String>()), rules: [outbox]);
store_conformance!(
    mariadb_outbox_over_one_connection,
    MysqlStore::<NoProfile>::with_pool(there!(mariadb_pool(1))).await.unwrap(),
    rules: [outbox]
);

store_conformance!(memory_history, MemoryStore::<NoProfile, String>::default(), rules: [history]);
store_conformance!(sqlite_history_of_uuids, sqlite::<NoProfile, Uuid>().await, rules: [history]);
store_conformance!(sqlite_history_of_texts, sqlite::<NoProfile, String>().await, rules: [history]);
store_conformance!(postgres_history_of_uuids, there!(postgres::<NoProfile, Uuid>()), rules: [history]);
store_conformance!(postgres_history_of_numbers, there!(postgres::<NoProfile, i64>()), rules: [history]);
store_conformance!(postgres_history_of_texts, there!(postgres::<NoProfile, String>()), rules: [history]);
store_conformance!(mariadb_history_of_uuids, there!(mariadb::<NoProfile, Uuid>()), rules: [history]);
store_conformance!(mariadb_history_of_numbers, there!(mariadb::<NoProfile, i64>()), rules: [history]);
store_conformance!(mariadb_history_of_texts, there!(mariadb::<NoProfile, String>()), rules: [history]);

store_conformance!(memory_usernames, MemoryStore::<NoProfile, String>::default(), rules: [usernames]);
store_conformance!(sqlite_usernames_of_numbers, sqlite::<NoProfile, i64>().await, rules: [usernames]);
store_conformance!(
    sqlite_usernames_with_a_profile,
    sqlite::<Card, Uuid>().await,
    profile: Card::sample(),
    rules: [usernames]
);
store_conformance!(postgres_usernames_of_uuids, there!(postgres::<NoProfile, Uuid>()), rules: [usernames]);
store_conformance!(postgres_usernames_of_numbers, there!(postgres::<NoProfile, i64>()), rules: [usernames]);
store_conformance!(mariadb_usernames_of_uuids, there!(mariadb::<NoProfile, Uuid>()), rules: [usernames]);
store_conformance!(mariadb_usernames_of_numbers, there!(mariadb::<NoProfile, i64>()), rules: [usernames]);

store_conformance!(memory_credentials, MemoryStore::<NoProfile, String>::default(), rules: [credentials]);
store_conformance!(sqlite_credentials_of_uuids, sqlite::<NoProfile, Uuid>().await, rules: [credentials]);
store_conformance!(sqlite_credentials_of_numbers, sqlite::<NoProfile, i64>().await, rules: [credentials]);
store_conformance!(sqlite_credentials_of_texts, sqlite::<NoProfile, String>().await, rules: [credentials]);
store_conformance!(postgres_credentials_of_uuids, there!(postgres::<NoProfile, Uuid>()), rules: [credentials]);
store_conformance!(postgres_credentials_of_numbers, there!(postgres::<NoProfile, i64>()), rules: [credentials]);
store_conformance!(postgres_credentials_of_texts, there!(postgres::<NoProfile, String>()), rules: [credentials]);
store_conformance!(
    postgres_credentials_over_one_connection,
    PgStore::<NoProfile>::with_pool(there!(postgres_pool(1))).await.unwrap(),
    rules: [credentials]
);
store_conformance!(mariadb_credentials_of_uuids, there!(mariadb::<NoProfile, Uuid>()), rules: [credentials]);
store_conformance!(mariadb_credentials_of_numbers, there!(mariadb::<NoProfile, i64>()), rules: [credentials]);
store_conformance!(mariadb_credentials_of_texts, there!(mariadb::<NoProfile, String>()), rules: [credentials]);
store_conformance!(
    mariadb_credentials_over_one_connection,
    MysqlStore::<NoProfile>::with_pool(there!(mariadb_pool(1))).await.unwrap(),
    rules: [credentials]
);
