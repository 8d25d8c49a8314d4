//! What a store must be able to do with credentials and pending steps.

use std::future::Future;

use jiff::Timestamp;

use super::{
    Credential, CredentialDigest, CredentialFilter, CredentialId, CredentialKind, NewCredential, Pending,
    PendingPurpose,
};
use crate::store::{RecordOf, StoreError, UserStore};

/// A credential with the account it belongs to.
pub type CredentialAndRecord<S> = (Credential<<S as UserStore>::Id>, RecordOf<S>);

/// A store that keeps credentials, and steps of a proof that are under way. Write the methods as plain `async fn`.
///
/// The contract, which the conformance kit checks in its group `credentials`:
/// - kind and lookup are unique together, by an index and not by a look-up;
/// - a swap applies only to the version that is stored, in one statement: of those who use one credential at once, one does;
/// - an attempt is counted in one statement, and no more are counted than are allowed; a pending step is taken once;
/// - nothing is found at or after the time at which it expires;
/// - what was written in a transaction that is dropped is not there;
/// - [`UserStore::purge_expired`] deletes what has expired;
/// - deleting a user deletes the user's credentials and pending steps. Those of an inactive user stay, and are found: who asks, looks
///   whether the user is active.
///
/// That a signed token serves once is noted by [`UserStore::use_once`], which every store has.
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
    /// The credentials of a user that have not expired, the oldest first, and in the order of their ids where they are equally old.
    fn credentials(
        &self,
        user_id: &Self::Id,
        now: Timestamp,
    ) -> impl Future<Output = Result<Vec<Credential<Self::Id>>, StoreError>> + Send;

    /// The credential of this kind and lookup with its user, in one round trip, unless it has expired.
    fn find_credential(
        &self,
        kind: &CredentialKind,
        lookup: &CredentialDigest,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<CredentialAndRecord<Self>>, StoreError>> + Send;

    /// Up to `limit` credentials of all users, expired ones included, in the order of their ids, beginning after `after`. It is for
    /// work on all rows, such as sealing them anew.
    fn list_credentials(
        &self,
        after: Option<&CredentialId>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Credential<Self::Id>>, StoreError>> + Send;

    /// Writes a new credential at version 0. It never replaces one.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when its id, or its lookup in its kind, is taken; [`StoreError::Stale`] when the user is gone.
    fn insert_credential(
        &self,
        tx: &mut Self::Tx,
        new: &NewCredential<Self::Id>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Replaces label, data, time of use and expiry of the credential whose id and version these are, and adds one to the version, in
    /// one atomic step. `false`, with nothing changed, when it has changed since it was read or is gone.
    fn swap_credential(
        &self,
        credential: &Credential<Self::Id>,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Deletes credentials, expired ones included, and says how many.
    fn delete_credentials(
        &self,
        tx: &mut Self::Tx,
        filter: CredentialFilter<'_, Self::Id>,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Writes a pending step. It never replaces one.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the digest is there already; [`StoreError::Stale`] when the user is gone.
    fn put_pending(&self, pending: &Pending<Self::Id>) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The pending step of this digest and purpose, unless it has expired. Nothing is counted.
    fn find_pending(
        &self,
        digest: &CredentialDigest,
        purpose: &PendingPurpose,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Pending<Self::Id>>, StoreError>> + Send;

    /// Counts an attempt to answer a pending step, in one atomic step, and returns the step with this attempt counted. `None`, with
    /// nothing counted, when there is no such step, when it has expired, or when `most_attempts` were counted before.
    fn try_pending(
        &self,
        digest: &CredentialDigest,
        purpose: &PendingPurpose,
        most_attempts: u32,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Pending<Self::Id>>, StoreError>> + Send;

    /// Deletes a pending step and returns it to one of those who take it at once. `None` for the others, and when it has expired.
    fn take_pending(
        &self,
        digest: &CredentialDigest,
        purpose: &PendingPurpose,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Pending<Self::Id>>, StoreError>> + Send;

    /// Deletes the pending steps of a user, whatever they are for, and says how many. Whatever gives the user a new stamp does so.
    fn delete_pending(
        &self,
        tx: &mut Self::Tx,
        user_id: &Self::Id,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;
}
