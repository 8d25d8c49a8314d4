//! The contract of a store, run on every store there is: in memory, in a SQLite file, on PostgreSQL, on MariaDB and the store of the
//! example; with ids of every type, with a profile and without, over the pool as it is and over a single connection.

#[path = "stores/addresses.rs"]
mod addresses;
#[path = "stores/credentials.rs"]
mod credentials;
#[path = "stores/injection.rs"]
mod injection;
#[path = "stores/promises.rs"]
mod promises;
#[path = "stores/rig.rs"]
mod rig;
#[path = "stores/rules.rs"]
mod rules;
#[path = "stores/usernames.rs"]
mod usernames;

// The rules that it keeps stand at its end.
#[allow(dead_code, reason = "it is a module of the example's program")]
#[path = "../examples/custom-store/src/notebook.rs"]
mod notebook;
