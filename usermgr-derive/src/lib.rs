//! The procedural macros of usermgr: a Rust item goes in, the same item and the code it asks for come out.
//!
//! Use them through the `usermgr` crate, which re-exports and documents both in full; the code they write calls that
//! crate and nothing else.
#![forbid(unsafe_code)]
// Nothing that a caller can cause may end a thread of his; tests may.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

use proc_macro::TokenStream;

mod block;
mod consts;
mod crate_path;
mod emit;
mod errors;
mod hints;
mod hooks;
mod item;
mod list;
mod manager;
mod operations;
mod profile;
mod readable;
mod settings;
mod signature;
mod suggest;
#[cfg(test)]
mod tests;
mod tokens;
mod value;

/// Makes the type of an inherent `impl` block a user manager.
///
/// The arguments are the settings (`reset_secret = ..` or `secret = ..` is required), the methods of the block named
/// like a hook are called at that moment, and every other method stays an ordinary method.
#[proc_macro_attribute]
pub fn user_manager(attr: TokenStream, item: TokenStream) -> TokenStream {
    manager::expand(attr.into(), item.into()).into()
}

/// Makes a struct with named fields the typed profile of a user.
///
/// Writes what a client may send when registering (`CustomerRegister` for `Customer`) and when updating
/// (`CustomerUpdate`); a field under `#[profile(server)]` is in neither, and starts as its `Default`.
#[proc_macro_derive(Profile, attributes(profile))]
pub fn profile(item: TokenStream) -> TokenStream {
    profile::expand(item.into()).into()
}
