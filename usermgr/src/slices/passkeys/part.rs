//! The part of an engine: it holds the verifier, and adds passkeys as a second factor.

use std::{fmt, sync::Arc};

use crate::{
    engine::{EngineBuilder, Part},
    passkey::{PasskeyFactor, PasskeyVerifier},
    slices::factors::install_recovery,
    store::CredentialStore,
};

/// The name of the part.
pub(super) const NAME: &str = "passkeys";

/// Passkeys, as a part of the engine: users add them to their account, log in with one and nothing else, or use one as a
/// second factor after a password. It brings recovery codes too.
///
/// ```
/// # #[cfg(feature = "webauthn-rs")] {
/// use usermgr::{Engine, MemoryStore, passkeys::{Passkeys, WebauthnRs}};
///
/// let verifier = WebauthnRs::new("shop.example", ["https://shop.example"])?;
/// let engine: Engine<MemoryStore> = Engine::new(MemoryStore::new()).with(Passkeys::new(verifier))?;
/// # }
/// # Ok::<(), usermgr::ConfigError>(())
/// ```
pub struct Passkeys {
    verifier: Arc<dyn PasskeyVerifier>,
}

impl Passkeys {
    /// Creates the part with the verifier of ceremonies.
    pub fn new(verifier: impl PasskeyVerifier) -> Self {
        Self { verifier: Arc::new(verifier) }
    }
}

impl fmt::Debug for Passkeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passkeys").field("rp_id", &self.verifier.rp_id()).finish_non_exhaustive()
    }
}

/// The part, as the engine keeps it.
pub(super) struct InstalledPasskeys {
    pub(super) verifier: Arc<dyn PasskeyVerifier>,
}

impl<S: CredentialStore> Part<S> for Passkeys {
    fn name(&self) -> &'static str {
        NAME
    }

    fn install(self, engine: &mut EngineBuilder<S>) {
        engine.add_factor(PasskeyFactor::new(self.verifier.clone()));
        install_recovery(engine);
        engine.keep(InstalledPasskeys { verifier: self.verifier });
    }
}
