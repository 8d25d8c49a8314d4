//! The two macros of `usermgr-derive`, with the documentation whose examples and links need this crate.

pub use usermgr_derive::user_manager;

/// The examples of the attribute. Its documentation is in the macro crate, where editors look for it.
#[cfg(doctest)]
#[doc = include_str!("../../usermgr-derive/docs/user_manager.md")]
mod user_manager_examples {}

/// Makes a struct with named fields the [profile](trait@crate::Profile) of a user: your own fields, which every account
/// has.
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
/// # Generated code
///
/// Two types that are read from requests, with the visibility of the struct:
///
/// - `CustomerRegister`, which a client sends at registration. A field is required, unless it has `#[serde(default)]` or is an
///   `Option` without a reader of its own (`with`, `deserialize_with`).
/// - `CustomerUpdate`, which a client sends in a PATCH. An absent field is left unchanged. `null` clears an `Option`
///   and is refused for other fields.
///
/// And the implementation of the trait, which makes a profile from the first and changes it with the second. If a
/// registration needs no field without a claim, also [`FromClaims`](crate::user::FromClaims).
///
/// # Attributes
///
/// | Attribute | On | Meaning |
/// |---|---|---|
/// | `#[profile(server)]` | a field | no request sets it; it starts as its [`Default`], and only the application changes it |
/// | `#[profile(hidden)]` | a field | like `server`, and no response shows it |
/// | `#[profile(transient)]` | a field | sent at registration and visible to hooks, but never stored or shown; with `#[serde(default, skip_serializing)]` |
/// | `#[profile(claim = "name")]` | a field | a new user who signs in through a provider has the value of this claim, see [`FromClaims`](crate::user::FromClaims) |
/// | `#[profile(crate = ::path)]` | the struct | the path of this crate, if it was renamed |
///
/// The serde attributes that name or read a field (`rename`, `rename_all`, `alias`, `default`, also on the struct,
/// `with`, `deserialize_with`) are respected. A profile is stored as serde writes it, so attributes that make it
/// unreadable are refused. `#[allow(..)]` on the struct or a field also applies to the generated code.
///
/// # Errors
///
/// The macro refuses enums, tuple structs and generic structs; fields with the name of a user's own field (`id`,
/// `email`, `password`, ..); `flatten` and `deny_unknown_fields`; references; and integers of 128 bits, which cannot be
/// read from a flattened object. It also refuses `skip`, `skip_serializing`, `skip_deserializing`,
/// `skip_serializing_if` without `default`, `serialize_with` without a reader, and different names for writing and
/// reading.
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

/// Makes an enum without fields the [permissions](trait@crate::permissions::Permission) of an application.
///
/// ```
/// use usermgr::prelude::*;
///
/// #[derive(Clone, Copy, Permission)]
/// enum Can {
///     #[permission("orders:read")]
///     OrdersRead,
///     #[permission("orders:write")]
///     OrdersWrite,
///     Refund,
/// }
///
/// assert_eq!(Can::OrdersRead.name(), "orders:read");
/// assert_eq!(Can::Refund.name(), "refund");
/// ```
///
/// # Generated code
///
/// The implementation of the trait, and a module that is named like the enum in snake case, with its visibility. The module has an
/// empty type for each variant, `can::OrdersRead` for `Can::OrdersRead`, which handlers name in
#[cfg_attr(feature = "http", doc = "[`Requires`](crate::http::Requires).")]
#[cfg_attr(not(feature = "http"), doc = "`Requires` (feature `http`).")]
///
/// # Attributes
///
/// | Attribute | On | Meaning |
/// |---|---|---|
/// | `#[permission("orders:read")]` | a variant | its name, which is stored and shown; the default is the variant in snake case |
/// | `#[permission(crate = ::path)]` | the enum | the path of this crate, if it was renamed |
///
/// A name has lower-case letters from a to z, digits, and `:`, `.`, `_` and `-`. It begins with a letter, ends with a letter or a
/// digit, and has at most 64 bytes. A name that is in use cannot change without a loss: rename the variant instead.
///
/// # Errors
///
/// The macro refuses structs, generic enums, variants with fields, names that are not of this form, two variants of one name,
/// and more than 128 variants.
///
/// ```compile_fail
/// # use usermgr::prelude::*;
/// #[derive(Clone, Copy, Permission)]
/// enum Can {
///     #[permission("Orders Read")]
///     OrdersRead,
/// }
/// ```
pub use usermgr_derive::Permission;

/// Makes an enum without fields the [roles](trait@crate::permissions::Roles) of an application.
///
/// ```
/// use usermgr::prelude::*;
///
/// #[derive(Clone, Copy, Permission)]
/// enum Can { OrdersRead, OrdersWrite, Refund }
///
/// #[derive(Clone, Copy, Roles)]
/// #[roles(Can)]
/// enum Role {
///     /// Grants nothing yet.
///     #[role()]
///     Guest,
///     #[role(name = "sales", OrdersRead, OrdersWrite)]
///     Clerk,
///     #[role(all)]
///     Owner,
/// }
///
/// assert!(Role::Guest.grants().is_empty());
/// assert_eq!((Role::Clerk.name(), Role::Clerk.grants().len()), ("sales", 2));
/// assert!(Role::Owner.grants().contains(Can::Refund));
/// ```
///
/// # Attributes
///
/// | Attribute | On | Meaning |
/// |---|---|---|
/// | `#[roles(Can)]` | the enum | the enum of the permissions |
/// | `#[roles(Can, crate = ::path)]` | the enum | also the path of this crate, if it was renamed |
/// | `#[role(OrdersRead, Refund)]` | a variant | the permissions that it grants, by their variants |
/// | `#[role(all)]`, `#[role()]` | a variant | it grants all permissions, or none |
/// | `#[role(name = "sales", ..)]` | a variant | its name, which is stored and shown; the default is the variant in snake case |
///
/// Names have the form of those of [permissions](macro@crate::permissions::Permission).
///
/// # Errors
///
/// The macro refuses what `Permission` refuses, an enum without `#[roles(..)]`, and a variant that does not say what it grants.
///
/// ```compile_fail
/// # use usermgr::prelude::*;
/// # #[derive(Clone, Copy, Permission)]
/// # enum Can { OrdersRead }
/// #[derive(Clone, Copy, Roles)]
/// #[roles(Can)]
/// enum Role {
///     Clerk,
/// }
/// ```
pub use usermgr_derive::Roles;
