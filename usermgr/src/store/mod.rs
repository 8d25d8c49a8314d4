//! Where accounts live: the small trait [`UserStore`], the capability traits beside it, and the store in memory. A store moves rows
//! and knows neither hooks nor HTTP.

mod combine;
mod credential;
mod directory;
mod error;
mod import;
mod memory;
mod outbox;
#[cfg(feature = "redis")]
mod redis;
mod session;

use std::future::Future;

use jiff::Timestamp;

use crate::user::{EmailAddress, NewRecord, Profile, Record, StoredProfile, UserId};

pub use combine::{StandaloneSessions, WithSessions, WithSessionsTx};
pub use credential::{
    Credential, CredentialAndRecord, CredentialDigest, CredentialFilter, CredentialId, CredentialKind, CredentialStore,
    Identity, NewCredential, Pending, PendingPurpose,
};
pub use directory::{Directory, ListQuery, Listed, Page};
pub use error::StoreError;
pub use import::Import;
pub use memory::{MemoryStore, MemoryTx};
pub use outbox::{OutboxEntry, OutboxId, OutboxRecipient, OutboxStore};
#[cfg(feature = "redis")]
pub use redis::RedisSessions;
#[cfg(feature = "redis")]
pub(crate) use redis::{Connection as RedisConnection, Repeat as RedisRepeat};
pub use session::{
    Rotation, Session, SessionAndRecord, SessionDigest, SessionFilter, SessionId, SessionLookup, SessionStore,
};

/// The user of a store.
pub type UserOf<S> = crate::User<<S as UserStore>::Profile, <S as UserStore>::Id>;
/// The record of a store.
pub type RecordOf<S> = Record<<S as UserStore>::Profile, <S as UserStore>::Id>;
/// The record of a store with its profile as it is kept.
pub type StoredRecordOf<S> = Record<StoredProfile, <S as UserStore>::Id>;
/// An account in a list of a store.
pub type ListedOf<S> = Listed<<S as UserStore>::Profile, <S as UserStore>::Id>;
/// The registration, as hooks of a store's manager see it.
pub type DraftOf<S> = crate::Draft<<S as UserStore>::Profile>;
/// The changes, as hooks of a store's manager see them.
pub type ChangesOf<S> = crate::Changes<<S as UserStore>::Profile>;
/// The change that is about to be committed, as the hook of a store's manager sees it.
pub type UserChangeOf<'a, S> = crate::UserChange<'a, <S as UserStore>::Profile, <S as UserStore>::Id>;
/// Whose password is judged, in a store's manager.
pub type PasswordSubjectOf<'a, S> = crate::user::PasswordSubject<'a, <S as UserStore>::Profile, <S as UserStore>::Id>;

/// What one account is looked up by.
#[derive(Clone, Copy, Debug)]
pub enum Lookup<'a, I> {
    /// By its id.
    Id(&'a I),
    /// By its address, compared by [`EmailAddress::canonical`]. The address may be none that a registration would take.
    Email(&'a EmailAddress),
}

/// A store of accounts. Write the methods as plain `async fn`; the guide's page on stores shows a complete one of forty lines.
///
/// The contract, which `usermgr` relies on and the conformance kit checks:
/// - the canonical address is unique, by an index and not by a look-up: the second of two inserts is a [`StoreError::Conflict`];
/// - [`update`](Self::update) applies only when the stored version is the record's, and adds one to it: [`StoreError::Stale`] otherwise;
/// - writes become visible together, at [`commit`](Self::commit); a dropped transaction leaves nothing behind;
/// - a transaction that the database gives up for the sake of another (a deadlock, a lock not to be had in time) is a
///   [`StoreError::Stale`], whichever of its steps is told; the operation then decides anew;
/// - a profile that could not be read back is not written: [`StoreError::InvalidProfile`], by [`StoredProfile::of`];
/// - an account whose profile cannot be read any more is a [`StoreError::UnreadableProfile`] to whoever looks for it, and no obstacle to
///   anybody else: it is [listed](Directory::list), found by [`find_stored`](Self::find_stored), changed by
///   [`update_stored`](Self::update_stored) and deleted;
/// - an id is never used again;
/// - deleting a user deletes everything that belongs to that user.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a user store",
    label = "the trait `UserStore` is not implemented for it",
    note = "name a store in the attribute, `#[user_manager(store = MemoryStore, ..)]`, turn on a database feature such as `sqlite`, or implement `usermgr::UserStore`"
)]
pub trait UserStore: Send + Sync + 'static {
    /// The application's own fields.
    type Profile: Profile;
    /// The type of ids.
    type Id: UserId;
    /// An open transaction; dropping it rolls back.
    type Tx: Send;

    /// Opens a transaction.
    fn begin(&self) -> impl Future<Output = Result<Self::Tx, StoreError>> + Send;

    /// Makes everything written in `tx` durable and visible.
    fn commit(&self, tx: Self::Tx) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// One account, or `None` if there is none. Failing to look is an error, never `None`.
    fn find(&self, by: Lookup<'_, Self::Id>)
    -> impl Future<Output = Result<Option<RecordOf<Self>>, StoreError>> + Send;

    /// The account of an id, whether or not its profile can be read. A store that keeps profiles in another form than that of the
    /// type must write this method: provided is what serves those whose rows can always be read.
    fn find_stored(
        &self,
        id: &Self::Id,
    ) -> impl Future<Output = Result<Option<StoredRecordOf<Self>>, StoreError>> + Send {
        async move {
            let record = self.find(Lookup::Id(id)).await?;
            Ok(record.map(|record| record.to_stored()).transpose()?)
        }
    }

    /// Writes a new account at version 0 and returns its id.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the canonical address is taken, [`StoreError::InvalidProfile`] when the profile could not be read
    /// back.
    fn insert(
        &self,
        tx: &mut Self::Tx,
        new: &NewRecord<Self::Profile>,
    ) -> impl Future<Output = Result<Self::Id, StoreError>> + Send;

    /// Replaces the account whose id and version are the record's, and adds one to the version.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when there is no such row, [`StoreError::Conflict`] when the new canonical address is taken,
    /// [`StoreError::InvalidProfile`] when the profile could not be read back.
    fn update(&self, tx: &mut Self::Tx, record: &RecordOf<Self>)
    -> impl Future<Output = Result<(), StoreError>> + Send;

    /// As [`update`](Self::update), with a profile that is written as it is, readable or not. It is to be written where
    /// [`find_stored`](Self::find_stored) is.
    ///
    /// # Errors
    /// Those of [`update`](Self::update).
    fn update_stored(
        &self,
        tx: &mut Self::Tx,
        record: &StoredRecordOf<Self>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        async move { self.update(tx, &record.read()?).await }
    }

    /// Deletes an account with all that belongs to it; `false` if there was none.
    fn delete(&self, tx: &mut Self::Tx, id: &Self::Id) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// The accounts of these ids that are there, once where both are the same; until `tx` ends nobody else changes or deletes them.
    /// They are locked in one order, however they are named, so that two who act on each other do not wait for each other. Who had to
    /// wait is given them as they are by then.
    ///
    /// Whoever ends a session, or a token, holds its user in this way; so what is seen of sessions while a user is held stays true until
    /// the transaction ends.
    fn find_locked(
        &self,
        tx: &mut Self::Tx,
        ids: [&Self::Id; 2],
    ) -> impl Future<Output = Result<Vec<RecordOf<Self>>, StoreError>> + Send;

    /// Notes in the transaction that a token is used up, by its digest of 43 characters: `false` if it was before. Of two who use one at
    /// once the second is told so, when the first has committed. It can be forgotten when the token would have expired.
    fn use_once(
        &self,
        tx: &mut Self::Tx,
        token: &str,
        expires_at: Timestamp,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Deletes what expired before `now` and is kept beside the accounts: used tokens, and credentials and pending steps in a
    /// [`CredentialStore`]. Says how many rows that were. [`SessionStore::purge_sessions`] does so too.
    fn purge_expired(&self, now: Timestamp) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Counts the active superusers and keeps others from changing them until `tx` ends, so that two superusers cannot demote each
    /// other at once.
    fn lock_and_count_superusers(&self, tx: &mut Self::Tx) -> impl Future<Output = Result<u64, StoreError>> + Send;
}
