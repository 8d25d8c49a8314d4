//! What the templates of second factors get.

use std::fmt;

use serde::Serialize;

/// The second factors of a user.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct FactorsView {
    /// The factors, the oldest first, and then the recovery codes.
    pub rows: Vec<FactorView>,
    /// Whether the user may add an authenticator app.
    pub adds_app: bool,
    /// Whether the user may add a passkey.
    pub adds_passkey: bool,
    /// The passkeys that the account has, in JSON, for `PublicKeyCredential.signalAllAcceptedCredentials`. `None` without any.
    pub signal: Option<String>,
}

/// A second factor of a user.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct FactorView {
    /// Its id.
    pub id: String,
    /// Its kind, such as `totp` or `recovery`.
    pub kind: String,
    /// The kind in words.
    pub name: String,
    /// The name that the user gave it.
    pub label: Option<String>,
    /// When it was added, in words.
    pub added: String,
    /// The same for programs (RFC 3339).
    pub added_at: String,
    /// When it was last used, in words.
    pub used: Option<String>,
    /// The same for programs (RFC 3339).
    pub used_at: Option<String>,
    /// Whether it is a passkey that the user has on other devices too. `None` for what is no passkey.
    pub is_synced: Option<bool>,
    /// How many recovery codes are left. `None` for what is no recovery code.
    pub codes_left: Option<u64>,
}

/// What the browser is asked for.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct PasskeyView {
    /// Whether the browser makes a passkey. Otherwise it uses one.
    pub makes: bool,
    /// Whether the browser offers passkeys among the suggestions for the name, as soon as the page is shown (WebAuthn, conditional mediation).
    pub waits: bool,
    /// The options in JSON, for `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`.
    pub options: String,
}

/// An authenticator app that is being set up. `Debug` does not show its secret.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct SetUpView {
    /// The QR code of the address.
    pub picture: Option<PictureView>,
    /// The secret, in groups of four characters.
    pub secret: String,
    /// The address that opens an app on the same device: `otpauth://totp/..`.
    pub uri: String,
}

/// A QR code: the parts of an `svg` element. `Debug` does not show it.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct PictureView {
    /// The width and the height, in units of the path, with the border that scanners need.
    pub size: i32,
    /// The dark squares, as the `d` of a `path`.
    pub path: String,
}

impl fmt::Debug for SetUpView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetUpView").finish_non_exhaustive()
    }
}

impl fmt::Debug for PictureView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PictureView").field("size", &self.size).finish_non_exhaustive()
    }
}
