//! The two macros of `usermgr-derive`, with the documentation whose examples and links need this crate.

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
///     async fn on_before_register(&self, draft: &Draft) -> Result<(), Rejection> {
///         match draft.email.as_str().ends_with("@shop.example") {
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
/// `engine` of the type [`Engine`](crate::Engine) over its store, or the setting that says where the engine is, and must be
/// `Send + Sync + 'static`. The block is printed back as it was written, so its methods stay callable, and `cfg`, documentation and lints in it
/// keep their meaning.
///
/// # Settings
///
/// Each is `name = value`; a value is any expression, and may use `self`. They are evaluated when the manager is
/// [checked](crate::Operations::check) or first used, and by [`reload_settings`](crate::Operations::reload_settings).
///
/// | Setting | Value | Default |
/// |---|---|---|
/// | `secret` | a [`Secret`](crate::Secret), a [`SecretSet`](crate::SecretSet), a `&str` or a `String` of at least 32 bytes | `reset_secret` |
/// | `reset_secret` | as `secret`; one of the two is required | `secret` |
/// | `verify_secret` | as `secret` | the root: `secret`, else `reset_secret` |
/// | `reset_audience` | a string | `usermgr:reset` |
/// | `verify_audience` | a string | `usermgr:verify` |
/// | `change_email_audience` | a string | `usermgr:change_email` |
/// | `reset_lifetime` | whole seconds, or a [`Duration`](std::time::Duration), up to `u32::MAX` seconds | 3600 |
/// | `verify_lifetime` | the same | 3600 |
/// | `change_email_lifetime` | the same | 3600 |
/// | `store` | a type that is a [`UserStore`](crate::UserStore) | `SqliteStore`, with the feature `sqlite` |
/// | `engine` | an expression for the engine | `self.engine` |
/// | `crate` | an absolute path to this crate, when it was renamed | `::usermgr` |
///
/// The page on [settings and secrets](crate::guide::settings_and_secrets) says what each means.
///
/// # Hooks
///
/// A method named like a hook of [`UserManager`](crate::UserManager) is called at that moment. It is an `async fn` with `&self` and the arguments of the
/// hook in their order; `cx: &Context` at the end may be left out. It answers `Result<(), E>` with the error of its kind, and an `on_after_..`
/// hook may answer nothing. A hook that is not written does nothing, but for `validate_password`, which is
/// [`password::policy`](crate::password::policy()) then.
///
/// The page on [hooks](crate::guide::hooks) has all of them, their order, and what their failure means.
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
/// What is wrong is a compile error at its place, all of it in one go, and the rest of the crate compiles as if it were not there. The page on
/// [diagnostics](crate::guide::diagnostics) lists each message with its remedy.
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
pub use usermgr_derive::user_manager;

/// Makes a struct with named fields the [profile](trait@crate::Profile) of a user: the fields of your own that every account has.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use usermgr::prelude::*;
///
/// #[derive(Clone, Debug, Serialize, Deserialize, Profile)]
/// struct Customer {
///     name: String,
///     nickname: Option<String>,
///     #[profile(server)]
///     credits: u32,
/// }
///
/// let sent = r#"{ "name": "Ada", "credits": 99 }"#;
/// let register: CustomerRegister = serde_json::from_str(sent)?;
/// let customer = Customer::create(register);
/// assert_eq!((customer.name.as_str(), customer.credits), ("Ada", 0));
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # What it writes
///
/// Beside the struct, with its visibility, two types that are read from requests:
///
/// - `CustomerRegister`, what a client sends when he registers. A field must be there, unless it is an `Option` or has `#[serde(default)]`.
/// - `CustomerUpdate`, what a client sends in a PATCH. A field that is absent stays, `null` clears an `Option` and is refused elsewhere.
///
/// And the implementation of the trait, which makes a profile of the one and changes it by the other.
///
/// # Words
///
/// | Word | On | Meaning |
/// |---|---|---|
/// | `#[profile(server)]` | a field | no request sets it; it begins as its [`Default`], and the application's own code changes it |
/// | `#[profile(crate = ::path)]` | the struct | where this crate is, when it was renamed |
///
/// The words of serde that name or read a field (`rename`, `rename_all`, `alias`, `default`, `with`, `deserialize_with`) are followed; `skip` and
/// `skip_deserializing` make a field the server's.
///
/// # Errors
///
/// Refused are enums, tuple structs and generic structs, fields named as every user has them already (`id`, `email`, `password`, ..), `flatten` and
/// `deny_unknown_fields`, and integers of 128 bits, which cannot be read from a flattened object.
///
/// ```compile_fail
/// # use serde::{Deserialize, Serialize};
/// # use usermgr::prelude::*;
/// #[derive(Clone, Debug, Serialize, Deserialize, Profile)]
/// struct Customer {
///     email: String,
/// }
/// ```
pub use usermgr_derive::Profile;
