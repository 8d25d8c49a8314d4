//! One sign-in, from the request that begins it to the callback that ends it. The browser keeps a secret in a cookie and
//! carries a signed state through the provider; the server keeps nothing.
//!
//! The state holds the digest of the cookie, so that neither can be replaced. The PKCE verifier and the nonce are derived
//! from the secret with a key of the server, so that a thief of both cannot make them. Each flow has a cookie of its own:
//! two tabs do not disturb each other.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::{
    error::Fault,
    settings::Configured,
    store::SessionDigest,
    token::{FlowKey, OAuthState, OAuthStateClaims, OAuthStateToken, used_up},
};

/// The beginning of the names of the cookies.
const COOKIE: &str = "usermgr-oauth-";
/// The prefix by which a browser refuses a cookie that a subdomain has set.
const HOST: &str = "__Host-";
/// How many characters of the state's id are in the name of its cookie.
const NAME: usize = 8;

/// Which answer a flow is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FlowKind {
    Login,
    Link,
    /// Without a browser: an application gets an ID token by itself.
    Native,
}

impl FlowKind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Link => "link",
            Self::Native => "native",
        }
    }
}

/// What the cookie keeps beside its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CookieValue {
    /// The backend through which the user is logged in.
    #[serde(rename = "b")]
    pub(crate) backend: String,
    /// Where the browser is sent at the end. Without it, the callback answers as a login does.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub(crate) return_to: Option<String>,
    /// The PKCE challenge of an application, which gets a one-time code in place of a session.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub(crate) challenge: Option<String>,
    /// When the flow began, in seconds since the epoch.
    #[serde(rename = "t")]
    pub(crate) began: i64,
    /// The digest of the user and the session that link.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub(crate) holder: Option<String>,
}

/// How a flow ends.
pub(crate) struct Ending {
    /// The backend through which the user is logged in.
    pub(crate) backend: String,
    /// Where the browser is sent. Without it, the callback answers as a login does.
    pub(crate) return_to: Option<String>,
    /// The PKCE challenge of an application.
    pub(crate) challenge: Option<String>,
}

/// A user with a session, as a flow is bound to them.
pub(crate) struct Holder<'a> {
    pub(crate) user: &'a str,
    pub(crate) stamp: &'a str,
    pub(crate) session: &'a str,
}

/// A flow for a provider.
pub(crate) struct Flow<'a> {
    pub(crate) configured: &'a Configured,
    pub(crate) provider: &'a str,
    pub(crate) kind: FlowKind,
    /// Whether the routes are under https.
    pub(crate) secure: bool,
}

/// The cookie of a flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FlowCookie {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// What a new flow gives to the browser.
pub(crate) struct Started {
    pub(crate) state: OAuthStateToken,
    pub(crate) cookie: FlowCookie,
    pub(crate) nonce: Zeroizing<String>,
    /// The PKCE challenge (RFC 7636, 4.2).
    pub(crate) challenge: String,
}

/// A flow that has come back with its state and its cookie.
pub(crate) struct Resumed {
    pub(crate) cookie: String,
    pub(crate) value: CookieValue,
    pub(crate) nonce: Zeroizing<String>,
    pub(crate) verifier: Zeroizing<String>,
    /// Under which the state is recorded as used, and until when.
    pub(crate) once: (SessionDigest, Timestamp),
    holder: Option<String>,
}

/// Why a callback does not belong to a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoFlow {
    /// The state is not one of ours.
    Forged,
    /// The state was one, and its time is over.
    Expired,
    /// The state is for another provider, another purpose, another browser or another user.
    Foreign,
}

impl Flow<'_> {
    /// Begins a flow.
    pub(crate) fn begin(&self, ending: Ending, holder: Option<&Holder<'_>>, now: Timestamp) -> Result<Started, Fault> {
        let key = self.configured.flow.current().ok_or(Fault::Busy)?;
        let mut secret = Zeroizing::new([0; 32]);
        getrandom::fill(secret.as_mut())?;
        let holder = holder.map(|holder| holder.digest(key));
        let Ending { backend, return_to, challenge } = ending;
        let value = CookieValue { backend, return_to, challenge, began: now.as_second(), holder };
        let json = serde_json::to_vec(&value).unwrap_or_default();
        let value = format!("{}.{}", URL_SAFE_NO_PAD.encode(*secret), URL_SAFE_NO_PAD.encode(json));
        let (issuer, claims) = (self.configured.issuer::<OAuthState>(), self.claims(key, digest(&value), now)?);
        let verifier = key.value("verifier", &[secret.as_slice()]);
        Ok(Started {
            cookie: FlowCookie { name: self.cookie_name(&claims.jti), value },
            nonce: key.value("nonce", &[secret.as_slice()]),
            challenge: URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())),
            state: issuer.issue(&claims)?,
        })
    }

    /// The claims of a new state, with the digest of the cookie that belongs to it.
    pub(super) fn claims(&self, key: &FlowKey, cookie: String, now: Timestamp) -> Result<OAuthStateClaims, Fault> {
        let issuer = self.configured.issuer::<OAuthState>();
        let (provider, kind) = (self.provider.to_owned(), self.kind.as_str().to_owned());
        let (audience, lifetime) = (issuer.audience(), issuer.lifetime());
        Ok(OAuthStateClaims::issue(provider, audience, lifetime, now, kind, cookie, key.id.clone())?)
    }

    /// Finds the flow to which a callback belongs. `cookies` returns the values of the cookies of a name.
    pub(crate) fn resume(
        &self,
        state: &OAuthStateToken,
        cookies: impl Fn(&str) -> Vec<String>,
        now: Timestamp,
    ) -> Result<Resumed, NoFlow> {
        let claims = self.configured.issuer::<OAuthState>().judge(state, now).map_err(NoFlow::from)?;
        if claims.sub != self.provider || claims.f != self.kind.as_str() {
            return Err(NoFlow::Foreign);
        }
        let name = self.cookie_name(&claims.jti);
        let found =
            cookies(&name).into_iter().find(|value| digest(value).as_bytes().ct_eq(claims.ck.as_bytes()).into());
        let (key, found) = self.configured.flow.named(&claims.k).zip(found).ok_or(NoFlow::Foreign)?;
        let (secret, value) = read(&found).ok_or(NoFlow::Foreign)?;
        Ok(Resumed {
            cookie: name,
            nonce: key.value("nonce", &[secret.as_slice()]),
            verifier: key.value("verifier", &[secret.as_slice()]),
            once: used_up(&claims.jti, claims.exp),
            holder: value.holder.clone(),
            value,
        })
    }

    /// Whether a flow was begun by this user in this session. The stamp is a part of it, so that a reset ends the flow.
    pub(crate) fn is_of(&self, resumed: &Resumed, holder: &Holder<'_>) -> bool {
        resumed.holder.as_ref().is_some_and(|begun| {
            let mut keys = self.configured.flow.all();
            keys.any(|key| holder.digest(key).as_bytes().ct_eq(begun.as_bytes()).into())
        })
    }

    fn cookie_name(&self, id: &str) -> String {
        let prefix = if self.secure { HOST } else { "" };
        format!("{prefix}{COOKIE}{}", id.get(..NAME).unwrap_or_default())
    }

    /// The `Set-Cookie` value of a flow's cookie.
    pub(crate) fn set_cookie(&self, cookie: &FlowCookie) -> String {
        let seconds = self.configured.issuer::<OAuthState>().lifetime().as_secs();
        self.render(&cookie.name, &cookie.value, seconds)
    }

    /// The `Set-Cookie` value that removes a flow's cookie.
    pub(crate) fn clear_cookie(&self, name: &str) -> String {
        self.render(name, "\"\"", 0)
    }

    fn render(&self, name: &str, value: &str, seconds: u64) -> String {
        let secure = if self.secure { "; Secure" } else { "" };
        format!("{name}={value}; HttpOnly; Max-Age={seconds}; Path=/; SameSite=lax{secure}")
    }

    /// Whether a cookie of this name belongs to a flow.
    pub(crate) fn owns_cookie(&self, name: &str) -> bool {
        let prefix = if self.secure { HOST } else { "" };
        name.strip_prefix(prefix).and_then(|name| name.strip_prefix(COOKIE)).is_some_and(|id| id.len() == NAME)
    }
}

impl Holder<'_> {
    fn digest(&self, key: &FlowKey) -> String {
        let parts = [self.user.as_bytes(), self.stamp.as_bytes(), self.session.as_bytes()];
        key.value("holder", &parts).to_string()
    }
}

impl CookieValue {
    /// When the flow of a cookie began. The answer is a hint: nothing proves it.
    pub(crate) fn began(value: &str) -> i64 {
        read(value).map_or(0, |(_, value)| value.began)
    }
}

/// The digest of a cookie's value that the state holds.
fn digest(value: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(value)[..16])
}

/// The secret and the rest of a cookie's value.
fn read(value: &str) -> Option<(Zeroizing<Vec<u8>>, CookieValue)> {
    let (secret, rest) = value.split_once('.')?;
    let secret = Zeroizing::new(URL_SAFE_NO_PAD.decode(secret).ok()?);
    let rest = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(rest).ok()?).ok()?;
    (secret.len() == 32).then_some((secret, rest))
}
