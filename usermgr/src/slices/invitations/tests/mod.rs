//! Invitations, through the operations and the routes: over memory and SQLite, with and without an outbox.

#![cfg(feature = "outbox")]

mod accepting;
mod attacks;
mod closed;
mod faults;
mod inviting;
mod rig;
mod routes;
