//! The keys of sign-ins through other providers: what a browser must prove is derived from the secret in its cookie, so
//! that nothing is stored for a sign-in that has only begun.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::secret::{DerivedKey, SecretError, SecretSet};

/// One key for each secret of the set.
pub(crate) struct FlowKeys(Vec<FlowKey>);

pub(crate) struct FlowKey {
    /// The key id. It is derived too, so that it reveals nothing about the secret.
    pub(crate) id: String,
    key: Zeroizing<[u8; 32]>,
}

impl FlowKeys {
    pub(crate) fn derive(secrets: &SecretSet) -> Result<Self, SecretError> {
        let SecretSet { current, previous } = secrets;
        let keys = std::iter::once(current).chain(previous).map(|secret| FlowKey::derive(secret.bytes()?));
        keys.collect::<Result<_, _>>().map(Self)
    }

    /// The key for a new flow.
    pub(crate) fn current(&self) -> Option<&FlowKey> {
        self.0.first()
    }

    /// All keys, the current one first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &FlowKey> {
        self.0.iter()
    }

    /// The key that a state names.
    pub(crate) fn named(&self, id: &str) -> Option<&FlowKey> {
        self.0.iter().find(|key| key.id == id)
    }
}

impl FlowKey {
    fn derive(secret: &[u8]) -> Result<Self, SecretError> {
        let DerivedKey { id, bytes: key } = DerivedKey::of(secret, "oauth_flow")?;
        Ok(Self { id: URL_SAFE_NO_PAD.encode(id), key })
    }

    /// A value of 43 characters for a purpose, from parts that the browser or the account has.
    pub(crate) fn value(&self, purpose: &str, parts: &[&[u8]]) -> Zeroizing<String> {
        // Each part with its length, so that no two lists of parts are the same text.
        let mut info = purpose.as_bytes().to_vec();
        for part in parts {
            info.extend_from_slice(&(part.len() as u64).to_be_bytes());
            info.extend_from_slice(part);
        }
        // Extraction alone is HMAC-SHA256 of the text under the key (RFC 5869, 2.2).
        let (value, _) = Hkdf::<Sha256>::extract(Some(self.key.as_slice()), &info);
        Zeroizing::new(URL_SAFE_NO_PAD.encode(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn keys(current: &str, previous: &[&str]) -> FlowKeys {
        let previous = previous.iter().map(Secret::new).collect();
        FlowKeys::derive(&SecretSet { current: Secret::new(current), previous }).unwrap()
    }

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn o2_a_value_has_43_characters_and_depends_on_everything() {
        let (one, other) = (keys(SECRET, &[]), keys("another secret, also long enough now", &[]));
        let (one, other) = (one.current().unwrap(), other.current().unwrap());
        let values = [
            one.value("verifier", &[b"ab", b"c"]),
            one.value("verifier", &[b"a", b"bc"]),
            one.value("nonce", &[b"ab", b"c"]),
            one.value("verifier", &[b"abc"]),
            other.value("verifier", &[b"ab", b"c"]),
        ];
        assert!(values.iter().all(|value| value.len() == 43));
        let distinct: std::collections::HashSet<_> = values.iter().map(|value| value.to_string()).collect();
        assert_eq!(distinct.len(), values.len());
    }

    #[test]
    fn o1_an_old_secret_still_ends_the_flows_that_it_began() {
        let (old, rotated) = (keys(SECRET, &[]), keys("another secret, also long enough now", &[SECRET]));
        let begun = old.current().unwrap();
        let found = rotated.named(&begun.id).unwrap();
        assert_eq!(*begun.value("nonce", &[b"x"]), *found.value("nonce", &[b"x"]));
        assert_ne!(rotated.current().unwrap().id, begun.id);
        assert!(old.named(&rotated.current().unwrap().id).is_none());
    }
}
