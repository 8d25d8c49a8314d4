//! The errors of stores, and the reading of a stored profile.

use std::{error::Error, fmt};

use crate::user::{InvalidProfile, Profile, Record, StoredProfile};

/// The reason why a store could not do what it was asked.
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
    /// The row has changed since it was read, the row was deleted, or another transaction was in the way. The caller
    /// must read and decide again.
    #[error("the row has changed since it was read")]
    Stale,
    /// The value to be written could not be read back. Nothing was written.
    #[error(transparent)]
    InvalidProfile(#[from] InvalidProfile),
    /// The stored profile of an account cannot be read: the row is older than the type, or was changed by hand.
    /// [`UserStore::find_stored`](super::UserStore::find_stored) returns everything else of the account.
    #[error(
        "the profile of the user {id} cannot be read ({reason}); correct that row, or give the field `#[serde(default)]`"
    )]
    UnreadableProfile {
        /// The id of the account.
        id: String,
        /// The reason, without any value of the profile.
        reason: String,
    },
    /// All other failures: the database cannot be reached, the disk is full, or a row cannot be read.
    #[error("the store failed: {0}")]
    Backend(#[source] Box<dyn Error + Send + Sync>),
}

impl StoreError {
    /// Wraps the error of a database.
    pub fn backend(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Backend(error.into())
    }

    /// Returns the error for a profile that serde cannot read. It keeps only those words of the serde error that repeat
    /// no value.
    pub fn unreadable_profile(id: &impl fmt::Display, error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let names = text.starts_with("missing field");
        let reason = if names { text } else { format!("line {} column {}", error.line(), error.column()) };
        Self::UnreadableProfile { id: id.to_string(), reason }
    }
}

impl<I: Clone + fmt::Display> Record<StoredProfile, I> {
    /// Reads the profile and returns the account with it.
    ///
    /// # Errors
    /// [`StoreError::UnreadableProfile`] if the profile cannot be read.
    pub fn read<P: Profile>(&self) -> Result<Record<P, I>, StoreError> {
        match self.user.profile.read() {
            Ok(profile) => Ok(self.clone().with_profile(profile)),
            Err(error) => Err(StoreError::unreadable_profile(&self.user.id, &error)),
        }
    }
}
