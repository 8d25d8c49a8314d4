//! The response to a login or a refresh: its tokens go in, and the fields of a body or a cookie come out, as the transport of the backend
//! requires.

use std::time::Duration;

use ::http::{HeaderName, HeaderValue, StatusCode, request::Parts};
use serde_json::{Map, Value};

use super::{Outgoing, Problem, csrf};
use crate::{
    context::Context,
    login::LoggedIn,
    manager::UserManager,
    session::{Login, Transport},
    token::{AccessToken, RefreshToken},
};

impl Outgoing {
    /// The response to a login, as the library's own route sends it: the tokens in the body, or a cookie, with the headers and fields that
    /// `on_after_login` added. A cookie comes with 204, or with 200 and the added fields if there are any.
    ///
    /// For a login in a handler of the application. The context must be that of the request
    /// ([`RequestContext`](super::RequestContext)). A cookie is given only to pages of the same origin or an
    /// [allowed one](crate::engine::EngineBuilder::allow_origin), since a forged login would log a person in to another person's account.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use usermgr::prelude::*;
    /// # struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
    /// # impl Accounts {}
    /// use usermgr::http::{Outgoing, Problem, RequestContext};
    ///
    /// async fn log_in(
    ///     accounts: Arc<Accounts>,
    ///     cx: RequestContext<Accounts>,
    ///     credentials: Credentials,
    /// ) -> Result<Outgoing, Problem> {
    ///     let logged_in = accounts.login(credentials, "cookie", &cx).await?;
    ///     Outgoing::logged_in(&*accounts, logged_in, &cx)
    /// }
    /// ```
    ///
    /// # Errors
    /// 403 for a cookie that a page of another origin has asked for. 500 for a cookie that browsers would not take, and for a context
    /// without a request.
    pub fn logged_in<M: UserManager>(
        manager: &M,
        logged_in: LoggedIn<M::Store>,
        cx: &Context,
    ) -> Result<Self, Problem> {
        let engine = manager.engine_ref();
        let LoggedIn { token, refresh, expires_in, login, .. } = logged_in;
        let Login { session, headers, mut fields, .. } = login;
        let backend = engine.backend(&session.backend).ok_or_else(Problem::misconfigured)?;
        let mut answer = match backend.transport() {
            transport @ (Transport::Bearer | Transport::Header(_)) => {
                add_tokens(&mut fields, transport, &token, refresh.as_ref(), expires_in);
                Self::json(StatusCode::OK, &fields)?
            }
            Transport::Cookie(cookie) => {
                let Some(parts) = cx.extensions.get::<Parts>() else {
                    tracing::error!(target: "usermgr", backend = backend.name(), "a cookie is given to a request alone: pass its `RequestContext`");
                    return Err(Problem::misconfigured());
                };
                csrf::check(parts, engine.allowed_origins())?;
                // A browser would ignore it silently, and the login would have no effect.
                if !cookie.can_carry(token.expose()) {
                    tracing::error!(target: "usermgr", backend = backend.name(), "the token is longer than a cookie can be");
                    return Err(Problem::misconfigured());
                }
                let answer = match fields.is_empty() {
                    true => Self::no_content(),
                    false => Self::json(StatusCode::OK, &fields)?,
                };
                answer.with_cookie(&cookie.set(token.expose()))
            }
        };
        for (name, value) in headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                answer.headers.append(name, value);
            }
        }
        Ok(answer)
    }
}

/// The fields of an OAuth 2.0 answer (RFC 6749, 5.1). The type says how a client presents the token (7.1).
pub(crate) fn add_tokens(
    fields: &mut Map<String, Value>,
    transport: &Transport,
    token: &AccessToken,
    refresh: Option<&RefreshToken>,
    expires_in: Option<Duration>,
) {
    let kind = if matches!(transport, Transport::Header(_)) { "api_key" } else { "bearer" };
    fields.insert("access_token".into(), token.expose().into());
    fields.insert("token_type".into(), kind.into());
    if let Some(refresh) = refresh {
        fields.insert("refresh_token".into(), refresh.expose().into());
    }
    if let Some(expires_in) = expires_in {
        fields.insert("expires_in".into(), expires_in.as_secs().into());
    }
}
