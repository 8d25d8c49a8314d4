//! Sign-in through other providers: OAuth 2.0 with PKCE, and OpenID Connect. The engine gets the part [`OAuth`] with its
//! providers, and the routes do the rest.
//!
//! ```
//! use usermgr::{Engine, MemoryStore, oauth::{ClientSecret, OAuth, Provider}};
//!
//! let oauth = OAuth::at("https://shop.example")
//!     .provider(Provider::google("our-id", ClientSecret::new("our-client-secret")))
//!     .provider(Provider::oidc("corp", "https://id.corp.example", "our-id", ClientSecret::new("our-client-secret")));
//! # #[cfg(feature = "oauth")] {
//! let engine: Engine<MemoryStore> = Engine::new(MemoryStore::new()).with(oauth)?;
//! assert!(engine.has_part("oauth"));
//! # }
//! # Ok::<(), usermgr::ConfigError>(())
//! ```

#[cfg(feature = "oauth")]
#[doc(inline)]
pub use crate::federation::Transport;
pub use crate::{
    federation::{
        Api, AppleKey, AuthMethod, ClientSecret, HttpClient, HttpError, IdentityReader, OAuth, OAuth2, ProfileByHook,
        Provider, ProviderError, ProviderToken, RemoteIdentity, Tenant,
    },
    slices::{LinkedIdentity, OAuthError},
    user::OAuthClaims,
};
