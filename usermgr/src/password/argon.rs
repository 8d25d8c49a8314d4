//! Argon2id hashing and verification, on the hashing threads and in their memory.

use std::{error::Error, sync::Arc};

use argon2::{Algorithm, Argon2, Params, Version};
use async_trait::async_trait;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

#[cfg(feature = "legacy-hashes")]
use super::legacy::Bcrypt;
use super::{
    HashError, HashPool, PasswordHasher, Verdict,
    memory::HashMemory,
    params::Argon2Params,
    pepper::{Pepper, PepperKey},
    target::{OUTDATED, Target, blank, parsed},
};
use crate::{
    config_error::ConfigError,
    load::HashLoad,
    secret::{Secret, SecretSet},
    user::{Password, PasswordHash},
};

/// Computes `output`, which Argon2 calls the tag.
fn derive(
    Argon2Params { m, t, p }: Argon2Params,
    key: Option<&PepperKey>,
    memory: &mut HashMemory,
    password: &str,
    salt: &[u8],
    output: &mut [u8],
) -> Result<(), HashError> {
    let params = Params::new(m, t, p, Some(output.len())).map_err(failed)?;
    let blocks = memory.blocks(params.block_count()).map_err(failed)?;
    let argon2 = match key {
        Some(key) => {
            Argon2::new_with_secret(key.bytes(), Algorithm::Argon2id, Version::V0x13, params).map_err(failed)?
        }
        None => Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
    };
    argon2.hash_password_into_with_memory(password.as_bytes(), salt, output, blocks).map_err(failed)
}

/// The built-in hasher: Argon2id (RFC 9106) on a [`HashPool`].
///
/// It writes PHC strings with a new salt of 16 bytes and an output of 32 bytes. It verifies every Argon2id string
/// within the bounds of [`Argon2Params::new`], such as those of FastAPI Users. Other versions of Argon2 are
/// [`Verdict::Unusable`]. With `legacy_hashes(true)` (feature `legacy-hashes`) it verifies bcrypt too. With a
/// [pepper](Self::pepper), a copy of the database is not enough to guess passwords. A match with a
/// hash that it would not write itself is a [`Verdict::MatchOutdated`]. It covers the whole password, except for bcrypt and a password of
/// 72 bytes or more or with a NUL.
///
/// Without a stored hash, or with an unusable one, the verification takes as long as one with the current parameters.
/// The verification of a hash with other parameters takes the time of those, until the user has logged in once.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use usermgr::{Password, password::{Argon2id, PasswordHasher, Verdict}};
///
/// let hasher = Argon2id::default();
/// let hash = hasher.hash(&Password::new("correct horse battery")).await?;
/// assert!(hash.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
///
/// let verdict = hasher.verify(&Password::new("correct horse battery"), Some(&hash)).await?;
/// assert_eq!(verdict, Verdict::Match);
/// # Ok::<(), usermgr::password::HashError>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug, Default)]
pub struct Argon2id {
    params: Argon2Params,
    pool: Option<Arc<HashPool>>,
    pepper: Pepper,
    /// Only the feature `legacy-hashes` can set it.
    legacy: bool,
}

impl Argon2id {
    /// Creates a hasher with these parameters on the [shared](HashPool::shared) pool.
    pub fn new(params: Argon2Params) -> Self {
        Self { params, ..Self::default() }
    }

    /// Uses another pool.
    pub fn on(self, pool: Arc<HashPool>) -> Self {
        Self { pool: Some(pool), ..self }
    }

    /// Makes new hashes with a pepper: a key that is kept outside of the database, so that a copy of the database
    /// alone is not enough to guess passwords (NIST SP 800-63B-4, 3.1.1.2). The key is derived from the current secret of the set for
    /// this purpose alone. It is the secret value of Argon2 (RFC 9106, 3.1), and its id stands in the hash as `keyid`.
    /// The previous secrets verify the hashes that were made with them.
    ///
    /// A hash with another key, or without one, is a [`Verdict::MatchOutdated`], so that the next login replaces it.
    /// Hashes of bcrypt are verified without a key. A hash whose key is missing is [`Verdict::Unusable`]: keep each
    /// secret as long as a hash names it, since no other way leads back to those passwords. Default: no pepper.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// use usermgr::{Password, Secret, password::{Argon2id, PasswordHasher, Verdict}};
    ///
    /// let hasher = Argon2id::default().pepper(Secret::new("only-for-an-example-0123456789abcdef"));
    /// let (password, hash) = (Password::new("correct horse battery"), hasher.hash(&"correct horse battery".into()).await?);
    /// assert!(hash.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1,keyid="));
    /// assert_eq!(hasher.verify(&password, Some(&hash)).await?, Verdict::Match);
    /// assert_eq!(Argon2id::default().verify(&password, Some(&hash)).await?, Verdict::Unusable);
    /// # Ok::<(), usermgr::password::HashError>(())
    /// # }).unwrap();
    /// ```
    #[must_use]
    pub fn pepper(self, secrets: impl Into<SecretSet>) -> Self {
        let SecretSet { current, previous } = secrets.into();
        let mut this = previous.into_iter().fold(self, Self::accepts_pepper);
        this.pepper.make_with(&current);
        this
    }

    /// Verifies hashes with the pepper of this secret, but makes none with it. It is for the time in which a pepper is
    /// introduced, while some processes make hashes with it and others do not yet, and for the time after it was removed.
    ///
    /// ```
    /// use usermgr::{Secret, password::Argon2id};
    /// let hasher = Argon2id::default().accepts_pepper(Secret::new("only-for-an-example-0123456789abcdef"));
    /// # let _ = hasher;
    /// ```
    #[must_use]
    pub fn accepts_pepper(mut self, secret: Secret) -> Self {
        self.pepper.accept(&secret);
        self
    }

    /// Verifies hashes of other systems too: bcrypt, and Argon2id over a password as the user typed
    /// it, without normalization (feature `legacy-hashes`). A password whose bytes differ from its normal form then
    /// costs two verifications. Default: `false`, and a bcrypt hash is [`Verdict::Unusable`].
    ///
    /// ```
    /// use usermgr::{user::PasswordHash, password::Argon2id};
    /// let hash = PasswordHash::new("$2b$04$Jty6R9vI0tZoWtsHGo385eVb02VccO6Ij4JE3I6sL32lH4GHGbjFS");
    /// assert!(Argon2id::default().legacy_hashes(true).can_prove(&hash));
    /// assert!(!Argon2id::default().can_prove(&hash));
    /// ```
    #[cfg(feature = "legacy-hashes")]
    #[must_use]
    pub fn legacy_hashes(self, wanted: bool) -> Self {
        Self { legacy: wanted, ..self }
    }

    /// Returns whether this hasher can verify a password against this hash: the hash is of a known kind, undamaged and
    /// within the bounds, and the hasher has its key. It computes nothing.
    ///
    /// ```
    /// use usermgr::{user::PasswordHash, password::Argon2id};
    /// let hasher = Argon2id::default();
    /// let hash = PasswordHash::new("$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$MDEyMzQ1Njc4OWFiY2RlZg");
    /// assert!(hasher.can_prove(&hash));
    /// assert!(!hasher.can_prove(&PasswordHash::new("pbkdf2_sha256$600000$c2FsdA$aGFzaA==")));
    /// ```
    pub fn can_prove(&self, stored: &PasswordHash) -> bool {
        #[cfg(feature = "legacy-hashes")]
        if self.bcrypt(stored).is_some() {
            return true;
        }
        parsed(stored, &self.pepper).is_some()
    }

    #[cfg(feature = "legacy-hashes")]
    fn bcrypt(&self, stored: &PasswordHash) -> Option<Bcrypt> {
        self.legacy.then(|| Bcrypt::parse(stored.expose())).flatten()
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut HashMemory) -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let keep = self.params.m as usize;
        let work = move |memory: &mut HashMemory| {
            let result = work(memory);
            memory.keep_at_most(keep);
            result
        };
        self.pool().run_with_memory(work).await?
    }

    fn pool(&self) -> Arc<HashPool> {
        self.pool.clone().unwrap_or_else(HashPool::shared)
    }
}

#[async_trait]
impl PasswordHasher for Argon2id {
    async fn hash(&self, password: &Password) -> Result<PasswordHash, HashError> {
        let password = password.normalized().map_err(failed)?;
        let key = self.pepper.current().map_err(failed)?;
        let mut hash = blank(self.params, key.as_ref());
        self.run(move |memory| {
            getrandom::fill(&mut hash.salt).map_err(failed)?;
            derive(hash.params, key.as_ref(), memory, &password, &hash.salt, &mut hash.output)?;
            Ok(hash.to_hash())
        })
        .await
    }

    async fn verify(&self, password: &Password, stored: Option<&PasswordHash>) -> Result<Verdict, HashError> {
        // No stored password is longer than the limit, so a longer one is a mismatch without any work.
        let Ok(normalized) = password.normalized() else { return Ok(Verdict::Mismatch) };
        #[cfg(feature = "legacy-hashes")]
        if let Some(hash) = stored.and_then(|stored| self.bcrypt(stored)) {
            let typed = password.clone();
            let equal = Verdict::MatchOutdated { proved: Bcrypt::extent(typed.expose()) };
            return self.run(move |_| Ok(if hash.matches(typed.expose()) { equal } else { Verdict::Mismatch })).await;
        }
        let Target { hash, key, equal, other } = Target::of(stored, self.params, &self.pepper).map_err(failed)?;
        let (typed, legacy) = (password.clone(), self.legacy);
        self.run(move |memory| {
            let mut output = Zeroizing::new(vec![0; hash.output.len()]);
            derive(hash.params, key.as_ref(), memory, &normalized, &hash.salt, &mut output)?;
            if bool::from(output.ct_eq(&*hash.output)) {
                return Ok(equal);
            }
            // Older systems hashed the bytes as the user typed them. A password whose bytes differ from its normal form
            // costs two verifications, whether or not the account exists.
            if legacy && typed.expose() != normalized.as_str() {
                derive(hash.params, key.as_ref(), memory, typed.expose(), &hash.salt, &mut output)?;
                if bool::from(output.ct_eq(&*hash.output)) && equal != Verdict::Unusable {
                    return Ok(OUTDATED);
                }
            }
            Ok(other)
        })
        .await
    }

    fn check(&self) -> Result<(), ConfigError> {
        let pepper = self.pepper.current().map(drop);
        pepper.map_err(|error| ConfigError::new(format!("the pepper of `Argon2id`: {error}")))
    }

    fn load(&self) -> Option<HashLoad> {
        Some(self.pool().load())
    }
}

fn failed(error: impl Error + Send + Sync + 'static) -> HashError {
    HashError::Failed(Box::new(error))
}

#[cfg(test)]
mod tests;
