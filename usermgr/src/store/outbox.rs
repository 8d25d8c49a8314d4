//! Storage of the outbox: one row for each notification that must be delivered to a user, and the trait
//! [`OutboxStore`]. No row holds a token, a password or a hash.

use std::{fmt, future::Future};

use jiff::Timestamp;

use super::{ListQuery, StoreError, UserStore};
use crate::user::EmailAddress;

/// The name of a row of the outbox. It is the same at every attempt to deliver the row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutboxId(String);

impl OutboxId {
    /// Creates an id from the text that a store has read.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the id as text, at most 64 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OutboxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A row of the outbox: a notification for a user.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutboxEntry<I> {
    /// The name of the row.
    pub id: OutboxId,
    /// What happened, in at most 64 characters.
    pub event: String,
    /// The recipient.
    pub recipient: OutboxRecipient<I>,
    /// The details, as JSON. A store keeps the text unchanged.
    pub payload: String,
    /// How often the row was claimed.
    pub attempts: u32,
    /// When the row may be claimed, with microsecond precision.
    pub due_at: Timestamp,
}

impl<I> OutboxEntry<I> {
    /// Creates a row that was not claimed yet.
    pub fn new(
        id: OutboxId,
        event: impl Into<String>,
        recipient: OutboxRecipient<I>,
        payload: impl Into<String>,
        due_at: Timestamp,
    ) -> Self {
        Self { id, event: event.into(), recipient, payload: payload.into(), attempts: 0, due_at }
    }
}

/// The recipient of a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OutboxRecipient<I> {
    /// A user.
    User(I),
    /// The user who has this address at the time of delivery, if there is one.
    Address(EmailAddress),
}

/// A row of the outbox that was given up after its last attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FailedEntry<I> {
    /// The row.
    pub entry: OutboxEntry<I>,
    /// When it was given up.
    pub failed_at: Timestamp,
    /// The reason, as [`fail`](OutboxStore::fail) recorded it.
    pub error: String,
}

impl<I> FailedEntry<I> {
    /// Creates the value that a store returns.
    pub fn new(entry: OutboxEntry<I>, failed_at: Timestamp, error: impl Into<String>) -> Self {
        Self { entry, failed_at, error: error.into() }
    }
}

/// A store with an outbox. Rows are written together with a change and delivered afterwards (at-least-once delivery).
///
/// # Contract
/// The conformance kit checks these rules in its group `outbox`:
/// - A pushed row becomes visible when its transaction is committed. A dropped transaction leaves no row.
/// - [`claim`](Self::claim) leases a row to one of several concurrent callers. No other caller receives it before the
///   lease ends.
/// - A row that was not [`done`](Self::done) is claimed again, also if the process that claimed it has ended.
/// - Deleting a user deletes the rows for that user and those for the user's address.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no outbox",
    label = "the trait `OutboxStore` is not implemented for it",
    note = "`SqliteStore`, `PgStore`, `MysqlStore` and `MemoryStore` have one; without it the engine is built without `.outbox()`"
)]
pub trait OutboxStore: UserStore {
    /// Writes a row, in the transaction of the change that it reports.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if the user was deleted.
    fn push(
        &self,
        tx: &mut Self::Tx,
        entry: &OutboxEntry<Self::Id>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Claims up to `limit` rows that are due at `now`, those with the earliest due time first. Their new due time is
    /// `until`, so no other caller receives them before that. Returns the rows as they are after the claim, with this
    /// attempt counted.
    fn claim(
        &self,
        limit: u32,
        now: Timestamp,
        until: Timestamp,
    ) -> impl Future<Output = Result<Vec<OutboxEntry<Self::Id>>, StoreError>> + Send;

    /// Deletes a row that was delivered. A row that does not exist is not an error.
    fn done(&self, id: &OutboxId) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Schedules another attempt at `due_at` and records the reason of the failure. Nothing changes if `attempt` is not
    /// the latest attempt, because another worker has claimed the row since. `error` is one line of at most 200
    /// characters for an operator to read. It contains no address, no token and no other value.
    fn retry(
        &self,
        id: &OutboxId,
        attempt: u32,
        due_at: Timestamp,
        error: &str,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Marks a row as failed and records the reason, as [`retry`](Self::retry) does, if `attempt` is the latest
    /// attempt. The row stays in the table and is not claimed again, unless it is [retried](Self::retry_failed).
    fn fail(
        &self,
        id: &OutboxId,
        attempt: u32,
        failed_at: Timestamp,
        error: &str,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Returns the failed rows behind `query.after` in the order of their ids, at most `query.limit`.
    fn list_failed(
        &self,
        query: &ListQuery<OutboxId>,
    ) -> impl Future<Output = Result<Vec<FailedEntry<Self::Id>>, StoreError>> + Send;

    /// Makes a failed row a row without attempts that is due at `due_at`. Returns `false` if no row with this id has
    /// failed.
    fn retry_failed(&self, id: &OutboxId, due_at: Timestamp) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Deletes a failed row. Returns `false` if no row with this id has failed.
    fn delete_failed(&self, id: &OutboxId) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Returns when the row that could have been claimed longest ago became due, or `None` if no row is due at `now`.
    fn oldest_due(&self, now: Timestamp) -> impl Future<Output = Result<Option<Timestamp>, StoreError>> + Send;

    /// Deletes the rows that failed before `before` and returns how many it deleted.
    fn purge_failed(&self, before: Timestamp) -> impl Future<Output = Result<u64, StoreError>> + Send;
}
