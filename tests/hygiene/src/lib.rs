//! What the macros write, under every lint and in hostile surroundings: nothing here may warn, and nothing may be allowed.
#![deny(warnings, missing_docs, unreachable_pub, unused_qualifications, clippy::all, clippy::pedantic)]
#![forbid(unsafe_code)]

pub mod conditional;
pub mod constants;
pub mod generic;
pub mod lifetimes;
pub mod no_prelude;
pub mod plain;
pub mod profile;
pub mod shadowed;
pub mod written;

/// What every manager here signs with.
pub const SECRET: &str = "only-for-tests-0123456789abcdef-x";
