//! Sessions, and signed tokens that have ended, in SQL databases.

use jiff::Timestamp;

use super::{
    cells::Cells,
    dialect::Dialect,
    error::{failed, looked_up, orphaned},
    id::SqlId,
    row::{StoredAccount, StoredSession},
    store::SqlStore,
    users::note_end,
};
use crate::{
    StoreError, UserStore as _,
    amr::Amr,
    session::SessionActor,
    store::{Rotation, Session, SessionDigest, SessionFilter, SessionId, SessionLookup, SessionStore},
    user::{Profile, Record, Stamp},
};

impl<D: Dialect, P: Profile, I: SqlId> SessionStore for SqlStore<D, P, I> {
    async fn insert_session(&self, session: &Session<I>) -> Result<(), StoreError> {
        let ip = session.ip.map(|ip| ip.to_string());
        let (rotation, amr) = (session.rotation.as_ref(), session.amr.to_stored());
        let actor = session.actor.as_ref().map(SessionActor::to_stored);
        let values = [
            session.id.as_str().into(),
            session.digest.as_str().into(),
            session.user_id.to_value(),
            session.stamp.as_bytes().as_slice().into(),
            session.backend.as_str().into(),
            session.authenticated_at.as_microsecond().into(),
            session.seen_at.as_microsecond().into(),
            session.expires_at.as_microsecond().into(),
            ip.as_deref().into(),
            session.user_agent.as_deref().into(),
            rotation.map(|rotation| rotation.digest.as_str()).into(),
            rotation.map(|rotation| rotation.rotated_at.as_microsecond()).into(),
            rotation.and_then(|rotation| rotation.rotated_by.as_deref()).into(),
            amr.as_deref().into(),
            actor.as_deref().into(),
        ];
        self.alone(&self.statements().sessions.insert, &values).await.map(drop).map_err(orphaned)
    }

    async fn find_session(&self, by: SessionLookup<'_>) -> Result<Option<(Session<I>, Record<P, I>)>, StoreError> {
        let sessions = &self.statements().sessions;
        let (sql, value) = match by {
            SessionLookup::Digest(digest) => (&sessions.find_by_digest, digest.as_str()),
            SessionLookup::Id(id) => (&sessions.find_by_id, id.as_str()),
        };
        let Some(row) = looked_up(self.first(sql, &[value.into()]).await)? else { return Ok(None) };
        let mut cells = Cells::<D>::of(&row);
        let record: Record<P, I> = StoredAccount::<I>::read(&mut cells).map_err(failed)?.into_record()?;
        let session = StoredSession::read(&mut cells).map_err(failed)?.into_session(&record.user.id)?;
        Ok(Some((session, record)))
    }

    async fn list_sessions(&self, user_id: &I) -> Result<Vec<Session<I>>, StoreError> {
        let rows = self.all(&self.statements().sessions.list, &[user_id.to_value()]).await.map_err(failed)?;
        rows.iter().map(|row| session::<D, I>(row, user_id)).collect()
    }

    async fn count_sessions(&self, user_id: &I) -> Result<u64, StoreError> {
        let row = self.first(&self.statements().sessions.count, &[user_id.to_value()]).await.map_err(failed)?;
        let count = row.map_or(Ok(0), |row| Cells::<D>::of(&row).number()).map_err(failed)?;
        Ok(count.unsigned_abs())
    }

    async fn touch_session(&self, id: &SessionId, seen_at: Timestamp) -> Result<(), StoreError> {
        let values = [seen_at.as_microsecond().into(), id.as_str().into()];
        self.alone(&self.statements().sessions.touch, &values).await.map(drop).map_err(failed)
    }

    async fn rotate_session(
        &self,
        id: &SessionId,
        expected: &SessionDigest,
        next: &Rotation,
    ) -> Result<bool, StoreError> {
        let values = [
            next.digest.as_str().into(),
            next.rotated_at.as_microsecond().into(),
            next.rotated_by.as_deref().into(),
            id.as_str().into(),
            expected.as_str().into(),
        ];
        Ok(self.alone(&self.statements().sessions.rotate, &values).await.map_err(failed)? > 0)
    }

    async fn restamp_session(
        &self,
        tx: &mut Self::Tx,
        id: &SessionId,
        stamp: &Stamp,
        amr: &Amr,
    ) -> Result<(), StoreError> {
        let amr = amr.to_stored();
        let values = [stamp.as_bytes().as_slice().into(), amr.as_deref().into(), id.as_str().into()];
        tx.link().execute(&self.statements().sessions.restamp, &values).await.map(drop).map_err(failed)
    }

    async fn find_session_of(
        &self,
        tx: &mut Self::Tx,
        user_id: &I,
        id: &SessionId,
    ) -> Result<Option<Session<I>>, StoreError> {
        let values = [user_id.to_value(), id.as_str().into()];
        let row = tx.link().fetch_optional(&self.statements().sessions.find_of_user, &values).await;
        looked_up(row)?.map(|row| session::<D, I>(&row, user_id)).transpose()
    }

    async fn revoke_sessions(&self, tx: &mut Self::Tx, filter: SessionFilter<'_, I>) -> Result<u64, StoreError> {
        let sessions = &self.statements().sessions;
        let revoked = match filter {
            // No row has such a name, and in PostgreSQL the failed statement would abort the transaction.
            SessionFilter::One { id, .. } if id.as_str().contains('\0') => return Ok(0),
            SessionFilter::One { user_id, id } => {
                tx.link().execute(&sessions.revoke_one, &[user_id.to_value(), id.as_str().into()]).await
            }
            SessionFilter::User(user_id) => tx.link().execute(&sessions.revoke_user, &[user_id.to_value()]).await,
            SessionFilter::Others { user_id, id } => {
                tx.link().execute(&sessions.revoke_others, &[user_id.to_value(), id.as_str().into()]).await
            }
            SessionFilter::Oldest { user_id, id, others } => {
                let (user, id) = (user_id.to_value(), id.as_str().into());
                tx.link().execute(&sessions.revoke_oldest, &[user, id, user, id, i64::from(others).into()]).await
            }
        };
        looked_up(revoked)
    }

    async fn end_token(&self, tx: &mut Self::Tx, id: &SessionId, expires_at: Timestamp) -> Result<(), StoreError> {
        note_end::<D>(tx, &self.statements().users.note_end, id.as_str(), expires_at).await.map(drop)
    }

    async fn has_token_ended(&self, tx: &mut Self::Tx, id: &SessionId) -> Result<bool, StoreError> {
        let sql = &self.statements().sessions.has_token_ended;
        Ok(looked_up(tx.link().fetch_optional(sql, &[id.as_str().into()]).await)?.is_some())
    }

    async fn find_unless_ended(&self, user_id: &I, token: &SessionId) -> Result<Option<Record<P, I>>, StoreError> {
        let values = [user_id.to_value(), token.as_str().into()];
        let row = looked_up(self.first(&self.statements().sessions.find_unless_ended, &values).await)?;
        row.map(|row| StoredAccount::<I>::of::<D>(&row).map_err(failed)?.into_record()).transpose()
    }

    async fn purge_sessions(&self, now: Timestamp) -> Result<u64, StoreError> {
        let values = [now.as_microsecond().into()];
        let purged = self.alone(&self.statements().sessions.purge, &values).await.map_err(failed)?;
        Ok(purged + self.purge_expired(now).await?)
    }
}

fn session<D: Dialect, I: SqlId>(row: &D::Row, user_id: &I) -> Result<Session<I>, StoreError> {
    StoredSession::read(&mut Cells::<D>::of(row)).map_err(failed)?.into_session(user_id)
}
