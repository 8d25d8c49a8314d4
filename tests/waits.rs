//! No wait without an end: each thing outside the process that the library waits for falls silent, and the request is answered in time,
//! others go on, and the process stops within its own deadline.

#[path = "waits/connections.rs"]
mod connections;
#[path = "waits/places.rs"]
mod places;
#[path = "waits/process.rs"]
mod process;
#[path = "waits/shutdown.rs"]
mod shutdown;
#[path = "waits/statements.rs"]
mod statements;
