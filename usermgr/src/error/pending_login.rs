//! What a login answers that lacks its second step.

use std::time::Duration;

use crate::{store::CredentialKind, token::PendingToken};

/// A login whose first step was right, and that needs a second factor. It gives no access.
#[derive(Debug)]
#[non_exhaustive]
pub struct PendingLogin {
    /// What the second step is answered with, once. It opens nothing else, and ends with the user's stamp.
    pub token: PendingToken,
    /// For how long, in whole seconds.
    pub expires_in: Duration,
    /// Which factors the user has. One of them is enough.
    pub factors: Vec<OfferedFactor>,
}

/// A second factor that a user can answer with.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OfferedFactor {
    /// Its kind.
    pub kind: CredentialKind,
    /// What the client needs for its answer, such as the challenge of a passkey, where it needs anything.
    pub options: Option<serde_json::Value>,
}
