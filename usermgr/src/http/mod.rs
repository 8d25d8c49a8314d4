//! HTTP without a framework: a request of one of the [`Routes`] goes in, and an [`Outgoing`] comes out. An adapter converts the two and
//! wraps [`identify`] in its extractors; it needs to know nothing else.

mod answer;
mod body;
mod csrf;
mod forwarded;
mod guard;
mod handlers;
mod identify;
mod route;
mod routes;
mod user;

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use ::http::{HeaderMap, StatusCode, header, request::Parts};
use bytes::Bytes;

use crate::{
    context::{Actor, Context},
    manager::UserManager,
    session::Principal,
    store::{Directory, UserStore},
};

pub use answer::Problem;
pub use guard::Guard;
pub use identify::identify;
pub use route::{DIRECTORY_ROUTES, Endpoint, ROUTES, Route};
pub use routes::{Mounted, Routes};
pub use user::{CurrentUser, Fresh, Superuser, Verified, VerifiedSuperuser};

/// The largest request body that is read, in bytes. Adapters answer a larger one with [`Problem::too_large`].
pub const MAX_BODY: usize = 64 * 1024;

/// A request for one of the routes.
#[derive(Debug)]
pub struct Incoming {
    /// Method, address, headers. Hooks find them in [`Context::extensions`].
    pub parts: Parts,
    /// The value of the route's one path parameter, percent-decoded; `None` without one, and for one that is not UTF-8.
    pub param: Option<String>,
    /// The whole body, at most [`MAX_BODY`] bytes.
    pub body: Bytes,
    /// The address at the other end of the connection, if the server knows it.
    pub ip: Option<IpAddr>,
}

impl Incoming {
    /// The circumstances for the operation; the parts of the request go along as an extension.
    fn into_context<S: UserStore>(self, principal: Option<&Principal<S>>) -> Context {
        let header = |name| {
            self.parts.headers.get(name).and_then(|value: &::http::HeaderValue| value.to_str().ok()).map(str::to_owned)
        };
        let mut cx = Context {
            ip: self.ip,
            user_agent: header(header::USER_AGENT.as_str()),
            request_id: header("x-request-id"),
            actor: principal.map(|p| Actor::User { id: p.user().id.to_string(), session: p.session.clone() }),
            ..Context::default()
        };
        cx.extensions.insert(self.parts);
        cx
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The status.
    pub status: StatusCode,
    /// The headers, complete.
    pub headers: HeaderMap,
    /// The body: JSON or nothing.
    pub body: Bytes,
}

/// Answers a request for one of the [`ROUTES`].
pub async fn handle<M: UserManager>(manager: &Arc<M>, endpoint: Endpoint, mut request: Incoming) -> Outgoing {
    use handlers::{auth, users};
    request.ip = forwarded::client(request.ip, &request.parts.headers, manager.engine_ref().trusted_proxies());
    let answer = match endpoint {
        Endpoint::Login => auth::login(&**manager, request).await,
        Endpoint::Logout => auth::logout(&**manager, request).await,
        Endpoint::Register => auth::register(&**manager, request).await,
        Endpoint::RequestVerify => auth::request_verify(manager, request).await,
        Endpoint::Verify => auth::verify(&**manager, request).await,
        Endpoint::ForgotPassword => auth::forgot_password(manager, request).await,
        Endpoint::ResetPassword => auth::reset_password(&**manager, request).await,
        Endpoint::ChangePassword => auth::change_password(&**manager, request).await,
        Endpoint::RequestEmailChange => auth::request_email_change(manager, request).await,
        Endpoint::ConfirmEmailChange => auth::confirm_email_change(&**manager, request).await,
        Endpoint::Me => users::me(&**manager, request).await,
        Endpoint::UpdateMe => users::update_me(&**manager, request).await,
        Endpoint::DeleteMe => users::delete_me(&**manager, request).await,
        Endpoint::User => users::user(&**manager, request).await,
        Endpoint::UpdateUser => users::update_user(&**manager, request).await,
        Endpoint::DeleteUser => users::delete_user(&**manager, request).await,
        Endpoint::ListUsers => Err(Problem::not_found()),
    };
    answer.unwrap_or_else(Problem::into_outgoing)
}

/// Answers a request for one of the [`DIRECTORY_ROUTES`], which need a store that can list.
pub async fn handle_directory<M: UserManager<Store: Directory>>(manager: &Arc<M>, request: Incoming) -> Outgoing {
    handlers::users::list_users(&**manager, request).await.unwrap_or_else(Problem::into_outgoing)
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
