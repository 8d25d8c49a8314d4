//! Why a session was not ended, or has no new tokens.

use crate::error::{Cause, Code, Fault, operation_errors};

/// Why a session was not ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// It is not there, has ended, or is somebody else's; or the user is gone.
    #[error("there is no such session")]
    NotFound,
    /// Not the caller's fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Why there are no new tokens.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RefreshError {
    /// The token is forged or was used, or its session has ended; or the user is gone or not active. They are not told apart.
    #[error("the token is not valid")]
    InvalidToken,
    /// The engine has no backend of this name, or its strategy has no refresh tokens.
    #[error("there is no such backend with refresh tokens")]
    UnknownBackend,
    /// Not the caller's fault.
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
