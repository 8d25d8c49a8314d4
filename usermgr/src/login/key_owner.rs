//! Finds the owner of an API key. A key is no login: there is no session, and nothing of the account can be changed by it.

use std::{future::ready, net::IpAddr, time::Duration};

use crate::{
    audit::EventKind,
    context::Context,
    engine::{Credentials, Engine},
    error::Fault,
    hook::raise,
    limits::{Judgement, Subject},
    manager::UserManager,
    store::{ApiKeyInfo, Credential, RecordOf, UserStore},
};

/// How long a request waits for the write of its use. A healthy database needs a few milliseconds.
const PATIENCE: Duration = Duration::from_millis(100);

/// Returns the owner of a key with what the key may do, or `None` for one that is unknown, expired or revoked, or whose owner
/// is inactive. All of these take one query, and count for the network. A text that cannot be a key takes none, and does not
/// count.
pub(crate) async fn key_owner<M: UserManager + ?Sized>(
    manager: &M,
    text: &str,
    cx: &Context,
) -> Result<Option<(RecordOf<M::Store>, ApiKeyInfo)>, Fault> {
    let engine = manager.engine_ref();
    let (Some(keyring), Some(credentials)) = (engine.keyring(), engine.credentials()) else { return Ok(None) };
    let Some(digest) = keyring.digest(text) else { return Ok(None) };
    let found = credentials.find(engine.store(), &ApiKeyInfo::KIND, &digest, engine.now()).await?;
    let Some((row, record)) = found.filter(|(_, record)| record.user.is_active) else {
        raise(engine, EventKind::ApiKeyRefused, None, None, cx);
        // A right key is not counted, because each request would write the count and take it back.
        let counted = [Subject::Network(cx.ip)];
        engine.limiter().attempt(&counted, engine.now(), ready(()), |()| Judgement::Counts).await?;
        return Ok(None);
    };
    let info = ApiKeyInfo::read(&row)?;
    note_use(engine, credentials, &row, &info, cx.ip).await?;
    Ok(Some((record, info)))
}

/// Records the use of a key, at most once in a minute. A lost record does no harm, so an error or a slow store does not fail
/// the request.
async fn note_use<S: UserStore>(
    engine: &Engine<S>,
    credentials: &dyn Credentials<S>,
    row: &Credential<S::Id>,
    info: &ApiKeyInfo,
    ip: Option<IpAddr>,
) -> Result<(), Fault> {
    let (now, notes) = (engine.now(), engine.notes());
    let Some(used) = info.used(now, ip).filter(|_| notes.admits(now)) else { return Ok(()) };
    let row = Credential { data: used.data()?, used_at: used.used_at, ..row.clone() };
    match tokio::time::timeout(PATIENCE, credentials.swap(engine.store(), &row)).await {
        // Another request may have recorded its use at the same time.
        Ok(Ok(_)) => notes.succeeded(),
        Ok(Err(error)) => notes.failed(now, &error.to_string()),
        Err(_) => notes.failed(now, "the store is too slow"),
    }
    Ok(())
}
