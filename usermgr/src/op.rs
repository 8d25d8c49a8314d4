//! The context of one operation: what the index makes once and hands to the slice, and the slice to the core.

use crate::{
    context::Context, engine::Engine, error::Fault, manager::UserManager, mark::outside, settings::Configured,
};

/// An operation that has begun.
pub(crate) struct Op<'a, M: UserManager + ?Sized> {
    pub(crate) manager: &'a M,
    pub(crate) engine: &'a Engine<M::Store>,
    /// The settings as they were when it began: one that is under way ends with what it began with.
    pub(crate) configured: &'a Configured,
    pub(crate) cx: &'a Context,
}

impl<'a, M: UserManager + ?Sized> Op<'a, M> {
    /// Begins an operation.
    ///
    /// # Errors
    /// [`Fault::InsideTransaction`] for one that the hook inside a transaction calls, and [`Fault::Config`] for settings that cannot be used.
    pub(crate) fn begin(manager: &'a M, cx: &'a Context) -> Result<Self, Fault> {
        outside()?;
        let engine = manager.engine_ref();
        Ok(Self { manager, engine, configured: engine.configured(|| manager.settings())?, cx })
    }
}

impl<M: UserManager + ?Sized> Clone for Op<'_, M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M: UserManager + ?Sized> Copy for Op<'_, M> {}
