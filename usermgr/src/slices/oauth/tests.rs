//! Sign-ins against a provider in the process, through the routes.

mod accounts;
mod flows;
mod linking;
mod provider;
mod rig;
