//! Logins by mail, with a link or a code. See [the guide](crate::guide::mail_login).
//!
//! ```
//! use usermgr::{Engine, MemoryStore, mail_login::MailLogin};
//!
//! let engine: Engine<MemoryStore> = Engine::new(MemoryStore::new()).with(MailLogin::new())?;
//! assert!(engine.has_part("mail_login"));
//! # Ok::<(), usermgr::ConfigError>(())
//! ```

pub use crate::slices::{MailLogin, MailProof, index::LoginByMail};
