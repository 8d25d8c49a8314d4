//! Passkeys: logins without a password, and second factors, by keys that browsers and devices keep (W3C Web
//! Authentication). See [the guide](crate::guide::passkeys).
//!
//! ```
//! # #[cfg(feature = "webauthn-rs")] {
//! use usermgr::{Engine, MemoryStore, passkeys::{Passkeys, WebauthnRs}};
//!
//! let verifier = WebauthnRs::new("shop.example", ["https://shop.example"])?.name("Shop");
//! let engine: Engine<MemoryStore> = Engine::new(MemoryStore::new()).with(Passkeys::new(verifier))?;
//! assert!(engine.has_part("passkeys"));
//! # }
//! # Ok::<(), usermgr::ConfigError>(())
//! ```

#[cfg(feature = "webauthn-rs")]
#[doc(inline)]
pub use crate::passkey::WebauthnRs;
pub use crate::{
    passkey::{NewPasskey, PasskeyChallenge, PasskeyRefused, PasskeyUser, PasskeyVerifier, StoredPasskey, UsedPasskey},
    slices::{PasskeyInfo, PasskeyList, Passkeys},
};
