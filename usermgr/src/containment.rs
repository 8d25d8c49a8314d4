//! Runs code of the application so that a failure, a panic or a hang does no harm.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
    time::Duration,
};

use crate::{
    error::HookFailure,
    mark::{Within, marked},
};

/// Runs a hook to its end, its panic or its time limit.
pub(crate) async fn contained<F: Future>(hook: F, limit: Duration) -> Result<F::Output, HookFailure> {
    let mut hook = pin!(marked(Within::Hook, hook));
    let polled = std::future::poll_fn(move |task| match catch_unwind(AssertUnwindSafe(|| hook.as_mut().poll(task))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
        Err(payload) => {
            forget_quietly(payload);
            Poll::Ready(Err(HookFailure::Panicked))
        }
    });
    tokio::time::timeout(limit, polled).await.unwrap_or(Err(HookFailure::TimedOut))
}

/// Drops the payload of a panic. Its destructor may panic too.
fn forget_quietly(payload: Box<dyn Any + Send>) {
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(again);
    }
}
