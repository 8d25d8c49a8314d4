//! Why a store did not do what it was asked, and the account whose profile cannot be read.

use std::{error::Error, fmt};

use crate::user::{InvalidProfile, Profile, Record, StoredProfile};

/// Why a store did not do what it was asked.
///
/// ```
/// use usermgr::StoreError;
/// let error = StoreError::backend(std::io::Error::other("disk full"));
/// assert_eq!(error.to_string(), "the store failed: disk full");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A unique index refused the row.
    #[error("the row conflicts with another")]
    Conflict,
    /// The row has changed since it was read, or is gone, or another transaction was in the way. Read and decide again.
    #[error("the row has changed since it was read")]
    Stale,
    /// What was to be written could not be read back. Nothing is written.
    #[error(transparent)]
    InvalidProfile(#[from] InvalidProfile),
    /// The profile of an account cannot be read: the row is older than the type, or was changed by hand. Everything else of the account
    /// can be had by [`UserStore::find_stored`](super::UserStore::find_stored).
    #[error(
        "the profile of the user {id} cannot be read ({reason}); correct that row, or give the field `#[serde(default)]`"
    )]
    UnreadableProfile {
        /// The id of the account.
        id: String,
        /// What is wrong, without any value.
        reason: String,
    },
    /// Everything else: the database is away, the disk is full, a row cannot be read.
    #[error("the store failed: {0}")]
    Backend(#[source] Box<dyn Error + Send + Sync>),
}

impl StoreError {
    /// Wraps the error of a database.
    pub fn backend(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Backend(error.into())
    }

    /// That serde cannot read the profile of an account. Of its words only those are kept that repeat no value.
    pub fn unreadable_profile(id: &impl fmt::Display, error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let names = text.starts_with("missing field");
        let reason = if names { text } else { format!("line {} column {}", error.line(), error.column()) };
        Self::UnreadableProfile { id: id.to_string(), reason }
    }
}

impl<I: Clone + fmt::Display> Record<StoredProfile, I> {
    /// The account with its profile read.
    ///
    /// # Errors
    /// [`StoreError::UnreadableProfile`].
    pub fn read<P: Profile>(&self) -> Result<Record<P, I>, StoreError> {
        match self.user.profile.read() {
            Ok(profile) => Ok(self.clone().with_profile(profile)),
            Err(error) => Err(StoreError::unreadable_profile(&self.user.id, &error)),
        }
    }
}
