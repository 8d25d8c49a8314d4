//! Exchanging a code for tokens (RFC 6749, 4.1.3), with the client's authentication.

use std::fmt;

use ::http::{Request, StatusCode, header};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::{
    HttpClient,
    provider::{AuthMethod, Provider},
    reader::{self, ProviderError},
    secret::Held,
    url,
};

/// The tokens of a provider. They are dropped after the sign-in.
pub(super) struct Tokens {
    pub(super) access: Zeroizing<String>,
    pub(super) id: Option<Zeroizing<String>>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens(..)")
    }
}

/// What is exchanged.
pub(super) struct Code<'a> {
    pub(super) code: &'a str,
    pub(super) redirect_uri: &'a str,
    /// The PKCE verifier (RFC 7636, 4.5).
    pub(super) verifier: Option<&'a str>,
}

/// Exchanges a code at the token endpoint.
pub(super) async fn exchange(
    http: &dyn HttpClient,
    provider: &Provider,
    endpoint: &str,
    method: AuthMethod,
    code: &Code<'_>,
    now: Timestamp,
) -> Result<Tokens, ProviderError> {
    let id = provider.client_id.as_str();
    let secret = match &provider.secret.0 {
        Held::Text(text) => Some(text.clone()),
        Held::Apple(key) => Some(key.secret(id, now)?),
        Held::None | Held::Broken(_) => None,
    };
    let mut fields =
        vec![("grant_type", "authorization_code"), ("code", code.code), ("redirect_uri", code.redirect_uri)];
    fields.extend(code.verifier.map(|verifier| ("code_verifier", verifier)));
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
    let response = reader::send(http, request, url::form(fields).into()).await?;
    // An error has the status 400, or, at GitHub, 200.
    if matches!(response.status(), StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
        return Err(refused(crate::http::read_json(response.body()).as_ref().and_then(Value::as_object)));
    }
    let answer = reader::object(&response)?;
    if answer.contains_key("error") {
        return Err(refused(Some(&answer)));
    }
    let text = |name: &str| answer.get(name).and_then(Value::as_str).map(|text| Zeroizing::new(text.to_owned()));
    if !text("token_type").is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")) {
        return Err(ProviderError::refused("the tokens are not bearer tokens"));
    }
    let access = text("access_token").filter(|token| !token.is_empty());
    let access = access.ok_or_else(|| ProviderError::refused("there is no access token"))?;
    Ok(Tokens { access, id: text("id_token") })
}

/// The refusal with the provider's error code, if it is one that the standard allows (RFC 6749, 5.2), so that no log has
/// what a stranger wrote.
fn refused(answer: Option<&Map<String, Value>>) -> ProviderError {
    let error = answer.and_then(|answer| answer.get("error")).and_then(Value::as_str);
    let is_code =
        |error: &&str| error.len() <= 64 && error.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    ProviderError::refused(format!("the code is refused: {}", error.filter(is_code).unwrap_or("no reason")))
}
