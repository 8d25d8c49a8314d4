//! Signed states of logins that were begun without a row, and work once.

use jiff::Timestamp;

use crate::{
    engine::Engine,
    error::Fault,
    store::{SessionDigest, StoreError, UserStore},
};

/// Records that a state was used. Returns `false` if it was used before.
pub(crate) async fn use_up<S: UserStore>(
    engine: &Engine<S>,
    (digest, until): &(SessionDigest, Timestamp),
) -> Result<bool, Fault> {
    let store = engine.store();
    let mut tx = store.begin().await?;
    let first = store.use_once(&mut tx, digest.as_str(), *until).await.map_err(busy)?;
    if first {
        store.commit(tx).await.map_err(busy)?;
    }
    Ok(first)
}

/// Nothing was written, and the client begins again.
fn busy(error: StoreError) -> Fault {
    match error {
        StoreError::Stale => Fault::Busy,
        error => error.into(),
    }
}
