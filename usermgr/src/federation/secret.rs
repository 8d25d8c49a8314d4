//! How our client proves who it is at a provider: a text, a token that a key signs, or nothing.

use std::{env, fmt, fs, path::Path};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::reader::ProviderError;
use crate::token::provider;

/// The issuer, for which the secrets of clients are.
pub(super) const APPLE: &str = "https://appleid.apple.com";
/// How long a secret for Apple is valid, in seconds. Apple allows six months.
const APPLE_LIFETIME: i64 = 300;
/// The shortest secret of a client, in bytes. The provider makes it; a shorter one is a mistake.
const SHORTEST_SECRET: usize = 8;

/// The secret that the provider has given to our client. `Debug` does not show it.
///
/// ```
/// use usermgr::oauth::ClientSecret;
/// assert_eq!(format!("{:?}", ClientSecret::new("GOCSPX-0123456789")), "ClientSecret(..)");
/// ```
pub struct ClientSecret(pub(super) Held);

pub(super) enum Held {
    Text(Zeroizing<String>),
    /// The secret is a token that the key signs.
    Apple(AppleKey),
    /// A public client, which has none.
    None,
    Broken(String),
}

impl ClientSecret {
    /// Creates a secret from its text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Held::Text(Zeroizing::new(text.into())))
    }

    /// Reads a secret from an environment variable. If it is not set, `build` says so.
    pub fn env(name: &str) -> Self {
        let missing = |_| Held::Broken(format!("the environment variable {name} is not set"));
        Self(env::var(name).map_or_else(missing, |text| Held::Text(Zeroizing::new(text))))
    }

    /// Reads a secret from a file. White space at both ends is ignored. If it cannot be read, `build` says so.
    pub fn file(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref();
        let unread = |error| Held::Broken(format!("{} cannot be read: {error}", path.display()));
        let read = fs::read_to_string(path).map(Zeroizing::new);
        Self(read.map_or_else(unread, |text| Held::Text(Zeroizing::new(text.trim().to_owned()))))
    }

    /// No secret, for a public client. PKCE alone then proves that the code comes back from the same server.
    pub fn none() -> Self {
        Self(Held::None)
    }

    pub(super) fn fault(&self) -> Option<String> {
        match &self.0 {
            Held::Text(text) if text.len() < SHORTEST_SECRET => {
                Some(format!("the client secret has less than {SHORTEST_SECRET} bytes"))
            }
            Held::Apple(key) => key.fault(),
            Held::Broken(why) => Some(why.clone()),
            Held::Text(_) | Held::None => None,
        }
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(..)")
    }
}

/// The private key of an application at Apple, from the file `AuthKey_….p8`. `Debug` does not show it.
///
/// ```
/// use usermgr::oauth::{AppleKey, ClientSecret, Provider};
/// let key = AppleKey::new("DEF123GHIJ", "ABC123DEFG", ClientSecret::env("APPLE_P8"));
/// let apple = Provider::apple("com.example.shop", key);
/// assert_eq!(apple.name(), "apple");
/// ```
pub struct AppleKey {
    team: String,
    key_id: String,
    key: Result<EncodingKey, String>,
}

impl AppleKey {
    /// Sets the id of the team, the id of the key, and the text of the file.
    pub fn new(team: impl Into<String>, key_id: impl Into<String>, pem: ClientSecret) -> Self {
        let key = match pem.0 {
            Held::Text(pem) => pkcs8(&pem).ok_or_else(|| "the key is not the PEM of a private key".to_owned()),
            Held::Broken(why) => Err(why),
            Held::None | Held::Apple(_) => Err("the key is missing".to_owned()),
        };
        Self { team: team.into(), key_id: key_id.into(), key }
    }

    pub(super) fn fault(&self) -> Option<String> {
        match &self.key {
            Err(why) => Some(why.clone()),
            Ok(_) if self.team.is_empty() || self.key_id.is_empty() => Some("the team or the key id is empty".into()),
            Ok(_) => self.secret("trial", Timestamp::UNIX_EPOCH).is_err().then(|| "the key cannot sign".into()),
        }
    }

    /// The secret of a client: a token that is signed by the key.
    pub(super) fn secret(&self, client_id: &str, now: Timestamp) -> Result<Zeroizing<String>, ProviderError> {
        let broken = || ProviderError::refused("the client secret cannot be signed");
        let now = now.as_second();
        let header = json!({ "alg": "ES256", "kid": self.key_id });
        let claims = json!({
            "iss": self.team, "iat": now, "exp": now + APPLE_LIFETIME, "aud": APPLE, "sub": client_id,
        });
        let mut token =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()));
        let key = self.key.as_ref().map_err(|_| broken())?;
        let signer = (provider::SELECTED.signer_factory)(&Algorithm::ES256, key).map_err(|_| broken())?;
        let signature = signer.try_sign(token.as_bytes()).map_err(|_| broken())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(Zeroizing::new(token))
    }
}

impl fmt::Debug for AppleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppleKey").field("team", &self.team).field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

/// The key in a PEM text of PKCS#8 (RFC 7468, 10).
fn pkcs8(pem: &str) -> Option<EncodingKey> {
    let body = pem.trim().strip_prefix("-----BEGIN PRIVATE KEY-----")?.strip_suffix("-----END PRIVATE KEY-----")?;
    let body: Zeroizing<String> = Zeroizing::new(body.split_whitespace().collect());
    let der = Zeroizing::new(STANDARD.decode(body.as_bytes()).ok()?);
    (!der.is_empty()).then(|| EncodingKey::from_ec_der(&der))
}

/// The name that Apple sends once, beside the code: `user={"name":{"firstName":..,"lastName":..}}`. It is not signed.
pub(super) fn apple_name(user: &str) -> Option<String> {
    let user: Map<String, Value> = serde_json::from_str(user).ok()?;
    let part = |name: &str| user.get("name")?.get(name)?.as_str().filter(|text| !text.is_empty());
    let parts: Vec<_> = [part("firstName"), part("lastName")].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}
