//! The keys of a pepper: which one a new hash is made with, and which one a stored hash names.

use std::{fmt, sync::Arc};

use super::phc::KeyId;
use crate::secret::{DerivedKey, Secret, SecretError};

/// The keys. Default: none, and hashes are made without one.
#[derive(Clone, Default)]
pub(super) struct Pepper {
    current: Option<PepperKey>,
    /// Keys of which hashes are only verified.
    others: Vec<PepperKey>,
    /// The first secret that gave no key.
    fault: Option<SecretError>,
}

/// The secret value of Argon2 (RFC 9106, 3.1), with the id that stands in its hashes.
#[derive(Clone)]
pub(super) struct PepperKey(Arc<DerivedKey>);

impl PepperKey {
    pub(super) fn id(&self) -> KeyId {
        KeyId::new(&self.0.id)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.0.bytes.as_slice()
    }
}

impl Pepper {
    /// Makes new hashes with the key of this secret. The key that did it before verifies its hashes.
    pub(super) fn make_with(&mut self, secret: &Secret) {
        let before = self.current.take();
        self.others.extend(before);
        self.current = self.derived(secret);
    }

    /// Verifies hashes that were made with the key of this secret.
    pub(super) fn accept(&mut self, secret: &Secret) {
        let key = self.derived(secret);
        self.others.extend(key);
    }

    fn derived(&mut self, secret: &Secret) -> Option<PepperKey> {
        match secret.bytes().and_then(|bytes| DerivedKey::of(bytes, "pepper")) {
            Ok(key) => Some(PepperKey(Arc::new(key))),
            Err(error) => {
                self.fault.get_or_insert(error);
                None
            }
        }
    }

    /// Returns the key for a new hash, if there is one.
    ///
    /// # Errors
    /// A secret gave no key. Then nothing is hashed: the hash would lack what the application wants it to have.
    pub(super) fn current(&self) -> Result<Option<PepperKey>, SecretError> {
        match &self.fault {
            Some(error) => Err(error.clone()),
            None => Ok(self.current.clone()),
        }
    }

    /// Returns the key that a hash names. It tries no other one.
    pub(super) fn named(&self, id: &KeyId) -> Option<PepperKey> {
        self.current.iter().chain(&self.others).find(|key| key.id() == *id).cloned()
    }
}

impl fmt::Debug for Pepper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pepper(..)")
    }
}
