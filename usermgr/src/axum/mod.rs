//! axum: the routes as a [`Router`](::axum::Router), and extractors for handlers of the application's own.

mod extract;
mod mount;

use std::net::SocketAddr;

pub use extract::{CurrentUser, Fresh, Superuser, Verified, VerifiedSuperuser};
pub use mount::{directory_routes, not_found, router, routes, session_routes};

/// What to print when the server listens: the address, and two commands to try.
///
/// ```
/// let text = usermgr::axum::greeting("127.0.0.1:8000".parse()?);
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
