//! Imported accounts, in SQL databases.

use super::{dialect::Dialect, error::failed, id::SqlId, row::Account, store::SqlStore, users::insert, value::Kind};
use crate::{
    StoreError,
    store::Import,
    user::{Profile, Record},
};

impl<D: Dialect, P: Profile, I: SqlId> Import for SqlStore<D, P, I> {
    async fn insert_record(&self, tx: &mut Self::Tx, record: &Record<P, I>) -> Result<(), StoreError> {
        let users = &self.statements().users;
        insert::<D, I>(tx, &users.insert, &Account::of(record)?, &record.user.id).await?;
        match &users.after_number {
            Some(sql) if I::KIND == Kind::Number => tx.link().fetch_optional(sql, &[]).await.map(drop).map_err(failed),
            _ => Ok(()),
        }
    }
}
