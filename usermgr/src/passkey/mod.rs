//! Passkeys: the verifier of ceremonies, what is stored of a passkey, and the factor. It knows no accounts.

mod answer;
mod challenge;
mod factor;
mod kept;
mod verifier;
#[cfg(feature = "webauthn-rs")]
mod webauthn;

pub(crate) use answer::{Named, named, transports};
pub use challenge::PasskeyChallenge;
pub(crate) use factor::{Judged, PasskeyFactor, is_of_user, judge, note_refusal};
pub(crate) use kept::{KIND, KeptPasskey};
pub use verifier::{NewPasskey, PasskeyRefused, PasskeyUser, PasskeyVerifier, StoredPasskey, UsedPasskey};
#[cfg(feature = "webauthn-rs")]
pub use webauthn::WebauthnRs;

#[cfg(all(test, feature = "webauthn-rs", feature = "testing"))]
mod tests;
