//! Logins by mail, through the operations and the routes: over memory and SQLite, with and without an outbox.

#![cfg(feature = "outbox")]

mod codes;
mod equal;
mod faults;
mod links;
mod parts;
mod rig;
mod routes;
mod take_over;
