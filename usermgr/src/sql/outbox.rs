//! The outbox in SQL databases. A claim is a compare-and-swap on the number of attempts, which every database supports.
//! The second of two concurrent claims finds the number changed.

use jiff::Timestamp;

use super::{
    cells::Cells,
    dialect::Dialect,
    error::{failed, is_given_up, orphaned},
    id::SqlId,
    row::time,
    store::SqlStore,
};
use crate::{
    EmailAddress, StoreError, UserStore as _,
    store::{FailedEntry, ListQuery, OutboxEntry, OutboxId, OutboxRecipient, OutboxStore},
    user::Profile,
};

impl<D: Dialect, P: Profile, I: SqlId> OutboxStore for SqlStore<D, P, I> {
    async fn push(&self, tx: &mut Self::Tx, entry: &OutboxEntry<I>) -> Result<(), StoreError> {
        let outbox = &self.statements().outbox;
        let (id, event, payload) =
            (entry.id.as_str().into(), entry.event.as_str().into(), entry.payload.as_str().into());
        let (attempts, due_at) = (i64::from(entry.attempts).into(), entry.due_at.as_microsecond().into());
        let pushed = match &entry.recipient {
            OutboxRecipient::User(user) => {
                tx.link().execute(&outbox.push_to_user, &[id, event, payload, attempts, due_at, user.to_value()]).await
            }
            OutboxRecipient::Address(email) => {
                let (email, key) = (email.as_str().into(), email.canonical().into());
                tx.link().execute(&outbox.push_to_address, &[id, event, payload, attempts, due_at, email, key]).await
            }
        };
        match pushed {
            Ok(0) => Err(StoreError::Stale),
            Ok(_) => Ok(()),
            Err(error) if is_given_up(&error) => Err(StoreError::Stale),
            Err(error) => Err(orphaned(error)),
        }
    }

    async fn claim(&self, limit: u32, now: Timestamp, until: Timestamp) -> Result<Vec<OutboxEntry<I>>, StoreError> {
        let outbox = &self.statements().outbox;
        let (now, until_us) = (now.as_microsecond().into(), until.as_microsecond().into());
        let rows = self.all(&outbox.due, &[now, i64::from(limit).into()]).await.map_err(failed)?;
        let mut claimed = Vec::new();
        if rows.is_empty() {
            return Ok(claimed);
        }
        let mut tx = self.begin().await?;
        for row in &rows {
            let (mut entry, attempts) = entry::<D, I>(&mut Cells::of(row), until).map_err(failed)?;
            let values = [until_us, entry.id.as_str().into(), attempts.into(), now];
            if tx.link().execute(&outbox.claim, &values).await.map_err(failed)? > 0 {
                entry.attempts = entry.attempts.saturating_add(1);
                claimed.push(entry);
            }
        }
        self.commit(tx).await?;
        Ok(claimed)
    }

    async fn done(&self, id: &OutboxId) -> Result<(), StoreError> {
        self.alone(&self.statements().outbox.done, &[id.as_str().into()]).await.map(drop).map_err(failed)
    }

    async fn retry(&self, id: &OutboxId, attempt: u32, due_at: Timestamp, error: &str) -> Result<(), StoreError> {
        let values = [due_at.as_microsecond().into(), error.into(), id.as_str().into(), i64::from(attempt).into()];
        self.alone(&self.statements().outbox.retry, &values).await.map(drop).map_err(failed)
    }

    async fn fail(&self, id: &OutboxId, attempt: u32, failed_at: Timestamp, error: &str) -> Result<(), StoreError> {
        let values = [failed_at.as_microsecond().into(), error.into(), id.as_str().into(), i64::from(attempt).into()];
        self.alone(&self.statements().outbox.fail, &values).await.map(drop).map_err(failed)
    }

    async fn list_failed(&self, query: &ListQuery<OutboxId>) -> Result<Vec<FailedEntry<I>>, StoreError> {
        let after = query.after.as_ref().map_or("", OutboxId::as_str);
        let values = [after.into(), i64::from(query.limit).into()];
        let rows = self.all(&self.statements().outbox.failed, &values).await.map_err(failed)?;
        rows.iter().map(failed_entry::<D, I>).collect()
    }

    async fn retry_failed(&self, id: &OutboxId, due_at: Timestamp) -> Result<bool, StoreError> {
        let values = [due_at.as_microsecond().into(), id.as_str().into()];
        Ok(self.alone(&self.statements().outbox.retry_failed, &values).await.map_err(failed)? > 0)
    }

    async fn delete_failed(&self, id: &OutboxId) -> Result<bool, StoreError> {
        Ok(self.alone(&self.statements().outbox.delete_failed, &[id.as_str().into()]).await.map_err(failed)? > 0)
    }

    async fn oldest_due(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let values = [now.as_microsecond().into()];
        let row = self.first(&self.statements().outbox.oldest_due, &values).await.map_err(failed)?;
        let due = row.map(|row| Cells::<D>::of(&row).number_or_null()).transpose().map_err(failed)?.flatten();
        due.map(Timestamp::from_microsecond).transpose().map_err(StoreError::backend)
    }

    async fn purge_failed(&self, before: Timestamp) -> Result<u64, StoreError> {
        let values = [before.as_microsecond().into()];
        self.alone(&self.statements().outbox.purge_failed, &values).await.map_err(failed)
    }
}

/// Reads a row that was given up.
fn failed_entry<D: Dialect, I: SqlId>(row: &D::Row) -> Result<FailedEntry<I>, StoreError> {
    let mut cells = Cells::<D>::of(row);
    let mut read = || {
        let (entry, _) = entry::<D, I>(&mut cells, Timestamp::UNIX_EPOCH)?;
        Ok::<_, sqlx::Error>((entry, cells.number()?, cells.number()?, cells.text_or_null()?.unwrap_or_default()))
    };
    let (mut entry, due_at, failed_at, error) = read().map_err(failed)?;
    let id = entry.id.clone();
    let moment = |microseconds| {
        time(microseconds).ok_or_else(|| StoreError::backend(format!("a time of the outbox row {id} is out of range")))
    };
    entry.due_at = moment(due_at)?;
    Ok(FailedEntry::new(entry, moment(failed_at)?, error))
}

/// Reads a row that is due at `due_at`, and returns it with its stored number of attempts.
fn entry<D: Dialect, I: SqlId>(
    cells: &mut Cells<'_, D>,
    due_at: Timestamp,
) -> Result<(OutboxEntry<I>, i64), sqlx::Error> {
    let (id, event) = (OutboxId::new(cells.text()?), cells.text()?.to_owned());
    let (user, email) = (I::read(cells)?, cells.text_or_null()?);
    let recipient = match user {
        Some(user) => OutboxRecipient::User(user),
        None => OutboxRecipient::Address(EmailAddress::from_stored(cells.there(email)?)),
    };
    let (payload, attempts) = (cells.text()?.to_owned(), cells.number()?);
    let counted = u32::try_from(attempts).unwrap_or(u32::MAX);
    Ok((OutboxEntry { id, event, recipient, payload, attempts: counted, due_at }, attempts))
}
