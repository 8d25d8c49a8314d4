//! A passkey as the row of a credential. Nothing in it is secret: it has the public key, the id and the handle.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use super::verifier::{NewPasskey, StoredPasskey, UsedPasskey};
use crate::store::{Credential, CredentialDigest, CredentialKind, NewCredential, StoreError};

/// The kind of its rows, and of the second factor.
pub(crate) const KIND: CredentialKind = CredentialKind::new("passkey");

/// The data of a row.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct KeptPasskey {
    /// The id that the authenticator has given it, in base64url.
    pub(crate) id: String,
    /// The handle of its user, in base64url. All passkeys of a user have the same one.
    pub(crate) handle: String,
    /// What the verifier keeps.
    key: String,
    /// How the client said that the authenticator is reached.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    transports: Vec<String>,
    /// Whether it is backed up.
    #[serde(default)]
    pub(crate) backed_up: bool,
}

impl KeptPasskey {
    pub(crate) fn new(new: NewPasskey, handle: String, transports: Vec<String>) -> Self {
        let NewPasskey { id, data, is_backed_up } = new;
        Self { id: URL_SAFE_NO_PAD.encode(id), handle, key: data, transports, backed_up: is_backed_up }
    }

    /// Reads a row.
    pub(crate) fn of<I>(row: &Credential<I>) -> Result<Self, StoreError> {
        serde_json::from_str(&row.data).map_err(StoreError::backend)
    }

    /// Reads all passkeys among the rows of a user.
    pub(crate) fn all<I>(rows: &[Credential<I>]) -> Result<Vec<Self>, StoreError> {
        rows.iter().filter(|row| row.kind == KIND).map(Self::of).collect()
    }

    /// The digest by which the passkey with this id is found.
    pub(crate) fn lookup(id: &[u8]) -> CredentialDigest {
        CredentialDigest::of(id)
    }

    /// The row of a new passkey.
    pub(crate) fn to_credential<I>(&self, user_id: I, now: Timestamp) -> Result<NewCredential<I>, StoreError> {
        let data = serde_json::to_string(self).map_err(StoreError::backend)?;
        Ok(NewCredential::new(user_id, KIND, data, now).lookup(Self::lookup(&decoded(&self.id)?)))
    }

    /// The passkey for the verifier.
    pub(crate) fn stored(&self) -> Result<StoredPasskey, StoreError> {
        let stored = StoredPasskey::new(decoded(&self.id)?, self.key.as_str());
        Ok(stored.transports(self.transports.clone()))
    }

    /// Whether it is a passkey of the user with this handle.
    pub(crate) fn is_of(&self, handle: &[u8]) -> bool {
        URL_SAFE_NO_PAD.encode(handle).as_bytes().ct_eq(self.handle.as_bytes()).into()
    }

    /// The row after a use.
    pub(crate) fn used<I: Clone>(
        mut self,
        row: &Credential<I>,
        used: UsedPasskey,
        now: Timestamp,
    ) -> Result<Credential<I>, StoreError> {
        (self.key, self.backed_up) = (used.data, used.is_backed_up);
        let data = serde_json::to_string(&self).map_err(StoreError::backend)?;
        Ok(Credential { data, used_at: Some(now), ..row.clone() })
    }
}

fn decoded(text: &str) -> Result<Vec<u8>, StoreError> {
    URL_SAFE_NO_PAD.decode(text).map_err(StoreError::backend)
}
