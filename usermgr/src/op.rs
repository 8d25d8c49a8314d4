//! The context of one operation. The index makes it once and passes it to the slice, which passes it to the core.

use crate::{
    context::Context, engine::Engine, error::Fault, manager::UserManager, mark::outside, settings::Configured,
};

/// An operation in progress.
pub(crate) struct Op<'a, M: UserManager + ?Sized> {
    pub(crate) manager: &'a M,
    pub(crate) engine: &'a Engine<M::Store>,
    /// The settings at its begin. An operation in progress keeps them.
    pub(crate) configured: &'a Configured,
    pub(crate) cx: &'a Context,
}

impl<'a, M: UserManager + ?Sized> Op<'a, M> {
    /// Begins an operation.
    ///
    /// # Errors
    /// [`Fault::InsideTransaction`] if the hook inside a transaction calls the operation, and [`Fault::Config`] if the
    /// settings are invalid.
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
