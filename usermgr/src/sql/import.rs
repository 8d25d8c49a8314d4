//! Accounts from elsewhere, in SQL databases: the second body, beside that of the store itself.

/// Writes [`Import`](crate::Import) for `$store`, over what [`sql_store`](super::body) has written in the same file.
///
/// - `after_number`: an async function that runs when an account was written under a number which the database did not make, so that
///   it makes none that is taken.
macro_rules! sql_import {
    ($store:ident, text: $text:ident, after_number: $after_number:path) => {
        impl<P: Profile, I: SqlId> crate::Import for $store<P, I> {
            async fn insert_record(&self, tx: &mut Self::Tx, record: &Record<P, I>) -> Result<(), StoreError> {
                let account = Account::of(record)?;
                let query = bind_id(bind_account(sqlx::query($text::INSERT), &account), &record.user.id);
                query.execute(&mut **tx).await.map_err(refused)?;
                match I::KIND {
                    Kind::Number => $after_number(&mut **tx).await.map_err(failed),
                    Kind::Uuid | Kind::Text => Ok(()),
                }
            }

            async fn insert_identity(
                &self,
                tx: &mut Self::Tx,
                user_id: &I,
                identity: &crate::OAuthIdentity,
            ) -> Result<(), StoreError> {
                let query = sqlx::query($text::INSERT_IDENTITY)
                    .bind(identity.provider.as_str())
                    .bind(identity.subject.as_str())
                    .bind(identity.email.as_deref());
                bind_id(query, user_id).execute(&mut **tx).await.map_err(orphaned)?;
                Ok(())
            }

            async fn identities(&self, user_id: &I) -> Result<Vec<crate::OAuthIdentity>, StoreError> {
                let query = bind_id(sqlx::query($text::IDENTITIES), user_id);
                let rows = query.fetch_all(self.pool()).await.map_err(failed)?;
                let identity = |row: &Row| {
                    Ok(crate::OAuthIdentity {
                        provider: row.try_get("provider").map_err(failed)?,
                        subject: row.try_get("subject").map_err(failed)?,
                        email: row.try_get("email").map_err(failed)?,
                    })
                };
                rows.iter().map(identity).collect()
            }
        }
    };
}

pub(super) use sql_import;
