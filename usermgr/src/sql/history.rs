//! The login history in SQL databases. A row is written first, and the older ones are deleted behind it: of several writers at
//! once, the last one finds the rows of all.

use jiff::Timestamp;

use super::{
    cells::Cells,
    dialect::Dialect,
    error::{failed, orphaned},
    id::SqlId,
    row::time,
    store::SqlStore,
};
use crate::{
    StoreError,
    amr::Amr,
    store::{HistoryStore, LoginEntry, LoginOutcome},
    user::Profile,
};

impl<D: Dialect, P: Profile, I: SqlId> HistoryStore for SqlStore<D, P, I> {
    async fn insert_login(&self, entry: &LoginEntry<I>, most: u32) -> Result<(), StoreError> {
        let history = &self.statements().history;
        let (ip, methods) = (entry.ip.map(|ip| ip.to_string()), entry.methods.to_stored());
        let values = [
            entry.id.as_str().into(),
            entry.user_id.to_value(),
            entry.at.as_microsecond().into(),
            entry.outcome.reason().into(),
            methods.as_deref().into(),
            ip.as_deref().into(),
            entry.user_agent.as_deref().into(),
        ];
        self.alone(&history.insert, &values).await.map_err(orphaned)?;
        let trim = if entry.outcome.is_success() { &history.trim_logins } else { &history.trim_refused };
        let user = || entry.user_id.to_value();
        self.alone(trim, &[user(), user(), i64::from(most).into()]).await.map(drop).map_err(failed)
    }

    async fn list_logins(&self, user_id: &I, since: Timestamp) -> Result<Vec<LoginEntry<I>>, StoreError> {
        let values = [user_id.to_value(), since.as_microsecond().into()];
        let rows = self.all(&self.statements().history.list, &values).await.map_err(failed)?;
        rows.iter().map(|row| entry::<D, I>(row, user_id)).collect()
    }

    async fn purge_logins(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.alone(&self.statements().history.purge, &[before.as_microsecond().into()]).await.map_err(failed)
    }
}

/// Reads a row of a user.
fn entry<D: Dialect, I: SqlId>(row: &D::Row, user_id: &I) -> Result<LoginEntry<I>, StoreError> {
    let mut cells = Cells::<D>::of(row);
    let mut read = || {
        let (id, at, reason) = (cells.text()?.to_owned(), cells.number()?, cells.text_or_null()?);
        Ok::<_, sqlx::Error>((id, at, reason, cells.text_or_null()?, cells.text_or_null()?, cells.text_or_null()?))
    };
    let (id, at, reason, methods, ip, user_agent) = read().map_err(failed)?;
    let at = time(at).ok_or_else(|| StoreError::backend(format!("the time of the login {id} is out of range")))?;
    // The address is only shown to users, so an invalid one must not hide the login.
    let ip = ip.and_then(|text| text.parse().ok());
    let entry = LoginEntry::new(user_id.clone(), at, LoginOutcome::from_stored(reason));
    Ok(LoginEntry { id, ..entry.methods(Amr::from_stored(methods)).ip(ip).user_agent(user_agent) })
}
