//! Steps of a proof that are under way: what waits for one answer, for minutes.

use std::fmt;

use jiff::Timestamp;

use super::{CredentialDigest, PendingPurpose};

/// Something that waits for one answer: a login that lacks its second factor, a challenge, the state of a visit to a provider. The
/// client has a random token, the row its digest.
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
    /// What it is found by: the digest of its token, which has 128 random bits or more.
    pub digest: CredentialDigest,
    /// What it is for. It is found under no other purpose.
    pub purpose: PendingPurpose,
    /// Whose it is, if that is known. It goes with the user.
    pub user_id: Option<I>,
    /// What its purpose keeps, as JSON, or as sealed text that begins with `v1.`. A store keeps the text as it is.
    pub data: String,
    /// How many answers were tried.
    pub attempts: u32,
    /// From when on no answer is taken.
    pub expires_at: Timestamp,
}

impl<I> Pending<I> {
    /// A step that nobody has answered, and that belongs to no user.
    pub fn new(
        digest: CredentialDigest,
        purpose: PendingPurpose,
        data: impl Into<String>,
        expires_at: Timestamp,
    ) -> Self {
        Self { digest, purpose, user_id: None, data: data.into(), attempts: 0, expires_at }
    }

    /// Lets it belong to a user.
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
