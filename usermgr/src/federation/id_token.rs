//! Checking an ID token (OpenID Connect Core 1.0, 3.1.3.7): its shape, its signature, and then its claims, each with the
//! name of the claim that is wrong.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq as _;

use super::{keys, reader::ProviderError};

/// The longest token, in bytes.
const LONGEST: usize = 32 * 1024;
/// The longest subject, in bytes (OpenID Connect Core 1.0, 2).
const LONGEST_SUBJECT: usize = 255;
/// How long ago a token may have been issued.
const RECENT: f64 = 600.0;

/// A token whose signature is not checked yet.
pub(super) struct Unverified<'a> {
    message: &'a str,
    payload: &'a str,
    signature: Vec<u8>,
    pub(super) algorithm: Algorithm,
    pub(super) key_id: Option<String>,
}

/// What a token must say.
pub(super) struct Expected<'a> {
    /// The clients for one of which it must be.
    pub(super) clients: &'a [&'a str],
    /// The nonce of the flow, and whether a token without one is accepted.
    pub(super) nonce: &'a str,
    pub(super) nonce_may_be_missing: bool,
    /// The access token that came with it, if there is one.
    pub(super) access_token: Option<&'a str>,
    pub(super) now: Timestamp,
    /// The difference between our clock and the provider's.
    pub(super) leeway: Duration,
}

fn wrong(what: &str) -> ProviderError {
    ProviderError::refused(format!("the ID token is refused: {what}"))
}

fn decoded(part: &str) -> Result<Vec<u8>, ProviderError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| wrong("base64"))
}

/// An object without a name that occurs twice.
fn object(json: &[u8], what: &str) -> Result<Map<String, Value>, ProviderError> {
    match crate::http::read_json(json) {
        Some(Value::Object(map)) => Ok(map),
        _ => Err(wrong(what)),
    }
}

impl<'a> Unverified<'a> {
    /// Reads the three parts and the header. Keys in the header are ignored.
    pub(super) fn read(token: &'a str) -> Result<Self, ProviderError> {
        if token.len() > LONGEST {
            return Err(wrong("length"));
        }
        let (message, signature) = token.rsplit_once('.').ok_or_else(|| wrong("shape"))?;
        let (header, payload) = message.split_once('.').ok_or_else(|| wrong("shape"))?;
        let header = object(&decoded(header)?, "header")?;
        if header.contains_key("crit") {
            return Err(wrong("crit"));
        }
        let algorithm = header.get("alg").and_then(Value::as_str).and_then(keys::algorithm);
        let key_id = match header.get("kid") {
            None => None,
            Some(Value::String(id)) => Some(id.clone()),
            Some(_) => return Err(wrong("kid")),
        };
        let algorithm = algorithm.ok_or_else(|| wrong("alg"))?;
        Ok(Self { message, payload, signature: decoded(signature)?, algorithm, key_id })
    }

    /// The claims, if the key has signed them.
    pub(super) fn verified_by(&self, key: &jsonwebtoken::DecodingKey) -> Result<Map<String, Value>, ProviderError> {
        if !keys::verifies(key, self.algorithm, self.message.as_bytes(), &self.signature) {
            return Err(wrong("signature"));
        }
        object(&decoded(self.payload)?, "claims")
    }
}

impl Expected<'_> {
    /// Judges the claims of a token, all except the issuer.
    pub(super) fn judge(&self, claims: &Map<String, Value>, algorithm: Algorithm) -> Result<(), ProviderError> {
        let checks: [(&str, bool); 8] = [
            ("aud", self.is_audience(claims)),
            ("azp", self.is_authorized_party(claims)),
            ("exp", self.is_unexpired(claims)),
            ("iat", self.is_recent(claims)),
            ("nbf", self.has_begun(claims)),
            ("nonce", self.is_of_the_flow(claims)),
            ("at_hash", self.is_of_the_access_token(claims, algorithm)),
            ("sub", subject(claims).is_some()),
        ];
        match checks.into_iter().find(|(_, holds)| !holds) {
            Some((claim, _)) => Err(wrong(claim)),
            None => Ok(()),
        }
    }

    fn is_audience(&self, claims: &Map<String, Value>) -> bool {
        audiences(claims).any(|audience| self.is_client(audience))
    }

    /// If there are several audiences, one must be named as the party to which the token was issued.
    fn is_authorized_party(&self, claims: &Map<String, Value>) -> bool {
        match claims.get("azp") {
            Some(party) => self.is_client(party),
            None => audiences(claims).count() == 1,
        }
    }

    fn is_client(&self, named: &Value) -> bool {
        named.as_str().is_some_and(|named| self.clients.contains(&named))
    }

    fn is_unexpired(&self, claims: &Map<String, Value>) -> bool {
        seconds(claims, "exp").is_some_and(|end| self.now() < end + self.leeway.as_secs_f64())
    }

    fn is_recent(&self, claims: &Map<String, Value>) -> bool {
        let leeway = self.leeway.as_secs_f64();
        seconds(claims, "iat")
            .is_some_and(|issued| issued <= self.now() + leeway && self.now() - issued < RECENT + leeway)
    }

    fn has_begun(&self, claims: &Map<String, Value>) -> bool {
        !claims.contains_key("nbf")
            || seconds(claims, "nbf").is_some_and(|start| start <= self.now() + self.leeway.as_secs_f64())
    }

    fn is_of_the_flow(&self, claims: &Map<String, Value>) -> bool {
        match claims.get("nonce") {
            Some(nonce) => nonce.as_str().is_some_and(|nonce| nonce.as_bytes().ct_eq(self.nonce.as_bytes()).into()),
            None => self.nonce_may_be_missing,
        }
    }

    /// The hash binds the access token to the ID token, if the provider sends one (3.1.3.6). Without an access token there is
    /// nothing to bind.
    fn is_of_the_access_token(&self, claims: &Map<String, Value>, algorithm: Algorithm) -> bool {
        match (claims.get("at_hash"), self.access_token) {
            (None, _) | (_, None) => true,
            (Some(hash), Some(token)) => hash.as_str() == Some(&half_hash(token, algorithm)),
        }
    }

    fn now(&self) -> f64 {
        self.now.as_duration().as_secs_f64()
    }
}

/// The subject: 1 to 255 bytes.
pub(super) fn subject(claims: &Map<String, Value>) -> Option<&str> {
    let subject = claims.get("sub").and_then(Value::as_str);
    subject.filter(|subject| !subject.is_empty() && subject.len() <= LONGEST_SUBJECT)
}

fn audiences(claims: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    match claims.get("aud") {
        Some(Value::Array(many)) => many.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    }
    .iter()
}

/// A `NumericDate` (RFC 7519, 2), which must be a number.
fn seconds(claims: &Map<String, Value>, name: &str) -> Option<f64> {
    claims.get(name).and_then(Value::as_f64).filter(|seconds| (0.0..1e11).contains(seconds))
}

/// The left half of a hash, by the hash of the algorithm.
fn half_hash(token: &str, algorithm: Algorithm) -> String {
    let half = |digest: &[u8]| URL_SAFE_NO_PAD.encode(&digest[..digest.len() / 2]);
    match algorithm {
        Algorithm::RS384 | Algorithm::PS384 | Algorithm::ES384 => half(&Sha384::digest(token)),
        Algorithm::RS512 | Algorithm::PS512 | Algorithm::EdDSA => half(&Sha512::digest(token)),
        _ => half(&Sha256::digest(token)),
    }
}

#[cfg(all(test, feature = "testing"))]
mod tests;
