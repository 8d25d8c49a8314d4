//! Impersonation: an administrator acts as a user, in a session that names both. See [the
//! guide](crate::guide::administration).
//!
//! ```
//! use usermgr::{Engine, MemoryStore, impersonation::Impersonation};
//!
//! let engine: Engine<MemoryStore> = Engine::new(MemoryStore::new()).with(Impersonation::new())?;
//! assert!(engine.has_part("impersonation"));
//! # Ok::<(), usermgr::ConfigError>(())
//! ```

pub use crate::slices::{ImpersonateError, Impersonation};
