//! The note that a session was used, which is taken on the path of a read and may neither fail nor delay it.

use std::time::Duration;

use super::{StrategyContext, rows::TOUCH_EVERY};
use crate::{
    span::is_recent,
    store::{Session, SessionStore},
};

/// How long a request waits for its note. A database that is well needs a few milliseconds.
const PATIENCE: Duration = Duration::from_millis(100);

/// Notes that a session is used, at most once a minute, and not for a while after a refresh: the list shows it. A note that is lost only
/// ends the session sooner, so that neither a failing store nor a slow one is the request's business.
pub(super) async fn touch<S: SessionStore>(cx: &StrategyContext<'_, S>, session: &Session<S::Id>, grace: Duration) {
    let rotation = session.rotation.as_ref();
    let refreshed = rotation.is_some_and(|rotation| is_recent(rotation.rotated_at, grace.max(TOUCH_EVERY), cx.now));
    if refreshed || is_recent(session.seen_at, TOUCH_EVERY, cx.now) || !cx.notes.admits(cx.now) {
        return;
    }
    match tokio::time::timeout(PATIENCE, cx.store.touch_session(&session.id, cx.now)).await {
        Ok(Ok(())) => cx.notes.succeeded(),
        Ok(Err(error)) => cx.notes.failed(cx.now, &error.to_string()),
        Err(_) => cx.notes.failed(cx.now, "the store is too slow"),
    }
}
