//! The check against data breaches, as a part of the engine.

use super::{Engine, EngineBuilder, Part};
use crate::password::Breaches;

impl<S> Part<S> for Breaches {
    fn name(&self) -> &'static str {
        "breaches"
    }

    fn install(self, builder: &mut EngineBuilder<S>) {
        builder.part_faults.extend(self.check().err());
        builder.engine.breaches = Some(self);
    }
}

impl<S> Engine<S> {
    /// What new passwords are checked against, beside the policy.
    pub(crate) fn breaches(&self) -> Option<&Breaches> {
        self.breaches.as_ref()
    }
}
