//! Accounts from elsewhere, in SQL databases. An identity at another provider is a credential of the kind `identity`.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{
    cells::Cells,
    dialect::Dialect,
    error::{failed, orphaned},
    id::SqlId,
    row::Account,
    store::SqlStore,
    users::insert,
    value::Kind,
};
use crate::{
    Import, OAuthIdentity, StoreError,
    user::{Profile, Record},
};

/// The kind of such a credential.
const IDENTITY: &str = "identity";

/// What is kept of an identity.
#[derive(Serialize, Deserialize)]
struct Identity {
    provider: String,
    subject: String,
    email: Option<String>,
}

impl<D: Dialect, P: Profile, I: SqlId> Import for SqlStore<D, P, I> {
    async fn insert_record(&self, tx: &mut Self::Tx, record: &Record<P, I>) -> Result<(), StoreError> {
        let users = &self.statements().users;
        insert::<D, I>(tx, &users.insert, &Account::of(record)?, &record.user.id).await?;
        match &users.after_number {
            Some(sql) if I::KIND == Kind::Number => D::fetch_optional(tx, sql, &[]).await.map(drop).map_err(failed),
            _ => Ok(()),
        }
    }

    async fn insert_identity(
        &self,
        tx: &mut Self::Tx,
        user_id: &I,
        identity: &OAuthIdentity,
    ) -> Result<(), StoreError> {
        let OAuthIdentity { provider, subject, email } = identity.clone();
        let data = serde_json::to_string(&Identity { provider, subject, email }).map_err(StoreError::backend)?;
        let (id, lookup) = (Uuid::now_v7().to_string(), lookup(&identity.provider, &identity.subject));
        let values = [
            id.as_str().into(),
            user_id.to_value(),
            IDENTITY.into(),
            lookup.as_str().into(),
            data.as_str().into(),
            Timestamp::now().as_microsecond().into(),
        ];
        D::execute(tx, &self.statements().credentials.insert, &values).await.map(drop).map_err(orphaned)
    }

    async fn identities(&self, user_id: &I) -> Result<Vec<OAuthIdentity>, StoreError> {
        let values = [user_id.to_value(), IDENTITY.into()];
        let rows = self.all(&self.statements().credentials.data, &values).await.map_err(failed)?;
        let identity = |row: &D::Row| {
            let data = Cells::<D>::of(row).text().map_err(failed)?;
            let Identity { provider, subject, email } = serde_json::from_str(data).map_err(StoreError::backend)?;
            Ok(OAuthIdentity { provider, subject, email })
        };
        let mut identities: Vec<_> = rows.iter().map(identity).collect::<Result<_, StoreError>>()?;
        identities.sort();
        Ok(identities)
    }
}

/// What an identity is found by: a digest, so that no provider's subject is too long for an index.
fn lookup(provider: &str, subject: &str) -> String {
    let digest = Sha256::new().chain_update(provider).chain_update([0]).chain_update(subject).finalize();
    URL_SAFE_NO_PAD.encode(digest)
}
