//! The one body of the SQL stores, a macro that is expanded in the file of each database. What differs between databases is given to
//! it by name; everything else is the same Rust.

/// Writes the store traits for `$store`, which has a `pool()` to read from and a `writer()` pool for everything that writes.
///
/// - `begin`: the statement that opens a transaction for writing.
/// - `ready`: an async function that fails where the database would keep nothing of a transaction and say nothing of it.
/// - `uuid`: the type that an id of that kind is bound and read as.
/// - `text`: a module of [statements](super::text). Each takes its values in the order in which they are bound here, so that it works
///   with `?` and with `$n` alike.
/// - `insert_numbered`: an async function that runs the insertion of an account without an id and returns the number which the
///   database gave it, by `RETURNING` or by the connection's last number.
macro_rules! sql_store {
    (
        $store:ident, database: $db:ident, begin: $begin:literal, ready: $ready:path, uuid: $uuid:ty, text: $text:ident,
        insert_numbered: $insert_numbered:path $(,)?
    ) => {
        type Query<'q> = sqlx::query::Query<'q, $db, <$db as sqlx::Database>::Arguments>;
        type Row = <$db as sqlx::Database>::Row;

        impl<P, I> $store<P, I> {
            /// Runs a statement that is a transaction by itself. When the database gave it up for another's sake, nothing of it was
            /// done, and it is run again a moment later.
            async fn alone<'q>(&self, statement: impl Fn() -> Query<'q> + Send + Sync) -> Result<u64, sqlx::Error> {
                let mut attempts = Attempts::default();
                loop {
                    match statement().execute(self.writer()).await {
                        Err(error) if is_given_up(&error) && attempts.another().await => {}
                        outcome => return Ok(outcome?.rows_affected()),
                    }
                }
            }
        }

        impl<P: Profile, I: SqlId> UserStore for $store<P, I> {
            type Profile = P;
            type Id = I;
            type Tx = sqlx::Transaction<'static, $db>;

            async fn begin(&self) -> Result<Self::Tx, StoreError> {
                self.writer().begin_with($begin).await.map_err(failed)
            }

            async fn commit(&self, mut tx: Self::Tx) -> Result<(), StoreError> {
                $ready(&mut tx).await.map_err(failed)?;
                tx.commit().await.map_err(failed)
            }

            async fn find(&self, by: Lookup<'_, I>) -> Result<Option<Record<P, I>>, StoreError> {
                let query = match by {
                    Lookup::Id(id) => bind_id(sqlx::query($text::FIND_BY_ID), id),
                    Lookup::Email(email) => sqlx::query($text::FIND_BY_EMAIL).bind(email.canonical()),
                };
                let row = sought(query.fetch_optional(self.pool()).await)?;
                row.map(|row| account(&row, I::KIND).map_err(failed)?.into_record()).transpose()
            }

            async fn find_stored(&self, id: &I) -> Result<Option<Record<StoredProfile, I>>, StoreError> {
                let row = sought(bind_id(sqlx::query($text::FIND_BY_ID), id).fetch_optional(self.pool()).await)?;
                row.map(|row| account(&row, I::KIND).map_err(failed)?.into_stored()).transpose()
            }

            async fn insert(&self, tx: &mut Self::Tx, new: &NewRecord<P>) -> Result<I, StoreError> {
                let account = Account::of_new(new)?;
                if let Some(id) = I::generate(new.created_at) {
                    let query = bind_account(sqlx::query($text::INSERT), &account);
                    bind_id(query, &id).execute(&mut **tx).await.map_err(refused)?;
                    return Ok(id);
                }
                let query = bind_account(sqlx::query($text::INSERT_NUMBERED), &account);
                let number = $insert_numbered(query, &mut **tx).await.map_err(refused)?;
                Ok(I::from_value(Value::Number(number)).ok_or(SqlError::UnreadableId { expected: I::KIND })?)
            }

            async fn update(&self, tx: &mut Self::Tx, record: &Record<P, I>) -> Result<(), StoreError> {
                swap(tx, &Account::of(record)?, &record.user.id, record.version).await
            }

            async fn update_stored(
                &self,
                tx: &mut Self::Tx,
                record: &Record<StoredProfile, I>,
            ) -> Result<(), StoreError> {
                swap(tx, &Account::of_stored(record), &record.user.id, record.version).await
            }

            async fn delete(&self, tx: &mut Self::Tx, id: &I) -> Result<bool, StoreError> {
                // The cascade is not trusted alone: an application's pool may not enforce foreign keys.
                bind_id(sqlx::query($text::REVOKE_USER), id).execute(&mut **tx).await.map_err(failed)?;
                for text in [$text::UNLINK_USER, $text::FORGET_ADDRESS, $text::FORGET_USER] {
                    bind_id(sqlx::query(text), id).execute(&mut **tx).await.map_err(failed)?;
                }
                let done = bind_id(sqlx::query($text::DELETE), id).execute(&mut **tx).await.map_err(failed)?;
                Ok(done.rows_affected() > 0)
            }

            async fn find_locked(
                &self,
                tx: &mut Self::Tx,
                [one, other]: [&I; 2],
            ) -> Result<Vec<Record<P, I>>, StoreError> {
                let query = match one == other {
                    true => bind_id(sqlx::query($text::FIND_LOCKED), one),
                    false => bind_id(bind_id(sqlx::query($text::FIND_BOTH_LOCKED), one), other),
                };
                let rows = query.fetch_all(&mut **tx).await.map_err(failed)?;
                rows.iter().map(|row| account(row, I::KIND).map_err(failed)?.into_record()).collect()
            }

            async fn use_once(
                &self,
                tx: &mut Self::Tx,
                token: &str,
                expires_at: Timestamp,
            ) -> Result<bool, StoreError> {
                note_end(tx, token, expires_at).await
            }

            async fn purge_used(&self, now: Timestamp) -> Result<u64, StoreError> {
                let deletion = || sqlx::query($text::PURGE_ENDED_TOKENS).bind(now.as_microsecond());
                self.alone(deletion).await.map_err(failed)
            }

            async fn lock_and_count_superusers(&self, tx: &mut Self::Tx) -> Result<u64, StoreError> {
                let row = sqlx::query($text::LOCK_AND_COUNT_SUPERUSERS).fetch_one(&mut **tx).await.map_err(failed)?;
                let count: i64 = row.try_get(0).map_err(failed)?;
                Ok(count.unsigned_abs())
            }
        }

        impl<P: Profile, I: SqlId> SessionStore for $store<P, I> {
            async fn insert_session(&self, session: &Session<I>) -> Result<(), StoreError> {
                let insertion = || {
                    let query = sqlx::query($text::INSERT_SESSION).bind(session.id.as_str());
                    bind_id(query.bind(session.digest.as_str()), &session.user_id)
                        .bind(session.stamp.as_bytes().as_slice())
                        .bind(session.backend.as_str())
                        .bind(session.authenticated_at.as_microsecond())
                        .bind(session.seen_at.as_microsecond())
                        .bind(session.expires_at.as_microsecond())
                        .bind(session.ip.map(|ip| ip.to_string()))
                        .bind(session.user_agent.as_deref())
                        .bind(session.rotation.as_ref().map(|rotation| rotation.digest.as_str()))
                        .bind(session.rotation.as_ref().map(|rotation| rotation.rotated_at.as_microsecond()))
                        .bind(session.rotation.as_ref().and_then(|rotation| rotation.rotated_by.as_deref()))
                };
                self.alone(insertion).await.map(drop).map_err(orphaned)
            }

            async fn find_session(
                &self,
                by: SessionLookup<'_>,
            ) -> Result<Option<(Session<I>, Record<P, I>)>, StoreError> {
                let query = match by {
                    SessionLookup::Digest(digest) => sqlx::query($text::FIND_SESSION_BY_DIGEST).bind(digest.as_str()),
                    SessionLookup::Id(id) => sqlx::query($text::FIND_SESSION_BY_ID).bind(id.as_str()),
                };
                let Some(row) = sought(query.fetch_optional(self.pool()).await)? else { return Ok(None) };
                let record: Record<P, I> = account(&row, I::KIND).map_err(failed)?.into_record()?;
                Ok(Some((session(&row, ACCOUNT_COLUMNS).map_err(failed)?.into_session(&record.user.id)?, record)))
            }

            async fn list_sessions(&self, user_id: &I) -> Result<Vec<Session<I>>, StoreError> {
                let query = bind_id(sqlx::query($text::LIST_SESSIONS), user_id);
                let rows = query.fetch_all(self.pool()).await.map_err(failed)?;
                rows.iter().map(|row| session(row, 0).map_err(failed)?.into_session(user_id)).collect()
            }

            async fn touch_session(&self, id: &SessionId, seen_at: Timestamp) -> Result<(), StoreError> {
                let touch = || sqlx::query($text::TOUCH_SESSION).bind(seen_at.as_microsecond()).bind(id.as_str());
                self.alone(touch).await.map(drop).map_err(failed)
            }

            async fn rotate_session(
                &self,
                id: &SessionId,
                expected: &SessionDigest,
                next: &Rotation,
            ) -> Result<bool, StoreError> {
                let at = next.rotated_at.as_microsecond();
                let swap = || {
                    let query = sqlx::query($text::ROTATE_SESSION).bind(next.digest.as_str()).bind(at);
                    let query = query.bind(next.rotated_by.as_deref());
                    query.bind(id.as_str()).bind(expected.as_str())
                };
                Ok(self.alone(swap).await.map_err(failed)? > 0)
            }

            async fn restamp_session(
                &self,
                tx: &mut Self::Tx,
                id: &SessionId,
                stamp: &Stamp,
            ) -> Result<(), StoreError> {
                let query = sqlx::query($text::RESTAMP_SESSION).bind(stamp.as_bytes().as_slice()).bind(id.as_str());
                query.execute(&mut **tx).await.map_err(failed)?;
                Ok(())
            }

            async fn find_session_of(
                &self,
                tx: &mut Self::Tx,
                user_id: &I,
                id: &SessionId,
            ) -> Result<Option<Session<I>>, StoreError> {
                let query = bind_id(sqlx::query($text::FIND_SESSION_OF), user_id).bind(id.as_str());
                let row = sought(query.fetch_optional(&mut **tx).await)?;
                row.map(|row| session(&row, 0).map_err(failed)?.into_session(user_id)).transpose()
            }

            async fn revoke_sessions(
                &self,
                tx: &mut Self::Tx,
                filter: SessionFilter<'_, I>,
            ) -> Result<u64, StoreError> {
                let deletion = match filter {
                    // No row has such a name, and a statement that cannot be made would end the transaction in PostgreSQL.
                    SessionFilter::One { id, .. } if id.as_str().contains('\0') => return Ok(0),
                    SessionFilter::One { user_id, id } => {
                        bind_id(sqlx::query($text::REVOKE_ONE), user_id).bind(id.as_str())
                    }
                    SessionFilter::User(user_id) => bind_id(sqlx::query($text::REVOKE_USER), user_id),
                    SessionFilter::Others { user_id, id } => {
                        bind_id(sqlx::query($text::REVOKE_OTHERS), user_id).bind(id.as_str())
                    }
                    SessionFilter::Oldest { user_id, id, others } => {
                        let query = bind_id(sqlx::query($text::REVOKE_OLDEST), user_id).bind(id.as_str());
                        bind_id(query, user_id).bind(id.as_str()).bind(i64::from(others))
                    }
                };
                sought(deletion.execute(&mut **tx).await.map(|done| done.rows_affected()))
            }

            async fn end_token(
                &self,
                tx: &mut Self::Tx,
                id: &SessionId,
                expires_at: Timestamp,
            ) -> Result<(), StoreError> {
                note_end(tx, id.as_str(), expires_at).await.map(drop)
            }

            async fn has_token_ended(&self, tx: &mut Self::Tx, id: &SessionId) -> Result<bool, StoreError> {
                let query = sqlx::query($text::HAS_TOKEN_ENDED).bind(id.as_str());
                Ok(sought(query.fetch_optional(&mut **tx).await)?.is_some())
            }

            async fn find_unless_ended(
                &self,
                user_id: &I,
                token: &SessionId,
            ) -> Result<Option<Record<P, I>>, StoreError> {
                let query = bind_id(sqlx::query($text::FIND_UNLESS_ENDED), user_id).bind(token.as_str());
                let row = sought(query.fetch_optional(self.pool()).await)?;
                row.map(|row| account(&row, I::KIND).map_err(failed)?.into_record()).transpose()
            }

            async fn purge_sessions(&self, now: Timestamp) -> Result<u64, StoreError> {
                let mut purged = 0;
                for text in [$text::PURGE_SESSIONS, $text::PURGE_ENDED_TOKENS] {
                    let deletion = || sqlx::query(text).bind(now.as_microsecond());
                    purged += self.alone(deletion).await.map_err(failed)?;
                }
                Ok(purged)
            }
        }

        impl<P: Profile, I: SqlId> Directory for $store<P, I> {
            async fn list(&self, query: &ListQuery<I>) -> Result<Vec<Listed<P, I>>, StoreError> {
                let page = match &query.after {
                    Some(id) => bind_id(sqlx::query($text::LIST_AFTER), id),
                    None => sqlx::query($text::LIST),
                };
                let rows = sought(page.bind(i64::from(query.limit)).fetch_all(self.pool()).await)?;
                let listed = |row: &Row| Ok(account(row, I::KIND).map_err(failed)?.into_stored()?.into());
                rows.iter().map(listed).collect()
            }
        }

        /// Replaces an account, if its version is still this one.
        async fn swap<I: SqlId>(
            tx: &mut sqlx::Transaction<'static, $db>,
            account: &Account<'_>,
            id: &I,
            version: i64,
        ) -> Result<(), StoreError> {
            let query = bind_account(sqlx::query($text::UPDATE), account).bind(account.email);
            let query = bind_id(query, id).bind(version);
            match query.execute(&mut **tx).await.map_err(refused)?.rows_affected() {
                0 => Err(StoreError::Stale),
                _ => Ok(()),
            }
        }

        /// Notes that a token has ended or is used up; `false` if it was before.
        async fn note_end(
            tx: &mut sqlx::Transaction<'static, $db>,
            token: &str,
            expires_at: Timestamp,
        ) -> Result<bool, StoreError> {
            let insertion = sqlx::query($text::END_TOKEN).bind(token).bind(expires_at.as_microsecond());
            match insertion.execute(&mut **tx).await.map_err(refused) {
                Ok(done) => Ok(done.rows_affected() > 0),
                Err(StoreError::Conflict) => Ok(false),
                Err(error) => Err(error),
            }
        }

        fn bind_id<'q, I: SqlId>(query: Query<'q>, id: &I) -> Query<'q> {
            match id.to_value() {
                Value::Uuid(uuid) => query.bind(<$uuid>::from(uuid)),
                Value::Number(number) => query.bind(number),
                Value::Text(text) => query.bind(text),
            }
        }

        fn bind_account<'q>(query: Query<'q>, account: &Account<'_>) -> Query<'q> {
            query
                .bind(account.email)
                .bind(account.email_key)
                .bind(account.password_hash)
                .bind(account.is_active)
                .bind(account.is_superuser)
                .bind(account.is_verified)
                .bind(account.created_at)
                .bind(account.stamp)
                .bind(&*account.profile)
        }

        /// How many columns an account has; those of its session stand behind them.
        const ACCOUNT_COLUMNS: usize = 8;

        /// By place, for this is done at every request: each statement that reads accounts begins with their columns in this order.
        fn account(row: &Row, kind: Kind) -> Result<StoredAccount<'_>, sqlx::Error> {
            Ok(StoredAccount {
                id: match kind {
                    Kind::Uuid => Value::Uuid(row.try_get::<$uuid, _>(0)?.into()),
                    Kind::Number => Value::Number(row.try_get(0)?),
                    Kind::Text => Value::Text(row.try_get(0)?),
                },
                email: row.try_get(1)?,
                password_hash: row.try_get(2)?,
                flags: row.try_get(3)?,
                created_at: row.try_get(4)?,
                stamp: row.try_get(5)?,
                version: row.try_get(6)?,
                profile: row.try_get(7)?,
            })
        }

        /// By place too, from the first of its columns on.
        fn session(row: &Row, first: usize) -> Result<StoredSession<'_>, sqlx::Error> {
            Ok(StoredSession {
                id: row.try_get(first)?,
                digest: row.try_get(first + 1)?,
                stamp: row.try_get(first + 2)?,
                backend: row.try_get(first + 3)?,
                authenticated_at: row.try_get(first + 4)?,
                seen_at: row.try_get(first + 5)?,
                expires_at: row.try_get(first + 6)?,
                ip: row.try_get(first + 7)?,
                user_agent: row.try_get(first + 8)?,
                refresh_digest: row.try_get(first + 9)?,
                rotated_at: row.try_get(first + 10)?,
                rotated_by: row.try_get(first + 11)?,
            })
        }
    };
}

pub(super) use sql_store;
