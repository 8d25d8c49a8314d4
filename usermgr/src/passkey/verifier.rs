//! What verifies the ceremonies of WebAuthn: a trait, and the values that go in and come out. A verifier keeps nothing and
//! knows no account.

use serde_json::Value;

use crate::{engine::Challenge, error::Fault};

/// Verifies the ceremonies of WebAuthn (W3C Web Authentication, Level 3). It makes the options of a ceremony and a state,
/// and judges the answer with that state. Options and answers have the JSON of browsers
/// (`PublicKeyCredential.parseCreationOptionsFromJSON`, `toJSON`).
///
/// The library keeps states and lets them be used once, for ten minutes. It finds the passkey of an answer, and checks
/// that it belongs to the user. Everything else is the verifier's duty, whatever the client was asked for:
/// - Each challenge has at least 16 random bytes (13.4.3).
/// - Type, challenge, origin and relying party are exactly those of the ceremony (7.1, 7.2). Pages in frames of other
///   origins are refused.
/// - The signature is that of the passkey, by an algorithm of the options.
/// - A counter must grow, unless it is zero and stays zero (6.1.1).
/// - The passkey's eligibility for backup never changes (6.1.3).
/// - It never panics, whatever the bytes are.
///
/// [`WebauthnRs`](crate::passkeys::WebauthnRs) is one (feature `webauthn-rs`).
///
/// ```
/// use usermgr::passkeys::{PasskeyVerifier, StoredPasskey};
///
/// /// What a page needs to ask for one of these passkeys.
/// fn options(verifier: &dyn PasskeyVerifier, known: &[StoredPasskey]) -> Option<serde_json::Value> {
///     verifier.authenticate(known).ok().map(|challenge| challenge.options)
/// }
/// ```
pub trait PasskeyVerifier: Send + Sync + 'static {
    /// Returns the id of the relying party: the domain to which passkeys belong.
    fn rp_id(&self) -> &str;

    /// Begins a registration: the options for `navigator.credentials.create`, and the state for
    /// [`registered`](Self::registered). Passkeys that the user has are excluded.
    ///
    /// # Errors
    /// A [`Fault`] if the verifier itself fails.
    fn register(&self, user: &PasskeyUser<'_>, known: &[StoredPasskey]) -> Result<Challenge, Fault>;

    /// Judges the answer to a registration.
    ///
    /// # Errors
    /// [`PasskeyRefused`] if the answer is not accepted.
    fn registered(&self, state: &str, answer: &Value) -> Result<NewPasskey, PasskeyRefused>;

    /// Begins an authentication: the options for `navigator.credentials.get`, and the state for
    /// [`authenticated`](Self::authenticated). Without known passkeys the client offers those that it finds, so nothing
    /// in the options depends on a user.
    ///
    /// # Errors
    /// A [`Fault`] if the verifier itself fails.
    fn authenticate(&self, known: &[StoredPasskey]) -> Result<Challenge, Fault>;

    /// Judges the answer to an authentication by this passkey. The library has found it by the id in the answer. An answer
    /// of another passkey must be refused.
    ///
    /// # Errors
    /// [`PasskeyRefused`] if the answer is not accepted.
    fn authenticated(&self, state: &str, answer: &Value, stored: &StoredPasskey)
    -> Result<UsedPasskey, PasskeyRefused>;
}

/// The user of a new passkey.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct PasskeyUser<'a> {
    /// The user handle: random bytes that authenticators keep and return at a login. It says nothing about the user.
    pub handle: &'a [u8],
    /// The name that the authenticator shows: the address.
    pub name: &'a str,
}

impl<'a> PasskeyUser<'a> {
    /// Makes a user with this handle and name.
    pub fn new(handle: &'a [u8], name: &'a str) -> Self {
        Self { handle, name }
    }
}

/// A passkey of a user, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredPasskey {
    /// The id that the authenticator has given it.
    pub id: Vec<u8>,
    /// What the verifier wants to keep.
    pub data: String,
    /// How the client said that the authenticator is reached, such as `internal` or `usb`. It is a hint for the client and
    /// proves nothing.
    pub transports: Vec<String>,
}

impl StoredPasskey {
    /// Makes a passkey without transports.
    pub fn new(id: impl Into<Vec<u8>>, data: impl Into<String>) -> Self {
        Self { id: id.into(), data: data.into(), transports: Vec::new() }
    }

    /// Sets the transports.
    #[must_use]
    pub fn transports(self, transports: Vec<String>) -> Self {
        Self { transports, ..self }
    }
}

/// A passkey that was just made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewPasskey {
    /// The id that the authenticator has given it, at most 1023 bytes.
    pub id: Vec<u8>,
    /// What the verifier wants to keep: the public key, the counter. The library stores the text as it is.
    pub data: String,
    /// Whether it is backed up, such as by a service that synchronises it.
    pub is_backed_up: bool,
}

impl NewPasskey {
    /// Makes a passkey that is not backed up.
    pub fn new(id: impl Into<Vec<u8>>, data: impl Into<String>) -> Self {
        Self { id: id.into(), data: data.into(), is_backed_up: false }
    }

    /// Sets whether it is backed up.
    #[must_use]
    pub fn backed_up(self, is_backed_up: bool) -> Self {
        Self { is_backed_up, ..self }
    }
}

/// A passkey that has answered rightly.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UsedPasskey {
    /// What the verifier wants to keep now, with the new counter.
    pub data: String,
    /// Whether it is backed up.
    pub is_backed_up: bool,
    /// Whether the authenticator has verified its user, by a PIN or a biometric. A passkey that has not is no login by
    /// itself, but a second factor after a password.
    pub is_user_verified: bool,
}

impl UsedPasskey {
    /// Makes the result of an answer without user verification.
    pub fn new(data: impl Into<String>) -> Self {
        Self { data: data.into(), is_backed_up: false, is_user_verified: false }
    }

    /// Sets whether it is backed up.
    #[must_use]
    pub fn backed_up(self, is_backed_up: bool) -> Self {
        Self { is_backed_up, ..self }
    }

    /// Sets whether the user was verified.
    #[must_use]
    pub fn user_verified(self, is_user_verified: bool) -> Self {
        Self { is_user_verified, ..self }
    }
}

/// Why an answer is not accepted. A client does not learn it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PasskeyRefused {
    /// It is not the answer of an authenticator.
    #[error("the answer cannot be read")]
    Malformed,
    /// It answers another challenge, or a ceremony of another kind.
    #[error("the answer is to another challenge")]
    Challenge,
    /// It was made on a page of another origin, or in a frame of one.
    #[error("the answer is of another origin")]
    Origin,
    /// It was made for another relying party.
    #[error("the answer is for another relying party")]
    RelyingParty,
    /// The authenticator has not verified its user, but had to.
    #[error("the user was not verified")]
    UserNotVerified,
    /// The key is of an algorithm that was not offered.
    #[error("the algorithm is not supported")]
    Algorithm,
    /// It is signed by another key, or the passkey is another one.
    #[error("the signature is wrong")]
    Signature,
    /// The counter has not grown: there may be a copy of the passkey.
    #[error("the counter was set back")]
    CounterSetBack,
    /// The stored passkey cannot be read. It is a fault, and never a wrong answer.
    #[error("the stored passkey cannot be read")]
    Unreadable,
    /// The eligibility for backup has changed, or contradicts the state.
    #[error("the eligibility for backup has changed")]
    BackupChanged,
}
