//! The trait [`CredentialStore`]: storage of credentials and pending steps.

use std::future::Future;

use jiff::Timestamp;

use super::{
    Credential, CredentialDigest, CredentialFilter, CredentialId, CredentialKind, NewCredential, Pending,
    PendingPurpose,
};
use crate::store::{RecordOf, StoreError, UserStore};

/// A credential with the account it belongs to.
pub type CredentialAndRecord<S> = (Credential<<S as UserStore>::Id>, RecordOf<S>);

/// A store that keeps credentials and pending steps. Write the methods as plain `async fn`.
///
/// # Contract
/// The conformance kit checks these rules in its group `credentials`:
/// - Kind and lookup are unique together. A unique index enforces this, not a look-up before the write.
/// - A swap is a compare-and-swap in one statement. It applies only if the stored version is the expected one, so one
///   of several concurrent uses of a credential succeeds.
/// - An attempt is counted in one statement, and no more attempts are counted than the limit allows. A pending step is
///   taken once.
/// - A row is not found at or after the time at which it expires.
/// - A dropped transaction writes nothing.
/// - [`UserStore::purge_expired`] deletes what has expired.
/// - Deleting a user deletes the user's credentials and pending steps. Those of an inactive user stay and are found.
///   The caller must check whether the user is active.
///
/// [`UserStore::use_once`], which every store has, records that a signed single-use token was used.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), usermgr::StoreError> {
/// use usermgr::{store::{CredentialDigest, CredentialKind, CredentialStore, NewCredential}, MemoryStore, UserStore};
/// # use usermgr::{EmailAddress, NewUser, NoProfile, prelude::*};
/// # struct Accounts { engine: Engine<MemoryStore> }
/// # #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
/// # impl Accounts {}
/// # let accounts = Accounts { engine: Engine::new(MemoryStore::new()) };
/// # let new = NewUser::new(EmailAddress::parse("ada@example.com").unwrap(), NoProfile);
/// # let user = accounts.create(new, &Context::default()).await.unwrap();
/// # let store = accounts.engine.store();
/// const BADGE: CredentialKind = CredentialKind::new("shop:badge");
/// let (now, digest) = (jiff::Timestamp::now(), CredentialDigest::of("what is read from the badge"));
///
/// let mut tx = store.begin().await?;
/// let badge = NewCredential::new(user.id, BADGE, "{}", now).lookup(digest.clone());
/// store.insert_credential(&mut tx, &badge).await?;
/// store.commit(tx).await?;
///
/// let (credential, record) = store.find_credential(&BADGE, &digest, now).await?.expect("it was stored");
/// assert_eq!((credential.id, record.user.id), (badge.id, user.id));
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not keep credentials",
    label = "the trait `CredentialStore` is not implemented for it",
    note = "use `SqliteStore`, `PgStore`, `MysqlStore` or `MemoryStore`, or implement `usermgr::store::CredentialStore` for your store"
)]
pub trait CredentialStore: UserStore {
    /// Returns the credentials of a user that have not expired at `now`, the oldest first. Equally old ones are ordered
    /// by id.
    fn credentials(
        &self,
        user_id: &Self::Id,
        now: Timestamp,
    ) -> impl Future<Output = Result<Vec<Credential<Self::Id>>, StoreError>> + Send;

    /// Finds the credential with this kind and lookup, together with its user, in one round trip. Returns `None` if it
    /// does not exist or has expired.
    fn find_credential(
        &self,
        kind: &CredentialKind,
        lookup: &CredentialDigest,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<CredentialAndRecord<Self>>, StoreError>> + Send;

    /// Returns up to `limit` credentials of all users, expired ones included, in the order of their ids, starting
    /// behind `after`. It is for work on all rows, such as sealing them with a new key.
    fn list_credentials(
        &self,
        after: Option<&CredentialId>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Credential<Self::Id>>, StoreError>> + Send;

    /// Returns up to `limit` credentials of this kind of all users, expired ones included, in the order of their ids,
    /// starting behind `after`.
    fn list_credentials_of_kind(
        &self,
        kind: &CredentialKind,
        after: Option<&CredentialId>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Credential<Self::Id>>, StoreError>> + Send;

    /// Writes a new credential at version 0. It never replaces a credential.
    ///
    /// # Errors
    /// - [`StoreError::Conflict`] if the id is taken, or the lookup within its kind.
    /// - [`StoreError::Stale`] if the user was deleted.
    fn insert_credential(
        &self,
        tx: &mut Self::Tx,
        new: &NewCredential<Self::Id>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Replaces the label, the data, the time of use and the expiry of the credential that has this id and version, and
    /// adds one to the version, in one atomic step. Returns `false`, and changes nothing, if the credential has changed
    /// since the read or was deleted.
    fn swap_credential(
        &self,
        credential: &Credential<Self::Id>,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Deletes credentials, expired ones included, and returns how many it deleted.
    fn delete_credentials(
        &self,
        tx: &mut Self::Tx,
        filter: CredentialFilter<'_, Self::Id>,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Writes a pending step. It never replaces a step.
    ///
    /// # Errors
    /// - [`StoreError::Conflict`] if the digest is taken.
    /// - [`StoreError::Stale`] if the user was deleted.
    fn put_pending(&self, pending: &Pending<Self::Id>) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Finds the pending step with this digest and purpose. Returns `None` if it does not exist or has expired. It does
    /// not count an attempt.
    fn find_pending(
        &self,
        digest: &CredentialDigest,
        purpose: &PendingPurpose,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Pending<Self::Id>>, StoreError>> + Send;

    /// Counts an attempt to answer a pending step, in one atomic step, and returns the step with this attempt counted.
    /// Returns `None`, and counts nothing, if there is no such step, if it has expired, or if `most_attempts` attempts
    /// were counted before.
    fn try_pending(
        &self,
        digest: &CredentialDigest,
        purpose: &PendingPurpose,
        most_attempts: u32,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Pending<Self::Id>>, StoreError>> + Send;

    /// Deletes a pending step and returns it. If several callers take it at the same time, one receives the step and
    /// the others receive `None`. Returns `None` too if the step has expired.
    fn take_pending(
        &self,
        digest: &CredentialDigest,
        purpose: &PendingPurpose,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Pending<Self::Id>>, StoreError>> + Send;

    /// Deletes all pending steps of a user and returns how many it deleted. Every operation that gives a user a new
    /// stamp calls it.
    fn delete_pending(
        &self,
        tx: &mut Self::Tx,
        user_id: &Self::Id,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;
}
