//! The errors of operations on API keys.

use crate::error::{Cause, Code, Fault, Rejection, operation_errors};

/// Why an API key was not made, rotated, renamed or revoked.
///
/// ```
/// use usermgr::api_keys::ApiKeyError;
///
/// fn message(error: &ApiKeyError) -> String {
///     match error {
///         ApiKeyError::ScopeNotAllowed => "choose only what you may do yourself".into(),
///         error => error.to_string(),
///     }
/// }
/// assert!(message(&ApiKeyError::TooMany).contains("50"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApiKeyError {
    /// The user has no such key, or was deleted.
    #[error("there is no such API key")]
    NotFound,
    /// The engine does not have the part [`ApiKeys`](crate::api_keys::ApiKeys).
    #[error("the engine has no API keys")]
    NotInstalled,
    /// The key has no scope, or one that is no permission of the application or that its owner does not have.
    #[error("a scope must be a permission that the owner of the key has")]
    ScopeNotAllowed,
    /// The lifetime is zero or longer than the longest one, or the key must not live on without an end.
    #[error("the lifetime is not allowed")]
    InvalidLifetime,
    /// The label has more than 64 characters, or a control character.
    #[error("a label has at most 64 characters, and no control character")]
    InvalidLabel,
    /// The user has as many keys as they may have.
    #[error("a user has at most 50 API keys")]
    TooMany,
    /// The address must be verified first. Otherwise a stranger could register an address and keep a key to the account
    /// of its owner.
    #[error("the e-mail address is not verified")]
    NotVerified,
    /// The user has a second factor, and it was not proved in this session.
    #[error("a second factor must be proved first")]
    SecondFactorRequired,
    /// A key for another user can be made only for a service account.
    #[error("the user is no service account")]
    NoServiceAccount,
    /// `on_before_create_api_key` or `on_before_commit` refused.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// A fault, which the caller has not caused.
    #[error(transparent)]
    Fault(#[from] Fault),
}

operation_errors! {
    ApiKeyError {
        NotFound => Cause::NotFound,
        NotInstalled => Cause::NotFound,
        ScopeNotAllowed => Cause::Code(Code::ApiKeyScopeNotAllowed),
        InvalidLifetime => Cause::Code(Code::ApiKeyInvalidLifetime),
        InvalidLabel => Cause::Code(Code::ApiKeyInvalidLabel),
        TooMany => Cause::Code(Code::ApiKeyLimit),
        NotVerified => Cause::Code(Code::ApiKeyNotVerified),
        SecondFactorRequired => Cause::Code(Code::SecondFactorRequired),
        NoServiceAccount => Cause::NotFound,
        Rejected(rejection) => Cause::Rejection(rejection),
    }
}
