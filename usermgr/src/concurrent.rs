//! Two futures at once.

use std::{
    future::poll_fn,
    pin::pin,
    task::{Context, Poll},
};

/// Completes when both have.
pub(crate) async fn both<A: Future, B: Future>(one: A, other: B) -> (A::Output, B::Output) {
    let (mut one, mut other) = (pin!(one), pin!(other));
    let (mut first, mut second) = (None, None);
    poll_fn(|task| {
        // A completed future must not be polled again.
        fn step<T>(done: &mut Option<T>, task: &mut Context<'_>, poll: impl FnOnce(&mut Context<'_>) -> Poll<T>) {
            if done.is_none()
                && let Poll::Ready(value) = poll(task)
            {
                *done = Some(value);
            }
        }
        step(&mut first, task, |task| one.as_mut().poll(task));
        step(&mut second, task, |task| other.as_mut().poll(task));
        match (first.take(), second.take()) {
            (Some(a), Some(b)) => Poll::Ready((a, b)),
            (a, b) => {
                (first, second) = (a, b);
                Poll::Pending
            }
        }
    })
    .await
}

/// Completes when one of the two does.
pub(crate) async fn either(one: impl Future<Output = ()>, other: impl Future<Output = ()>) {
    let (mut one, mut other) = (pin!(one), pin!(other));
    poll_fn(|task| match one.as_mut().poll(task) {
        Poll::Ready(()) => Poll::Ready(()),
        Poll::Pending => other.as_mut().poll(task),
    })
    .await;
}
