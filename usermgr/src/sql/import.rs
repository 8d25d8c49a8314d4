//! Imported accounts with their credentials, in SQL databases.

use super::{
    credentials, dialect::Dialect, error::failed, id::SqlId, row::Account, store::SqlStore, users, value::Kind,
};
use crate::{
    StoreError,
    store::{Credential, Import},
    user::{Profile, Record},
};

impl<D: Dialect, P: Profile, I: SqlId> Import for SqlStore<D, P, I> {
    async fn insert_record(&self, tx: &mut Self::Tx, record: &Record<P, I>) -> Result<(), StoreError> {
        let statements = &self.statements().users;
        users::insert::<D, I>(tx, &statements.insert, &Account::of(record)?, &record.user.id).await?;
        match &statements.after_number {
            Some(sql) if I::KIND == Kind::Number => tx.link().fetch_optional(sql, &[]).await.map(drop).map_err(failed),
            _ => Ok(()),
        }
    }

    async fn import_credential(&self, tx: &mut Self::Tx, credential: &Credential<I>) -> Result<(), StoreError> {
        credentials::insert(tx, &self.statements().credentials.insert, credential).await
    }
}
