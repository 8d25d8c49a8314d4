//! Pending steps of an authentication: each waits some minutes for one answer.

use std::fmt;

use jiff::Timestamp;

use super::{CredentialDigest, PendingPurpose};

/// A step that waits for one answer: a login that lacks its second factor, a challenge, or the state of a redirect to a
/// provider. The client has a random token, and the row has its digest.
///
/// [`Debug`] does not show the data.
///
/// ```
/// use usermgr::store::{CredentialDigest, Pending, PendingPurpose};
///
/// const DOOR: PendingPurpose = PendingPurpose::new("shop:door");
///
/// let in_five_minutes = jiff::Timestamp::now() + std::time::Duration::from_secs(300);
/// let pending = Pending::new(CredentialDigest::of("256 random bits"), DOOR, r#"{"door":3}"#, in_five_minutes).user(7_i64);
/// assert_eq!((pending.user_id, pending.attempts), (Some(7), 0));
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pending<I> {
    /// The digest of the step's token, which has at least 128 random bits. The step is found by it.
    pub digest: CredentialDigest,
    /// The purpose. The step is found only for this purpose.
    pub purpose: PendingPurpose,
    /// The id of the step's user, if the user is known. Deleting the user deletes the step.
    pub user_id: Option<I>,
    /// The data of the purpose, as JSON or as sealed text that begins with `v1.`. A store keeps the text unchanged.
    pub data: String,
    /// How many answers were tried.
    pub attempts: u32,
    /// When the step expires. No answer is accepted from then on.
    pub expires_at: Timestamp,
}

impl<I> Pending<I> {
    /// Creates a step without a user and without attempts.
    pub fn new(
        digest: CredentialDigest,
        purpose: PendingPurpose,
        data: impl Into<String>,
        expires_at: Timestamp,
    ) -> Self {
        Self { digest, purpose, user_id: None, data: data.into(), attempts: 0, expires_at }
    }

    /// Sets the user of the step.
    #[must_use]
    pub fn user(mut self, id: I) -> Self {
        self.user_id = Some(id);
        self
    }
}

impl<I: fmt::Debug> fmt::Debug for Pending<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending")
            .field("purpose", &self.purpose)
            .field("user_id", &self.user_id)
            .field("attempts", &self.attempts)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
