//! Finds the errors in an engine and in its manager's settings, before any request is served.

use std::collections::HashSet;

use super::{Engine, Options};
use crate::{
    config_error::ConfigError,
    engine::Answers,
    origin,
    session::{Backend, Transport, header_fault},
    settings::{Settings, too_long},
    store::UserStore,
};

impl<S: UserStore> Engine<S> {
    /// Returns the errors in the settings and in the engine itself.
    pub(crate) fn faults(&self, settings: impl FnOnce() -> Settings) -> Vec<ConfigError> {
        let resolved = self.configuration.latest(settings).err();
        resolved.into_iter().chain(self.own_faults()).collect()
    }

    /// Returns the [`faults`](Self::faults) as one error, at little cost. The engine does not change, so it is checked
    /// only once.
    #[cfg(feature = "http")]
    pub(crate) fn unsound(&self, settings: impl Fn() -> Settings) -> Option<ConfigError> {
        let own = self.unsound.get_or_init(|| !self.own_faults().is_empty());
        let unsound = *own || self.configuration.latest(&settings).is_err();
        unsound.then(|| ConfigError::join(self.faults(settings)))
    }

    fn own_faults(&self) -> Vec<ConfigError> {
        let mut names = HashSet::new();
        let mut faults = Vec::new();
        if self.backends.is_empty() {
            faults
                .push(ConfigError::new("the engine has no backend: add one with `Engine::builder(store).backend(..)`"));
        }
        for name in self.backends.iter().map(Backend::name) {
            if !names.insert(name) {
                faults.push(ConfigError::new(format!("two backends are named `{name}`: give each its own name")));
            }
            if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)) {
                faults.push(ConfigError::new(format!(
                    "the backend name `{name}` is invalid: use letters, digits, `-` and `_`"
                )));
            }
        }
        for backend in &self.backends {
            faults.extend(backend.strategy().check().err());
            match backend.transport() {
                Transport::Bearer => {}
                Transport::Header(name) => faults.extend(header_fault(name).map(ConfigError::new)),
                Transport::Cookie(cookie) => {
                    faults.extend(cookie.faults().into_iter().map(ConfigError::new));
                    if backend.strategy().refreshes() {
                        faults.push(ConfigError::new(format!(
                            "the backend `{}` gives refresh tokens, which no cookie carries: use `Backend::bearer`, or \
                             `Database` with the cookie",
                            backend.name()
                        )));
                    }
                }
            }
        }
        faults.extend(self.part_faults.iter().cloned());
        let mut kinds = HashSet::new();
        for factor in &self.factors {
            if !kinds.insert(factor.kind()) {
                faults.push(ConfigError::new(format!(
                    "two factors are of the kind `{}`: add each kind once",
                    factor.kind()
                )));
            }
            faults.extend(factor.check().err());
        }
        faults.extend(too_long("EngineBuilder::fresh", self.options.fresh));
        if !(1..=10_000).contains(&self.options.max_sessions) {
            faults.push(ConfigError::new("`EngineBuilder::max_sessions` must be from 1 to 10000"));
        }
        for domain in self.email_rules.faults() {
            faults.push(ConfigError::new(format!(
                "`{domain}` is not a domain of mail addresses: write it in ASCII, as in `localhost` or `corp.local`"
            )));
        }
        let Options { answers, require_verified, unverified_logins, .. } = self.options;
        if answers == Answers::Discreet && !require_verified && !unverified_logins {
            faults.push(ConfigError::new(
                "discreet answers without verification hide nothing, because a login reveals whether the \
                 registered address was free: add `.require_verified(true)`, or \
                 `.dangerous_unverified_logins(true)` to accept this",
            ));
        }
        faults.extend(self.allowed_origins.iter().filter_map(|allowed| origin::fault(allowed)).map(ConfigError::new));
        faults
    }
}
