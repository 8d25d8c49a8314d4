//! The engine's messenger and its slots, and how a caller learns that a hook which mails is not written.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use crate::{background::Background, context::Context, mail::Messenger};

/// The messenger of an engine, and the slots for its messages: apart from those of requests, which may wait for a message to get one.
pub(super) struct Messages<S> {
    pub(super) messenger: Option<Arc<dyn Messenger<S>>>,
    pub(super) slots: Background,
    /// Whether a lock of the login is told.
    pub(super) tells_lockouts: bool,
}

/// A mark in the context of a hook by which the caller learns that the hook is not written, where the provided one stands for more than a
/// hook can do by itself: the provided body sets it, and the caller does the rest.
#[derive(Clone, Default)]
pub(crate) struct Unwritten(Arc<AtomicBool>);

impl Unwritten {
    /// A context with the mark in it.
    pub(crate) fn watched(cx: &Context) -> (Context, Self) {
        let (mut cx, mark) = (cx.clone(), Self::default());
        cx.extensions.insert(mark.clone());
        (cx, mark)
    }

    /// Said by a provided body.
    pub(crate) fn note(cx: &Context) {
        if let Some(Self(mark)) = cx.extensions.get() {
            mark.store(true, Ordering::Relaxed);
        }
    }

    /// Whether the provided body was called.
    pub(crate) fn is_noted(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
