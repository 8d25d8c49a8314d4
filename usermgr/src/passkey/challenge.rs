//! A ceremony that has begun, for the client.

use std::time::Duration;

use serde_json::Value;

use crate::token::PasskeyToken;

/// A challenge for an authenticator: of a new passkey, or of a login.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PasskeyChallenge {
    /// What the browser needs, as `{"publicKey": {..}}`. It is for `PublicKeyCredential.parseCreationOptionsFromJSON` or
    /// `parseRequestOptionsFromJSON`.
    pub options: Value,
    /// The single-use token, which comes back with the answer.
    pub token: PasskeyToken,
    /// How long the token is valid, in whole seconds.
    pub expires_in: Duration,
}
