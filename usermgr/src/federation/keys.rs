//! The public keys of a provider (RFC 7517): which of them fit a token, and when the set is fetched again because a
//! token names a key that is not in it.

use std::{sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse},
};
use serde_json::{Map, Value};
use tokio::sync::Mutex;

use super::{
    cache::{Cache, Fetched},
    reader::ProviderError,
};
use crate::token::provider;

/// How many keys of a provider are read.
const MOST_KEYS: usize = 64;
/// How long the keys serve beyond their time while the provider is down.
const OUTAGE: Duration = Duration::from_secs(3600);
/// How often in a row unknown keys cause a fetch, and after which time once more.
const FETCHES: u32 = 3;
const FETCH_AGAIN: Duration = Duration::from_secs(10);

/// The algorithms of signatures that are accepted: none with a shared secret, and never `none`.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// The algorithm of this name, if it is accepted.
pub(super) fn algorithm(name: &str) -> Option<Algorithm> {
    name.parse().ok().filter(|algorithm| ALGORITHMS.contains(algorithm))
}

/// The keys of one answer.
pub(super) struct RemoteKeys(Vec<Jwk>);

impl RemoteKeys {
    /// Reads a key set. A key that cannot be read does not hide the others.
    pub(super) fn read(document: &Map<String, Value>) -> Result<Self, ProviderError> {
        let keys = document.get("keys").and_then(Value::as_array);
        let keys = keys.ok_or_else(|| ProviderError::refused("the key set has no `keys`"))?;
        let read = keys.iter().take(MOST_KEYS).filter_map(|key| serde_json::from_value(key.clone()).ok());
        Ok(Self(read.collect()))
    }

    /// The key for a token. Without a key id there must be no choice (OpenID Connect Core 1.0, 10.1).
    pub(super) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<DecodingKey> {
        let named = |key: &&Jwk| id.is_none_or(|id| key.common.key_id.as_deref() == Some(id));
        let mut fitting = self.0.iter().filter(|key| fits(key, algorithm)).filter(named);
        let key = fitting.next()?;
        if fitting.next().is_some() {
            return None;
        }
        DecodingKey::from_jwk(key).ok()
    }
}

/// Whether a key is one for this algorithm. A symmetric key in a public document is no key. A key without `alg`, such as
/// Microsoft's, fits all algorithms of its family.
fn fits(key: &Jwk, algorithm: Algorithm) -> bool {
    let family = match (&key.algorithm, algorithm) {
        (
            AlgorithmParameters::RSA(rsa),
            Algorithm::RS256
            | Algorithm::RS384
            | Algorithm::RS512
            | Algorithm::PS256
            | Algorithm::PS384
            | Algorithm::PS512,
        ) => {
            // From 2048 to 8192 bits (RFC 7518, 3.3).
            URL_SAFE_NO_PAD.decode(&rsa.n).is_ok_and(|modulus| (256..=1024).contains(&modulus.len()))
        }
        (AlgorithmParameters::EllipticCurve(ec), Algorithm::ES256) => ec.curve == EllipticCurve::P256,
        (AlgorithmParameters::EllipticCurve(ec), Algorithm::ES384) => ec.curve == EllipticCurve::P384,
        (AlgorithmParameters::OctetKeyPair(ed), Algorithm::EdDSA) => ed.curve == EllipticCurve::Ed25519,
        _ => false,
    };
    let signs = key.common.public_key_use.as_ref().is_none_or(|usage| *usage == PublicKeyUse::Signature);
    let named = key.common.key_algorithm.is_none_or(|named| format!("{named:?}") == format!("{algorithm:?}"));
    family && signs && named
}

/// Whether a key has made a signature.
pub(super) fn verifies(key: &DecodingKey, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
    let verifier = (provider::SELECTED.verifier_factory)(&algorithm, key);
    verifier.is_ok_and(|verifier| verifier.verify(message, &signature.to_vec()).is_ok())
}

/// The keys of a provider, as they are now.
pub(super) struct KeyCache {
    cache: Cache<RemoteKeys>,
    budget: Mutex<Budget>,
}

/// How many fetches unknown keys may cause.
struct Budget {
    left: u32,
    since: Option<Timestamp>,
}

impl Budget {
    fn take(&mut self, now: Timestamp) -> bool {
        let since = self.since.unwrap_or(now);
        let passed = now.duration_since(since).as_secs().max(0).unsigned_abs() / FETCH_AGAIN.as_secs();
        if passed > 0 || self.left == FETCHES {
            self.left = self.left.saturating_add(u32::try_from(passed).unwrap_or(FETCHES)).min(FETCHES);
            self.since = Some(now);
        }
        let allowed = self.left > 0;
        self.left = self.left.saturating_sub(1);
        allowed
    }
}

impl KeyCache {
    pub(super) fn new() -> Self {
        Self { cache: Cache::new(OUTAGE), budget: Mutex::new(Budget { left: FETCHES, since: None }) }
    }

    /// The key for a token. If it is unknown, the set is fetched again, but not for every token that names a key.
    pub(super) async fn find<F>(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
        now: Timestamp,
        fetch: impl Fn() -> F,
    ) -> Result<DecodingKey, ProviderError>
    where
        F: Future<Output = Result<Fetched<RemoteKeys>, ProviderError>>,
    {
        let unknown = || ProviderError::refused("the ID token names no key of the provider");
        let keys = self.cache.get(now, &fetch).await?;
        if let Some(key) = keys.find(id, algorithm) {
            return Ok(key);
        }
        let mut budget = self.budget.lock().await;
        // Another token may have fetched it meanwhile.
        let current = self.cache.get(now, &fetch).await?;
        if !Arc::ptr_eq(&keys, &current) {
            return current.find(id, algorithm).ok_or_else(unknown);
        }
        if !budget.take(now) {
            return Err(unknown());
        }
        self.cache.renew(now, fetch).await?.find(id, algorithm).ok_or_else(unknown)
    }
}
