//! What only a socket can carry, once more over actix-web.

/// Stands in every input, so that an echo of it is found.
const CANARY: &str = "canary";

#[path = "bad_input/socket.rs"]
mod socket;
