//! What comes of a login: the session with what hooks add to the answer, or the reason why there is none.

use jiff::Timestamp;
use serde::Serialize;

use super::SessionInfo;

/// A login that has succeeded, as `on_after_login` sees it: the session, and what the hook adds to the answer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Login {
    /// The new session.
    pub session: SessionInfo,
    /// Headers to add to the answer, as name and value.
    pub headers: Vec<(String, String)>,
    /// Fields to add to a JSON answer. `access_token`, `refresh_token`, `expires_in` and `token_type` stay what they
    /// are.
    pub fields: serde_json::Map<String, serde_json::Value>,
}

impl Login {
    pub(crate) fn new(session: SessionInfo) -> Self {
        Self { session, headers: Vec::new(), fields: serde_json::Map::new() }
    }

    /// Adds a header to the answer. One that HTTP does not allow is left out.
    pub fn header(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.headers.push((name.into(), value.into()));
    }

    /// Adds a field to a JSON answer.
    pub fn field(&mut self, name: impl Into<String>, value: impl Into<serde_json::Value>) {
        self.fields.insert(name.into(), value.into());
    }
}

/// A refresh token that was used a second time: its owner or somebody else had used it before. Its session has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenTheft {
    /// The session, with the address and the agent of its login. Those of the second use are in the context.
    pub session: SessionInfo,
}

/// A login that has failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FailedLogin {
    /// What was typed as the address, cut to 254 bytes.
    pub username: String,
    /// Whose account it would have been, by its id; `None` when there is none.
    pub user: Option<String>,
    /// Why it failed. The client is not told.
    pub reason: FailedLoginReason,
}

/// An account that no password opens for a while, from one network or from all that are not known to it. What is locked is the login alone: sessions go on, and a password reset unlocks it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lockout {
    /// What was typed as the address, cut to 254 bytes.
    pub username: String,
    /// Whose account it is, by its id; `None` when there is none.
    pub user: Option<String>,
    /// When the next password is tried.
    pub until: Timestamp,
}

/// Why a login failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FailedLoginReason {
    /// No account has this address, or it is no address.
    UnknownAccount,
    /// The account has no password.
    NoPassword,
    /// The password is another, or longer than any can be.
    WrongPassword,
    /// The stored hash cannot be checked.
    UnusableHash,
    /// The password is right, but the account is not active.
    Inactive,
    /// The password is right, but the address must be verified first.
    NotVerified,
    /// All proofs are right, but `on_before_login` said no.
    Rejected,
    /// The first step was right, but the second factor is wrong.
    WrongSecondFactor,
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
        }
    }
}
