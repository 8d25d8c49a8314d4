//! A transaction over the rows in memory. It records each previous value, and restores them unless it is committed.

use std::{fmt, marker::PhantomData};

use jiff::Timestamp;
use tokio::sync::OwnedMutexGuard;
use uuid::Uuid;

use super::state::{Key, OutboxRow, Row, State};
use crate::{
    store::{Credential, CredentialDigest, CredentialId, LoginEntry, OutboxId, Pending, Session, SessionId},
    user::{NoProfile, Profile, UserId},
};

/// The transaction of a [`MemoryStore`](super::MemoryStore). It locks the store until it is committed or dropped.
/// Dropping it rolls it back.
pub struct MemoryTx<P: Profile = NoProfile, I: UserId = Uuid> {
    pub(super) state: OwnedMutexGuard<State<I>>,
    pub(super) undo: Vec<Undo<I>>,
    pub(super) profile: PhantomData<fn() -> P>,
}

/// A row as it was before a write.
pub(super) enum Undo<I> {
    User(Key, Option<Row<I>>),
    Session(SessionId, Option<Session<I>>),
    EndedToken(SessionId, Option<Timestamp>),
    Credential(CredentialId, Option<Credential<I>>),
    Pending(CredentialDigest, Option<Pending<I>>),
    Outbox(OutboxId, Option<OutboxRow<I>>),
    History(Key, Option<Vec<LoginEntry<I>>>),
}

impl<P: Profile, I: UserId> MemoryTx<P, I> {
    pub(super) fn put_user(&mut self, key: Key, record: Option<Row<I>>) {
        let before = self.state.put_user(&key, record);
        self.undo.push(Undo::User(key, before));
    }

    pub(super) fn put_session(&mut self, id: SessionId, session: Option<Session<I>>) {
        let before = self.state.put_session(&id, session);
        self.undo.push(Undo::Session(id, before));
    }

    /// Records the end of a token. Returns `false` if it had ended before.
    pub(super) fn put_ended_token(&mut self, id: SessionId, expires_at: Timestamp) -> bool {
        let before = self.state.ended_tokens.insert(id.clone(), expires_at);
        let is_new = before.is_none();
        self.undo.push(Undo::EndedToken(id, before));
        is_new
    }
}

impl<P: Profile, I: UserId> Drop for MemoryTx<P, I> {
    fn drop(&mut self) {
        while let Some(undo) = self.undo.pop() {
            match undo {
                Undo::User(key, before) => drop(self.state.put_user(&key, before)),
                Undo::Session(id, before) => drop(self.state.put_session(&id, before)),
                Undo::EndedToken(id, Some(before)) => drop(self.state.ended_tokens.insert(id, before)),
                Undo::EndedToken(id, None) => drop(self.state.ended_tokens.remove(&id)),
                Undo::Credential(id, before) => drop(self.state.put_credential(&id, before)),
                Undo::Pending(digest, before) => drop(self.state.put_pending(&digest, before)),
                Undo::Outbox(id, before) => drop(self.state.put_outbox(&id, before)),
                Undo::History(key, before) => drop(self.state.put_history(&key, before)),
            }
        }
    }
}

impl<P: Profile, I: UserId> fmt::Debug for MemoryTx<P, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryTx").finish_non_exhaustive()
    }
}
