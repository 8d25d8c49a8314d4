//! A provider of OAuth 2.0 without ID tokens: its endpoints, and where its API describes the account.

use serde_json::{Map, Value};

use super::reader::{Api, IdentityReader, ProviderError, RemoteIdentity};

/// The endpoints of a provider of OAuth 2.0, and where its API describes the account.
pub struct OAuth2 {
    pub(super) authorization: String,
    pub(super) token: String,
    pub(super) revocation: Option<String>,
    pub(super) reader: Box<dyn IdentityReader>,
    document: Document,
}

/// Where the parts of an identity are in one JSON document, as JSON pointers (RFC 6901).
#[derive(Clone, Debug, Default)]
struct Document {
    profile: Option<String>,
    subject: String,
    email: Option<String>,
    verified: Option<String>,
}

impl OAuth2 {
    /// Sets the endpoint to which browsers are sent, and the one that exchanges codes. Both must be `https`.
    pub fn new(authorization: impl Into<String>, token: impl Into<String>) -> Self {
        let document = Document { subject: "/id".into(), ..Document::default() };
        Self {
            authorization: authorization.into(),
            token: token.into(),
            revocation: None,
            reader: Box::new(document.clone()),
            document,
        }
    }

    /// Sets the endpoint that revokes tokens (RFC 7009), for a provider with
    /// [`keep_tokens`](super::Provider::keep_tokens). It must be `https`. Without it, tokens are only deleted here.
    #[must_use]
    pub fn revocation(self, url: impl Into<String>) -> Self {
        Self { revocation: Some(url.into()), ..self }
    }

    /// Sets the URL of the document about the user. It is read with the access token.
    #[must_use]
    pub fn profile(self, url: impl Into<String>) -> Self {
        self.reading(|document| document.profile = Some(url.into()))
    }

    /// Sets where the id of the account is in the document, a text or a whole number. Default: `/id`.
    #[must_use]
    pub fn subject(self, pointer: impl Into<String>) -> Self {
        self.reading(|document| document.subject = pointer.into())
    }

    /// Sets where the address is in the document.
    #[must_use]
    pub fn email(self, pointer: impl Into<String>) -> Self {
        self.reading(|document| document.email = Some(pointer.into()))
    }

    /// Sets where the document says whether the address is verified. Without it, no address is verified.
    #[must_use]
    pub fn verified(self, pointer: impl Into<String>) -> Self {
        self.reading(|document| document.verified = Some(pointer.into()))
    }

    /// Sets what reads the account, in place of one document.
    #[must_use]
    pub fn reader(self, reader: impl IdentityReader) -> Self {
        Self { reader: Box::new(reader), ..self }
    }

    fn reading(mut self, change: impl FnOnce(&mut Document)) -> Self {
        change(&mut self.document);
        Self { reader: Box::new(self.document.clone()), ..self }
    }

    pub(super) fn urls(&self) -> Vec<&str> {
        let endpoints = [self.authorization.as_str(), self.token.as_str()];
        endpoints.into_iter().chain(self.revocation.as_deref()).chain(self.document.profile.as_deref()).collect()
    }
}

#[async_trait::async_trait]
impl IdentityReader for Document {
    async fn read(&self, api: &Api<'_>) -> Result<RemoteIdentity, ProviderError> {
        let profile = self.profile.as_deref().ok_or_else(|| ProviderError::refused("no profile URL is configured"))?;
        let document = api.get(profile).await?;
        let at = |pointer: &str| document.pointer(pointer);
        let subject = at(&self.subject).and_then(id);
        let email = self.email.as_deref().and_then(at).and_then(Value::as_str).map(str::to_owned);
        let email_verified = self.verified.as_deref().and_then(at).is_some_and(is_true);
        let subject = subject.ok_or_else(|| ProviderError::refused("the document has no id"))?;
        let raw = match document {
            Value::Object(map) => map,
            _ => Map::new(),
        };
        Ok(RemoteIdentity { subject, email, email_verified, raw })
    }
}

/// An id: a text, or a whole number as text.
pub(super) fn id(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) if number.is_u64() || number.is_i64() => Some(number.to_string()),
        _ => None,
    }
}

/// A flag: `true`, also as text. Everything else is false.
pub(super) fn is_true(value: &Value) -> bool {
    *value == Value::Bool(true) || value.as_str() == Some("true")
}
