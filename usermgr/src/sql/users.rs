//! Accounts, in SQL databases.

use std::{iter::repeat_n, ops::Bound};

use jiff::Timestamp;
use sqlx::SqlStr;

use super::{
    dialect::Dialect,
    error::{failed, looked_up, refused},
    id::SqlId,
    row::{Account, StoredAccount},
    store::SqlStore,
    transaction::SqlTransaction,
};
use crate::{
    StoreError, UserStore,
    store::{Directory, ListQuery, Listed, Lookup, UserFilter},
    user::{EmailAddress, NewRecord, Profile, Record, StoredProfile},
};

impl<D: Dialect, P: Profile, I: SqlId> UserStore for SqlStore<D, P, I> {
    type Profile = P;
    type Id = I;
    type Tx = SqlTransaction<D>;

    fn realm(&self) -> Option<&str> {
        self.statements().realm.as_deref()
    }

    async fn begin(&self) -> Result<Self::Tx, StoreError> {
        self.transaction().await.map_err(failed)
    }

    async fn commit(&self, mut tx: Self::Tx) -> Result<(), StoreError> {
        if let Some(ready) = &self.statements().users.ready {
            tx.link().execute(ready, &[]).await.map_err(failed)?;
        }
        tx.commit().await.map_err(failed)
    }

    async fn find(&self, by: Lookup<'_, I>) -> Result<Option<Record<P, I>>, StoreError> {
        let users = &self.statements().users;
        let (sql, value) = match by {
            Lookup::Id(id) => (&users.find_by_id, id.to_value()),
            Lookup::Email(email) => (&users.find_by_email, email.canonical().into()),
            Lookup::Username(name) => (&users.find_by_username, name.canonical().into()),
        };
        let row = looked_up(self.first(sql, &[value]).await)?;
        row.map(|row| StoredAccount::<I>::of::<D>(&row).map_err(failed)?.into_record()).transpose()
    }

    async fn find_stored(&self, id: &I) -> Result<Option<Record<StoredProfile, I>>, StoreError> {
        let row = looked_up(self.first(&self.statements().users.find_by_id, &[id.to_value()]).await)?;
        row.map(|row| StoredAccount::<I>::of::<D>(&row).map_err(failed)?.into_stored()).transpose()
    }

    async fn insert(&self, tx: &mut Self::Tx, new: &NewRecord<P>) -> Result<I, StoreError> {
        let account = Account::of_new(new)?;
        let users = &self.statements().users;
        if let Some(id) = I::generate(new.created_at) {
            insert::<D, I>(tx, &users.insert, &account, &id).await?;
            return Ok(id);
        }
        let number = tx.link().insert_numbered(&users.insert_numbered, &account.values()).await.map_err(refused)?;
        I::of_number(number).ok_or_else(|| StoreError::backend("ids of this type are not numbered by the database"))
    }

    async fn update(&self, tx: &mut Self::Tx, record: &Record<P, I>) -> Result<(), StoreError> {
        swap::<D, I>(tx, &self.statements().users.update, &Account::of(record)?, &record.user.id, record.version).await
    }

    async fn update_stored(&self, tx: &mut Self::Tx, record: &Record<StoredProfile, I>) -> Result<(), StoreError> {
        let account = Account::of_stored(record);
        swap::<D, I>(tx, &self.statements().users.update, &account, &record.user.id, record.version).await
    }

    async fn delete(&self, tx: &mut Self::Tx, id: &I) -> Result<bool, StoreError> {
        let mut deleted = 0;
        for sql in &self.statements().users.delete {
            deleted = tx.link().execute(sql, &[id.to_value()]).await.map_err(failed)?;
        }
        Ok(deleted > 0)
    }

    async fn find_locked(&self, tx: &mut Self::Tx, [one, other]: [&I; 2]) -> Result<Vec<Record<P, I>>, StoreError> {
        let users = &self.statements().users;
        let rows = match one == other {
            true => tx.link().fetch_all(&users.find_locked, &[one.to_value()]).await,
            false => tx.link().fetch_all(&users.find_both_locked, &[one.to_value(), other.to_value()]).await,
        };
        let rows = rows.map_err(failed)?;
        rows.iter().map(|row| StoredAccount::<I>::of::<D>(row).map_err(failed)?.into_record()).collect()
    }

    async fn use_once(&self, tx: &mut Self::Tx, token: &str, expires_at: Timestamp) -> Result<bool, StoreError> {
        note_end::<D>(tx, &self.statements().users.note_end, token, expires_at).await
    }

    async fn purge_expired(&self, now: Timestamp) -> Result<u64, StoreError> {
        let statements = self.statements();
        let mut purged = 0;
        for sql in [&statements.users.purge_ended, &statements.credentials.purge, &statements.pending.purge] {
            purged += self.alone(sql, &[now.as_microsecond().into()]).await.map_err(failed)?;
        }
        Ok(purged)
    }

    async fn shutdown(&self) {
        if self.owns() {
            self.close().await;
        }
    }

    async fn lock_and_count_superusers(&self, tx: &mut Self::Tx) -> Result<u64, StoreError> {
        let users = &self.statements().users;
        if let Some(guard) = &users.guard_superusers {
            tx.link().execute(guard, &[]).await.map_err(failed)?;
        }
        let row = tx.link().fetch_optional(&users.lock_and_count_superusers, &[]).await.map_err(failed)?;
        let count = row.map(|row| D::number(&row, 0)).transpose().map_err(failed)?.flatten();
        Ok(count.ok_or_else(|| failed(sqlx::Error::RowNotFound))?.unsigned_abs())
    }
}

impl<D: Dialect, P: Profile, I: SqlId> Directory for SqlStore<D, P, I> {
    async fn list(&self, query: &ListQuery<I>) -> Result<Vec<Listed<P, I>>, StoreError> {
        let (users, limit) = (&self.statements().users, i64::from(query.limit).into());
        let rows = match &query.after {
            Some(id) => self.all(&users.list_after, &[id.to_value(), limit]).await,
            None => self.all(&users.list, &[limit]).await,
        };
        looked_up(rows)?.iter().map(listed::<D, P, I>).collect()
    }

    async fn search(
        &self,
        filter: &UserFilter,
        query: &ListQuery<EmailAddress>,
    ) -> Result<Vec<Listed<P, I>>, StoreError> {
        let (users, (start, end)) = (&self.statements().users, filter.keys(query.after.as_ref()));
        let (sql, named_sql, start) = match start {
            Bound::Excluded(after) => (&users.search_after, &users.search_named_after, after),
            Bound::Included(first) => (&users.search, &users.search_named, first),
            Bound::Unbounded => (&users.search, &users.search_named, ""),
        };
        // Longer than the columns, and greater than all that they can hold.
        let last = || repeat_n(char::MAX, 321).collect();
        let end = end.unwrap_or_else(last);
        let (mask, flags) = flags(filter);
        let values = [start.into(), end.as_str().into(), mask.into(), flags.into(), i64::from(query.limit).into()];
        let found = match filter.username_keys() {
            None => self.all(sql, &values).await,
            Some((first, end)) => {
                let end = end.unwrap_or_else(last);
                let [start, before, mask, flags, limit] = values;
                let values = [first.into(), end.as_str().into(), start, before, mask, flags, limit];
                self.all(named_sql, &values).await
            }
        };
        looked_up(found)?.iter().map(listed::<D, P, I>).collect()
    }
}

/// Reads an account of a list.
fn listed<D: Dialect, P: Profile, I: SqlId>(row: &D::Row) -> Result<Listed<P, I>, StoreError> {
    Ok(StoredAccount::<I>::of::<D>(row).map_err(failed)?.into_stored()?.into())
}

/// Which of the [flags](super::dialect::Words::flags) of an account a filter asks for, and what they must be.
fn flags(filter: &UserFilter) -> (i64, i64) {
    let flags = [(1, filter.is_active), (2, filter.is_superuser), (4, filter.is_verified)];
    let asked = flags.into_iter().filter_map(|(bit, wanted)| Some((bit, wanted?)));
    asked.fold((0, 0), |(mask, flags), (bit, wanted)| (mask | bit, flags | if wanted { bit } else { 0 }))
}

/// Writes an account under its own id.
pub(super) async fn insert<D: Dialect, I: SqlId>(
    tx: &mut SqlTransaction<D>,
    sql: &SqlStr,
    account: &Account<'_>,
    id: &I,
) -> Result<(), StoreError> {
    let [email, key, name, name_key, hash, active, superuser, verified, created_at, stamp, profile] = account.values();
    let id = id.to_value();
    let values = [email, key, name, name_key, hash, active, superuser, verified, created_at, stamp, profile, id];
    tx.link().execute(sql, &values).await.map(drop).map_err(refused)
}

/// Replaces an account if it still has this version.
async fn swap<D: Dialect, I: SqlId>(
    tx: &mut SqlTransaction<D>,
    sql: &SqlStr,
    account: &Account<'_>,
    id: &I,
    version: i64,
) -> Result<(), StoreError> {
    let [email, key, name, name_key, hash, active, superuser, verified, created_at, stamp, profile] = account.values();
    let (id, version) = (id.to_value(), version.into());
    let values =
        [email, key, name, name_key, hash, active, superuser, verified, created_at, stamp, profile, email, id, version];
    match tx.link().execute(sql, &values).await.map_err(refused)? {
        0 => Err(StoreError::Stale),
        _ => Ok(()),
    }
}

/// Records that a token has ended or was used. Returns `false` if it was recorded before.
pub(super) async fn note_end<D: Dialect>(
    tx: &mut SqlTransaction<D>,
    sql: &SqlStr,
    token: &str,
    expires_at: Timestamp,
) -> Result<bool, StoreError> {
    match tx.link().execute(sql, &[token.into(), expires_at.as_microsecond().into()]).await.map_err(refused) {
        Ok(written) => Ok(written > 0),
        Err(StoreError::Conflict) => Ok(false),
        Err(error) => Err(error),
    }
}
