//! JSON Web Tokens of one purpose: claims go in and a signed text comes out, and the other way round. The algorithm, the `typ` and
//! the keys are fixed here; what a token says of them is only compared.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use serde::{Serialize, de::DeserializeOwned};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{Purpose, provider};
use crate::secret::{SecretError, SecretSet};

/// The longest token that is looked at, in bytes. Ours stay below 1,000.
const MAX_TOKEN: usize = 4096;

/// The keys of one purpose, each derived from a secret of the set by HKDF-SHA256 (RFC 5869), so that one secret serves all purposes
/// without a token of one passing for another.
pub(crate) struct Keys {
    typ: &'static str,
    current: Key,
    previous: Vec<Key>,
}

struct Key {
    /// Tells the keys of one purpose apart; derived too, so that it says nothing of the secret.
    id: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

/// The provider refused to sign, which it does only when it is broken.
#[derive(Debug, thiserror::Error)]
#[error("the token could not be signed: {0}")]
pub(crate) struct SigningFailed(Box<dyn std::error::Error + Send + Sync>);

impl Keys {
    pub(crate) fn derive<P: Purpose>(secrets: &SecretSet, typ: &'static str) -> Result<Self, SecretError> {
        let SecretSet { current, previous } = secrets;
        Ok(Self {
            typ,
            current: Key::derive::<P>(current.bytes()?)?,
            previous: previous.iter().map(|secret| Key::derive::<P>(secret.bytes()?)).collect::<Result<_, _>>()?,
        })
    }

    /// The key id is only an index: an unknown one opens nothing, and no second key is tried.
    fn by_id(&self, id: &str) -> Option<&Key> {
        std::iter::once(&self.current).chain(&self.previous).find(|key| key.id == id)
    }
}

impl Key {
    fn derive<P: Purpose>(secret: &[u8]) -> Result<Self, SecretError> {
        let root = Hkdf::<Sha256>::new(Some(b"usermgr"), secret);
        let mut bytes = Zeroizing::new([0; 32]);
        let mut id = [0; 6];
        for (what, okm) in [("key", bytes.as_mut_slice()), ("kid", id.as_mut_slice())] {
            root.expand(format!("{what}:{}", P::NAME).as_bytes(), okm).map_err(|_| SecretError::Derivation)?;
        }
        Ok(Self {
            id: URL_SAFE_NO_PAD.encode(id),
            encoding: EncodingKey::from_secret(bytes.as_slice()),
            decoding: DecodingKey::from_secret(bytes.as_slice()),
        })
    }
}

impl Keys {
    /// The signed token.
    pub(crate) fn sign(&self, claims: &impl Serialize) -> Result<String, SigningFailed> {
        let failed = |error: Box<dyn std::error::Error + Send + Sync>| SigningFailed(error);
        let header = Header {
            typ: Some(self.typ.to_owned()),
            kid: Some(self.current.id.clone()),
            ..Header::new(Algorithm::HS256)
        };
        let part = |json: Vec<u8>| URL_SAFE_NO_PAD.encode(json);
        let mut token = part(serde_json::to_vec(&header).map_err(|error| failed(error.into()))?);
        token.push('.');
        token.push_str(&part(serde_json::to_vec(claims).map_err(|error| failed(error.into()))?));
        let signer = (provider::SELECTED.signer_factory)(&Algorithm::HS256, &self.current.encoding)
            .map_err(|error| failed(error.into()))?;
        let signature = signer.try_sign(token.as_bytes()).map_err(|error| failed(error.into()))?;
        token.push('.');
        token.push_str(&part(signature));
        Ok(token)
    }

    /// The claims of a token that one of the keys has signed, or `None` for whatever is wrong with it.
    pub(crate) fn open<C: DeserializeOwned>(&self, token: &str) -> Option<C> {
        if token.len() > MAX_TOKEN {
            return None;
        }
        let (message, signature) = token.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        // Without padding and without loose bits at the end: one token has one spelling.
        let part = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
        let header: Header = serde_json::from_slice(&part(header)?).ok()?;
        if header.alg != Algorithm::HS256 || header.typ.as_deref() != Some(self.typ) || header.crit.is_some() {
            return None;
        }
        let key = self.by_id(header.kid.as_deref()?)?;
        let verifier = (provider::SELECTED.verifier_factory)(&Algorithm::HS256, &key.decoding).ok()?;
        verifier.verify(message.as_bytes(), &part(signature)?).ok()?;
        serde_json::from_slice(&part(claims)?).ok()
    }
}
