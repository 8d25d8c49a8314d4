//! HTTP without a framework: a request for one of the [`Routes`] goes in, and an [`Outgoing`] comes out. An adapter converts the two and
//! wraps [`identify`] in its extractors. It does not need to know anything else.

mod answer;
#[cfg(feature = "oauth-bare")]
mod app_redirects;
mod body;
mod captcha;
mod context;
mod cookie;
mod csrf;
mod endpoints;
mod forwarded;
mod guard;
mod identify;
mod incoming;
mod keys;
mod manager;
#[cfg(feature = "pages")]
mod pending;
mod redirect;
mod refusal;
mod requires;
mod route;
mod routes;
#[cfg(any(feature = "axum", feature = "actix"))]
pub(crate) mod stream;
mod tokens;
mod trace;
mod user;

use std::{fmt, net::SocketAddr, time::Duration};

use ::http::{HeaderMap, StatusCode};
use bytes::Bytes;

use crate::manager::UserManager;

#[cfg(feature = "cache")]
pub use crate::cache::PrincipalCache;
pub use answer::Problem;
#[cfg(feature = "oauth-bare")]
pub(crate) use app_redirects::AppRedirects;
pub(crate) use body::Fields;
#[cfg(feature = "axum")]
pub(crate) use body::refused_json;
#[cfg(feature = "pages")]
pub(crate) use body::{form_pairs, lookup_address};
pub(crate) use captcha::Asked;
#[cfg(feature = "pages")]
pub(crate) use captcha::captcha_of;
pub use context::RequestContext;
#[cfg(feature = "pages")]
pub(crate) use context::client;
pub(crate) use csrf::check as check_origin;
#[cfg(feature = "oauth-bare")]
pub(crate) use csrf::check_reader;
pub(crate) use endpoints::{answer, endpoints, table};
pub use guard::Guard;
#[cfg(any(feature = "oauth-bare", feature = "pages"))]
pub(crate) use identify::cookies;
pub use identify::identify;
pub(crate) use identify::{demand, recognize};
#[cfg(any(feature = "oauth-bare", feature = "passkeys"))]
pub(crate) use incoming::invalid_parameter;
pub(crate) use incoming::{Incoming, admitted, login_backend_of};
#[cfg(feature = "oauth-bare")]
pub(crate) use incoming::{pairs_of, query_pairs};
pub use keys::ApiKeyOwner;
pub use manager::IntoManager;
#[cfg(all(feature = "oauth-bare", feature = "pages"))]
pub(crate) use pending::AsksForFactors;
#[cfg(feature = "pages")]
pub(crate) use pending::{PENDING_COOKIE, PENDING_SPAN, pending_value};
pub use redirect::{RedirectOrigins, RedirectTarget};
pub use requires::Requires;
#[cfg(feature = "openapi")]
pub(crate) use route::{ACCEPT, INVITE, REGISTER, UPDATE, UPDATE_ME};
pub(crate) use route::{Caller, SEARCH, Success, Takes};
pub use route::{Endpoint, Route};
pub(crate) use routes::Answer;
#[cfg(feature = "pages")]
pub(crate) use routes::parameter;
pub use routes::{Mounted, Routes};
pub(crate) use tokens::add_tokens;
#[cfg(feature = "pages")]
pub(crate) use trace::{note_answer, span as request_span};
pub use user::{CurrentUser, Fresh, FreshStrong, Strong, Superuser, Verified, VerifiedSuperuser};

/// The largest request body that is read, in bytes. Adapters answer a larger one with [`Problem::too_large`].
pub const MAX_BODY: usize = 64 * 1024;

/// How long the adapters wait for the next piece of a request body. They answer a slower one with [`Problem::timed_out`].
pub const PIECE_PATIENCE: Duration = Duration::from_secs(30);

/// How long the adapters wait for a whole request body, so that a body cannot take hours in small pieces.
pub const BODY_PATIENCE: Duration = Duration::from_secs(60);

/// JSON from elsewhere; `None` for what is not JSON, and if a name occurs twice in an object.
#[cfg(feature = "oauth-bare")]
pub(crate) fn read_json(text: &[u8]) -> Option<serde_json::Value> {
    body::parse_json(text).ok()
}

/// Refuses every request if the manager does not pass [`check`](crate::Operations::check), however it was mounted.
fn demand_sound<M: UserManager>(manager: &M) -> Result<(), Problem> {
    match manager.engine_ref().unsound(|| manager.settings()) {
        None => Ok(()),
        Some(error) => {
            tracing::error!(target: "usermgr", %error, "nothing is served, since the manager does not pass its check");
            Err(Problem::misconfigured())
        }
    }
}

/// A response: [JSON](Self::json), a [page](Self::html), a [redirect](Self::redirect) or [nothing](Self::empty).
///
/// Its `Debug` shows neither the values of headers nor the body, which may hold a token.
#[derive(Clone)]
#[non_exhaustive]
pub struct Outgoing {
    /// The status.
    pub status: StatusCode,
    /// The headers, complete.
    pub headers: HeaderMap,
    /// The body: JSON, a page or nothing.
    pub body: Bytes,
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing")
            .field("status", &self.status)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}

/// What to print when a server listens: the address, and two commands to try.
///
/// ```
/// let text = usermgr::http::greeting("127.0.0.1:8000".parse()?);
/// assert!(text.starts_with("listening on http://127.0.0.1:8000"));
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
pub fn greeting(address: SocketAddr) -> String {
    format!(
        "listening on http://{address}\n\
         \n\
         curl -X POST http://{address}/auth/register -H 'content-type: application/json' \\\n    \
             -d '{{\"email\": \"ada@example.com\", \"password\": \"correct horse battery\"}}'\n\
         curl -X POST http://{address}/auth/bearer/login -d username=ada@example.com -d 'password=correct horse battery'"
    )
}
