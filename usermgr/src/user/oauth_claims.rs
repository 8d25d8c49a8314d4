//! What a provider says about an account: the argument of hooks and the source of a new profile.

use std::fmt;

use serde_json::{Map, Value};

use super::EmailAddress;

/// What a provider said about an account at a sign-in. The identity is the provider together with the subject, never the
/// address.
///
/// [`Debug`] shows provider and subject only.
///
/// ```
/// use usermgr::user::OAuthClaims;
/// let claims = OAuthClaims::new("google", "110169484474386276334");
/// assert_eq!((claims.provider.as_str(), claims.email_verified), ("google", false));
/// ```
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct OAuthClaims {
    /// The name of the provider.
    pub provider: String,
    /// The id of the account at the provider, which never belongs to another account there.
    pub subject: String,
    /// The address. `None` if the provider reports none, or one that a registration would refuse.
    pub email: Option<EmailAddress>,
    /// Whether the provider says that it has verified the address.
    pub email_verified: bool,
    /// Whether the provider is authoritative for the address: whether its word is enough to link an account by address.
    pub email_trusted: bool,
    /// Everything that the provider reported, unchanged. Nothing in it was checked, except that it comes from the
    /// provider.
    pub raw: Map<String, Value>,
}

impl OAuthClaims {
    /// Creates claims without an address.
    pub fn new(provider: impl Into<String>, subject: impl Into<String>) -> Self {
        Self {
            provider: provider.into(),
            subject: subject.into(),
            email: None,
            email_verified: false,
            email_trusted: false,
            raw: Map::new(),
        }
    }

    /// Whether the address is proved well enough to act for its owner: verified there, by a provider that is trusted.
    #[cfg(feature = "oauth-bare")]
    pub(crate) fn proves_email(&self) -> bool {
        self.email.is_some() && self.email_verified && self.email_trusted
    }
}

impl fmt::Debug for OAuthClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuthClaims")
            .field("provider", &self.provider)
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}
