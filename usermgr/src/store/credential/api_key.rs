//! An API key as users, hooks and messages see it, and as its credential keeps it.

use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Credential, CredentialId, CredentialKind};
use crate::store::StoreError;

/// An API key of a user, without the key.
///
/// ```
/// use usermgr::store::{ApiKeyInfo, Credential, NewCredential};
///
/// let data = r#"{"hint":"EqtI","scopes":["orders:read"]}"#;
/// let row = NewCredential::new(7_i64, ApiKeyInfo::KIND, data, jiff::Timestamp::now()).label("ci");
/// let key = ApiKeyInfo::read(&Credential::from(row))?;
/// assert_eq!((key.hint.as_str(), key.scopes.len()), ("EqtI", 1));
/// # Ok::<(), usermgr::StoreError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ApiKeyInfo {
    /// The public name, under which it is renamed, rotated and revoked.
    pub id: CredentialId,
    /// The name that its owner gave it.
    pub label: Option<String>,
    /// The last four characters of the key.
    pub hint: String,
    /// The names of the permissions that its owner gave it. A request has those of them that the owner has at that time.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it expires. `None` if it does not expire.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub used_at: Option<Timestamp>,
    /// The address from which it was last used, if it was known.
    pub used_from: Option<IpAddr>,
}

/// The data of the credential.
#[derive(Serialize, Deserialize)]
struct Kept {
    hint: String,
    scopes: Vec<String>,
    /// The last use. It is here, so that a rotation can write the row again with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    used_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    used_from: Option<IpAddr>,
}

impl ApiKeyInfo {
    /// The kind of the credentials in which keys are stored. The lookup is the SHA-256 digest of the key.
    pub const KIND: CredentialKind = CredentialKind::new("api_key");

    /// Reads a key from its credential.
    ///
    /// # Errors
    /// [`StoreError::Backend`] if the credential is of another kind, or if its data cannot be read.
    pub fn read<I>(credential: &Credential<I>) -> Result<Self, StoreError> {
        let Credential { id, kind, label, data, created_at, expires_at, .. } = credential;
        if *kind != Self::KIND {
            return Err(StoreError::backend(format!("the credential is of the kind `{kind}`, not `api_key`")));
        }
        let unreadable = |_| StoreError::backend(format!("the API key {id} cannot be read"));
        let Kept { hint, scopes, used_at, used_from } = serde_json::from_str(data).map_err(unreadable)?;
        let (id, label, created_at, expires_at) = (id.clone(), label.clone(), *created_at, *expires_at);
        Ok(Self { id, label, hint, scopes, created_at, expires_at, used_at, used_from })
    }

    /// Returns the data of its credential.
    pub(crate) fn data(&self) -> Result<String, StoreError> {
        let Self { hint, scopes, used_at, used_from, .. } = self.clone();
        serde_json::to_string(&Kept { hint, scopes, used_at, used_from }).map_err(StoreError::backend)
    }

    /// Returns the key with a use at this time from this address, or `None` if a use in the same minute is recorded
    /// already.
    #[cfg_attr(not(feature = "http"), allow(dead_code, reason = "only requests carry keys"))]
    pub(crate) fn used(&self, now: Timestamp, from: Option<IpAddr>) -> Option<Self> {
        let minute = Timestamp::from_second(now.as_second().div_euclid(60) * 60).unwrap_or(now);
        let is_known = self.used_at.is_some_and(|used_at| used_at >= minute);
        let used_from = from.map(|ip| ip.to_canonical());
        (!is_known).then(|| Self { used_at: Some(minute), used_from, ..self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::NewCredential;

    #[test]
    fn what_is_no_key_is_not_read_and_not_repeated() {
        let now = Timestamp::UNIX_EPOCH;
        for (kind, data) in [(CredentialKind::new("totp"), "canary"), (ApiKeyInfo::KIND, "canary")] {
            let row = Credential::from(NewCredential::new(7_i64, kind, data, now));
            let error = ApiKeyInfo::read(&row).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
        }
    }

    #[test]
    fn k1_a_use_is_recorded_to_the_minute_and_once_in_it() {
        let data = r#"{"hint":"abcd","scopes":[]}"#;
        let made = "2026-01-01T00:00:30Z".parse().unwrap();
        let key = ApiKeyInfo::read(&Credential::from(NewCredential::new(7_i64, ApiKeyInfo::KIND, data, made))).unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let used = key.used(at("2026-01-01T00:05:59Z"), "::ffff:192.0.2.1".parse().ok()).unwrap();
        assert_eq!((used.used_at, used.used_from), (Some(at("2026-01-01T00:05:00Z")), "192.0.2.1".parse().ok()));
        assert_eq!(used.used(at("2026-01-01T00:05:01Z"), None), None);
        assert_eq!(used.used(at("2026-01-01T00:06:00Z"), None).unwrap().used_at, Some(at("2026-01-01T00:06:00Z")));
    }
}
