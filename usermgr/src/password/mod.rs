//! Passwords: the [`PasswordHasher`] trait, the built-in Argon2id hasher on bounded threads, hashes of older systems,
//! the built-in policy, and the check against data breaches.

mod argon;
mod breaches;
mod claim;
mod invalid;
#[cfg(feature = "legacy-hashes")]
mod legacy;
mod memory;
mod params;
mod pepper;
mod phc;
mod policy;
mod pool;
mod target;

use std::{error::Error, time::Duration};

use async_trait::async_trait;

pub use argon::Argon2id;
pub use breaches::Breaches;
pub(crate) use claim::Claim;
pub use invalid::InvalidPassword;
pub use params::Argon2Params;
pub use policy::{Policy, policy};
pub use pool::HashPool;

use crate::{
    config_error::ConfigError,
    load::HashLoad,
    user::{Password, PasswordHash},
};

/// Hashes and verifies passwords. The built-in hasher is [`Argon2id`]. A custom one may use a hardware module.
///
/// An implementation must not block the async runtime, and must limit the number of concurrent computations.
///
/// ```
/// use async_trait::async_trait;
/// use usermgr::{Password, user::PasswordHash, password::{Argon2id, HashError, PasswordHasher, Verdict}};
///
/// /// Counts what the built-in one is asked, as a metric.
/// struct Metered(Argon2id);
///
/// #[async_trait]
/// impl PasswordHasher for Metered {
///     async fn hash(&self, password: &Password) -> Result<PasswordHash, HashError> {
///         tracing::info!(counter.hashes = 1);
///         self.0.hash(password).await
///     }
///
///     async fn verify(&self, password: &Password, stored: Option<&PasswordHash>) -> Result<Verdict, HashError> {
///         tracing::info!(counter.proofs = 1);
///         self.0.verify(password, stored).await
///     }
/// }
/// ```
#[async_trait]
pub trait PasswordHasher: Send + Sync + 'static {
    /// Returns a hash to store, with a new salt and the current parameters.
    ///
    /// # Errors
    /// [`HashError::Overloaded`] if it would have to wait too long.
    async fn hash(&self, password: &Password) -> Result<PasswordHash, HashError>;

    /// Verifies `password` against a stored hash. `stored` is `None` if the account does not exist or has no password.
    /// The method must then do the same work as for a stored hash with the current parameters and return
    /// [`Verdict::Mismatch`], so that the response time reveals nothing.
    ///
    /// # Errors
    /// [`HashError::Overloaded`] if it would have to wait too long.
    async fn verify(&self, password: &Password, stored: Option<&PasswordHash>) -> Result<Verdict, HashError>;

    /// Checks the options of the hasher, when the engine is built. Default: `Ok`. A hasher around another one passes
    /// its answer on.
    ///
    /// # Errors
    /// What is wrong, and what to do.
    fn check(&self) -> Result<(), ConfigError> {
        Ok(())
    }

    /// Returns the load of the queue, for the [metrics](crate::Engine::metrics) of the engine. A hasher around another
    /// one passes its load on. Default: `None`.
    fn load(&self) -> Option<HashLoad> {
        None
    }
}

/// The result of verifying a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// The password matches.
    Match,
    /// The password matches, but the hash has another algorithm or other parameters than the current ones. The caller
    /// replaces the hash, unless it covers only a part of the password.
    MatchOutdated {
        /// The part of the password that the hash covers.
        proved: Extent,
    },
    /// The password does not match, or there is no hash.
    Mismatch,
    /// The stored text is not a hash that can be verified: it is unknown, damaged, or needs more memory or time than
    /// allowed. The work was the same as for a mismatch.
    Unusable,
}

impl Verdict {
    /// Returns whether the password matches.
    pub const fn is_match(self) -> bool {
        matches!(self, Self::Match | Self::MatchOutdated { .. })
    }
}

/// The part of a password that a stored hash covers. A new hash covers the whole password. If it were made from a
/// password that matched only in part, it would store a possible typing error, and the correct password would not match
/// it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Every byte: no other password matches, neither a longer nor a shorter one.
    Whole,
    /// A part: other passwords match too, as with bcrypt, which uses 72 bytes.
    Part,
}

/// The reason why a password was neither hashed nor verified.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HashError {
    /// The queue is full.
    #[error("too many passwords are being hashed")]
    Overloaded {
        /// When a retry is likely to succeed, estimated from the mean duration of a job.
        retry_after: Duration,
    },
    /// The hasher itself failed.
    #[error("the password hasher failed: {0}")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}
