//! A complete custom store: rows in a map, numbered by a counter.

use std::{collections::HashMap, sync::Mutex};

use jiff::Timestamp;
use usermgr::{
    NoProfile, StoreError, UserStore,
    store::Lookup,
    user::{NewRecord, Record},
};

type Row = Record<NoProfile, i64>;

/// Accounts in memory, with numbers for ids.
#[derive(Default)]
pub(crate) struct Notebook {
    rows: Mutex<(i64, HashMap<i64, Row>)>,
    used: Mutex<HashMap<String, Timestamp>>,
}

impl Notebook {
    fn rows<T>(&self, work: impl FnOnce(&mut i64, &mut HashMap<i64, Row>) -> T) -> T {
        let mut rows = self.rows.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let (last, rows) = &mut *rows;
        work(last, rows)
    }
}

impl UserStore for Notebook {
    type Profile = NoProfile;
    type Id = i64;
    type Tx = ();

    async fn begin(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn commit(&self, (): ()) -> Result<(), StoreError> {
        Ok(())
    }

    async fn find(&self, by: Lookup<'_, i64>) -> Result<Option<Row>, StoreError> {
        self.rows(|_, rows| match by {
            Lookup::Id(id) => Ok(rows.get(id).cloned()),
            Lookup::Email(email) => Ok(rows.values().find(|row| row.user.email == email).cloned()),
            _ => Err(StoreError::backend("a notebook finds accounts by id and by address only")),
        })
    }

    async fn insert(&self, (): &mut (), new: &NewRecord) -> Result<i64, StoreError> {
        self.rows(|last, rows| {
            if rows.values().any(|row| row.user.email == new.email) {
                return Err(StoreError::Conflict);
            }
            *last += 1;
            rows.insert(*last, new.with_id(*last));
            Ok(*last)
        })
    }

    async fn update(&self, (): &mut (), row: &Row) -> Result<(), StoreError> {
        self.rows(|_, rows| {
            if rows.values().any(|other| other.user.email == row.user.email && other.user.id != row.user.id) {
                return Err(StoreError::Conflict);
            }
            let old = rows.get_mut(&row.user.id).filter(|old| old.version == row.version).ok_or(StoreError::Stale)?;
            *old = row.clone();
            old.version += 1;
            Ok(())
        })
    }

    async fn delete(&self, (): &mut (), id: &i64) -> Result<bool, StoreError> {
        Ok(self.rows(|_, rows| rows.remove(id).is_some()))
    }

    async fn find_locked(&self, (): &mut (), [one, other]: [&i64; 2]) -> Result<Vec<Row>, StoreError> {
        let other = Some(other).filter(|other| *other != one);
        Ok(self
            .rows(|_, rows| [Some(one), other].into_iter().flatten().filter_map(|id| rows.get(id).cloned()).collect()))
    }

    async fn use_once(&self, (): &mut (), token: &str, expires_at: Timestamp) -> Result<bool, StoreError> {
        let mut used = self.used.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        Ok(used.insert(token.to_owned(), expires_at).is_none())
    }

    async fn purge_expired(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut used = self.used.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let before = used.len();
        used.retain(|_, expires_at| *expires_at >= now);
        Ok((before - used.len()) as u64)
    }

    async fn lock_and_count_superusers(&self, (): &mut ()) -> Result<u64, StoreError> {
        Ok(self.rows(|_, rows| rows.values().filter(|row| row.user.is_active && row.user.is_superuser).count() as u64))
    }
}

#[cfg(test)]
usermgr::store_conformance!(contract, Notebook::default(), rules: [users]);
