//! The two macros of `usermgr-derive`, and their documentation as far as its examples and links need this crate.

pub use usermgr_derive::user_manager;

/// The examples of the attribute, whose documentation stands where editors look for it.
#[cfg(doctest)]
#[doc = include_str!("../../usermgr-derive/docs/user_manager.md")]
mod user_manager_examples {}

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
/// - `CustomerRegister`, what a client sends at a registration. A field must be there, unless it is an `Option` or has `#[serde(default)]`.
/// - `CustomerUpdate`, what a client sends in a PATCH. A field that is absent stays, `null` clears an `Option` and is refused elsewhere.
///
/// And the implementation of the trait, which makes a profile of the one and changes it by the other.
///
/// # Words
///
/// | Word | On | Meaning |
/// |---|---|---|
/// | `#[profile(server)]` | a field | no request sets it; it begins as its [`Default`], and the application's own code changes it |
/// | `#[profile(hidden)]` | a field | as `server`, and no answer shows it |
/// | `#[profile(transient)]` | a field | a registration has it, hooks see it, nothing keeps or shows it; with `#[serde(default, skip_serializing)]` |
/// | `#[profile(crate = ::path)]` | the struct | where this crate is, when it was renamed |
///
/// The words of serde that name or read a field (`rename`, `rename_all`, `alias`, `default`, also on the struct, `with`, `deserialize_with`) are
/// followed. A profile is stored as serde writes it: words by which it could not be read back are refused. `#[allow(..)]` on the struct or a
/// field counts in what is written, too.
///
/// # Errors
///
/// Refused are enums, tuple structs and generic structs, fields named as every user has them already (`id`, `email`, `password`, ..), `flatten` and
/// `deny_unknown_fields`, references, and integers of 128 bits, which cannot be read from a flattened object; `skip`, `skip_serializing`,
/// `skip_deserializing`, `skip_serializing_if` without `default`, `serialize_with` without a reader, and two names for writing and reading.
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
