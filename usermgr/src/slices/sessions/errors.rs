//! The errors of ending and refreshing a session.

use crate::error::{Cause, Code, Fault, operation_errors};

/// Why a session was not ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The session does not exist, has ended or belongs to another user, or the user was deleted.
    #[error("there is no such session")]
    NotFound,
    /// A fault, which the caller has not caused.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Why a refresh returned no new tokens.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RefreshError {
    /// The token is forged or was used, its session has ended, or the user was deleted or is inactive. The error does
    /// not distinguish these cases.
    #[error("the token is not valid")]
    InvalidToken,
    /// The engine has no backend of this name, or its strategy has no refresh tokens.
    #[error("there is no such backend with refresh tokens")]
    UnknownBackend,
    /// A fault, which the caller has not caused.
    #[error(transparent)]
    Fault(#[from] Fault),
}

operation_errors! {
    SessionError {
        NotFound => Cause::NotFound,
    }
    RefreshError {
        InvalidToken => Cause::Code(Code::RefreshBadToken),
        UnknownBackend => Cause::NotFound,
    }
}
