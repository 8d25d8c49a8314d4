//! Key pairs for access tokens that others can check. PEM private keys become the keys with which [`Keys`] signs and
//! opens.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, jwk::EllipticCurve};

use super::{
    codec::{Key, Keys},
    provider::SELECTED,
};
use crate::config_error::ConfigError;

/// The longest key name, in bytes. Every token contains it.
const MAX_ID: usize = 64;
/// The shortest modulus of an RSA key, in bytes (RFC 7518, 3.3).
#[cfg(feature = "aws-lc")]
const MIN_MODULUS: usize = 256;

/// Key pairs for access tokens (feature `jwt-keys`): one that signs, and previous ones whose tokens are still accepted.
/// A service with the public keys can check tokens but cannot issue any.
///
/// Each key has a name, which a token carries as `kid`, and exactly one algorithm: ES256, EdDSA or RS256. A token is
/// checked with the key that it names and with the algorithm of that key. The algorithm in the token's header is not
/// trusted (RFC 8725, 3.1). `build` reports invalid key material.
///
/// ```no_run
/// use usermgr::{Jwt, token::{KeySet, SigningKey, VerifyingKey}};
///
/// # fn example() -> std::io::Result<()> {
/// let keys = KeySet::new(SigningKey::es256("2026-11", std::fs::read("signing-2026-11.pem")?))
///     .previous(VerifyingKey::es256("2026-05", std::fs::read("signing-2026-05.pub.pem")?));
/// let strategy = Jwt::new().keys(keys);
/// # let _ = strategy;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct KeySet {
    current: SigningKey,
    previous: Vec<VerifyingKey>,
}

impl KeySet {
    /// Creates a set whose tokens are signed with `current`.
    pub fn new(current: SigningKey) -> Self {
        Self { current, previous: Vec::new() }
    }

    /// Adds a key that signed earlier tokens. Remove it after the last of its tokens has expired.
    #[must_use]
    pub fn previous(mut self, key: VerifyingKey) -> Self {
        self.previous.push(key);
        self
    }

    pub(crate) fn into_keys(self, typ: &'static str) -> Result<Keys, ConfigError> {
        let keys: Vec<Result<Key, ConfigError>> =
            std::iter::once(self.current.0).chain(self.previous.into_iter().map(|key| key.0)).collect();
        let mut faults = Vec::new();
        let mut good: Vec<Key> = Vec::new();
        for key in keys {
            match key {
                Ok(key) if good.iter().any(|other| other.id == key.id) => {
                    faults.push(ConfigError::new(format!("two signing keys are named `{}`", key.id)));
                }
                Ok(key) => good.push(key),
                Err(fault) => faults.push(fault),
            }
        }
        let mut good = good.into_iter();
        match good.next().filter(|_| faults.is_empty()) {
            Some(current) => Ok(Keys::new(typ, current, good.collect())),
            None => Err(ConfigError::join(faults)),
        }
    }
}

/// A private key with its name. `Debug` shows neither the key nor what is wrong with it.
pub struct SigningKey(Result<Key, ConfigError>);

/// A public key with its name.
pub struct VerifyingKey(Result<Key, ConfigError>);

macro_rules! algorithms {
    ($($(#[$attribute:meta])* $name:ident = $algorithm:ident, $what:literal, $private:ident, $public:ident, $derive:path, $sound:path;)*) => {
        impl SigningKey {$(
            #[doc = concat!("A private key for ", $what, ", as PEM in PKCS#8.")]
            $(#[$attribute])*
            pub fn $name(id: impl Into<String>, pem: impl AsRef<[u8]>) -> Self {
                let id = id.into();
                let key = EncodingKey::$private(pem.as_ref()).ok().and_then(|encoding| {
                    let decoding = $derive(encoding.as_bytes())?;
                    Some(Key { id: id.clone(), algorithm: Algorithm::$algorithm, encoding: Some(encoding), decoding })
                });
                Self(named(id, key.filter(signs), concat!("private key for ", $what)))
            }
        )*}

        impl VerifyingKey {$(
            #[doc = concat!("A public key for ", $what, ", as PEM.")]
            $(#[$attribute])*
            pub fn $name(id: impl Into<String>, pem: impl AsRef<[u8]>) -> Self {
                let id = id.into();
                let decoding = DecodingKey::$public(pem.as_ref()).ok().filter($sound);
                let key = decoding.map(|decoding| {
                    Key { id: id.clone(), algorithm: Algorithm::$algorithm, encoding: None, decoding }
                });
                Self(named(id, key, concat!("public key for ", $what)))
            }
        )*}
    };
}

algorithms! {
    es256 = ES256, "ES256 (the curve P-256)", from_ec_pem, from_ec_pem, p256::public, p256::is_sound;
    eddsa = EdDSA, "EdDSA (Ed25519)", from_ed_pem, from_ed_pem, ed25519::public, ed25519::is_sound;
    #[cfg(feature = "aws-lc")]
    rs256 = RS256, "RS256 (RSA of at least 2048 bits; needs the feature `aws-lc`)", from_rsa_pem, from_rsa_pem, rsa::public, rsa::is_sound;
}

/// Returns the key, or an error that does not repeat the key material.
fn named(id: String, key: Option<Key>, what: &str) -> Result<Key, ConfigError> {
    if id.is_empty() || id.len() > MAX_ID || !id.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(ConfigError::new(format!(
            "the name `{}` of a signing key is invalid: use 1 to {MAX_ID} visible ASCII characters",
            id.escape_debug()
        )));
    }
    key.ok_or_else(|| ConfigError::new(format!("the signing key `{id}` is not the PEM of a {what}")))
}

/// Returns whether the public half accepts a signature of the private key.
fn signs(key: &Key) -> bool {
    let message = b"a trial";
    let signed = key.sign(message).ok();
    signed.is_some_and(|signature| key.accepts(message, &signature))
}

mod p256 {
    use super::*;

    pub(super) fn public(private: &[u8]) -> Option<DecodingKey> {
        let components = SELECTED.key_utils.ec_pub_components_from_private_key;
        let (curve, x, y) = components(private, Algorithm::ES256).ok()?;
        let [x, y] = [x, y].map(|part| URL_SAFE_NO_PAD.encode(part));
        (curve == EllipticCurve::P256).then(|| DecodingKey::from_ec_components(&x, &y).ok()).flatten()
    }

    /// Returns whether the key is an uncompressed point.
    pub(super) fn is_sound(key: &DecodingKey) -> bool {
        key.try_get_as_bytes().is_ok_and(|bytes| bytes.len() == 65 && bytes[0] == 4)
    }
}

mod ed25519 {
    use super::*;

    pub(super) fn public(private: &[u8]) -> Option<DecodingKey> {
        let component = SELECTED.key_utils.ed_pub_components_from_private_key;
        let x = component(private, &EllipticCurve::Ed25519).ok()?;
        DecodingKey::from_ed_components(&URL_SAFE_NO_PAD.encode(x)).ok()
    }

    pub(super) fn is_sound(key: &DecodingKey) -> bool {
        key.try_get_as_bytes().is_ok_and(|bytes| bytes.len() == 32)
    }
}

#[cfg(feature = "aws-lc")]
mod rsa {
    use super::*;

    pub(super) fn public(private: &[u8]) -> Option<DecodingKey> {
        let components = SELECTED.key_utils.rsa_pub_components_from_private_key;
        let (n, e) = components(private).ok()?;
        (n.len() >= MIN_MODULUS).then(|| DecodingKey::from_rsa_raw_components(&n, &e))
    }

    pub(super) fn is_sound(key: &DecodingKey) -> bool {
        let components = SELECTED.key_utils.rsa_pub_components_from_public_key;
        let parts = key.try_get_as_bytes().ok().and_then(|der| components(der).ok());
        parts.is_some_and(|(n, _)| n.len() >= MIN_MODULUS)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(&self.0, "SigningKey", f)
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(&self.0, "VerifyingKey", f)
    }
}

fn show(key: &Result<Key, ConfigError>, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match key {
        Ok(key) => write!(f, "{name}({:?}, {:?})", key.id, key.algorithm),
        Err(error) => f.debug_tuple(name).field(error).finish(),
    }
}

#[cfg(test)]
mod tests;
