//! The errors of operations on second factors.

use crate::error::{Cause, Code, Fault, Rejection, operation_errors};

/// Why a second factor was not added, renamed or removed.
///
/// ```
/// use usermgr::factors::FactorError;
///
/// fn message(error: &FactorError) -> String {
///     match error {
///         FactorError::BadCode => "look at the app again: a code changes every 30 seconds".into(),
///         error => error.to_string(),
///     }
/// }
/// assert!(message(&FactorError::BadCode).contains("30 seconds"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FactorError {
    /// The user has no such factor, or was deleted.
    #[error("there is no such factor")]
    NotFound,
    /// The engine has no part that adds such factors.
    #[error("the engine has no factor of this kind")]
    NotInstalled,
    /// The code or the answer with which a new factor is proved is wrong.
    #[error("the code is not valid")]
    BadCode,
    /// The factor that is being added is not pending: it was begun by another user or in another session, has expired,
    /// is finished, or was answered wrongly too often.
    #[error("no factor is being added: begin again")]
    NotPending,
    /// The label has more than 64 characters, or a control character.
    #[error("a label has at most 64 characters, and no control character")]
    InvalidLabel,
    /// The user has as many factors as they may have.
    #[error("a user has at most 20 second factors")]
    TooMany,
    /// Another account, or this one, has this factor already.
    #[error("this factor is in use already")]
    AlreadyAdded,
    /// The address must be verified first. Otherwise a stranger could register an address and lock its owner out.
    #[error("the e-mail address is not verified")]
    NotVerified,
    /// The user has a second factor, and it was not proved in this session.
    #[error("a second factor must be proved first")]
    SecondFactorRequired,
    /// The user has no second factor that recovery codes could replace.
    #[error("the user has no second factor")]
    Missing,
    /// `on_before_add_factor` or `on_before_commit` refused.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// A fault, which the caller has not caused.
    #[error(transparent)]
    Fault(#[from] Fault),
}

operation_errors! {
    FactorError {
        NotFound => Cause::NotFound,
        NotInstalled => Cause::NotFound,
        BadCode => Cause::Code(Code::FactorBadCode),
        NotPending => Cause::Code(Code::FactorNotPending),
        InvalidLabel => Cause::Code(Code::FactorInvalidLabel),
        TooMany => Cause::Code(Code::FactorLimit),
        AlreadyAdded => Cause::Code(Code::FactorAlreadyAdded),
        NotVerified => Cause::Code(Code::FactorNotVerified),
        SecondFactorRequired => Cause::Code(Code::SecondFactorRequired),
        Missing => Cause::Code(Code::FactorMissing),
        Rejected(rejection) => Cause::Rejection(rejection),
    }
}
