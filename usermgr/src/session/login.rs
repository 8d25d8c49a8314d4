//! The outcome of a login: a session with additions to the response, or the reason of a failure.

use jiff::Timestamp;
use serde::Serialize;

use super::SessionInfo;
use crate::user::OAuthClaims;

/// A successful login, as `on_after_login` receives it. The hook can add to the response.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Login {
    /// The new session.
    pub session: SessionInfo,
    /// Headers to add to the response, as name and value.
    pub headers: Vec<(String, String)>,
    /// Fields to add to a JSON response. They cannot replace `access_token`, `refresh_token`, `expires_in` and
    /// `token_type`.
    pub fields: serde_json::Map<String, serde_json::Value>,
    /// What a provider said, if the user signed in through one. A profile can follow it at each login. `None` after a
    /// second factor.
    pub oauth: Option<OAuthClaims>,
}

impl Login {
    pub(crate) fn new(session: SessionInfo, oauth: Option<OAuthClaims>) -> Self {
        Self { session, headers: Vec::new(), fields: serde_json::Map::new(), oauth }
    }

    /// Adds a header to the response. A header that HTTP does not allow is left out.
    pub fn header(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.headers.push((name.into(), value.into()));
    }

    /// Adds a field to a JSON response.
    pub fn field(&mut self, name: impl Into<String>, value: impl Into<serde_json::Value>) {
        self.fields.insert(name.into(), value.into());
    }
}

/// A refresh token that was used a second time, either by the user or by a thief. Its session has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenTheft {
    /// The session, with the address and the user agent of its login. The context has those of the second use.
    pub session: SessionInfo,
}

/// A failed login.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FailedLogin {
    /// The address as the client sent it, cut to 254 bytes.
    pub username: String,
    /// The id of the account with this address. `None` if there is no such account.
    pub user: Option<String>,
    /// The reason. The response to the client does not contain it.
    pub reason: FailedLoginReason,
}

/// A temporary lock of password logins to an account, either from one network or from all networks that the account
/// does not know. Only the login is locked: sessions stay valid, and a password reset ends the lock.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lockout {
    /// The address as the client sent it, cut to 254 bytes.
    pub username: String,
    /// The id of the account. `None` if there is no such account.
    pub user: Option<String>,
    /// When the lock ends.
    pub until: Timestamp,
}

/// The reason of a failed login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FailedLoginReason {
    /// No account has this address, or the text is not an address.
    UnknownAccount,
    /// The account has no password.
    NoPassword,
    /// The password is wrong, or longer than any password may be.
    WrongPassword,
    /// The stored hash cannot be checked.
    UnusableHash,
    /// The password is correct, but the account is not active.
    Inactive,
    /// The password is correct, but the address must be verified first.
    NotVerified,
    /// All proofs are correct, but `on_before_login` refused the login.
    Rejected,
    /// The first step was correct, but the second factor is wrong.
    WrongSecondFactor,
    /// The code of a mail is wrong.
    WrongMailCode,
    /// The answer of a passkey is wrong, or the passkey is unknown.
    WrongPasskey,
}

impl FailedLoginReason {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::UnknownAccount => "unknown account",
            Self::NoPassword => "no password",
            Self::WrongPassword => "wrong password",
            Self::UnusableHash => "unusable hash",
            Self::Inactive => "inactive",
            Self::NotVerified => "not verified",
            Self::Rejected => "rejected",
            Self::WrongSecondFactor => "wrong second factor",
            Self::WrongMailCode => "wrong code",
            Self::WrongPasskey => "wrong passkey",
        }
    }
}
