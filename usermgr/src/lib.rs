#![doc = include_str!("../docs/lib.md")]
#![forbid(unsafe_code)]
// Nothing that a caller can cause may end a thread of his; tests may.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]
#![cfg_attr(docsrs, feature(doc_cfg))]

// The macros write `::usermgr::..`, in this crate's own examples and tests too.
#[allow(unused_extern_crates, reason = "without examples and tests nothing here calls a macro")]
extern crate self as usermgr;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
#[cfg(feature = "actix")]
pub mod actix;
mod admin;
mod amr;
mod answers;
mod attempts;
#[cfg(feature = "axum")]
pub mod axum;
mod background;
mod cache;
#[cfg(feature = "http")]
mod carrier;
mod change;
mod clock;
mod code;
mod config_error;
mod configuration;
mod containment;
mod context;
mod default_store;
mod engine;
mod error;
mod event;
pub mod guide;
mod hook;
#[cfg(feature = "http")]
pub mod http;
mod limit;
mod login;
mod macros;
mod mail;
mod manager;
mod mark;
mod message;
mod network;
mod notice;
mod notification;
mod op;
#[cfg(feature = "openapi")]
pub mod openapi;
mod origin;
pub mod password;
pub mod prelude;
mod requests;
mod seal;
mod secret;
mod session;
mod settings;
mod slices;
mod span;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
mod sql;
mod store;
#[cfg(feature = "testing")]
#[allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests alone call it, and a failed test panics"
)]
pub mod testing;
mod token;
mod user;

pub use admin::Admin;
pub use amr::{Amr, Method};
pub use answers::Answers;
#[cfg(feature = "cache")]
pub use cache::PrincipalCache;
pub use change::errors::{DeleteError, UpdateError};
pub use clock::{Clock, SystemClock};
pub use code::{Cause, Code, Coded};
pub use config_error::ConfigError;
pub use context::{Actor, Context, Extensions};
pub use default_store::Tx;
pub use engine::{Challenge, Engine, EngineBuilder, Factor, FactorContext, Part, Proof, outbox::DeliveryAttempt};
pub use error::{Fault, HookError, HookFailure, HookFuture, OfferedFactor, PendingLogin, Rejection, RightLost};
pub use event::{AuditSink, Event, EventKind, TracingSink};
#[cfg(feature = "redis")]
pub use limit::RedisCounters;
pub use limit::{CounterKey, CounterStore, Hit, Limit, Limits, MemoryCounters};
pub use login::{LoggedIn, LoginError};
#[doc(inline)]
pub use macros::{Profile, user_manager};
pub use mail::{Mail, MailError, Mailer};
pub use manager::UserManager;
pub use message::{Message, Messenger};
pub use password::InvalidPassword;
pub use secret::{Secret, SecretError, SecretSet};
pub use session::{
    Authenticated, Backend, CookieOptions, Database, FailedLogin, FailedLoginReason, Issued, Jwt, JwtWithRefresh,
    Lockout, Login, Origin, Principal, Refresh, RefreshOutcome, RevocableJwt, SameSite, SessionInfo, Strategy,
    StrategyContext, TokenTheft, Transport,
};
pub use settings::Settings;
#[cfg(feature = "outbox")]
pub use slices::index::Delivery;
pub use slices::index::{Administration, Operations, Sessions};
pub use slices::{
    ChangeEmailError, ChangePasswordError, RefreshError, Refreshed, RegisterError, Resealed, ResetError, SessionError,
    VerifyError,
};
#[cfg(feature = "mysql")]
pub use sql::MysqlStore;
#[cfg(feature = "postgres")]
pub use sql::PgStore;
#[cfg(feature = "sqlite")]
pub use sql::SqliteStore;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
pub use sql::{Dialect, SqlId, SqlOptions, SqlStore};
#[cfg(feature = "redis")]
pub use store::RedisSessions;
pub use store::{
    ChangesOf, Credential, CredentialAndRecord, CredentialDigest, CredentialFilter, CredentialId, CredentialKind,
    CredentialStore, Directory, DraftOf, Identity, Import, ListQuery, Listed, ListedOf, Lookup, MemoryStore, MemoryTx,
    NewCredential, OutboxEntry, OutboxId, OutboxRecipient, OutboxStore, Page, PasswordSubjectOf, Pending,
    PendingPurpose, RecordOf, Rotation, Session, SessionAndRecord, SessionDigest, SessionFilter, SessionId,
    SessionLookup, SessionStore, StandaloneSessions, StoreError, StoredRecordOf, UserChangeOf, UserOf, UserStore,
    WithSessions, WithSessionsTx,
};
pub use token::{
    Access, AccessToken, ChangeEmail, ChangeEmailToken, PendingToken, Purpose, RefreshToken, Renewal, Reset,
    ResetToken, SecondFactor, Token, Verify, VerifyToken,
};
#[cfg(feature = "jwt-keys")]
pub use token::{KeySet, SigningKey, VerifyingKey};
pub use user::{
    AdminUpdate, Change, Changes, Credentials, Draft, EmailAddress, EmailRules, InvalidEmail, InvalidProfile,
    NewRecord, NewUser, NoProfile, Password, PasswordHash, PasswordSubject, PasswordTooLong, Profile, Record, Register,
    Stamp, StoredProfile, UpdateMe, User, UserChange, UserId,
};
