//! How the account at a provider is read with the access token: the trait of a provider without ID tokens, and what it
//! may call.

use std::time::Duration;

use ::http::{Request, Response, StatusCode, header};
use async_trait::async_trait;
use bytes::Bytes;
use serde_json::{Map, Value};

use super::{HttpClient, HttpError, url};

/// The largest response that is read, in bytes.
pub(super) const MOST: usize = 256 * 1024;

/// Why a provider did not describe an account. The texts are for the log of the server; clients get a code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProviderError {
    /// The provider cannot be reached, is overloaded, or fails. The client may try again later.
    #[error("the provider is not available: {reason}")]
    Unavailable {
        /// Why, for the log.
        reason: String,
        /// How long to wait, in whole seconds.
        retry_after: Duration,
    },
    /// The provider refused the code, or its answer is not what it must be.
    #[error("the provider's answer is refused: {reason}")]
    Refused {
        /// Why, for the log.
        reason: String,
    },
}

impl ProviderError {
    /// The answer is not what it must be.
    pub fn refused(reason: impl Into<String>) -> Self {
        Self::Refused { reason: reason.into() }
    }

    /// The provider does not answer. The client is asked to wait for some seconds.
    pub fn unavailable(reason: impl Into<String>) -> Self {
        Self::Unavailable { reason: reason.into(), retry_after: Duration::from_secs(5) }
    }
}

impl From<HttpError> for ProviderError {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::Forbidden | HttpError::TooLarge => Self::refused(error.to_string()),
            HttpError::TimedOut | HttpError::Failed(_) => Self::unavailable(error.to_string()),
        }
    }
}

/// The account at a provider.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct RemoteIdentity {
    /// The id of the account, 1 to 255 bytes, which the provider never gives to another account.
    pub subject: String,
    /// The address, if the provider reports one.
    pub email: Option<String>,
    /// Whether the provider has verified this address. It must come from the same document as the address.
    pub email_verified: bool,
    /// Everything that the provider reported.
    pub raw: Map<String, Value>,
}

impl RemoteIdentity {
    /// An account without an address.
    pub fn new(subject: impl Into<String>) -> Self {
        Self { subject: subject.into(), ..Self::default() }
    }
}

/// Reads the account at a provider that has no ID tokens. Most providers need none of it: [`Provider::oauth2`] reads the
/// parts of one JSON document.
///
/// ```
/// use usermgr::oauth::{Api, IdentityReader, ProviderError, RemoteIdentity};
///
/// /// A forge whose API wraps each answer.
/// struct Forge;
///
/// #[async_trait::async_trait]
/// impl IdentityReader for Forge {
///     async fn read(&self, api: &Api<'_>) -> Result<RemoteIdentity, ProviderError> {
///         let answer = api.get("https://forge.example/api/whoami").await?;
///         let id = answer["data"]["id"].as_u64().ok_or_else(|| ProviderError::refused("no id"))?;
///         Ok(RemoteIdentity::new(id.to_string()))
///     }
/// }
/// ```
///
/// [`Provider::oauth2`]: super::Provider::oauth2
#[async_trait]
pub trait IdentityReader: Send + Sync + 'static {
    /// Reads the account to which the access token belongs.
    ///
    /// # Errors
    /// [`ProviderError`] if the provider does not say who it is.
    async fn read(&self, api: &Api<'_>) -> Result<RemoteIdentity, ProviderError>;
}

/// The API of a provider, called with the access token of the sign-in.
pub struct Api<'a> {
    pub(super) http: &'a dyn HttpClient,
    pub(super) access_token: &'a str,
    pub(super) plain_http: bool,
}

impl Api<'_> {
    /// Gets a JSON document.
    ///
    /// # Errors
    /// [`ProviderError`] for a URL that is not `https`, for a failed request, for a status other than 200, and for what
    /// is not JSON.
    pub async fn get(&self, address: &str) -> Result<Value, ProviderError> {
        let request = Request::get(callable(address, self.plain_http)?)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.access_token));
        json(&send(self.http, request, Bytes::new()).await?)
    }
}

/// The URL, if it may be called.
pub(super) fn callable(address: &str, plain_http: bool) -> Result<&str, ProviderError> {
    match url::is_callable(address, plain_http) {
        true => Ok(address),
        false => Err(ProviderError::refused("an address of the provider is not an https URL")),
    }
}

/// Sends a request that wants JSON.
pub(super) async fn send(
    http: &dyn HttpClient,
    request: ::http::request::Builder,
    body: Bytes,
) -> Result<Response<Bytes>, ProviderError> {
    // GitHub refuses requests without a user agent.
    let request = request.header(header::ACCEPT, "application/json").header(header::USER_AGENT, "usermgr").body(body);
    let request = request.map_err(|_| ProviderError::refused("the request cannot be written"))?;
    let response = http.send(request).await?;
    if response.body().len() > MOST {
        return Err(HttpError::TooLarge.into());
    }
    match response.status() {
        StatusCode::TOO_MANY_REQUESTS => Err(ProviderError::unavailable("429")),
        status if status.is_server_error() => Err(ProviderError::unavailable(status.as_str())),
        _ => Ok(response),
    }
}

/// The JSON of a response with the status 200. A name that occurs twice is refused.
pub(super) fn json(response: &Response<Bytes>) -> Result<Value, ProviderError> {
    if response.status() != StatusCode::OK {
        return Err(ProviderError::refused(format!("the status is {}", response.status().as_u16())));
    }
    crate::http::read_json(response.body()).ok_or_else(|| ProviderError::refused("the answer is not JSON"))
}

/// The object of a response with the status 200.
pub(super) fn object(response: &Response<Bytes>) -> Result<Map<String, Value>, ProviderError> {
    match json(response)? {
        Value::Object(map) => Ok(map),
        _ => Err(ProviderError::refused("the answer is not an object")),
    }
}
