//! The errors of a verification.

use crate::error::{Cause, Code, Fault, Rejection, operation_errors};

/// Why an address was not verified, or no mail was requested.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The token is forged, expired, or for another purpose or address, or its user was deleted.
    #[error("the token is not valid")]
    InvalidToken,
    /// The user is already verified.
    #[error("the user is already verified")]
    AlreadyVerified,
    /// The account is inactive.
    #[error("the user is not active")]
    Inactive,
    /// `on_before_commit` refused.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// A fault, which the caller has not caused.
    #[error(transparent)]
    Fault(#[from] Fault),
}

operation_errors! {
    VerifyError {
        InvalidToken => Cause::Code(Code::VerifyUserBadToken),
        AlreadyVerified => Cause::Code(Code::VerifyUserAlreadyVerified),
        Inactive => Cause::Code(Code::UserInactive),
        Rejected(rejection) => Cause::Rejection(rejection),
    }
}
