//! Limits: how often a client may guess, register or have mails sent; that no honest user is locked out by them; and that every route
//! which tests a secret has one.

#[path = "limits/charges.rs"]
mod charges;
#[path = "limits/discreet.rs"]
mod discreet;
#[path = "limits/doors.rs"]
mod doors;
#[path = "limits/operations.rs"]
mod operations;
#[path = "limits/requests.rs"]
mod requests;
#[path = "limits/routes.rs"]
mod routes;
#[path = "limits/server.rs"]
mod server;
#[path = "limits/shares.rs"]
mod shares;
