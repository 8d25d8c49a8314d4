//! What a password is verified against: the stored hash with its key, or a dummy that takes the same time.

use super::{
    Extent, Verdict,
    params::Argon2Params,
    pepper::{Pepper, PepperKey},
    phc::Phc,
};
use crate::{secret::SecretError, user::PasswordHash};

/// The length of new salts, in bytes (RFC 9106, 4).
const SALT: usize = 16;
const OUTPUT: usize = 32;
/// Argon2 hashes every byte of the password.
pub(super) const OUTDATED: Verdict = Verdict::MatchOutdated { proved: Extent::Whole };

/// A hash with its key, and the verdicts for equal and for different outputs.
pub(super) struct Target {
    pub(super) hash: Phc,
    pub(super) key: Option<PepperKey>,
    pub(super) equal: Verdict,
    pub(super) other: Verdict,
}

impl Target {
    /// Returns the target for a stored hash, or for an account without one.
    ///
    /// # Errors
    /// The pepper cannot be used.
    pub(super) fn of(
        stored: Option<&PasswordHash>,
        params: Argon2Params,
        pepper: &Pepper,
    ) -> Result<Self, SecretError> {
        let current = pepper.current()?;
        let instead = |verdict, key: Option<PepperKey>| Self {
            hash: blank(params, key.as_ref()),
            key,
            equal: verdict,
            other: verdict,
        };
        Ok(match stored.map(|stored| parsed(stored, pepper)) {
            None => instead(Verdict::Mismatch, current),
            Some(None) => instead(Verdict::Unusable, current),
            Some(Some((hash, key))) => {
                let long = hash.salt.len() >= SALT && hash.output.len() >= OUTPUT;
                let made = hash.key_id == current.as_ref().map(PepperKey::id);
                let equal = if long && made && hash.params == params { Verdict::Match } else { OUTDATED };
                Self { hash, key, equal, other: Verdict::Mismatch }
            }
        })
    }
}

/// Returns a stored hash and its key, or `None` if it cannot be verified.
pub(super) fn parsed(stored: &PasswordHash, pepper: &Pepper) -> Option<(Phc, Option<PepperKey>)> {
    let hash = Phc::parse(stored.expose())?;
    let key = match &hash.key_id {
        Some(id) => Some(pepper.named(id)?),
        None => None,
    };
    Some((hash, key))
}

/// Returns a hash of these parameters whose salt and output are zero.
pub(super) fn blank(params: Argon2Params, key: Option<&PepperKey>) -> Phc {
    Phc { params, key_id: key.map(PepperKey::id), salt: vec![0; SALT], output: vec![0; OUTPUT].into() }
}
