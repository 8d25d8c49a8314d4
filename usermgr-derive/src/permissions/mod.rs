//! `#[derive(Permission)]` and `#[derive(Roles)]`: an enum goes in, and its trait comes out; for permissions also a type for each of them.

mod names;
mod permission;
mod roles;
mod variants;

pub(crate) use permission::expand as permission;
pub(crate) use roles::expand as roles;
