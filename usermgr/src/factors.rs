//! Second factors: codes of authenticator apps, recovery codes, and the operations on the factors of a user. See [the
//! guide](crate::guide::second_factors). Passkeys are in the module `passkeys`.
//!
//! ```
//! # #[cfg(feature = "totp")] {
//! use usermgr::{Engine, MemoryStore, factors::Totp};
//!
//! let engine: Engine<MemoryStore> = Engine::new(MemoryStore::new()).with(Totp::new("Shop"))?;
//! assert!(engine.has_part("totp"));
//! # }
//! # Ok::<(), usermgr::ConfigError>(())
//! ```

pub use crate::slices::{AddedFactor, FactorError, RecoveryCodes, index::Factors};
#[cfg(feature = "totp")]
pub use crate::slices::{Totp, TotpEnrolment};
