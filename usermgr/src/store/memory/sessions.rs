//! Sessions, in memory.

use jiff::Timestamp;

use super::{
    MemoryStore,
    state::{Key, Row},
};
use crate::{
    amr::Amr,
    store::{Rotation, Session, SessionDigest, SessionFilter, SessionId, SessionLookup, SessionStore, StoreError},
    user::{Profile, Record, Stamp, UserId},
};

impl<P: Profile, I: UserId> SessionStore for MemoryStore<P, I> {
    async fn insert_session(&self, session: &Session<I>) -> Result<(), StoreError> {
        let mut state = self.state.lock().await;
        if state.sessions.contains_key(&session.id) || state.digests.contains_key(&session.digest) {
            return Err(StoreError::Conflict);
        }
        if !state.users.contains_key(&Key::of(&session.user_id)) {
            return Err(StoreError::Stale);
        }
        state.put_session(&session.id, Some(session.clone()));
        Ok(())
    }

    async fn find_session(&self, by: SessionLookup<'_>) -> Result<Option<(Session<I>, Record<P, I>)>, StoreError> {
        let state = self.state.lock().await;
        let id = match by {
            SessionLookup::Digest(digest) => state.digests.get(digest),
            SessionLookup::Id(id) => Some(id),
        };
        let Some(session) = id.and_then(|id| state.sessions.get(id)) else { return Ok(None) };
        let row = state.users.get(&Key::of(&session.user_id));
        row.map(|row| Ok((session.clone(), row.read()?))).transpose()
    }

    async fn list_sessions(&self, user_id: &I) -> Result<Vec<Session<I>>, StoreError> {
        let state = self.state.lock().await;
        let mut sessions: Vec<_> =
            state.sessions.values().filter(|session| session.user_id == *user_id).cloned().collect();
        sessions.sort_by(|a, b| (b.authenticated_at, b.id.as_str()).cmp(&(a.authenticated_at, a.id.as_str())));
        Ok(sessions)
    }

    async fn count_sessions(&self, user_id: &I) -> Result<u64, StoreError> {
        let state = self.state.lock().await;
        Ok(state.sessions.values().filter(|session| session.user_id == *user_id).count() as u64)
    }

    async fn touch_session(&self, id: &SessionId, seen_at: Timestamp) -> Result<(), StoreError> {
        if let Some(session) = self.state.lock().await.sessions.get_mut(id) {
            session.seen_at = seen_at;
        }
        Ok(())
    }

    async fn rotate_session(
        &self,
        id: &SessionId,
        expected: &SessionDigest,
        next: &Rotation,
    ) -> Result<bool, StoreError> {
        let mut state = self.state.lock().await;
        let fits = |session: &&mut Session<I>| session.rotation.as_ref().is_some_and(|now| now.digest == *expected);
        let Some(session) = state.sessions.get_mut(id).filter(fits) else { return Ok(false) };
        session.rotation = Some(next.clone());
        Ok(true)
    }

    async fn restamp_session(
        &self,
        tx: &mut Self::Tx,
        id: &SessionId,
        stamp: &Stamp,
        amr: &Amr,
    ) -> Result<(), StoreError> {
        if let Some(session) = tx.state.sessions.get(id).cloned() {
            tx.put_session(id.clone(), Some(Session { stamp: *stamp, amr: amr.clone(), ..session }));
        }
        Ok(())
    }

    async fn find_session_of(
        &self,
        tx: &mut Self::Tx,
        user_id: &I,
        id: &SessionId,
    ) -> Result<Option<Session<I>>, StoreError> {
        Ok(tx.state.sessions.get(id).filter(|session| session.user_id == *user_id).cloned())
    }

    async fn revoke_sessions(&self, tx: &mut Self::Tx, filter: SessionFilter<'_, I>) -> Result<u64, StoreError> {
        let oldest = match filter {
            SessionFilter::Oldest { user_id, id, others } => {
                let own = |session: &Session<I>| session.user_id == *user_id && session.actor.is_none();
                let mut ids = tx.state.sessions_where(|session| own(session) && session.id != *id);
                ids.sort_by_key(|id| {
                    std::cmp::Reverse(tx.state.sessions.get(id).map(|row| (row.authenticated_at, id.to_string())))
                });
                ids.split_off(ids.len().min(others as usize))
            }
            _ => Vec::new(),
        };
        let ids = tx.state.sessions_where(|session| match filter {
            SessionFilter::Oldest { .. } => oldest.contains(&session.id),
            SessionFilter::One { user_id, id } => session.id == *id && session.user_id == *user_id,
            SessionFilter::User(user_id) => session.user_id == *user_id,
            SessionFilter::Others { user_id, id } => session.id != *id && session.user_id == *user_id,
        });
        let count = ids.len() as u64;
        for id in ids {
            tx.put_session(id, None);
        }
        Ok(count)
    }

    async fn end_token(&self, tx: &mut Self::Tx, id: &SessionId, expires_at: Timestamp) -> Result<(), StoreError> {
        tx.put_ended_token(id.clone(), expires_at);
        Ok(())
    }

    async fn has_token_ended(&self, tx: &mut Self::Tx, id: &SessionId) -> Result<bool, StoreError> {
        Ok(tx.state.ended_tokens.contains_key(id))
    }

    async fn find_unless_ended(&self, user_id: &I, token: &SessionId) -> Result<Option<Record<P, I>>, StoreError> {
        let state = self.state.lock().await;
        let lives = !state.ended_tokens.contains_key(token);
        let row = state.users.get(&Key::of(user_id)).filter(|_| lives);
        row.map(Row::read).transpose()
    }

    async fn purge_sessions(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut state = self.state.lock().await;
        let ended = state.sessions_where(|session| session.expires_at < now);
        for id in &ended {
            state.put_session(id, None);
        }
        Ok(ended.len() as u64 + state.forget_tokens(now) + state.forget_expired(now))
    }
}
