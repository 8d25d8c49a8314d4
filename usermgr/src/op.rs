//! The context of one operation. The index makes it once and passes it to the slice, which passes it to the core.

use std::sync::Arc;

use crate::{
    context::Context, engine::Engine, error::Fault, manager::UserManager, mark::outside, settings::Configured,
};

/// An operation in progress. It keeps the settings of its begin.
pub(crate) struct Begun<'a, M: UserManager + ?Sized> {
    manager: &'a M,
    configured: Arc<Configured>,
    cx: &'a Context,
}

/// What the parts of an operation use.
pub(crate) struct Op<'a, M: UserManager + ?Sized> {
    pub(crate) manager: &'a M,
    pub(crate) engine: &'a Engine<M::Store>,
    pub(crate) configured: &'a Configured,
    pub(crate) cx: &'a Context,
}

impl<'a, M: UserManager + ?Sized> Begun<'a, M> {
    /// Begins an operation.
    ///
    /// # Errors
    /// [`Fault::InsideTransaction`] if the hook inside a transaction calls the operation, and [`Fault::Config`] if the
    /// settings are invalid.
    pub(crate) fn new(manager: &'a M, cx: &'a Context) -> Result<Self, Fault> {
        outside()?;
        let configured = manager.engine_ref().configured(|| manager.settings())?;
        Ok(Self { manager, configured, cx })
    }

    pub(crate) fn op(&self) -> Op<'_, M> {
        Op { manager: self.manager, engine: self.manager.engine_ref(), configured: &self.configured, cx: self.cx }
    }
}

impl<M: UserManager + ?Sized> Clone for Op<'_, M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M: UserManager + ?Sized> Copy for Op<'_, M> {}
