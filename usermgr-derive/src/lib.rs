//! The procedural macros of usermgr: a Rust item goes in, the same item and generated code come out.
//!
//! Use them through the `usermgr` crate, which re-exports them and compiles the examples of their documentation. The generated code calls
//! only that crate.
#![forbid(unsafe_code)]
// No input may make the macro panic; tests may panic.
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
mod permissions;
mod profile;
mod readable;
mod settings;
mod signature;
mod suggest;
#[cfg(test)]
mod tests;
mod tokens;
mod value;
mod words;

/// Makes the type of an inherent `impl` block a user manager: the arguments are its settings, the methods named like hooks are its hooks.
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
/// The type is a struct or an enum, `Send + Sync + 'static`, with a field `engine` (or the setting of that name): an [`Engine`] over its store, also in an `Arc` or a `Box`.
/// Each type has the attribute once. Generic parameters, lifetimes and `where` clauses are kept. The hooks of a type with a lifetime can call operations if the block says
/// `where 'a: 'static`.
///
/// # Settings
///
/// Each setting is `name = value`. A value is any expression, and may use `self`. Values are evaluated when the manager is [checked] or first used, and by [`reload_settings`].
///
/// | Setting | Value | Default | Meaning |
/// |---|---|---|---|
/// | `secret` | a secret | `reset_secret` | the root of all keys; one of the two is required |
/// | `reset_secret` | a secret | `secret` | the secret for reset tokens, and the root if `secret` is not given |
/// | `verify_secret` | a secret | the root | the secret for verification tokens |
/// | `oauth_secret` | a secret | the root | the secret for sign-ins through [other providers] |
/// | `data_secret` | a secret | the root | the secret that seals data |
/// | `reset_audience` | a string | `usermgr:reset` | the `aud` claim of reset tokens |
/// | `verify_audience` | a string | `usermgr:verify` | the `aud` claim of verification tokens |
/// | `change_email_audience` | a string | `usermgr:change_email` | the `aud` claim of tokens for a new address |
/// | `oauth_audience` | a string | `usermgr:oauth` | the audience of the state of such a sign-in |
/// | `reset_lifetime` | whole seconds up to 4,294,967,295, or a `Duration` | 3600 | the lifetime of a reset token |
/// | `verify_lifetime` | the same | 3600 | the lifetime of a verification token |
/// | `change_email_lifetime` | the same | 3600 | the lifetime of a token for a new address |
/// | `oauth_lifetime` | whole seconds up to 600, or a `Duration` | 600 | how long such a sign-in may take |
/// | `store` | a type | `SqliteStore`, with the feature `sqlite` | the store of the engine |
/// | `engine` | an expression | `self.engine` | where the engine is |
/// | `crate` | an absolute path | `::usermgr` | the library, if it was renamed |
///
/// A secret is a [`Secret`], a [`SecretSet`], or a text of at least 32 bytes. The page on [settings and secrets] has more.
///
/// # Hooks
///
/// A method named like a hook of [`UserManager`] is that hook. It is an `async fn` with `&self` and the arguments of the hook in their order; `cx: &Context` at the end is optional.
/// It returns `Result<(), E>` with the error of its kind; for a `HookError` any other error is accepted too, for example that of `anyhow`. An `on_after_..` hook may return nothing.
/// The page on [hooks] has the table, the order and what a failure means.
///
/// # Other methods
///
/// Every other method is left alone, with two exceptions that are errors:
///
/// - A name that begins with `on_` or looks like a misspelt hook, because such a method is never called. `#[helper]` allows it.
/// - The name of an operation, because operations cannot be overridden.
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
/// All mistakes are reported at once, each at its place, and the rest of the crate compiles as if they were not there. While a block is being typed, the manager has the hooks before the place that cannot be parsed.
/// The page on [diagnostics] lists the messages with their remedies.
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
/// # Expansion
///
/// The block is printed back as it was written, so that its methods stay callable and `cfg`, documentation and lints in it keep their meaning.
/// After it comes `impl UserManager for Accounts`, with the settings, the access to the engine, and one forwarder for each hook, and nothing else.
/// The expansion calls this crate only, has no `unsafe`, and no code that panics.
///
/// [`Engine`]: https://docs.rs/usermgr/latest/usermgr/struct.Engine.html
/// [checked]: https://docs.rs/usermgr/latest/usermgr/trait.Operations.html#method.check
/// [`reload_settings`]: https://docs.rs/usermgr/latest/usermgr/trait.Operations.html#method.reload_settings
/// [`Secret`]: https://docs.rs/usermgr/latest/usermgr/struct.Secret.html
/// [`SecretSet`]: https://docs.rs/usermgr/latest/usermgr/struct.SecretSet.html
/// [settings and secrets]: https://docs.rs/usermgr/latest/usermgr/guide/settings_and_secrets/index.html
/// [`UserManager`]: https://docs.rs/usermgr/latest/usermgr/trait.UserManager.html
/// [hooks]: https://docs.rs/usermgr/latest/usermgr/guide/hooks/index.html
/// [diagnostics]: https://docs.rs/usermgr/latest/usermgr/guide/diagnostics/index.html
#[proc_macro_attribute]
pub fn user_manager(attr: TokenStream, item: TokenStream) -> TokenStream {
    manager::expand(attr.into(), item.into()).into()
}

/// Makes a struct with named fields the typed profile of a user.
///
/// Writes the types of what a client may send when registering (`CustomerRegister` for `Customer`) and when updating
/// (`CustomerUpdate`). A field under `#[profile(server)]` is in neither, and starts as its `Default`.
#[proc_macro_derive(Profile, attributes(profile))]
pub fn profile(item: TokenStream) -> TokenStream {
    profile::expand(item.into()).into()
}

/// Makes an enum without fields the permissions of an application, and a module with a type for each of them (`can` for `Can`).
///
/// `#[permission("orders:read")]` above a variant names it. Without it, the name is the variant in snake case.
#[proc_macro_derive(Permission, attributes(permission))]
pub fn permission(item: TokenStream) -> TokenStream {
    permissions::permission(item.into()).into()
}

/// Makes an enum without fields the roles of an application. `#[roles(Can)]` names the enum of the permissions, and `#[role(..)]` above a
/// variant what it grants.
#[proc_macro_derive(Roles, attributes(role, roles))]
pub fn roles(item: TokenStream) -> TokenStream {
    permissions::roles(item.into()).into()
}
