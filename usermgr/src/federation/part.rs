//! The installed part: the providers at run time, and the checks of the configuration.

use std::{collections::HashSet, sync::Arc};

use super::{
    OAuth, ProfileByHook,
    remote::{Calls, Remote},
    revocation::Revoker,
};
use crate::{
    config_error::ConfigError,
    engine::{EngineBuilder, Part},
    http::{AppRedirects, RedirectOrigins},
    origin::is_base,
    store::{CredentialStore, UserStore},
    user::{FromClaims, OAuthClaims},
};

/// The name of the part.
pub(crate) const NAME: &str = "oauth";

/// Makes a profile from claims.
type ToProfile<S> = fn(&OAuthClaims) -> Result<<S as UserStore>::Profile, serde_json::Error>;

/// The part, as the engine keeps it.
pub(crate) struct Installed<S: UserStore> {
    origin: String,
    remotes: Vec<Arc<Remote>>,
    /// The backend of clients that name none.
    pub(crate) backend: Option<String>,
    pub(crate) return_to: RedirectOrigins,
    pub(crate) apps: AppRedirects,
    /// The page for failed redirects.
    pub(crate) error_to: Option<String>,
    /// Whether the routes are under https, so that cookies can demand it.
    pub(crate) secure: bool,
    /// Makes the profile of a new user, if the hook does not.
    pub(crate) profile: Option<ToProfile<S>>,
}

impl<S: UserStore> Installed<S> {
    pub(crate) fn remotes(&self) -> &[Arc<Remote>] {
        &self.remotes
    }

    pub(crate) fn remote(&self, name: &str) -> Option<&Remote> {
        self.remotes.iter().map(|remote| &**remote).find(|remote| remote.provider.name() == name)
    }

    /// The redirect URI of a sign-in. It never depends on a request.
    pub(crate) fn redirect_uri(&self, remote: &Remote) -> String {
        let own = remote.provider.redirect_uri.clone();
        own.unwrap_or_else(|| format!("{}/auth/{}/callback", self.origin, remote.provider.name()))
    }

    /// The redirect URI with which a user links an account.
    pub(crate) fn associate_redirect_uri(&self, remote: &Remote) -> String {
        let own = remote.provider.associate_redirect_uri.clone();
        own.unwrap_or_else(|| format!("{}/auth/associate/{}/callback", self.origin, remote.provider.name()))
    }
}

impl<S: CredentialStore<Profile: FromClaims>> Part<S> for OAuth {
    fn name(&self) -> &'static str {
        NAME
    }

    fn install(self, engine: &mut EngineBuilder<S>) {
        self.install_with(engine, Some(|claims| S::Profile::from_claims(&claims.raw)));
    }
}

impl<S: CredentialStore> Part<S> for ProfileByHook {
    fn name(&self) -> &'static str {
        NAME
    }

    fn install(self, engine: &mut EngineBuilder<S>) {
        self.0.install_with(engine, None);
    }
}

impl OAuth {
    fn install_with<S: CredentialStore>(self, engine: &mut EngineBuilder<S>, profile: Option<ToProfile<S>>) {
        engine.keep_credentials();
        for fault in self.faults() {
            engine.add_fault(ConfigError::new(format!("`OAuth`: {fault}")));
        }
        let return_to = RedirectOrigins::new(&self.return_to).unwrap_or_else(|error| {
            engine.add_fault(error);
            RedirectOrigins::default()
        });
        if self.error_to.as_ref().is_some_and(|page| return_to.target(page).is_none()) {
            let why = "`OAuth`: `error_to` is neither a path nor a page of an origin that `return_to` lists";
            engine.add_fault(ConfigError::new(why));
        }
        let apps = AppRedirects::new(&self.apps).unwrap_or_else(|faults| {
            faults.into_iter().for_each(|fault| engine.add_fault(ConfigError::new(format!("`OAuth`: {fault}"))));
            AppRedirects::default()
        });
        let Some(http) = self.client.clone().or_else(|| self.built_in(engine)) else { return };
        let Self { origin, providers, backend, error_to, timeout, plain_http, .. } = self;
        let calls = Arc::new(Calls { http, plain_http, timeout });
        let secure = origin.starts_with("https://");
        let remote = |provider| Arc::new(Remote::new(provider, calls.clone()));
        let remotes: Vec<_> = providers.into_iter().map(remote).collect();
        if remotes.iter().any(|remote| remote.provider.keeps_tokens()) {
            engine.on_deleted(Revoker::new(remotes.clone()));
        }
        engine.keep(Installed::<S> { origin, remotes, backend, return_to, apps, error_to, secure, profile });
    }

    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let (origin, plain_http) = (&self.origin, self.plain_http);
        if !is_base(origin, plain_http) {
            faults.push(format!(
                "`{origin}` is not where browsers find the routes: write it as in `https://example.com`"
            ));
        }
        let mut names = HashSet::new();
        for provider in &self.providers {
            if !names.insert(provider.name()) {
                faults.push(format!("two providers are named `{}`: rename one with `named`", provider.name()));
            }
            faults
                .extend(provider.faults(plain_http).into_iter().map(|fault| format!("`{}`: {fault}", provider.name())));
        }
        faults
    }

    /// The client of the feature `oauth`.
    fn built_in<S>(&self, engine: &mut EngineBuilder<S>) -> Option<Arc<dyn super::HttpClient>> {
        #[cfg(feature = "oauth")]
        let built = super::Transport::new(self.private, self.plain_http).map(|client| Arc::new(client) as _);
        #[cfg(not(feature = "oauth"))]
        let built: Result<Arc<dyn super::HttpClient>, ConfigError> =
            Err(ConfigError::new("`OAuth` has no HTTP client: set one with `client`, or turn on the feature `oauth`"));
        built.map_err(|error| engine.add_fault(error)).ok()
    }
}
