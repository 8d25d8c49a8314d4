//! What is wrong with an engine and the settings of its manager, found before anything is served.

use std::collections::HashSet;

use super::{Engine, Options};
use crate::{
    answers::Answers,
    error::ConfigError,
    session::{Backend, Transport},
    settings::{Settings, too_long},
    store::UserStore,
};

impl<S: UserStore> Engine<S> {
    /// What is wrong with the settings and with the engine itself.
    pub(crate) fn faults(&self, settings: impl FnOnce() -> Settings) -> Vec<ConfigError> {
        let mut names = HashSet::new();
        let mut faults: Vec<_> = self.configuration.latest(settings).as_ref().err().cloned().into_iter().collect();
        if self.backends.is_empty() {
            faults
                .push(ConfigError::new("the engine has no backend: add one with `Engine::builder(store).backend(..)`"));
        }
        for name in self.backends.iter().map(Backend::name) {
            if !names.insert(name) {
                faults.push(ConfigError::new(format!("two backends are named `{name}`")));
            }
            if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)) {
                faults.push(ConfigError::new(format!(
                    "the backend name `{name}` cannot be part of a path: use letters, digits, `-` and `_`"
                )));
            }
        }
        for backend in &self.backends {
            faults.extend(backend.strategy().check().err());
            if let Transport::Cookie(cookie) = backend.transport() {
                faults.extend(cookie.faults().into_iter().map(ConfigError::new));
                if backend.strategy().refreshes() {
                    faults.push(ConfigError::new(format!(
                        "the backend `{}` gives refresh tokens, which no cookie carries: use `Backend::bearer`, or `Database` with the cookie",
                        backend.name()
                    )));
                }
            }
        }
        faults.extend(too_long("EngineBuilder::fresh", self.options.fresh));
        if !(1..=10_000).contains(&self.options.max_sessions) {
            faults.push(ConfigError::new("`EngineBuilder::max_sessions` must be from 1 to 10000"));
        }
        let Options { answers, require_verified, unverified_logins, .. } = self.options;
        if answers == Answers::Discreet && !require_verified && !unverified_logins {
            faults.push(ConfigError::new(
                "discreet answers without verification are none, since a login tells whether a registration found the address free: add \
                 `.require_verified(true)`, or `.dangerous_unverified_logins(true)` where that is known and wanted",
            ));
        }
        for origin in self.allowed_origins.iter().filter(|origin| !is_origin(origin)) {
            faults.push(ConfigError::new(format!(
                "`{origin}` is no origin: write it as in `https://example.com` or `http://localhost:3000`"
            )));
        }
        faults
    }
}

/// Whether a text is a scheme, a host and perhaps a port, as browsers write them in `Origin`.
fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| {
        !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b))
    })
}
