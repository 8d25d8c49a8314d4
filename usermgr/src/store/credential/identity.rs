//! Identities at other providers, such as GitHub. Each is a credential of the kind `identity` and is found by provider
//! and subject.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Credential, CredentialDigest, CredentialKind, NewCredential};
use crate::store::StoreError;

/// The identity of a user at another provider. It does not contain the provider's tokens.
///
/// ```
/// use usermgr::store::{Credential, Identity};
///
/// let github = Identity::new("github", "583231").email("ada@example.com");
/// let credential = Credential::from(github.to_credential(7_i64, jiff::Timestamp::now()));
/// assert_eq!(credential.kind, Identity::KIND);
/// assert_eq!(credential.lookup, Some(Identity::new("github", "583231").lookup()));
/// assert_eq!(Identity::read(&credential)?, github);
/// # Ok::<(), usermgr::StoreError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Identity {
    /// The application's name for the provider, such as `github`. It must not contain U+0000.
    pub provider: String,
    /// The account's id at the provider, which the provider never gives to another account. The comparison is
    /// case-sensitive.
    pub subject: String,
    /// The address that the provider reported.
    pub email: Option<String>,
}

impl Identity {
    /// The kind of the credentials in which identities are stored.
    pub const KIND: CredentialKind = CredentialKind::new("identity");

    /// Creates an identity without an address.
    pub fn new(provider: impl Into<String>, subject: impl Into<String>) -> Self {
        Self { provider: provider.into(), subject: subject.into(), email: None }
    }

    /// Sets the address that the provider reported.
    #[must_use]
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }

    /// Returns the digest by which the identity is found: that of the provider, U+0000 and the subject. So a long
    /// subject fits into an index.
    pub fn lookup(&self) -> CredentialDigest {
        CredentialDigest::of(format!("{}\0{}", self.provider, self.subject))
    }

    /// Returns the credential that links a user to this identity.
    /// [`insert_credential`](super::CredentialStore::insert_credential) fails with a conflict if a user is already
    /// linked to it.
    pub fn to_credential<I>(&self, user_id: I, created_at: Timestamp) -> NewCredential<I> {
        let Self { provider, subject, email } = self;
        let data = serde_json::json!({ "provider": provider, "subject": subject, "email": email });
        NewCredential::new(user_id, Self::KIND, data.to_string(), created_at).lookup(self.lookup())
    }

    /// Reads the identity from a credential.
    ///
    /// # Errors
    /// [`StoreError::Backend`] if the credential is of another kind, or if its data cannot be read.
    pub fn read<I>(credential: &Credential<I>) -> Result<Self, StoreError> {
        if credential.kind != Self::KIND {
            return Err(StoreError::backend(format!(
                "the credential is of the kind `{}`, not `identity`",
                credential.kind
            )));
        }
        let unreadable = |_| StoreError::backend(format!("the identity {} cannot be read", credential.id));
        serde_json::from_str(&credential.data).map_err(unreadable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn provider_and_subject_are_distinguished() {
        let lookups = [("a", "bc"), ("ab", "c"), ("abc", ""), ("a", "BC"), ("a", "b\0c")]
            .map(|(provider, subject)| Identity::new(provider, subject).lookup().as_str().to_owned());
        assert_eq!(lookups.iter().collect::<std::collections::HashSet<_>>().len(), lookups.len());
        // SHA-256 of `github`, U+0000 and `583231`, as other programs compute it.
        assert_eq!(Identity::new("github", "583231").lookup().as_str(), "L2xQ-PnXpFfMYMEyO8UiwWtX2bb0P4u8hpH0TgqrM8w");
    }

    #[test]
    fn what_is_no_identity_is_not_read_and_not_repeated() {
        let now = Timestamp::UNIX_EPOCH;
        let other = NewCredential::new(7_i64, CredentialKind::new("totp"), "canary", now);
        let broken = NewCredential::new(7_i64, Identity::KIND, "canary", now);
        for new in [other, broken] {
            let error = Identity::read(&Credential::from(new)).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
        }
    }
}
