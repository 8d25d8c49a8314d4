#![doc = include_str!("../docs/lib.md")]
#![forbid(unsafe_code)]
// The library must never panic in a thread of its caller. Tests may panic.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]
#![cfg_attr(docsrs, feature(doc_cfg))]

// The macros write `::usermgr::..`, also in this crate's own examples and tests.
#[allow(unused_extern_crates, reason = "only examples and tests call the macros here")]
extern crate self as usermgr;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
#[cfg(feature = "actix")]
pub mod actix;
mod actor;
mod admin;
mod amr;
mod api_key;
pub mod api_keys;
mod attempts;
pub mod audit;
#[cfg(feature = "axum")]
pub mod axum;
mod background;
mod cache;
#[cfg(feature = "http")]
pub mod captcha;
#[cfg(feature = "http")]
mod carrier;
mod change;
pub mod clock;
mod concurrent;
mod config_error;
mod configuration;
mod containment;
pub mod context;
mod deadline;
mod default_store;
pub mod engine;
pub mod error;
pub mod factors;
#[cfg(feature = "oauth-bare")]
mod federation;
pub mod guide;
mod hook;
#[cfg(feature = "http")]
pub mod http;
pub mod impersonation;
pub mod invitations;
pub mod limits;
mod load;
mod login;
mod macros;
pub mod mail;
pub mod mail_login;
mod mailer;
#[cfg(feature = "mail")]
mod mails;
mod manager;
mod mark;
pub mod metrics;
mod network;
mod notice;
mod notification;
#[cfg(feature = "oauth-bare")]
pub mod oauth;
mod op;
#[cfg(feature = "openapi")]
pub mod openapi;
mod origin;
#[cfg(feature = "pages")]
pub mod pages;
#[cfg(feature = "passkeys")]
mod passkey;
#[cfg(feature = "passkeys")]
pub mod passkeys;
pub mod password;
pub mod permissions;
pub mod prelude;
#[cfg(feature = "mail")]
mod presentation;
mod private_file;
#[cfg_attr(
    not(any(feature = "passkeys", feature = "totp")),
    allow(dead_code, reason = "only the factors of the library use it")
)]
mod realm;
mod recovery_keys;
mod requests;
mod seal;
pub mod secret;
pub mod session;
pub mod settings;
#[cfg(any(feature = "axum", feature = "actix"))]
mod signals;
mod slices;
#[cfg(feature = "smtp")]
mod smtp;
mod span;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
pub mod sql;
pub mod store;
#[cfg(feature = "testing")]
#[allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "only tests call it, and a failed test panics"
)]
pub mod testing;
pub mod token;
pub mod user;

pub use admin::Admin;
#[doc(inline)]
pub use change::errors::{DeleteError, UpdateError};
pub use config_error::ConfigError;
#[doc(inline)]
pub use context::Context;
pub use default_store::Tx;
#[doc(inline)]
pub use engine::Engine;
#[doc(inline)]
pub use error::{Code, Fault, HookError, Rejection};
#[doc(inline)]
pub use limits::Limits;
pub use login::{LoggedIn, LoginError, StepUp};
#[doc(inline)]
pub use macros::{Profile, user_manager};
#[doc(inline)]
pub use mail::{Mail, Mailer};
pub use manager::UserManager;
#[doc(inline)]
pub use password::InvalidPassword;
#[doc(inline)]
pub use secret::{Secret, SecretSet};
#[doc(inline)]
pub use session::{Backend, CookieOptions, Database, Jwt, Login, Refresh, SessionInfo};
#[cfg(feature = "outbox")]
pub use slices::index::Delivery;
pub use slices::index::{Administration, Operations, Sessions};
pub use slices::{
    ChangeEmailError, ChangePasswordError, MailedPurpose, RefreshError, Refreshed, RegisterError, Resealed, ResetError,
    SessionError, TokenState, VerifyError,
};
#[cfg(feature = "mysql")]
#[doc(inline)]
pub use sql::MysqlStore;
#[cfg(feature = "postgres")]
#[doc(inline)]
pub use sql::PgStore;
#[cfg(feature = "sqlite")]
#[doc(inline)]
pub use sql::SqliteStore;
#[doc(inline)]
pub use store::{MemoryStore, StoreError, UserOf, UserStore};
#[doc(inline)]
pub use token::{ChangeEmailToken, ResetToken, VerifyToken};
#[doc(inline)]
pub use user::{
    Change, Changes, Credentials, Draft, EmailAddress, NewUser, NoProfile, Password, Profile, Register, UpdateMe, User,
    UserChange,
};
