//! Passwords at work: the [`PasswordHasher`] trait, the built-in Argon2id over bounded threads, hashes of older systems, and the
//! built-in policy.

mod argon;
mod claim;
mod invalid;
#[cfg(feature = "legacy-hashes")]
mod legacy;
mod memory;
mod params;
mod phc;
mod policy;
mod pool;

use std::{error::Error, time::Duration};

use async_trait::async_trait;

pub use argon::Argon2id;
pub(crate) use claim::Claim;
pub use invalid::InvalidPassword;
pub use params::Argon2Params;
pub use policy::{Policy, policy};
pub use pool::HashPool;

use crate::user::{Password, PasswordHash};

/// Hashes and proves passwords. The built-in one is [`Argon2id`]; another adds a pepper or asks a hardware module.
///
/// An implementation must not block the async runtime, and must bound what it does at once.
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
    /// A hash to store, made with a fresh salt and the current parameters.
    ///
    /// # Errors
    /// [`HashError::Overloaded`] when it would have to wait too long.
    async fn hash(&self, password: &Password) -> Result<PasswordHash, HashError>;

    /// Proves `password` against a stored hash. Without one (no such account, an account without a password) it does the same work
    /// as for a stored hash with the current parameters and answers [`Verdict::Mismatch`], so that time tells nothing.
    ///
    /// # Errors
    /// [`HashError::Overloaded`] when it would have to wait too long.
    async fn verify(&self, password: &Password, stored: Option<&PasswordHash>) -> Result<Verdict, HashError>;
}

/// What came of proving a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the password.
    Match,
    /// It is the password as far as the hash tells, but the hash was made with another algorithm or other parameters than the current
    /// ones. It is made anew, unless only a part was proved.
    MatchOutdated {
        /// What of the typed password the hash covers.
        proved: Extent,
    },
    /// It is not the password, or there is none.
    Mismatch,
    /// The stored text is no hash that can be checked: unknown, damaged, or asking for more memory or time than allowed. The same
    /// work as for a mismatch was done.
    Unusable,
}

impl Verdict {
    /// Whether it is the password, as far as the hash tells.
    pub const fn is_match(self) -> bool {
        matches!(self, Self::Match | Self::MatchOutdated { .. })
    }
}

/// What of a typed password a stored hash covers. A new hash covers all of it: made of a password that was proved in part, it would fix
/// whatever else was typed, and lock out who knows the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Every byte: no other password matches the hash, nor does a longer or a shorter one.
    Whole,
    /// Less: others match too, as with bcrypt, which looks at 72 bytes.
    Part,
}

/// Why a password was neither hashed nor proved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HashError {
    /// The queue is full.
    #[error("too many passwords are being hashed")]
    Overloaded {
        /// When a new try is likely to find room, from the measured mean.
        retry_after: Duration,
    },
    /// The hasher itself failed.
    #[error("the password hasher failed: {0}")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}
