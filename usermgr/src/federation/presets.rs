//! The presets. Their names, and the ids of accounts, are those that FastAPI Users has stored, so that imported
//! identities still sign in.

use std::fmt;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::{
    provider::{ClientSecret, Held, Issuer, OAuth2, Oidc, Protocol, Provider, SubjectClaim, Trust, id},
    reader::{Api, IdentityReader, ProviderError, RemoteIdentity},
};
use crate::token::provider;

const GOOGLE: &str = "https://accounts.google.com";
const APPLE: &str = "https://appleid.apple.com";
const GITLAB: &str = "https://gitlab.com";
const GITHUB: &str = "https://api.github.com";
/// How long a secret for Apple is valid, in seconds. Apple allows six months.
const APPLE_LIFETIME: i64 = 300;

impl Provider {
    /// Google. It is trusted for addresses of Google itself, and of the domains that it hosts; elsewhere it is not
    /// authoritative for an address.
    pub fn google(client_id: impl Into<String>, secret: ClientSecret) -> Self {
        Self::oidc("google", GOOGLE, client_id, secret).label("Google").trusted(Trust::Google)
    }

    /// GitHub. The address is the primary one, if GitHub has verified it.
    pub fn github(client_id: impl Into<String>, secret: ClientSecret) -> Self {
        let endpoints =
            OAuth2::new("https://github.com/login/oauth/authorize", "https://github.com/login/oauth/access_token")
                .reader(GitHub);
        let provider = Self::oauth2("github", endpoints, client_id, secret).label("GitHub");
        provider.scopes(["user", "user:email"]).trusted(Trust::Always)
    }

    /// Microsoft Entra ID, for one tenant, for a list of tenants, or for all. Microsoft does not verify addresses, so
    /// none is trusted, unless the claim `xms_edov` says that the tenant owns its domain and `trust_email` is set.
    pub fn microsoft(tenant: Tenant, client_id: impl Into<String>, secret: ClientSecret) -> Self {
        let Tenant(tenants) = tenant;
        let at = |tenant: &str| format!("https://login.microsoftonline.com/{tenant}/v2.0");
        let (issuer, discovery, subject) = match tenants {
            Tenants::One(id) => (Issuer::Exactly(at(&id)), at(&id), SubjectClaim::Oid),
            Tenants::Some(ids) => (Issuer::Tenants(Some(ids)), at("organizations"), SubjectClaim::TenantAndOid),
            Tenants::All => (Issuer::Tenants(None), at("common"), SubjectClaim::TenantAndOid),
        };
        let oidc = Oidc { issuer, discovery, subject, verified: "xms_edov" };
        Self::new("microsoft", Protocol::Oidc(oidc), client_id, secret)
            .label("Microsoft")
            .scopes(["openid", "email", "profile"])
    }

    /// Apple. The client id is that of the Services ID, and the key makes the client's secret. The browser comes back
    /// with a form. Addresses are trusted, those of Apple's relay too.
    pub fn apple(client_id: impl Into<String>, key: AppleKey) -> Self {
        Self::oidc("apple", APPLE, client_id, ClientSecret(Held::Apple(key)))
            .label("Apple")
            .scopes(["openid", "email", "name"])
            .trusted(Trust::Always)
            .answering_by_form()
    }

    /// GitLab.com. For a GitLab of one's own, use [`oidc`](Self::oidc) with its URL as the issuer.
    pub fn gitlab(client_id: impl Into<String>, secret: ClientSecret) -> Self {
        Self::oidc("gitlab", GITLAB, client_id, secret).label("GitLab").trusted(Trust::Always)
    }

    /// Discord.
    pub fn discord(client_id: impl Into<String>, secret: ClientSecret) -> Self {
        let endpoints = OAuth2::new("https://discord.com/api/oauth2/authorize", "https://discord.com/api/oauth2/token")
            .profile("https://discord.com/api/users/@me")
            .email("/email")
            .verified("/verified");
        let provider = Self::oauth2("discord", endpoints, client_id, secret).label("Discord");
        provider.scopes(["identify", "email"]).trusted(Trust::Always)
    }
}

/// The tenants of Microsoft Entra ID whose users may sign in.
///
/// ```
/// use usermgr::oauth::{ClientSecret, Provider, Tenant};
/// let tenant = Tenant::id("9d5c0c9e-0c64-4b3c-9f70-1f9c5b0a1e11");
/// let microsoft = Provider::microsoft(tenant, "our-id", ClientSecret::env("MICROSOFT_SECRET"));
/// assert_eq!(microsoft.name(), "microsoft");
/// ```
#[derive(Clone, Debug)]
pub struct Tenant(Tenants);

#[derive(Clone, Debug)]
enum Tenants {
    One(String),
    Some(Vec<String>),
    All,
}

impl Tenant {
    /// One tenant, by its id, a GUID in lower case. The id of an account is `oid`, as FastAPI Users stores it.
    pub fn id(id: impl Into<String>) -> Self {
        Self(Tenants::One(id.into()))
    }

    /// Several tenants, by their ids. The id of an account is that of the tenant, a slash, and `oid`.
    pub fn any_of<T: Into<String>>(ids: impl IntoIterator<Item = T>) -> Self {
        Self(Tenants::Some(ids.into_iter().map(Into::into).collect()))
    }

    /// Every tenant, and personal accounts.
    pub fn all() -> Self {
        Self(Tenants::All)
    }
}

/// Whether a text is a GUID in lower case.
pub(super) fn is_guid(text: &str) -> bool {
    let hyphens = [8, 13, 18, 23];
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match hyphens.contains(&at) {
            true => byte == b'-',
            false => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
        })
}

/// Reads GitHub's two documents. The address of the first is the public one, which nobody has verified.
struct GitHub;

#[async_trait::async_trait]
impl IdentityReader for GitHub {
    async fn read(&self, api: &Api<'_>) -> Result<RemoteIdentity, ProviderError> {
        let Value::Object(raw) = api.get(&format!("{GITHUB}/user")).await? else {
            return Err(ProviderError::refused("the user is not an object"));
        };
        let subject = raw.get("id").and_then(id).ok_or_else(|| ProviderError::refused("the user has no id"))?;
        let emails = api.get(&format!("{GITHUB}/user/emails")).await?;
        let is = |row: &Value, flag: &str| row[flag] == Value::Bool(true);
        let primary = emails.as_array().into_iter().flatten().find(|row| is(row, "primary") && is(row, "verified"));
        let email = primary.and_then(|row| row["email"].as_str()).map(str::to_owned);
        Ok(RemoteIdentity { subject, email_verified: email.is_some(), email, raw })
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

#[cfg(test)]
mod tests;

#[cfg(test)]
mod tests;
