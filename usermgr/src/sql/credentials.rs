//! Credentials and pending steps, in SQL databases. A concurrent use is detected by the number of rows that a statement
//! has written, which every database reports.

use jiff::Timestamp;
use sqlx::SqlStr;

use super::{
    cells::Cells,
    dialect::Dialect,
    error::{SqlError, failed, is_given_up, looked_up, orphaned},
    id::SqlId,
    row::{StoredAccount, out_of_range, time},
    store::SqlStore,
    transaction::SqlTransaction,
    value::Value,
};
use crate::{
    StoreError,
    store::{
        Credential, CredentialAndRecord, CredentialDigest, CredentialFilter, CredentialId, CredentialKind,
        CredentialStore, NewCredential, Pending, PendingPurpose,
    },
    user::{Profile, Record},
};

impl<D: Dialect, P: Profile, I: SqlId> CredentialStore for SqlStore<D, P, I> {
    async fn credentials(&self, user_id: &I, now: Timestamp) -> Result<Vec<Credential<I>>, StoreError> {
        let values = [user_id.to_value(), now.as_microsecond().into()];
        let rows = looked_up(self.all(&self.statements().credentials.of_user, &values).await)?;
        rows.iter().map(|row| credential(&mut Cells::<D>::of(row))).collect()
    }

    async fn find_credential(
        &self,
        kind: &CredentialKind,
        lookup: &CredentialDigest,
        now: Timestamp,
    ) -> Result<Option<CredentialAndRecord<Self>>, StoreError> {
        let values = [kind.as_str().into(), lookup.as_str().into(), now.as_microsecond().into()];
        let row = looked_up(self.first(&self.statements().credentials.find, &values).await)?;
        let Some(row) = row else { return Ok(None) };
        let mut cells = Cells::<D>::of(&row);
        let record: Record<P, I> = StoredAccount::<I>::read(&mut cells).map_err(failed)?.into_record()?;
        Ok(Some((credential(&mut cells)?, record)))
    }

    async fn list_credentials(
        &self,
        after: Option<&CredentialId>,
        limit: u32,
    ) -> Result<Vec<Credential<I>>, StoreError> {
        let (credentials, limit) = (&self.statements().credentials, i64::from(limit).into());
        let rows = match after {
            Some(id) => self.all(&credentials.list_after, &[id.as_str().into(), limit]).await,
            None => self.all(&credentials.list, &[limit]).await,
        };
        rows.map_err(failed)?.iter().map(|row| credential(&mut Cells::<D>::of(row))).collect()
    }

    async fn list_credentials_of_kind(
        &self,
        kind: &CredentialKind,
        after: Option<&CredentialId>,
        limit: u32,
    ) -> Result<Vec<Credential<I>>, StoreError> {
        let (credentials, kind) = (&self.statements().credentials, kind.as_str().into());
        let limit = i64::from(limit).into();
        let rows = match after {
            Some(id) => self.all(&credentials.list_kind_after, &[kind, id.as_str().into(), limit]).await,
            None => self.all(&credentials.list_kind, &[kind, limit]).await,
        };
        rows.map_err(failed)?.iter().map(|row| credential(&mut Cells::<D>::of(row))).collect()
    }

    async fn insert_credential(&self, tx: &mut Self::Tx, new: &NewCredential<I>) -> Result<(), StoreError> {
        insert(tx, &self.statements().credentials.insert, &Credential::from(new.clone())).await
    }

    async fn swap_credential(&self, credential: &Credential<I>) -> Result<bool, StoreError> {
        let values = [
            credential.label.as_deref().into(),
            credential.data.as_str().into(),
            credential.used_at.map(Timestamp::as_microsecond).into(),
            credential.expires_at.map(Timestamp::as_microsecond).into(),
            credential.id.as_str().into(),
            credential.version.into(),
        ];
        Ok(self.alone(&self.statements().credentials.swap, &values).await.map_err(failed)? > 0)
    }

    async fn delete_credentials(&self, tx: &mut Self::Tx, filter: CredentialFilter<'_, I>) -> Result<u64, StoreError> {
        let credentials = &self.statements().credentials;
        let deleted = match filter {
            // No credential has such a name, and in PostgreSQL the failed statement would abort the transaction.
            CredentialFilter::One { id, .. } if id.as_str().contains('\0') => return Ok(0),
            CredentialFilter::One { user_id, id } => {
                tx.link().execute(&credentials.delete_one, &[user_id.to_value(), id.as_str().into()]).await
            }
            CredentialFilter::Kind { user_id, kind } => {
                tx.link().execute(&credentials.delete_kind, &[user_id.to_value(), kind.as_str().into()]).await
            }
            CredentialFilter::User(user_id) => tx.link().execute(&credentials.delete_user, &[user_id.to_value()]).await,
        };
        deleted.map_err(failed)
    }

    async fn put_pending(&self, new: &Pending<I>) -> Result<(), StoreError> {
        let pending = &self.statements().pending;
        let values = [
            new.digest.as_str().into(),
            new.purpose.as_str().into(),
            new.data.as_str().into(),
            i64::from(new.attempts).into(),
            new.expires_at.as_microsecond().into(),
        ];
        let put = match &new.user_id {
            Some(user) => {
                let [digest, purpose, data, attempts, expires_at] = values;
                let values = [digest, purpose, data, attempts, expires_at, user.to_value()];
                self.alone(&pending.put_of_user, &values).await
            }
            None => self.alone(&pending.put_without_user, &values).await,
        };
        match put {
            // There is no such user.
            Ok(0) => Err(StoreError::Stale),
            outcome => outcome.map(drop).map_err(orphaned),
        }
    }

    async fn find_pending(
        &self,
        digest: &CredentialDigest,
        purpose: &PendingPurpose,
        now: Timestamp,
    ) -> Result<Option<Pending<I>>, StoreError> {
        let values = step_key(digest, purpose, now);
        let row = looked_up(self.first(&self.statements().pending.find, &values).await)?;
        row.map(|row| pending(&mut Cells::<D>::of(&row), digest, purpose)).transpose()
    }

    async fn try_pending(
        &self,
        digest: &CredentialDigest,
        purpose: &PendingPurpose,
        most_attempts: u32,
        now: Timestamp,
    ) -> Result<Option<Pending<I>>, StoreError> {
        let [digest_value, purpose_value, now_value] = step_key(digest, purpose, now);
        let values = [digest_value, purpose_value, now_value, i64::from(most_attempts).into()];
        match looked_up(self.alone(&self.statements().pending.count, &values).await)? {
            0 => Ok(None),
            // A concurrent caller may have counted another attempt since, or taken the step.
            _ => self.find_pending(digest, purpose, now).await,
        }
    }

    async fn take_pending(
        &self,
        digest: &CredentialDigest,
        purpose: &PendingPurpose,
        now: Timestamp,
    ) -> Result<Option<Pending<I>>, StoreError> {
        // Apart from the attempts a step never changes, so it can be read before. MySQL does not return deleted rows.
        let Some(found) = self.find_pending(digest, purpose, now).await? else { return Ok(None) };
        let values = step_key(digest, purpose, now);
        let taken = self.alone(&self.statements().pending.take, &values).await.map_err(failed)?;
        Ok((taken > 0).then_some(found))
    }

    async fn delete_pending(&self, tx: &mut Self::Tx, user_id: &I) -> Result<u64, StoreError> {
        tx.link().execute(&self.statements().pending.delete_user, &[user_id.to_value()]).await.map_err(failed)
    }
}

/// Writes a credential with all its fields.
pub(super) async fn insert<D: Dialect, I: SqlId>(
    tx: &mut SqlTransaction<D>,
    sql: &SqlStr,
    credential: &Credential<I>,
) -> Result<(), StoreError> {
    let values = [
        credential.id.as_str().into(),
        credential.user_id.to_value(),
        credential.kind.as_str().into(),
        credential.lookup.as_ref().map(CredentialDigest::as_str).into(),
        credential.label.as_deref().into(),
        credential.data.as_str().into(),
        credential.version.into(),
        credential.created_at.as_microsecond().into(),
        credential.used_at.map(Timestamp::as_microsecond).into(),
        credential.expires_at.map(Timestamp::as_microsecond).into(),
    ];
    match tx.link().execute(sql, &values).await {
        Err(error) if is_given_up(&error) => Err(StoreError::Stale),
        outcome => outcome.map(drop).map_err(orphaned),
    }
}

/// Returns the values by which a step is found.
fn step_key<'a>(digest: &'a CredentialDigest, purpose: &'a PendingPurpose, now: Timestamp) -> [Value<'a>; 3] {
    [digest.as_str().into(), purpose.as_str().into(), now.as_microsecond().into()]
}

/// Reads the columns of a credential.
fn credential<D: Dialect, I: SqlId>(cells: &mut Cells<'_, D>) -> Result<Credential<I>, StoreError> {
    let mut read = || {
        let (id, user_id) = (cells.text()?.to_owned(), I::read(cells)?);
        let mut new = NewCredential::new(
            cells.there(user_id)?,
            CredentialKind::from_stored(cells.text()?),
            String::new(),
            Timestamp::UNIX_EPOCH,
        );
        new.id = CredentialId::new(id);
        new.lookup = cells.text_or_null()?.map(CredentialDigest::from_stored);
        new.label = cells.text_or_null()?.map(str::to_owned);
        new.data = cells.text()?.to_owned();
        let mut credential = Credential::from(new);
        credential.version = cells.number()?;
        let times = (cells.number()?, cells.number_or_null()?, cells.number_or_null()?);
        Ok::<_, sqlx::Error>((credential, times))
    };
    let (mut credential, (created_at, used_at, expires_at)) = read().map_err(failed)?;
    let user = credential.user_id.to_string();
    let at = |microseconds| moment("credential", &user, microseconds);
    credential.created_at = at(created_at)?;
    credential.used_at = used_at.map(at).transpose()?;
    credential.expires_at = expires_at.map(at).transpose()?;
    Ok(credential)
}

/// Reads the columns of a step, except those by which it was found.
fn pending<D: Dialect, I: SqlId>(
    cells: &mut Cells<'_, D>,
    digest: &CredentialDigest,
    purpose: &PendingPurpose,
) -> Result<Pending<I>, StoreError> {
    let mut read =
        || Ok::<_, sqlx::Error>((I::read(cells)?, cells.text()?.to_owned(), cells.number()?, cells.number()?));
    let (user_id, data, attempts, expires_at) = read().map_err(failed)?;
    let user = user_id.as_ref().map_or_else(|| "?".to_owned(), ToString::to_string);
    let expires_at = moment("pending step", &user, expires_at)?;
    let mut pending = Pending::new(digest.clone(), purpose.clone(), data, expires_at);
    pending.user_id = user_id;
    pending.attempts = u32::try_from(attempts).unwrap_or(u32::MAX);
    Ok(pending)
}

fn moment(what: &'static str, user: &str, microseconds: i64) -> Result<Timestamp, StoreError> {
    let unreadable = || SqlError::Unreadable { what, id: user.to_owned(), reason: out_of_range() };
    Ok(time(microseconds).ok_or_else(unreadable)?)
}
