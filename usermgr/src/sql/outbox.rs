//! The outbox in SQL databases: a body of its own, beside those of the store itself, the import and the counters.

/// Writes [`OutboxStore`](crate::OutboxStore) for `$store`, over what [`sql_store`](super::body) has written in the same file.
///
/// A row is claimed by a swap on its count of attempts, which every database can do; whoever comes second finds it counted.
macro_rules! sql_outbox {
    ($store:ident, uuid: $uuid:ty, text: $text:ident) => {
        impl<P: Profile, I: SqlId> crate::OutboxStore for $store<P, I> {
            async fn push(&self, tx: &mut Self::Tx, entry: &crate::OutboxEntry<I>) -> Result<(), StoreError> {
                let insertion = |text| {
                    sqlx::query(text)
                        .bind(entry.id.as_str())
                        .bind(entry.event.as_str())
                        .bind(entry.payload.as_str())
                        .bind(i64::from(entry.attempts))
                        .bind(entry.due_at.as_microsecond())
                };
                let query = match &entry.recipient {
                    crate::OutboxRecipient::User(id) => bind_id(insertion($text::PUSH_TO_USER), id),
                    crate::OutboxRecipient::Address(email) => {
                        insertion($text::PUSH_TO_ADDRESS).bind(email.as_str()).bind(email.canonical())
                    }
                };
                match query.execute(&mut **tx).await.map(|done| done.rows_affected()) {
                    Ok(0) => Err(StoreError::Stale),
                    Ok(_) => Ok(()),
                    Err(error) if is_given_up(&error) => Err(StoreError::Stale),
                    Err(error) => Err(orphaned(error)),
                }
            }

            async fn claim(
                &self,
                limit: u32,
                now: Timestamp,
                until: Timestamp,
            ) -> Result<Vec<crate::OutboxEntry<I>>, StoreError> {
                let (now, until_us) = (now.as_microsecond(), until.as_microsecond());
                let due = sqlx::query($text::DUE).bind(now).bind(i64::from(limit));
                let rows = due.fetch_all(self.pool()).await.map_err(failed)?;
                let mut claimed = Vec::new();
                if rows.is_empty() {
                    return Ok(claimed);
                }
                let mut tx = self.begin().await?;
                for row in &rows {
                    let (mut entry, attempts) = outbox_entry::<I>(row, until)?;
                    let claim =
                        sqlx::query($text::CLAIM).bind(until_us).bind(entry.id.as_str()).bind(attempts).bind(now);
                    if claim.execute(&mut *tx).await.map_err(failed)?.rows_affected() > 0 {
                        entry.attempts = entry.attempts.saturating_add(1);
                        claimed.push(entry);
                    }
                }
                self.commit(tx).await?;
                Ok(claimed)
            }

            async fn done(&self, id: &crate::OutboxId) -> Result<(), StoreError> {
                self.alone(|| sqlx::query($text::DONE).bind(id.as_str())).await.map(drop).map_err(failed)
            }

            async fn retry(&self, id: &crate::OutboxId, attempt: u32, due_at: Timestamp) -> Result<(), StoreError> {
                let at = due_at.as_microsecond();
                let update = || sqlx::query($text::RETRY).bind(at).bind(id.as_str()).bind(i64::from(attempt));
                self.alone(update).await.map(drop).map_err(failed)
            }

            async fn fail(&self, id: &crate::OutboxId, attempt: u32, failed_at: Timestamp) -> Result<(), StoreError> {
                let at = failed_at.as_microsecond();
                let update = || sqlx::query($text::FAIL).bind(at).bind(id.as_str()).bind(i64::from(attempt));
                self.alone(update).await.map(drop).map_err(failed)
            }

            async fn purge_failed(&self, before: Timestamp) -> Result<u64, StoreError> {
                let deletion = || sqlx::query($text::PURGE_FAILED).bind(before.as_microsecond());
                self.alone(deletion).await.map_err(failed)
            }
        }

        /// A row that is claimed until then, and the attempts that it says.
        fn outbox_entry<I: SqlId>(row: &Row, due_at: Timestamp) -> Result<(crate::OutboxEntry<I>, i64), StoreError> {
            let user = match I::KIND {
                Kind::Uuid => row.try_get::<Option<$uuid>, _>("user_id").map(|id| id.map(|id| Value::Uuid(id.into()))),
                Kind::Number => row.try_get::<Option<i64>, _>("user_id").map(|id| id.map(Value::Number)),
                Kind::Text => row.try_get::<Option<String>, _>("user_id").map(|id| id.map(Value::Text)),
            };
            let recipient = match user.map_err(failed)? {
                Some(value) => crate::OutboxRecipient::User(
                    I::from_value(value).ok_or(SqlError::UnreadableId { expected: I::KIND })?,
                ),
                None => {
                    let email: String = row.try_get("email").map_err(failed)?;
                    crate::OutboxRecipient::Address(crate::EmailAddress::from_stored(email))
                }
            };
            let attempts: i64 = row.try_get("attempts").map_err(failed)?;
            let entry = crate::OutboxEntry {
                id: crate::OutboxId::new(row.try_get::<String, _>("id").map_err(failed)?),
                event: row.try_get("event").map_err(failed)?,
                recipient,
                payload: row.try_get("payload").map_err(failed)?,
                attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
                due_at,
            };
            Ok((entry, attempts))
        }
    };
}

pub(super) use sql_outbox;
