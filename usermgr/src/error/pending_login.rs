//! The result of a login that still needs its second step.

use std::time::Duration;

use crate::{store::CredentialKind, token::PendingToken};

/// A login whose first step succeeded and that needs a second factor. It gives no access.
#[derive(Debug)]
#[non_exhaustive]
pub struct PendingLogin {
    /// The single-use token for the second step. It gives access to nothing else, and a new stamp of the user
    /// invalidates it.
    pub token: PendingToken,
    /// How long the token is valid, in whole seconds.
    pub expires_in: Duration,
    /// The factors that the user has. One of them is enough.
    pub factors: Vec<OfferedFactor>,
}

/// A second factor that a user can answer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OfferedFactor {
    /// Its kind.
    pub kind: CredentialKind,
    /// What the client needs for its answer, such as the challenge of a passkey, if anything.
    pub options: Option<serde_json::Value>,
}
