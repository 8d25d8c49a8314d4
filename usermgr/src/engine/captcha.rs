//! The captcha, as a part of the engine.

use super::{Engine, EngineBuilder, Part};
use crate::captcha::{Action, Captcha};

impl<S> Part<S> for Captcha {
    fn name(&self) -> &'static str {
        "captcha"
    }

    fn install(self, builder: &mut EngineBuilder<S>) {
        builder.part_faults.extend(self.faults());
        builder.engine.captcha = Some(self);
    }
}

impl<S> Engine<S> {
    /// What asks for a captcha, if the engine has that part.
    pub(crate) fn captcha(&self) -> Option<&Captcha> {
        self.captcha.as_ref()
    }

    /// The same, if it asks for this action.
    pub(crate) fn captcha_for(&self, action: Action) -> Option<&Captcha> {
        self.captcha().filter(|captcha| captcha.asks(action))
    }
}
