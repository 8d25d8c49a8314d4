//! The installed part: the providers at run time, and the checks of the configuration.

use std::{collections::HashSet, sync::Arc};

use super::{
    OAuth,
    remote::{Calls, Remote},
};
use crate::{
    config_error::ConfigError,
    engine::{EngineBuilder, Part},
    http::RedirectOrigins,
    origin::WebOrigin,
    store::{CredentialStore, UserStore},
    user::{FromClaims, OAuthClaims},
};

/// The name of the part.
pub(crate) const NAME: &str = "oauth";

/// The part, as the engine keeps it.
pub(crate) struct Installed<S: UserStore> {
    origin: String,
    remotes: Vec<Remote>,
    /// The backend of clients that name none.
    pub(crate) backend: Option<String>,
    pub(crate) return_to: RedirectOrigins,
    /// Whether the routes are under https, so that cookies can demand it.
    pub(crate) secure: bool,
    /// Makes the profile of a new user.
    pub(crate) profile: fn(&OAuthClaims) -> Result<S::Profile, serde_json::Error>,
}

impl<S: UserStore> Installed<S> {
    pub(crate) fn remotes(&self) -> &[Remote] {
        &self.remotes
    }

    pub(crate) fn remote(&self, name: &str) -> Option<&Remote> {
        self.remotes.iter().find(|remote| remote.provider.name() == name)
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
        engine.keep_credentials();
        for fault in self.faults() {
            engine.add_fault(ConfigError::new(format!("`OAuth`: {fault}")));
        }
        let return_to = RedirectOrigins::new(&self.return_to).unwrap_or_else(|error| {
            engine.add_fault(error);
            RedirectOrigins::default()
        });
        let Some(http) = self.client.clone().or_else(|| self.built_in(engine)) else { return };
        let Self { origin, providers, backend, timeout, plain_http, .. } = self;
        let calls = Arc::new(Calls { http, plain_http, timeout });
        let secure = origin.starts_with("https://");
        let remotes = providers.into_iter().map(|provider| Remote::new(provider, calls.clone())).collect();
        let profile = |claims: &OAuthClaims| S::Profile::from_claims(&claims.raw);
        engine.keep(Installed::<S> { origin, remotes, backend, return_to, secure, profile });
    }
}

impl OAuth {
    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let (origin, plain_http) = (&self.origin, self.plain_http);
        let scheme_end = origin.find("://").map_or(0, |at| at + 3);
        let end = origin[scheme_end..].find('/').map_or(origin.len(), |at| scheme_end + at);
        let parsed = WebOrigin::parse(&origin[..end]);
        let is_own = |host: &str| ["localhost", "127.0.0.1", "[::1]"].contains(&host);
        if !parsed.is_some_and(|own| own.scheme == "https" || own.scheme == "http" && (plain_http || is_own(own.host)))
        {
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
