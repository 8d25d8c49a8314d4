//! The errors of invitations. That of inviting is [`RegisterError`](crate::RegisterError), as for every new account.

use crate::{
    error::{Cause, Code, Fault, Rejection, operation_errors},
    password::InvalidPassword,
    slices::factors::FactorError,
    user::InvalidProfile,
};

/// Why an invitation was not sent again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvitationError {
    /// There is no such user, or the user was not invited, or has accepted.
    #[error("the user has no invitation")]
    NotFound,
    /// The account is inactive.
    #[error("the user is not active")]
    Inactive,
    /// A fault, which the caller has not caused.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Why an invitation was not accepted.
///
/// ```
/// use usermgr::invitations::AcceptInvitationError;
///
/// fn message(error: &AcceptInvitationError) -> String {
///     match error {
///         AcceptInvitationError::InvalidToken => "ask for a new invitation".into(),
///         error => error.to_string(),
///     }
/// }
/// assert_eq!(message(&AcceptInvitationError::InvalidToken), "ask for a new invitation");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AcceptInvitationError {
    /// The token is forged, expired, used, replaced by a newer one or for another purpose, or the invitation was
    /// withdrawn, or the account has another address or is inactive.
    #[error("the token is not valid")]
    InvalidToken,
    /// The policy refuses the password.
    #[error(transparent)]
    InvalidPassword(#[from] InvalidPassword),
    /// The changed profile cannot be read back from the store.
    #[error(transparent)]
    InvalidProfile(#[from] InvalidProfile),
    /// The passkey was not added.
    #[error(transparent)]
    Passkey(FactorError),
    /// `on_before_update`, `on_before_add_factor` or `on_before_commit` refused.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// A fault, which the caller has not caused.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// A fault or a refusal of the passkey is one of the invitation.
impl From<FactorError> for AcceptInvitationError {
    fn from(error: FactorError) -> Self {
        match error {
            FactorError::Fault(fault) => Self::Fault(fault),
            FactorError::Rejected(rejection) => Self::Rejected(rejection),
            error => Self::Passkey(error),
        }
    }
}

operation_errors! {
    InvitationError {
        NotFound => Cause::NotFound,
        Inactive => Cause::Code(Code::UserInactive),
    }
    AcceptInvitationError {
        InvalidToken => Cause::Code(Code::AcceptInvitationBadToken),
        InvalidPassword(error) => Cause::Password(Code::AcceptInvitationInvalidPassword, error),
        InvalidProfile(error) => Cause::InvalidProfile(error),
        Passkey(error) => crate::error::Coded::cause(error),
        Rejected(rejection) => Cause::Rejection(rejection),
    }
}
