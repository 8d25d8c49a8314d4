//! The proofs: equal work for known and unknown accounts, faults at every call of the store, tokens at every place they do not belong,
//! marked secrets that are never shown, races for everything that works once, pairs of a thief's request and the owner's recovery, the
//! end of what belongs to accounts, users who see nothing of each other, the life of accounts against a model of it, and that no request
//! sees through the cache what an operation has changed.

#[path = "proofs/cached.rs"]
mod cached;
#[path = "proofs/canary.rs"]
mod canary;
#[path = "proofs/ends.rs"]
mod ends;
#[path = "proofs/equal_work.rs"]
mod equal_work;
#[path = "proofs/faults.rs"]
mod faults;
#[path = "proofs/forms.rs"]
mod forms;
#[path = "proofs/fuzz.rs"]
mod fuzz;
#[path = "proofs/isolation.rs"]
mod isolation;
#[path = "proofs/leaked_keys.rs"]
mod leaked_keys;
#[path = "proofs/log.rs"]
mod log;
#[path = "proofs/model.rs"]
mod model;
#[path = "proofs/pairs.rs"]
mod pairs;
#[path = "proofs/providers.rs"]
mod providers;
#[path = "proofs/purposes.rs"]
mod purposes;
#[path = "proofs/races.rs"]
mod races;
#[path = "proofs/rehash.rs"]
mod rehash;
#[path = "proofs/rights.rs"]
mod rights;
#[path = "proofs/secrets.rs"]
mod secrets;
#[path = "proofs/stale.rs"]
mod stale;
#[path = "proofs/strangers.rs"]
mod strangers;
#[path = "proofs/usernames.rs"]
mod usernames;
#[path = "proofs/world.rs"]
mod world;

/// Makes of each proof a test over each store that needs no server. All on one thread, so that what is left in the background waits
/// until the test lets it run.
#[macro_export]
macro_rules! over_every_store {
    ($($proof:ident)+) => {
        mod memory {
            $(#[tokio::test]
            async fn $proof() {
                super::$proof(usermgr::MemoryStore::new()).await;
            })+
        }
        mod sqlite {
            $(#[tokio::test]
            async fn $proof() {
                super::$proof(usermgr::SqliteStore::in_memory().await.unwrap()).await;
            })+
        }
    };
}
