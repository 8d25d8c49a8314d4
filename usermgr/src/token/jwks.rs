//! Public keys of a set as JSON Web Keys (RFC 7517).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKeyKind};
use serde_json::{Value, json};

use super::{
    codec::{Key, Keys},
    provider::SELECTED,
};

impl Keys {
    /// Returns the public keys, the current one first. Keys that are derived from a secret have none.
    pub(crate) fn public(&self) -> Vec<Value> {
        self.all().filter_map(public).collect()
    }
}

/// Returns the public half of a key (RFC 7518, 6; RFC 8037, 2).
fn public(key: &Key) -> Option<Value> {
    let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    // Numbers are encoded without leading zeros.
    let number = |bytes: &[u8]| text(&bytes[bytes.iter().take_while(|byte| **byte == 0).count()..]);
    let rsa = |n: &[u8], e: &[u8]| json!({ "kty": "RSA", "n": number(n), "e": number(e) });
    let mut jwk = match (key.algorithm, key.decoding.kind()) {
        (Algorithm::ES256, DecodingKeyKind::SecretOrDer(point)) => {
            let (x, y) = point.strip_prefix(&[4])?.split_at_checked(32)?;
            json!({ "kty": "EC", "crv": "P-256", "x": text(x), "y": text(y) })
        }
        (Algorithm::EdDSA, DecodingKeyKind::SecretOrDer(x)) => json!({ "kty": "OKP", "crv": "Ed25519", "x": text(x) }),
        (Algorithm::RS256, DecodingKeyKind::RsaModulusExponent { n, e }) => rsa(n, e),
        (Algorithm::RS256, DecodingKeyKind::SecretOrDer(der)) => {
            let (n, e) = (SELECTED.key_utils.rsa_pub_components_from_public_key)(der).ok()?;
            rsa(&n, &e)
        }
        _ => return None,
    };
    jwk["kid"] = key.id.as_str().into();
    jwk["alg"] = json!(key.algorithm);
    jwk["use"] = "sig".into();
    Some(jwk)
}
