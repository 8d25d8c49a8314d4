//! The procedural macros of usermgr: a Rust item goes in, the same item and the code it asks for come out.
//!
//! Use them through the `usermgr` crate, which re-exports both and compiles the examples of their documentation; the code they
//! write calls that crate and nothing else.
#![forbid(unsafe_code)]
// Nothing that a caller can cause may end a thread of his; tests may.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

use proc_macro::TokenStream;

mod block;
mod body;
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

/// Makes the type of an inherent `impl` block a user manager: its settings come from the arguments, its hooks from the methods.
///
/// ```
/// use usermgr::prelude::*;
///
/// struct Accounts {
///     engine: Engine<MemoryStore>,
/// }
///
/// #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"), verify_audience = "shop:verify")]
/// impl Accounts {
///     async fn on_before_register(&self, draft: &mut Draft) -> Result<(), Rejection> {
///         match draft.email().as_str().ends_with("@shop.example") {
///             true => Ok(()),
///             false => Err(Rejection::new("STAFF_ONLY").status(403)),
///         }
///     }
///
///     async fn on_after_register(&self, user: &User, cx: &Context) -> Result<(), HookError> {
///         // An account that the application creates may be verified already.
///         if !user.is_verified {
///             self.request_verify(user, cx).await?;
///         }
///         Ok(())
///     }
///
///     async fn on_after_request_verify(&self, user: &User, token: &VerifyToken) {
///         println!("to {}: https://shop.example/verify#{}", user.email, token.expose());
///     }
/// }
/// # fn main() {}
/// ```
///
/// # Where it goes
///
/// On an `impl` block of a struct or enum of your own, once; generic parameters, lifetimes and `where` clauses are kept. The type needs a field
/// `engine` of the type [`Engine`] over its store, itself or in an `Arc` or a `Box`, or the setting that says where the engine is, and must be
/// `Send + Sync + 'static`. A hook of a type with a lifetime calls operations only where the block says `where 'a: 'static`. The block is printed back as it was written, so its methods stay callable, and `cfg`, documentation and lints in it
/// keep their meaning.
///
/// # Settings
///
/// Each is `name = value`; a value is any expression, and may use `self`. They are evaluated when the manager is
/// [checked] or first used, and by [`reload_settings`].
///
/// | Setting | Value | Default |
/// |---|---|---|
/// | `secret` | a [`Secret`], a [`SecretSet`], or a text of at least 32 bytes | `reset_secret` |
/// | `reset_secret` | as `secret`; one of the two is required | `secret` |
/// | `verify_secret` | as `secret` | the root: `secret`, else `reset_secret` |
/// | `data_secret` | as `secret` | the root: `secret`, else `reset_secret` |
/// | `reset_audience` | a string | `usermgr:reset` |
/// | `verify_audience` | a string | `usermgr:verify` |
/// | `change_email_audience` | a string | `usermgr:change_email` |
/// | `reset_lifetime` | whole seconds, or a [`Duration`], up to `u32::MAX` seconds | 3600 |
/// | `verify_lifetime` | the same | 3600 |
/// | `change_email_lifetime` | the same | 3600 |
/// | `store` | a type that is a [`UserStore`] | `SqliteStore`, with the feature `sqlite` |
/// | `engine` | an expression for the engine: the value, a reference, an `Arc` or a `Box` | `self.engine` |
/// | `crate` | an absolute path to this crate, when it was renamed | `::usermgr` |
///
/// The page on [settings and secrets] says what each means.
///
/// # Hooks
///
/// A method named like a hook of [`UserManager`] is called at that moment. It is an `async fn` with `&self` and the arguments of the
/// hook in their order; `cx: &Context` at the end may be left out. It answers `Result<(), E>` with the error of its kind, and an `on_after_..`
/// hook may answer nothing. Where the error is a `HookError`, any other will do too, one of `anyhow` among them. A hook that is not written does nothing, but for `validate_password`, which is
/// [`password::policy`] then.
///
/// The page on [hooks] has all of them, their order, and what their failure means.
///
/// # Other methods
///
/// Every other method is yours. One whose name begins with `on_`, or looks like a misspelt hook, is refused, since it would silently never be
/// called; `#[helper]` on it says that it is meant. One that is named like an operation is refused too, since operations cannot be overridden.
///
/// ```
/// # use usermgr::prelude::*;
/// # struct Accounts { engine: Engine<MemoryStore> }
/// #[user_manager(store = MemoryStore, secret = Secret::env("SHOP_SECRET"))]
/// impl Accounts {
///     #[helper]
///     fn on_sale(&self) -> bool {
///         true
///     }
/// }
/// # fn main() {}
/// ```
///
/// # Errors
///
/// What is wrong is a compile error at its place, all of it in one go, and the rest of the crate compiles as if it were not there. A block
/// that is being written makes a manager all the same, with the hooks that come before the place where it cannot be read. The page on
/// [diagnostics] lists each message with its remedy.
///
/// ```compile_fail
/// # use usermgr::prelude::*;
/// # struct Accounts { engine: Engine<MemoryStore> }
/// #[user_manager(store = MemoryStore, secret = "short")]
/// impl Accounts {
///     async fn on_after_registration(&self, user: &User) {}
/// }
/// # fn main() {}
/// ```
///
/// # What it writes
///
/// After the block: `impl UserManager for Accounts`, with the settings, the way to the engine, and one forwarder for each written hook. Nothing
/// else; it calls this crate only, has no `unsafe`, and no code that panics.
///
/// [`Engine`]: https://docs.rs/usermgr/latest/usermgr/struct.Engine.html
/// [checked]: https://docs.rs/usermgr/latest/usermgr/trait.Operations.html#method.check
/// [`reload_settings`]: https://docs.rs/usermgr/latest/usermgr/trait.Operations.html#method.reload_settings
/// [`Secret`]: https://docs.rs/usermgr/latest/usermgr/struct.Secret.html
/// [`SecretSet`]: https://docs.rs/usermgr/latest/usermgr/struct.SecretSet.html
/// [`Duration`]: https://doc.rust-lang.org/std/time/struct.Duration.html
/// [`UserStore`]: https://docs.rs/usermgr/latest/usermgr/trait.UserStore.html
/// [settings and secrets]: https://docs.rs/usermgr/latest/usermgr/guide/settings_and_secrets/index.html
/// [`UserManager`]: https://docs.rs/usermgr/latest/usermgr/trait.UserManager.html
/// [`password::policy`]: https://docs.rs/usermgr/latest/usermgr/password/fn.policy.html
/// [hooks]: https://docs.rs/usermgr/latest/usermgr/guide/hooks/index.html
/// [diagnostics]: https://docs.rs/usermgr/latest/usermgr/guide/diagnostics/index.html
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
