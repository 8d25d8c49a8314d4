//! Sign-ins against a provider in the process, through the routes.

mod accounts;
#[cfg(feature = "actix")]
mod actix;
mod apps;
mod flows;
mod hooks;
mod invitations;
mod linking;
mod native;
mod provider;
mod rig;
mod tokens;
