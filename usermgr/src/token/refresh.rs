//! Refresh tokens: creation, and derivation of the next token from the previous one.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{Purpose, RefreshToken, Renewal};
use crate::secret::{SecretError, SecretSet};

/// The length of the common prefix of all tokens of a session: 16 random bytes in base64 (ASVS 5.0, 7.2.3).
const FAMILY: usize = 22;
/// The length of a token: the prefix and 32 more bytes, which change at each rotation.
const LENGTH: usize = FAMILY + 43;

impl RefreshToken {
    /// Returns the first token of a session.
    pub(crate) fn random() -> Result<Self, getrandom::Error> {
        let (mut family, mut rest) = ([0; 16], Zeroizing::new([0; 32]));
        getrandom::fill(&mut family)?;
        getrandom::fill(rest.as_mut())?;
        Ok(Self::join(&URL_SAFE_NO_PAD.encode(family), rest.as_ref()))
    }

    fn join(family: &str, rest: &[u8]) -> Self {
        let mut text = Zeroizing::new(String::with_capacity(LENGTH));
        text.push_str(family);
        URL_SAFE_NO_PAD.encode_string(rest, &mut text);
        Self::from(text.as_str())
    }

    /// Returns the prefix by which the session is found. Only a client that has had a token of the session knows it.
    /// `None` if the text is not a refresh token.
    pub(crate) fn family(&self) -> Option<&str> {
        Some(self.expose()).filter(|text| text.len() == LENGTH && text.is_ascii()).and_then(|text| text.get(..FAMILY))
    }
}

/// The keys for deriving the next token, the current one first.
pub(crate) struct RefreshKeys {
    current: Zeroizing<[u8; 32]>,
    previous: Vec<Zeroizing<[u8; 32]>>,
}

impl RefreshKeys {
    /// Derives one key from each secret of the set by HKDF-SHA256 (RFC 5869).
    pub(crate) fn derive(secrets: &SecretSet) -> Result<Self, SecretError> {
        let key = |secret: &[u8]| {
            let mut key = Zeroizing::new([0; 32]);
            let label = format!("key:{}", Renewal::NAME);
            Hkdf::<Sha256>::new(Some(b"usermgr"), secret)
                .expand(label.as_bytes(), key.as_mut_slice())
                .map_err(|_| SecretError::Derivation)?;
            Ok(key)
        };
        let SecretSet { current, previous } = secrets;
        let previous = previous.iter().map(|secret| key(secret.bytes()?)).collect::<Result<_, _>>()?;
        Ok(Self { current: key(current.bytes()?)?, previous })
    }

    /// Returns the token that replaces `token`. The result is always the same for the same token, so that a lost answer
    /// can be repeated.
    pub(crate) fn child(&self, token: &RefreshToken) -> RefreshToken {
        child(&self.current, token)
    }

    /// Returns the tokens that may have replaced `token`, under the current and the previous secrets.
    pub(crate) fn children(&self, token: &RefreshToken) -> impl Iterator<Item = RefreshToken> {
        std::iter::once(&self.current).chain(&self.previous).map(|key| child(key, token))
    }
}

impl RefreshKeys {
    /// Returns the keyed digest of a client that has refreshed. The row alone does not reveal the client.
    pub(crate) fn mark(&self, client: &str) -> String {
        mark(&self.current, client)
    }

    /// Returns the digests of a client under the current and the previous secrets.
    pub(crate) fn marks(&self, client: &str) -> impl Iterator<Item = String> {
        std::iter::once(&self.current).chain(&self.previous).map(move |key| mark(key, client))
    }
}

fn mark(key: &[u8; 32], client: &str) -> String {
    // No token begins with NUL, so this never equals a derived token.
    let (mark, _) = Hkdf::<Sha256>::extract(Some(key), format!("\0client\0{client}").as_bytes());
    URL_SAFE_NO_PAD.encode(&mark[..16])
}

fn child(key: &[u8; 32], token: &RefreshToken) -> RefreshToken {
    // Extraction alone is HMAC-SHA256 of the token under the key (RFC 5869, 2.2).
    let (rest, _) = Hkdf::<Sha256>::extract(Some(key), token.expose().as_bytes());
    RefreshToken::join(token.family().unwrap_or_default(), &rest)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::secret::Secret;

    fn keys(current: &str, previous: &[&str]) -> RefreshKeys {
        let set = SecretSet { current: Secret::new(current), previous: previous.iter().map(Secret::new).collect() };
        RefreshKeys::derive(&set).unwrap()
    }

    const ONE: &str = "0123456789abcdef0123456789abcdef";
    const TWO: &str = "fedcba9876543210fedcba9876543210";

    #[test]
    fn j8_a_token_has_one_child_under_one_key_and_another_under_another() {
        let token = RefreshToken::random().unwrap();
        let child = keys(ONE, &[]).child(&token);
        assert_eq!(keys(ONE, &[TWO]).child(&token).expose(), child.expose());
        assert_ne!(keys(TWO, &[]).child(&token).expose(), child.expose());
        let after_rotation: Vec<_> = keys(TWO, &[ONE]).children(&token).map(|t| t.expose().to_owned()).collect();
        assert!(after_rotation.iter().any(|text| text == child.expose()));
        assert_eq!(after_rotation.len(), 2);
    }

    #[test]
    fn j8_a_line_of_tokens_keeps_its_family_and_repeats_nothing() {
        let keys = keys(ONE, &[]);
        let mut token = RefreshToken::random().unwrap();
        let family = token.family().unwrap().to_owned();
        let mut seen = HashSet::new();
        for _ in 0..1000 {
            assert_eq!(token.family(), Some(&*family));
            assert!(seen.insert(token.expose().to_owned()));
            token = keys.child(&token);
        }
        assert_ne!(RefreshToken::random().unwrap().family(), Some(&*family));
    }

    #[test]
    fn j11_a_client_is_known_again_after_a_rotation_and_no_other_is() {
        let (before, after) = (keys(ONE, &[]), keys(TWO, &[ONE]));
        let mark = before.mark("192.0.2.7\0Phone/1.0");
        assert!(before.marks("192.0.2.7\0Phone/1.0").any(|known| known == mark));
        assert!(after.marks("192.0.2.7\0Phone/1.0").any(|known| known == mark));
        for other in ["192.0.2.8\0Phone/1.0", "192.0.2.7\0Phone/2.0", "\0", ""] {
            assert!(after.marks(other).all(|known| known != mark), "{other}");
        }
        assert!(keys(TWO, &[]).marks("192.0.2.7\0Phone/1.0").all(|known| known != mark));
    }

    #[test]
    fn j9_what_is_no_refresh_token_has_no_family() {
        for text in
            ["", "a", &"a".repeat(64), &"a".repeat(66), &"\u{e9}".repeat(33), &format!("{}\u{e9}", "a".repeat(63))]
        {
            assert_eq!(RefreshToken::from(text).family(), None, "{text}");
        }
        assert!(RefreshToken::from("a".repeat(65)).family().is_some());
    }
}
