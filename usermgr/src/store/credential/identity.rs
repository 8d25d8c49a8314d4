//! Identities at other providers: a credential of the kind `identity`, found by the provider and the subject.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Credential, CredentialDigest, CredentialKind, NewCredential};
use crate::store::StoreError;

/// Who a user is at another provider. The provider's tokens are no part of it.
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
    /// The name by which the application knows the provider, such as `github`. It has no U+0000.
    pub provider: String,
    /// The account's id at the provider, unique there and never given to another. Letters are compared as they are.
    pub subject: String,
    /// The address that the provider had for it at the time.
    pub email: Option<String>,
}

impl Identity {
    /// The kind of the credentials that identities are kept in.
    pub const KIND: CredentialKind = CredentialKind::new("identity");

    /// An identity whose address is not known.
    pub fn new(provider: impl Into<String>, subject: impl Into<String>) -> Self {
        Self { provider: provider.into(), subject: subject.into(), email: None }
    }

    /// Adds the address that the provider has for it.
    #[must_use]
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }

    /// What it is found by: the digest of the provider, U+0000 and the subject, so that no subject is too long for an index.
    pub fn lookup(&self) -> CredentialDigest {
        CredentialDigest::of(format!("{}\0{}", self.provider, self.subject))
    }

    /// The credential of a user with this identity. [`insert_credential`](super::CredentialStore::insert_credential) refuses it as a
    /// conflict where a user is linked to it already.
    pub fn to_credential<I>(&self, user_id: I, created_at: Timestamp) -> NewCredential<I> {
        let Self { provider, subject, email } = self;
        let data = serde_json::json!({ "provider": provider, "subject": subject, "email": email });
        NewCredential::new(user_id, Self::KIND, data.to_string(), created_at).lookup(self.lookup())
    }

    /// The identity of a credential.
    ///
    /// # Errors
    /// [`StoreError::Backend`] when the credential is of another kind, or its data cannot be read.
    pub fn read<I>(credential: &Credential<I>) -> Result<Self, StoreError> {
        if credential.kind != Self::KIND {
            return Err(StoreError::backend(format!("a credential of the kind `{}` is no identity", credential.kind)));
        }
        let unreadable = |_| StoreError::backend(format!("the identity {} cannot be read", credential.id));
        serde_json::from_str(&credential.data).map_err(unreadable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn provider_and_subject_are_told_apart() {
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
