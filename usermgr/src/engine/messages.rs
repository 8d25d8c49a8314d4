//! The engine's messenger and its slots, and how a caller learns that a hook uses its default.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use crate::{background::Background, context::Context, mailer::Messenger};

/// The messenger of an engine, and the slots for its messages. They are separate from the slots of requests, because a
/// request may wait for a message to get one.
pub(super) struct Messages<S> {
    pub(super) messenger: Option<Arc<dyn Messenger<S>>>,
    pub(super) slots: Background,
    /// Whether a lockout is sent to the messenger.
    pub(super) sends_lockouts: bool,
    /// Whether a user is notified that an administrator acts as them.
    pub(super) sends_impersonations: bool,
}

/// A mark in the context of a hook. The default body sets it, so that the caller learns that the hook is not overridden
/// and can do what the default hook cannot do by itself.
#[derive(Clone, Default)]
pub(crate) struct Unwritten(Arc<AtomicBool>);

impl Unwritten {
    /// Returns a context with the mark in it.
    pub(crate) fn watched(cx: &Context) -> (Context, Self) {
        let (mut cx, mark) = (cx.clone(), Self::default());
        cx.extensions.insert(mark.clone());
        (cx, mark)
    }

    /// Sets the mark. Called by a default body.
    pub(crate) fn note(cx: &Context) {
        if let Some(Self(mark)) = cx.extensions.get() {
            mark.store(true, Ordering::Relaxed);
        }
    }

    /// Returns whether the default body was called.
    pub(crate) fn is_noted(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
