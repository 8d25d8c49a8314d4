//! The one-method HTTP client by which providers are called. The feature `oauth` brings one; an application replaces it
//! for a proxy, a pool of its own or a test.

use ::http::{Request, Response};
use async_trait::async_trait;
use bytes::Bytes;

/// An HTTP client. It sends one request and returns the whole response.
///
/// An implementation must not follow redirects, must check certificates, and must give up after some seconds. If it is
/// reachable for strangers' URLs, it must also refuse private addresses, as the built-in client does. Responses above
/// 256 KiB are refused by the library.
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use usermgr::oauth::{HttpClient, HttpError};
///
/// /// A provider that is always down.
/// struct Down;
///
/// #[async_trait::async_trait]
/// impl HttpClient for Down {
///     async fn send(&self, _: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
///         Err(HttpError::TimedOut)
///     }
/// }
/// ```
#[async_trait]
pub trait HttpClient: Send + Sync + 'static {
    /// Sends a request. A response with any status is `Ok`.
    ///
    /// # Errors
    /// [`HttpError`] if there is no response.
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError>;
}

/// Why a request has no response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// The address may not be called: it is private, or the URL has the wrong scheme.
    #[error("the address may not be called")]
    Forbidden,
    /// There was no complete response in time.
    #[error("there was no complete response in time")]
    TimedOut,
    /// The response is larger than 256 KiB.
    #[error("the response is too large")]
    TooLarge,
    /// The connection failed. The text is for the log of the server.
    #[error("the connection failed: {0}")]
    Failed(String),
}
