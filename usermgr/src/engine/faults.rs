//! Finds the errors in an engine when it is built, and in its manager's settings before any request is served.

use std::collections::HashSet;

use super::{Engine, EngineBuilder, Options, Usernames};
use crate::{
    config_error::ConfigError,
    engine::Answers,
    origin,
    session::{Backend, Transport, header_fault},
    settings::{Settings, too_long},
    store::UserStore,
};

impl<S: UserStore> Engine<S> {
    /// Returns what keeps the manager from being served: errors in its settings, or an engine without a backend.
    pub(crate) fn faults(&self, settings: impl FnOnce() -> Settings) -> Vec<ConfigError> {
        let resolved = self.configuration.latest(&self.realm, settings).err();
        let without = "the engine has no backend: add one with `Engine::builder(store).backend(..)`";
        let backendless = self.backends.is_empty().then(|| ConfigError::new(without));
        resolved.into_iter().chain(backendless).collect()
    }

    /// Returns the [`faults`](Self::faults) as one error, if there are any.
    #[cfg(feature = "http")]
    pub(crate) fn unsound(&self, settings: impl Fn() -> Settings) -> Option<ConfigError> {
        // Every request asks, so what is sound is found without a list.
        let is_sound = self.configuration.is_valid(&self.realm, &settings) && !self.backends.is_empty();
        (!is_sound).then(|| ConfigError::join(self.faults(settings)))
    }
}

impl<S: UserStore> EngineBuilder<S> {
    /// What is wrong with the engine itself.
    pub(super) fn faults(&self) -> Vec<ConfigError> {
        let engine = &self.engine;
        let mut names = HashSet::new();
        let mut faults = self.part_faults.clone();
        faults.extend(engine.realm.fault());
        for name in engine.backends.iter().map(Backend::name) {
            if !names.insert(name) {
                faults.push(ConfigError::new(format!("two backends are named `{name}`: give each its own name")));
            }
            if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)) {
                faults.push(ConfigError::new(format!(
                    "the backend name `{name}` is invalid: use letters, digits, `-` and `_`"
                )));
            }
        }
        for backend in &engine.backends {
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
        faults.extend(engine.hasher.check().err());
        if engine.demand.is_some() && engine.factors.is_empty() {
            faults.push(ConfigError::new(
                "`Demand` asks for a second factor, but the engine has none: add one, such as `Totp`",
            ));
        }
        let mut kinds = HashSet::new();
        for factor in &engine.factors {
            if !kinds.insert(factor.kind()) {
                faults.push(ConfigError::new(format!(
                    "two factors are of the kind `{}`: add each kind once",
                    factor.kind()
                )));
            }
            faults.extend(factor.check().err());
        }
        faults.extend(too_long("EngineBuilder::fresh", engine.options.fresh));
        if !(1..=10_000).contains(&engine.options.max_sessions) {
            faults.push(ConfigError::new("`EngineBuilder::max_sessions` must be from 1 to 10000"));
        }
        for domain in engine.email_rules.faults() {
            faults.push(ConfigError::new(format!(
                "`{domain}` is not a domain of mail addresses: write it in ASCII, as in `localhost` or `corp.local`"
            )));
        }
        let Options { answers, require_verified, unverified_logins, .. } = engine.options;
        if answers == Answers::Discreet && !require_verified && !unverified_logins {
            faults.push(ConfigError::new(
                "discreet answers without verification hide nothing, because a login reveals whether the \
                 registered address was free: add `.require_verified(true)`, or \
                 `.dangerous_unverified_logins(true)` to accept this",
            ));
        }
        if answers == Answers::Discreet && engine.usernames.as_ref().is_some_and(Usernames::is_required) {
            faults.push(ConfigError::new(
                "discreet answers and `Usernames::required` exclude each other, because a name that a registration takes \
                 would reveal whether the address was free: remove one of the two, and let users choose a name after \
                 their first login",
            ));
        }
        #[cfg(feature = "http")]
        if engine.captcha().is_some_and(|captcha| captcha.threshold().is_some()) && engine.limiter.is_off() {
            faults.push(ConfigError::new(
                "`Captcha::after` counts as the limits do, and the engine has none: remove `after`, or `Limits::dangerous_none`",
            ));
        }
        faults.extend(engine.allowed_origins.iter().filter_map(|allowed| origin::fault(allowed)).map(ConfigError::new));
        faults
    }
}
