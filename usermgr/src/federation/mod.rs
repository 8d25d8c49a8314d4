//! Other providers: how they are configured, called and believed. It knows protocols and providers, but no accounts: what
//! goes in is a callback, and what comes out is what a provider says about a user, and tokens that may be kept.

mod builder;
mod cache;
mod client;
mod exchange;
mod flow;
mod id_token;
mod issuer;
mod keys;
mod metadata;
mod nonce;
mod oauth2;
mod part;
mod presets;
mod provider;
mod reader;
mod remote;
mod renewal;
mod revocation;
mod secret;
mod tokens;
#[cfg(feature = "oauth")]
mod transport;
mod url;

pub use builder::{OAuth, ProfileByHook};
pub use client::{HttpClient, HttpError};
pub(crate) use flow::{CookieValue, Ending, Flow, FlowKind, Holder, NoFlow, Resumed, Started};
pub(crate) use nonce::{Awaited, Nonce};
pub use oauth2::OAuth2;
pub(crate) use part::{Installed, NAME};
pub use presets::Tenant;
pub use provider::{AuthMethod, Provider};
pub use reader::{Api, IdentityReader, ProviderError, RemoteIdentity};
pub(crate) use remote::{Answer, AuthorizationRequest, Identified, NativeAnswer, Remote};
pub use secret::{AppleKey, ClientSecret};
pub use tokens::ProviderToken;
pub(crate) use tokens::{Kept, Tokens};
#[cfg(feature = "oauth")]
pub use transport::Transport;
