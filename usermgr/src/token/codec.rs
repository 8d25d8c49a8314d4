//! JSON Web Tokens of one purpose: signs claims, and opens signed tokens. The algorithm, the `typ` and the keys are
//! fixed here. The values in a token are only compared with them.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use super::{Purpose, provider};
use crate::secret::{DerivedKey, SecretError, SecretSet};

/// The longest token that is checked, in bytes. The library's own tokens have less than 1,000.
const MAX_TOKEN: usize = 4096;

/// The keys of one purpose. Each is derived from a secret of the set by HKDF-SHA256 (RFC 5869). So one secret serves
/// all purposes, but a token of one purpose is not valid for another.
pub(crate) struct Keys {
    typ: &'static str,
    pub(super) current: Key,
    previous: Vec<Key>,
    /// The first part of every token that the current key signs.
    header: Option<String>,
}

pub(super) struct Key {
    /// The key id (`kid`). For a derived key it is derived too, so that it reveals nothing about the secret.
    pub(super) id: String,
    /// The only algorithm of the key, whatever a token says (RFC 8725, 3.1).
    pub(super) algorithm: Algorithm,
    /// `None` for a key that only checks tokens.
    pub(super) encoding: Option<EncodingKey>,
    pub(super) decoding: DecodingKey,
}

/// The crypto provider refused to sign, which happens only if it is broken.
#[derive(Debug, thiserror::Error)]
#[error("the token could not be signed: {0}")]
pub(crate) struct SigningFailed(Box<dyn std::error::Error + Send + Sync>);

impl Keys {
    pub(crate) fn derive<P: Purpose>(secrets: &SecretSet, typ: &'static str) -> Result<Self, SecretError> {
        let SecretSet { current, previous } = secrets;
        let previous = previous.iter().map(|secret| Key::derive::<P>(secret.bytes()?)).collect::<Result<_, _>>()?;
        Ok(Self::new(typ, Key::derive::<P>(current.bytes()?)?, previous))
    }

    pub(super) fn new(typ: &'static str, current: Key, previous: Vec<Key>) -> Self {
        let header =
            Header { typ: Some(typ.to_owned()), kid: Some(current.id.clone()), ..Header::new(current.algorithm) };
        let header = serde_json::to_vec(&header).ok().map(|json| URL_SAFE_NO_PAD.encode(json));
        Self { typ, current, previous, header }
    }

    /// Returns the current key and then the previous keys.
    pub(super) fn all(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.current).chain(&self.previous)
    }

    /// Returns the key that a header names. The key id is only an index: an unknown id opens nothing, and no second key
    /// is tried.
    fn named_by(&self, header: &str) -> Option<&Key> {
        // Most tokens have the header of the current key.
        if self.header.as_deref() == Some(header) {
            return Some(&self.current);
        }
        let header: Header = serde_json::from_slice(&part(header)?).ok()?;
        if header.typ.as_deref() != Some(self.typ) || header.crit.is_some() {
            return None;
        }
        let id = header.kid?;
        self.all().find(|key| key.id == id).filter(|key| key.algorithm == header.alg)
    }
}

impl Key {
    fn derive<P: Purpose>(secret: &[u8]) -> Result<Self, SecretError> {
        let DerivedKey { id, bytes } = DerivedKey::of(secret, P::NAME)?;
        Ok(Self {
            id: URL_SAFE_NO_PAD.encode(id),
            algorithm: Algorithm::HS256,
            encoding: Some(EncodingKey::from_secret(bytes.as_slice())),
            decoding: DecodingKey::from_secret(bytes.as_slice()),
        })
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Zeroizing<Vec<u8>>, SigningFailed> {
        let encoding = self.encoding.as_ref().ok_or_else(|| SigningFailed("the key only verifies".into()))?;
        let signer = (provider::SELECTED.signer_factory)(&self.algorithm, encoding);
        let signer = signer.map_err(|error| SigningFailed(error.into()))?;
        signer.try_sign(message).map(Zeroizing::new).map_err(|error| SigningFailed(error.into()))
    }

    pub(super) fn accepts(&self, message: &[u8], signature: &Zeroizing<Vec<u8>>) -> bool {
        let verifier = (provider::SELECTED.verifier_factory)(&self.algorithm, &self.decoding);
        verifier.is_ok_and(|verifier| verifier.verify(message, signature).is_ok())
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("typ", &self.typ).field("current", &self.current.id).finish_non_exhaustive()
    }
}

impl Keys {
    /// Returns the signed token.
    pub(crate) fn sign(&self, claims: &impl Serialize) -> Result<String, SigningFailed> {
        let mut token = self.header.clone().ok_or_else(|| SigningFailed("the header cannot be written".into()))?;
        token.push('.');
        let claims = serde_json::to_vec(claims).map_err(|error| SigningFailed(error.into()))?;
        URL_SAFE_NO_PAD.encode_string(claims, &mut token);
        let signature = self.current.sign(token.as_bytes())?;
        // Reserves the space for the rest once and writes in place. A reallocation would leave unwiped copies in
        // memory.
        token.reserve_exact(1 + signature.len().div_ceil(3) * 4);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(&*signature, &mut token);
        Ok(token)
    }

    /// Returns the claims of a token that one of the keys has signed, or `None` if the token is invalid for any reason.
    pub(crate) fn open<C: DeserializeOwned>(&self, token: &str) -> Option<C> {
        if token.len() > MAX_TOKEN {
            return None;
        }
        let (message, signature) = token.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        let key = self.named_by(header)?;
        if !key.accepts(message.as_bytes(), &part(signature)?.into()) {
            return None;
        }
        serde_json::from_slice(&part(claims)?).ok()
    }
}

/// Decodes a part of a token. It refuses padding and unused bits at the end, so that a token has only one encoding.
fn part(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        secret::Secret,
        token::{Access, AccessClaims, Reset, Verify},
    };

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn keys<P: Purpose>(current: &str, previous: &[&str], typ: &'static str) -> Keys {
        let set = SecretSet { current: Secret::new(current), previous: previous.iter().map(Secret::new).collect() };
        Keys::derive::<P>(&set, typ).unwrap()
    }

    fn access() -> Keys {
        keys::<Access>(SECRET, &[], "at+jwt")
    }

    fn claims() -> Value {
        json!({ "sub": "1", "aud": "a", "iat": 10, "exp": 20, "jti": "j", "st": "s", "auth_time": 10 })
    }

    fn part(value: &Value) -> String {
        URL_SAFE_NO_PAD.encode(value.to_string())
    }

    /// Returns a token with this header, signed with the correct key whatever the header says.
    fn signed(keys: &Keys, header: &Value, claims: &Value) -> String {
        let message = format!("{}.{}", part(header), part(claims));
        let signature = keys.current.sign(message.as_bytes()).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(&*signature))
    }

    fn header(keys: &Keys) -> Value {
        json!({ "alg": "HS256", "typ": "at+jwt", "kid": keys.current.id })
    }

    #[test]
    fn a_token_is_read_up_to_its_greatest_length_and_no_further() {
        let keys = access();
        let tokens: Vec<String> =
            (2900..3000).map(|pad| keys.sign(&json!({ "pad": "x".repeat(pad) })).unwrap()).collect();
        assert!(
            tokens.iter().any(|token| token.len() == MAX_TOKEN)
                && tokens.iter().any(|token| token.len() > MAX_TOKEN + 1)
        );
        for token in tokens {
            assert_eq!(keys.open::<Value>(&token).is_some(), token.len() <= MAX_TOKEN, "{}", token.len());
        }
    }

    #[test]
    fn what_is_signed_is_opened() {
        let keys = access();
        let token = keys.sign(&claims()).unwrap();
        assert_eq!(keys.open::<Value>(&token).unwrap(), claims());
        assert_eq!(signed(&keys, &header(&keys), &claims()).split('.').nth(1), token.split('.').nth(1));
    }

    #[test]
    fn j1_no_other_algorithm_is_believed() {
        let keys = access();
        for algorithm in ["none", "None", "nOnE", "HS384", "HS512", "RS256", "ES256", "hs256", ""] {
            let mut header = header(&keys);
            header["alg"] = json!(algorithm);
            assert!(keys.open::<Value>(&signed(&keys, &header, &claims())).is_none(), "{algorithm:?}");
        }
        let token = keys.sign(&claims()).unwrap();
        let (message, _) = token.rsplit_once('.').unwrap();
        for signature in ["", "AA", "."] {
            assert!(keys.open::<Value>(&format!("{message}.{signature}")).is_none());
        }
    }

    #[test]
    fn j2_keys_in_the_header_are_never_used() {
        let (ours, theirs) = (access(), keys::<Access>("an attacker's own secret, long enough", &[], "at+jwt"));
        let key = json!({ "kty": "oct", "k": URL_SAFE_NO_PAD.encode("an attacker's own secret, long enough") });
        for (name, value) in
            [("jwk", key), ("jku", json!("https://evil.example/keys")), ("x5u", json!("https://evil.example/c"))]
        {
            let mut header = header(&ours);
            header[name] = value;
            assert!(ours.open::<Value>(&signed(&theirs, &header, &claims())).is_none(), "{name}");
        }
        for kid in ["../../etc/passwd", "' OR 1=1 --", &"x".repeat(10_000), ""] {
            let mut header = header(&ours);
            header["kid"] = json!(kid);
            assert!(ours.open::<Value>(&signed(&ours, &header, &claims())).is_none());
        }
    }

    #[test]
    fn j5_an_old_key_opens_until_it_is_taken_out_and_an_unknown_one_never() {
        let old = keys::<Access>(SECRET, &[], "at+jwt");
        let token = old.sign(&claims()).unwrap();
        let rotated = keys::<Access>("another secret, also long enough now", &[SECRET], "at+jwt");
        assert!(rotated.open::<Value>(&token).is_some());
        assert!(old.open::<Value>(&rotated.sign(&claims()).unwrap()).is_none());
        assert!(keys::<Access>("another secret, also long enough now", &[], "at+jwt").open::<Value>(&token).is_none());
    }

    #[test]
    fn t6_a_token_of_one_purpose_opens_no_other() {
        let all = [access(), keys::<Verify>(SECRET, &[], "verify+jwt"), keys::<Reset>(SECRET, &[], "reset+jwt")];
        for (i, from) in all.iter().enumerate() {
            for (j, to) in all.iter().enumerate() {
                assert_eq!(to.open::<Value>(&from.sign(&claims()).unwrap()).is_some(), i == j);
            }
        }
        // The keys differ, not only the names of the types.
        let same_typ = keys::<Reset>(SECRET, &[], "at+jwt");
        assert!(access().open::<Value>(&same_typ.sign(&claims()).unwrap()).is_none());
        // The types differ, not only the keys.
        let same_key = keys::<Access>(SECRET, &[], "reset+jwt");
        assert!(access().open::<Value>(&same_key.sign(&claims()).unwrap()).is_none());
    }

    #[test]
    fn j4_claims_of_a_wrong_type_or_none_at_all_are_no_claims() {
        let keys = access();
        let opens = |claims: &Value| keys.open::<AccessClaims>(&keys.sign(claims).unwrap()).is_some();
        assert!(opens(&claims()));
        for name in ["sub", "aud", "iat", "exp", "jti", "st", "auth_time"] {
            let mut without = claims();
            without.as_object_mut().unwrap().remove(name);
            assert!(!opens(&without), "{name} is missing");
            for wrong in [json!(null), json!([]), json!({}), json!(1.5), json!("20"), json!(true)] {
                let fits = wrong.is_string() && claims()[name].is_string();
                let mut altered = claims();
                altered[name] = wrong.clone();
                assert_eq!(opens(&altered), fits, "{name} = {wrong}");
            }
        }
        for wrong in [json!("1"), json!(1.5), json!([1])] {
            let mut altered = claims();
            altered["nbf"] = wrong;
            assert!(!opens(&altered));
        }
    }

    #[test]
    fn t17_time_is_compared_to_the_second() {
        let mut value = claims();
        value["nbf"] = json!(12);
        let claims: AccessClaims = serde_json::from_value(value).unwrap();
        let holds = |second| claims.holds("a", Timestamp::from_second(second).unwrap());
        assert_eq!([11, 12, 19, 20, 21].map(holds), [false, true, true, false, false]);
    }

    #[test]
    fn t6_a_token_is_for_one_audience() {
        let claims: AccessClaims = serde_json::from_value(claims()).unwrap();
        let now = Timestamp::from_second(15).unwrap();
        assert!(claims.holds("a", now));
        for other in ["", "b", "A", "aa", "a "] {
            assert!(!claims.holds(other, now), "{other:?}");
        }
    }

    #[test]
    fn j7_a_token_has_one_spelling() {
        let keys = access();
        let token = keys.sign(&claims()).unwrap();
        for other in [
            format!("{token}="),
            format!("{token}."),
            format!(" {token}"),
            token.replace('.', ".="),
            token.replacen('.', "..", 1),
        ] {
            assert!(keys.open::<Value>(&other).is_none(), "{other}");
        }
    }

    proptest! {
        #[test]
        fn j9_no_text_makes_it_panic(text in "\\PC*", a in "[A-Za-z0-9_-]{0,80}", b in "[A-Za-z0-9_-]{0,80}", c in "[A-Za-z0-9_-]{0,80}") {
            let keys = access();
            prop_assert!(keys.open::<Value>(&text).is_none());
            let token = format!("{a}.{b}.{c}");
            prop_assert!(keys.open::<Value>(&token).is_none());
        }
    }
}
