//! Sealing of data that a row must hold but that must stay confidential, such as the secret of an authenticator app. A
//! sealed text opens only at the place for which it was sealed.
//!
//! The text is `v1.<key id>.<base64url>`: a nonce of 12 random bytes, the data under ChaCha20-Poly1305 (RFC 8439), and
//! a tag of 16 bytes. The key is derived from a secret by HKDF-SHA256 for this purpose alone. With 2^32 texts under one
//! key, two nonces are equal with a probability of less than 2^-32. NIST SP 800-38D (8.3) sets the same bound for 96
//! bits.

mod cipher;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use crate::secret::{DerivedKey, SecretError, SecretSet};

/// The beginning of sealed texts. No JSON text begins with it.
const PREFIX: &str = "v1.";
const NONCE: usize = 12;

/// The keys of the data secret. The current key seals. Previous keys open what they have sealed.
pub(crate) struct SealKeys {
    current: SealKey,
    previous: Vec<SealKey>,
}

struct SealKey {
    /// The key id. It is derived too, so that it reveals nothing about the secret.
    id: String,
    bytes: Zeroizing<[u8; 32]>,
}

/// The place of a sealed text. The text does not open at another place.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    /// The kind of the row.
    pub(crate) kind: &'a str,
    /// The id of the row's user.
    pub(crate) user: &'a str,
    /// The name of the row.
    pub(crate) row: &'a str,
}

/// The reason why sealing or opening failed. It does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SealError {
    #[error("the data is sealed with a key that is not in the set")]
    UnknownKey,
    #[error("the sealed data has been changed, or belongs to another row")]
    Forged,
    #[error("the data could not be sealed")]
    Failed,
}

/// Returns whether the data of a row is sealed. The beginning of the text says so, so that no list of kinds is needed.
pub(crate) fn is_sealed(data: &str) -> bool {
    data.starts_with(PREFIX)
}

impl SealKeys {
    /// Derives one key from each secret of the set.
    pub(crate) fn derive(secrets: &SecretSet) -> Result<Self, SecretError> {
        let SecretSet { current, previous } = secrets;
        let previous = previous.iter().map(|secret| SealKey::derive(secret.bytes()?)).collect::<Result<_, _>>()?;
        Ok(Self { current: SealKey::derive(current.bytes()?)?, previous })
    }

    /// Returns the text that opens at this place.
    pub(crate) fn seal(&self, place: Place<'_>, plain: &[u8]) -> Result<String, SealError> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|_| SealError::Failed)?;
        let SealKey { id, bytes } = &self.current;
        let sealed = cipher::seal(bytes, nonce, &place.encode(), plain).ok_or(SealError::Failed)?;
        let mut text = format!("{PREFIX}{id}.");
        URL_SAFE_NO_PAD.encode_string([nonce.as_slice(), &sealed].concat(), &mut text);
        Ok(text)
    }

    /// Returns the data that was sealed for this place. It tries only the key that the text names.
    pub(crate) fn open(&self, place: Place<'_>, text: &str) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (id, body) = split(text).ok_or(SealError::Forged)?;
        let mut keys = std::iter::once(&self.current).chain(&self.previous);
        let key = keys.find(|key| key.id == id).ok_or(SealError::UnknownKey)?;
        let body = URL_SAFE_NO_PAD.decode(body).map_err(|_| SealError::Forged)?;
        let (nonce, sealed) = body.split_first_chunk::<NONCE>().ok_or(SealError::Forged)?;
        cipher::open(&key.bytes, *nonce, &place.encode(), sealed).ok_or(SealError::Forged)
    }

    /// Returns whether a text is sealed with the current key.
    pub(crate) fn is_current(&self, text: &str) -> bool {
        split(text).is_some_and(|(id, _)| id == self.current.id)
    }
}

/// Returns the key id of a sealed text, and the rest.
fn split(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix(PREFIX)?.split_once('.')
}

impl SealKey {
    fn derive(secret: &[u8]) -> Result<Self, SecretError> {
        let DerivedKey { id, bytes } = DerivedKey::of(secret, "seal")?;
        Ok(Self { id: URL_SAFE_NO_PAD.encode(id), bytes })
    }
}

impl Place<'_> {
    /// Returns the associated data. Each part follows its length, so that two places never have the same data.
    fn encode(&self) -> Vec<u8> {
        let mut encoded = Vec::new();
        for part in [self.kind, self.user, self.row] {
            encoded.extend((part.len() as u64).to_be_bytes());
            encoded.extend(part.as_bytes());
        }
        encoded
    }
}

#[cfg(test)]
mod tests;
