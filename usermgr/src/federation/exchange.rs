//! The token endpoint of a provider: a code (RFC 6749, 4.1.3) or a refresh token (6) becomes tokens. And the client's
//! authentication, which other endpoints share.

use std::{fmt, time::Duration};

use ::http::{Request, Response, StatusCode, header};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::{
    HttpClient,
    provider::{AuthMethod, Provider},
    reader::{self, ProviderError},
    secret::Held,
    tokens::Tokens,
    url,
};
use crate::span::later;

/// Our client at the endpoints of a provider.
pub(super) struct Client<'a> {
    pub(super) http: &'a dyn HttpClient,
    pub(super) provider: &'a Provider,
    /// How the client authenticates, unless the provider is configured otherwise.
    pub(super) method: AuthMethod,
    pub(super) now: Timestamp,
}

/// What is exchanged.
pub(super) enum Grant<'a> {
    Code(Code<'a>),
    Refresh(&'a str),
}

/// The code of a callback.
pub(super) struct Code<'a> {
    pub(super) code: &'a str,
    pub(super) redirect_uri: &'a str,
    /// The PKCE verifier (RFC 7636, 4.5).
    pub(super) verifier: Option<&'a str>,
}

/// What the endpoint has given.
pub(super) struct Exchanged {
    pub(super) tokens: Tokens,
    pub(super) id: Option<Zeroizing<String>>,
}

impl fmt::Debug for Exchanged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Exchanged(..)")
    }
}

/// Why the endpoint has given nothing.
pub(super) enum NotExchanged {
    /// It has refused what it was sent, with this code (RFC 6749, 5.2).
    Refused(String),
    Failed(ProviderError),
}

impl From<ProviderError> for NotExchanged {
    fn from(error: ProviderError) -> Self {
        Self::Failed(error)
    }
}

impl NotExchanged {
    /// The error, with the name of what was sent.
    pub(super) fn of(self, what: &str) -> ProviderError {
        match self {
            Self::Refused(code) => ProviderError::refused(format!("{what} is refused: {code}")),
            Self::Failed(error) => error,
        }
    }
}

impl Client<'_> {
    /// Exchanges a code or a refresh token.
    pub(super) async fn exchange(&self, endpoint: &str, grant: &Grant<'_>) -> Result<Exchanged, NotExchanged> {
        let fields = match grant {
            Grant::Refresh(token) => vec![("grant_type", "refresh_token"), ("refresh_token", token)],
            Grant::Code(Code { code, redirect_uri, verifier }) => {
                let fields = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect_uri)];
                fields.into_iter().chain(verifier.map(|verifier| ("code_verifier", verifier))).collect()
            }
        };
        let response = self.post(endpoint, fields).await?;
        // An error has the status 400, or, at GitHub, 200.
        if matches!(response.status(), StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            return Err(refused(crate::http::read_json(response.body()).as_ref().and_then(Value::as_object)));
        }
        let answer = reader::object(&response)?;
        if answer.contains_key("error") {
            return Err(refused(Some(&answer)));
        }
        let text = |name: &str| answer.get(name).and_then(Value::as_str).map(|text| Zeroizing::new(text.to_owned()));
        let token = |name: &str| text(name).filter(|token| !token.is_empty());
        if !text("token_type").is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")) {
            return Err(ProviderError::refused("the tokens are not bearer tokens").into());
        }
        let access = token("access_token").ok_or_else(|| ProviderError::refused("there is no access token"))?;
        let tokens = Tokens {
            access,
            refresh: token("refresh_token"),
            expires_at: answer.get("expires_in").and_then(seconds).map(|lifetime| later(self.now, lifetime)),
            scope: answer.get("scope").and_then(Value::as_str).map(str::to_owned),
        };
        Ok(Exchanged { tokens, id: text("id_token") })
    }

    /// Sends a form with the client's authentication (RFC 6749, 2.3.1).
    pub(super) async fn post(
        &self,
        endpoint: &str,
        mut fields: Vec<(&str, &str)>,
    ) -> Result<Response<Bytes>, ProviderError> {
        let Self { http, provider, method, now } = *self;
        let id = provider.client_id.as_str();
        let secret = match &provider.secret.0 {
            Held::Text(text) => Some(text.clone()),
            Held::Apple(key) => Some(key.secret(id, now)?),
            Held::None | Held::Broken(_) => None,
        };
        let mut request = Request::post(endpoint).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        match (&secret, provider.auth_method.unwrap_or(method)) {
            (Some(secret), AuthMethod::Basic) => {
                // Both halves are encoded as in a form (RFC 6749, 2.3.1).
                let pair = Zeroizing::new(format!("{}:{}", url::form_encoded(id), url::form_encoded(secret)));
                request = request.header(header::AUTHORIZATION, format!("Basic {}", STANDARD.encode(pair.as_bytes())));
            }
            (Some(secret), AuthMethod::Post) => fields.extend([("client_id", id), ("client_secret", secret.as_str())]),
            (None, _) => fields.push(("client_id", id)),
        }
        reader::send(http, request, url::form(fields).into()).await
    }
}

/// A lifetime in seconds. Some providers write it as a text.
fn seconds(value: &Value) -> Option<Duration> {
    let seconds = value.as_u64().or_else(|| value.as_str()?.parse().ok());
    seconds.map(Duration::from_secs)
}

/// The refusal with the provider's error code, if it is one that the standard allows (RFC 6749, 5.2), so that no log has
/// what a stranger wrote.
fn refused(answer: Option<&Map<String, Value>>) -> NotExchanged {
    let error = answer.and_then(|answer| answer.get("error")).and_then(Value::as_str);
    let is_code =
        |error: &&str| error.len() <= 64 && error.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    NotExchanged::Refused(error.filter(is_code).unwrap_or("no reason").to_owned())
}
