//! The part of the engine for sign-ins through other providers, as an application configures it.

use std::{fmt, sync::Arc, time::Duration};

use super::{HttpClient, Provider};

/// Sign-in through other providers: a part of the engine, added with [`Engine::with`](crate::Engine::with).
///
/// A new account gets its profile from the claims of the provider, so the profile must be
/// [`FromClaims`](crate::user::FromClaims). Of another one, the compiler says what is missing.
///
/// ```
/// use usermgr::oauth::{ClientSecret, OAuth, Provider};
/// let oauth = OAuth::at("https://shop.example")
///     .provider(Provider::github("our-id", ClientSecret::env("GITHUB_SECRET")))
///     .return_to("https://app.shop.example");
/// # let _ = oauth;
/// ```
///
/// ```compile_fail,E0277
/// use serde::{Deserialize, Serialize};
/// use usermgr::{oauth::OAuth, prelude::*};
///
/// /// No claim is named for the name.
/// #[derive(Clone, Debug, Serialize, Deserialize, Profile)]
/// struct Customer {
///     name: String,
/// }
///
/// let engine = Engine::new(MemoryStore::<Customer>::default()).with(OAuth::at("https://shop.example"));
/// ```
#[must_use]
pub struct OAuth {
    pub(super) origin: String,
    pub(super) providers: Vec<Provider>,
    pub(super) backend: Option<String>,
    pub(super) return_to: Vec<String>,
    pub(super) apps: Vec<String>,
    pub(super) error_to: Option<String>,
    pub(super) client: Option<Arc<dyn HttpClient>>,
    pub(super) timeout: Duration,
    #[cfg_attr(not(feature = "oauth"), allow(dead_code, reason = "only the built-in client reads it"))]
    pub(super) private: bool,
    pub(super) plain_http: bool,
}

impl OAuth {
    /// Sets where the routes are, as the browser sees them: the origin, and the prefix if they have one. The redirect
    /// URIs are made from it, never from a request. It must be `https`, or `http` of the own machine.
    pub fn at(origin: impl Into<String>) -> Self {
        Self {
            origin: origin.into().trim_end_matches('/').to_owned(),
            providers: Vec::new(),
            backend: None,
            return_to: Vec::new(),
            apps: Vec::new(),
            error_to: None,
            client: None,
            timeout: Duration::from_secs(15),
            private: false,
            plain_http: false,
        }
    }

    /// Adds a provider.
    pub fn provider(mut self, provider: Provider) -> Self {
        self.providers.push(provider);
        self
    }

    /// Sets the backend that logs users in if the client names none. Default: the first of the engine.
    pub fn backend(self, name: impl Into<String>) -> Self {
        Self { backend: Some(name.into()), ..self }
    }

    /// Adds an origin to whose pages a sign-in may return, besides the paths of the own origin.
    pub fn return_to(mut self, origin: impl Into<String>) -> Self {
        self.return_to.push(origin.into());
        self
    }

    /// Adds a URI of an application on a device, to which a sign-in in the browser of the system returns with a one-time
    /// code: one of a private scheme, a claimed `https` URL, or a URL of the own machine without a port (RFC 8252, 7).
    /// The application begins at `/auth/{provider}/start`, where it names the URI exactly as here, and exchanges the code at
    /// `/auth/{backend}/exchange`.
    ///
    /// ```
    /// use usermgr::oauth::OAuth;
    /// let oauth = OAuth::at("https://shop.example").app("com.example.shop:/signed-in").app("http://127.0.0.1/signed-in");
    /// # let _ = oauth;
    /// ```
    pub fn app(mut self, uri: impl Into<String>) -> Self {
        self.apps.push(uri.into());
        self
    }

    /// Sets the page to which the browser comes back if a redirect fails: a path of the own origin, or a page of an origin
    /// that [`return_to`](Self::return_to) lists. The code is in its query, as in `?error=OAUTH_REFUSED`. Default: where
    /// the sign-in should have ended. A callback that belongs to no sign-in, such as one that took too long, comes here
    /// too, if the browser shows it as a page; otherwise it is answered with JSON.
    pub fn error_to(self, page: impl Into<String>) -> Self {
        Self { error_to: Some(page.into()), ..self }
    }

    /// Lets the hook [`oauth_profile`](crate::UserManager::oauth_profile) make the profiles of new users. The profile need
    /// not be [`FromClaims`](crate::user::FromClaims) then. [`check`](crate::Operations::check) demands the hook.
    ///
    /// ```
    /// use serde::{Deserialize, Serialize};
    /// use usermgr::{oauth::{ClientSecret, OAuth, OAuthClaims, Provider}, prelude::*};
    ///
    /// #[derive(Clone, Debug, Serialize, Deserialize, Profile)]
    /// struct Customer {
    ///     name: String,
    /// }
    ///
    /// struct Accounts {
    ///     engine: Engine<MemoryStore<Customer>>,
    /// }
    ///
    /// #[user_manager(store = MemoryStore<Customer>, secret = "only-for-an-example-0123456789abcdef")]
    /// impl Accounts {
    ///     async fn oauth_profile(&self, claims: &OAuthClaims) -> Result<Customer, Rejection> {
    ///         let name = claims.raw.get("nickname").and_then(|name| name.as_str());
    ///         Ok(Customer { name: name.unwrap_or("a guest").to_owned() })
    ///     }
    /// }
    ///
    /// # #[cfg(feature = "oauth")] {
    /// let oauth = OAuth::at("https://shop.example")
    ///     .provider(Provider::discord("our-id", ClientSecret::new("our-client-secret")))
    ///     .profile_by_hook();
    /// let accounts = Accounts { engine: Engine::new(MemoryStore::<Customer>::default()).with(oauth)? };
    /// accounts.check()?;
    /// # }
    /// # Ok::<(), usermgr::ConfigError>(())
    /// ```
    pub fn profile_by_hook(self) -> ProfileByHook {
        ProfileByHook(self)
    }

    /// Sets the client by which providers are called, in place of the built-in one.
    pub fn client(self, client: impl HttpClient) -> Self {
        Self { client: Some(Arc::new(client)), ..self }
    }

    /// Sets the time for all calls of one callback. Default: 15 s.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Lets the built-in client call private addresses, for a provider in the own network. Every URL that a provider
    /// publishes may then lead into that network.
    pub fn dangerous_private_addresses(self) -> Self {
        Self { private: true, ..self }
    }

    /// Allows `http` for the routes and for providers. Codes and tokens are then readable on the way.
    pub fn dangerous_plain_http(self) -> Self {
        Self { plain_http: true, ..self }
    }
}

/// [`OAuth`] whose profiles are made by a hook; see [`OAuth::profile_by_hook`].
#[derive(Debug)]
#[must_use]
pub struct ProfileByHook(pub(super) OAuth);

impl fmt::Debug for OAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuth")
            .field("origin", &self.origin)
            .field("providers", &self.providers)
            .finish_non_exhaustive()
    }
}
