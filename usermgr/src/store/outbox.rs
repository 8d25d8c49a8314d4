//! What users are to be told, at rest: one row for each mail that is owed, and what a store must be able to do with rows. No row holds a
//! token, a password or a hash.

use std::{fmt, future::Future};

use jiff::Timestamp;

use super::{StoreError, UserStore};
use crate::user::EmailAddress;

/// The name of a row of the outbox: the same at every attempt to deliver it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutboxId(String);

impl OutboxId {
    /// An id read back from a store.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text of the id, at most 64 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OutboxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A row of the outbox: something that a user is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxEntry<I> {
    /// Its name.
    pub id: OutboxId,
    /// What happened, in at most 64 characters.
    pub event: String,
    /// Who is told.
    pub recipient: OutboxRecipient<I>,
    /// The circumstances, as JSON: a store keeps the text as it is.
    pub payload: String,
    /// How often it was claimed.
    pub attempts: u32,
    /// When it may be claimed, to the microsecond.
    pub due_at: Timestamp,
}

/// Who is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutboxRecipient<I> {
    /// A user.
    User(I),
    /// Whoever has this address, if anybody has.
    Address(EmailAddress),
}

/// A store with an outbox: rows that are written together with a change, and delivered afterwards.
///
/// The contract, which the conformance kit checks in its group `outbox`:
/// - a pushed row stands and falls with its transaction;
/// - [`claim`](Self::claim) gives a row to one of those who claim at once, and to nobody else before the lease has run out;
/// - what is not [`done`](Self::done) is claimed again, also when the process that had it is gone;
/// - deleting a user deletes the rows for that user, and those for the address.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no outbox",
    label = "the trait `OutboxStore` is not implemented for it",
    note = "`SqliteStore`, `PgStore`, `MysqlStore` and `MemoryStore` have one; without it the engine is built without `.outbox()`"
)]
pub trait OutboxStore: UserStore {
    /// Writes a row in the transaction of the change that it tells of.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when the user is gone.
    fn push(
        &self,
        tx: &mut Self::Tx,
        entry: &OutboxEntry<Self::Id>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Takes up to `limit` rows that are due `now`, those first that are due longest, and makes them due `until`: nobody else gets them
    /// before. Each is returned as it is by then, with this attempt counted.
    fn claim(
        &self,
        limit: u32,
        now: Timestamp,
        until: Timestamp,
    ) -> impl Future<Output = Result<Vec<OutboxEntry<Self::Id>>, StoreError>> + Send;

    /// Deletes a row that was delivered. One that is not there any more is no error.
    fn done(&self, id: &OutboxId) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Makes a row due at another time and keeps why the attempt failed, if this attempt is still the last; else another worker has claimed it
    /// since, and nothing changes. `error` is one line of at most 200 characters without addresses, tokens or other values, for an operator
    /// to read.
    fn retry(
        &self,
        id: &OutboxId,
        attempt: u32,
        due_at: Timestamp,
        error: &str,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Marks a row as failed and keeps why, as [`retry`](Self::retry) does, if this attempt is still the last. It stays, and is not claimed
    /// any more.
    fn fail(
        &self,
        id: &OutboxId,
        attempt: u32,
        failed_at: Timestamp,
        error: &str,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Deletes the rows that failed before that time and says how many.
    fn purge_failed(&self, before: Timestamp) -> impl Future<Output = Result<u64, StoreError>> + Send;
}
