//! Recording that a session was used. It happens while a request is read, and must neither fail nor delay the request.

use std::time::Duration;

use super::{StrategyContext, rows::TOUCH_EVERY};
use crate::{
    span::is_recent,
    store::{Session, SessionStore},
};

/// How long a request waits for the write. A healthy database needs a few milliseconds.
const PATIENCE: Duration = Duration::from_millis(100);

/// Records that a session was used, at most once a minute, and not within the grace period after a refresh, because
/// lists show the time. A lost record only ends the session earlier, so an error or a slow store does not fail the
/// request.
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
