//! Why an address was not verified.

use crate::error::{Cause, Code, Fault, Rejection, operation_errors};

/// Why an address was not verified, or no mail asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The token is forged, expired, of another purpose, for another address, or its user is gone.
    #[error("the token is not valid")]
    InvalidToken,
    /// There is nothing to verify.
    #[error("the user is verified already")]
    AlreadyVerified,
    /// The account is not active.
    #[error("the user is not active")]
    Inactive,
    /// `on_before_commit` said no.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// Not the caller's fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

operation_errors! {
    VerifyError {
        InvalidToken => Cause::Code(Code::VerifyUserBadToken),
        AlreadyVerified => Cause::Code(Code::VerifyUserAlreadyVerified),
        Inactive => Cause::Code(Code::VerifyUserBadToken),
        Rejected(rejection) => Cause::Rejection(rejection),
    }
}
