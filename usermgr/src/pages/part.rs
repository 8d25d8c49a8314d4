//! The pages as a part of an engine.

use std::sync::Arc;

use super::{Pages, installed::Installed, samples};
use crate::{
    engine::{EngineBuilder, Part},
    store::{Directory, SessionStore},
};

/// The name of the part.
const NAME: &str = "pages";

impl<S: SessionStore + Directory> Part<S> for Pages {
    fn name(&self) -> &'static str {
        NAME
    }

    fn install(self, engine: &mut EngineBuilder<S>) {
        let language = &self.settings.overrides.language;
        #[cfg(feature = "oauth-bare")]
        engine.keep(crate::http::AsksForFactors(self.settings.backend.clone()));
        let installed = Installed::new(&self.settings);
        match installed.and_then(|pages| samples::check(&pages, language).map(|()| pages)) {
            Ok(pages) => engine.keep(Arc::new(pages)),
            Err(error) => engine.add_fault(error),
        }
    }
}
