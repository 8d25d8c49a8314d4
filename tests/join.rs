//! The hook inside the transaction: what the application writes there is kept or lost together with the account, over every SQL database
//! and with a single connection; and no operation can be called from it.

#[path = "join/any_error.rs"]
mod any_error;
#[path = "join/databases.rs"]
mod databases;
#[path = "join/given_up.rs"]
mod given_up;
#[path = "join/inside.rs"]
mod inside;
#[path = "join/own_tables.rs"]
mod own_tables;
