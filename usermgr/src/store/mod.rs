//! Storage of accounts: the trait [`UserStore`], the capability traits beside it, and the store in memory. A store
//! reads and writes rows. It does not call hooks and does not use HTTP.

mod combine;
mod credential;
mod directory;
mod error;
mod history;
mod import;
mod memory;
mod outbox;
#[cfg(feature = "redis")]
mod redis;
mod session;

use std::future::Future;

use jiff::Timestamp;

use crate::user::{EmailAddress, NewRecord, Profile, Record, StoredProfile, UserId, Username};

pub use combine::{StandaloneSessions, WithSessions, WithSessionsTx};
pub use credential::{
    ApiKeyInfo, Credential, CredentialAndRecord, CredentialDigest, CredentialFilter, CredentialId, CredentialKind,
    CredentialStore, FactorInfo, Identity, NewCredential, Pending, PendingPurpose,
};
pub use directory::{Directory, ListQuery, Listed, Page, UserFilter};
pub use error::StoreError;
pub use history::{HistoryStore, LoginEntry, LoginOutcome};
pub use import::Import;
pub use memory::{MemoryStore, MemoryTx};
pub use outbox::{FailedEntry, OutboxEntry, OutboxId, OutboxRecipient, OutboxStore};
#[cfg(feature = "redis")]
pub(crate) use redis::{Connection as RedisConnection, Repeat as RedisRepeat, Use as RedisUse};
#[cfg(feature = "redis")]
pub use redis::{RedisServer, RedisSessions};
pub use session::{
    Rotation, Session, SessionAndRecord, SessionDigest, SessionFilter, SessionId, SessionLookup, SessionStore,
};

/// The user type of a store.
pub type UserOf<S> = crate::User<<S as UserStore>::Profile, <S as UserStore>::Id>;
/// The record type of a store.
pub type RecordOf<S> = Record<<S as UserStore>::Profile, <S as UserStore>::Id>;
/// The record type of a store, with the profile as it is stored.
pub type StoredRecordOf<S> = Record<StoredProfile, <S as UserStore>::Id>;
/// The type of an account in a list of a store.
pub type ListedOf<S> = Listed<<S as UserStore>::Profile, <S as UserStore>::Id>;
/// The registration type that the hooks of a store's manager receive.
pub type DraftOf<S> = crate::Draft<<S as UserStore>::Profile>;
/// The type of the changes that the hooks of a store's manager receive.
pub type ChangesOf<S> = crate::Changes<<S as UserStore>::Profile>;
/// The type of the change that is about to be committed, as the hook of a store's manager receives it.
pub type UserChangeOf<'a, S> = crate::UserChange<'a, <S as UserStore>::Profile, <S as UserStore>::Id>;
/// The argument type of a password policy, with the types of a store.
pub type PasswordSubjectOf<'a, S> = crate::user::PasswordSubject<'a, <S as UserStore>::Profile, <S as UserStore>::Id>;

/// The key by which one account is looked up.
///
/// A store answers a key that it does not know with an error, never with `None`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Lookup<'a, I> {
    /// By the account's id.
    Id(&'a I),
    /// By the account's address, compared by [`EmailAddress::canonical`]. The address may be one that a registration
    /// would refuse.
    Email(&'a EmailAddress),
    /// By the account's user name, compared by [`Username::canonical`]. The name may be one that a registration would
    /// refuse. Only an engine with the part [`Usernames`](crate::engine::Usernames) asks.
    Username(&'a Username),
}

/// A store of accounts.
///
/// Write the methods as plain `async fn`. The guide's page on stores shows a complete implementation of forty lines.
///
/// # Contract
/// `usermgr` relies on these rules, and the conformance kit checks them:
/// - The canonical address is unique. A unique index enforces this, not a look-up before the write. The second of two
///   inserts fails with [`StoreError::Conflict`].
/// - The canonical user name is unique too, among the accounts that have one, and a name that is left is free at once. A store
///   that keeps no names answers [`Lookup::Username`] with an error.
/// - [`update`](Self::update) uses optimistic concurrency. It applies only if the stored version is the record's
///   version, and adds one to it. Otherwise it fails with [`StoreError::Stale`].
/// - All writes of a transaction become visible together, at [`commit`](Self::commit). A dropped transaction writes
///   nothing.
/// - If the database aborts a transaction in favor of another one (a deadlock, a lock timeout), the step that receives
///   the error fails with [`StoreError::Stale`]. The operation then reads and decides again.
/// - A profile that could not be read back is not written. [`StoredProfile::of`] checks this, and the write fails with
///   [`StoreError::InvalidProfile`].
/// - An account whose stored profile cannot be read fails a read with [`StoreError::UnreadableProfile`]. It does not
///   affect other accounts. It can still be [listed](Directory::list), found by [`find_stored`](Self::find_stored),
///   changed by [`update_stored`](Self::update_stored) and deleted.
/// - An id is never used again.
/// - Deleting a user deletes everything that belongs to that user.
///
/// Times are stored with microsecond precision. All other failures are [`StoreError::Backend`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a user store",
    label = "the trait `UserStore` is not implemented for it",
    note = "name a store in the attribute, `#[user_manager(store = MemoryStore, ..)]`, turn on a database feature such as `sqlite`, or implement `usermgr::UserStore`"
)]
pub trait UserStore: Send + Sync + 'static {
    /// The application's own profile fields.
    type Profile: Profile;
    /// The type of user ids.
    type Id: UserId;
    /// An open transaction. Dropping it rolls it back.
    type Tx: Send;

    /// Returns the realm of the accounts: the name that keeps them apart from those of other stores, in an application
    /// with several kinds of users or with tenants. What an [engine](crate::Engine) signs, seals, counts and sets as a
    /// cookie is valid in its realm alone. `None` or an empty name is no realm. A store never changes its realm. See the
    /// guide's page on [several kinds of user](crate::guide::kinds).
    ///
    /// The provided method returns `None`.
    fn realm(&self) -> Option<&str> {
        None
    }

    /// Opens a transaction.
    fn begin(&self) -> impl Future<Output = Result<Self::Tx, StoreError>> + Send;

    /// Commits `tx`: everything written in it becomes durable and visible.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if the database aborted the transaction. Nothing was written then.
    fn commit(&self, tx: Self::Tx) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Finds one account. Returns `None` if there is no such account.
    ///
    /// # Errors
    /// [`StoreError::UnreadableProfile`] if the stored profile cannot be read. A failed look-up is an error, never
    /// `None`.
    fn find(&self, by: Lookup<'_, Self::Id>)
    -> impl Future<Output = Result<Option<RecordOf<Self>>, StoreError>> + Send;

    /// Finds an account by its id, whether or not its profile can be read. Returns `None` if there is no such account.
    ///
    /// The provided method reads the account by [`find`](Self::find). It is enough for a store whose profiles can
    /// always be read. Every other store must implement this method.
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
    /// - [`StoreError::Conflict`] if the canonical address or user name is taken.
    /// - [`StoreError::InvalidProfile`] if the profile could not be read back.
    fn insert(
        &self,
        tx: &mut Self::Tx,
        new: &NewRecord<Self::Profile>,
    ) -> impl Future<Output = Result<Self::Id, StoreError>> + Send;

    /// Replaces the account that has the id and the version of `record`, and adds one to the version.
    ///
    /// # Errors
    /// - [`StoreError::Stale`] if there is no row with this id and version.
    /// - [`StoreError::Conflict`] if the new canonical address or user name is taken.
    /// - [`StoreError::InvalidProfile`] if the profile could not be read back.
    fn update(&self, tx: &mut Self::Tx, record: &RecordOf<Self>)
    -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Replaces an account as [`update`](Self::update) does, but writes the profile unchanged, whether or not it can be
    /// read. A store that implements [`find_stored`](Self::find_stored) must implement this method too.
    ///
    /// # Errors
    /// The errors of [`update`](Self::update).
    fn update_stored(
        &self,
        tx: &mut Self::Tx,
        record: &StoredRecordOf<Self>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        async move { self.update(tx, &record.read()?).await }
    }

    /// Deletes an account with everything that belongs to it. Returns `false` if there was no such account.
    fn delete(&self, tx: &mut Self::Tx, id: &Self::Id) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Finds the accounts with these ids and locks their rows until `tx` ends: no other transaction can change or
    /// delete them. If both ids are equal, the account is returned once. Ids without an account are skipped.
    ///
    /// The rows are locked in one fixed order, whatever the order of `ids`, so that two users who act on each other do
    /// not deadlock. A call that had to wait returns the accounts as they are after the wait.
    ///
    /// An operation that ends a session or a signed token holds this lock on the session's user. So the state of a
    /// user's sessions cannot change while a transaction holds the lock.
    fn find_locked(
        &self,
        tx: &mut Self::Tx,
        ids: [&Self::Id; 2],
    ) -> impl Future<Output = Result<Vec<RecordOf<Self>>, StoreError>> + Send;

    /// Records in the transaction that a single-use token was used. `token` is its digest, 43 characters long. Returns
    /// `false` if the token was used before. If two transactions use the same token at the same time, the second one
    /// waits for the first to end and returns `false` if it was committed. The store may forget the token after
    /// `expires_at`.
    fn use_once(
        &self,
        tx: &mut Self::Tx,
        token: &str,
        expires_at: Timestamp,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Deletes the rows beside the accounts that expired before `now`, and returns how many it deleted. These are used
    /// tokens and, in a [`CredentialStore`], credentials and pending steps. [`SessionStore::purge_sessions`] deletes
    /// them too.
    fn purge_expired(&self, now: Timestamp) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Returns whether the store answers, for [`Operations::ready`](crate::Operations::ready).
    ///
    /// The provided method looks up an address that no account has. Implement it if the store needs more than one
    /// database.
    fn ready(&self) -> impl Future<Output = Result<(), StoreError>> + Send {
        async move {
            let unknown = EmailAddress::from_stored("unknown@usermgr.invalid");
            self.find(Lookup::Email(&unknown)).await.map(drop)
        }
    }

    /// Closes what the store has opened by itself, at the end of the process, for
    /// [`Operations::shutdown`](crate::Operations::shutdown). What the application has opened stays open.
    ///
    /// The provided method does nothing.
    fn shutdown(&self) -> impl Future<Output = ()> + Send {
        async {}
    }

    /// Counts the active superusers and locks their rows until `tx` ends, so that two superusers cannot demote each
    /// other at the same time.
    fn lock_and_count_superusers(&self, tx: &mut Self::Tx) -> impl Future<Output = Result<u64, StoreError>> + Send;
}
