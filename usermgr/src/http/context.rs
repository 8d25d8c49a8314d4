//! The context of a request: its parts go in, and the [`Context`] that the operations take comes out, the same for the library's own
//! routes and for handlers of an application.

use std::{fmt, marker::PhantomData, net::IpAddr, ops::Deref};

use ::http::{HeaderValue, header, request::Parts};

use super::{Guard, Problem, forwarded, identify::identify};
use crate::{
    context::{Actor, Context},
    manager::UserManager,
    session::Principal,
    store::UserStore,
};

/// The [`Context`] of a request to a handler of the application, filled as the library's own routes fill it: the client's address,
/// as far as [trusted proxies](crate::engine::EngineBuilder::trusted_proxies) report it, the user agent, the request's id, its parts among the
/// extensions, and as the actor the active user of the request, with the session.
///
/// It is an extractor of both frameworks, and dereferences to the context. Applications give it a short name: `type RequestContext =
/// usermgr::axum::RequestContext<Accounts>;`. Beside an extractor for the user, the user is looked up a second time.
///
/// ```
/// # use std::sync::Arc;
/// # use usermgr::prelude::*;
/// # struct Accounts { engine: Engine<MemoryStore> }
/// # #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
/// # impl Accounts {}
/// use usermgr::http::{CurrentUser, Outgoing, Problem, RequestContext};
///
/// /// Ends the user's other sessions: the context names the one that stays.
/// async fn leave_elsewhere(
///     accounts: Arc<Accounts>,
///     user: CurrentUser<Accounts>,
///     cx: RequestContext<Accounts>,
/// ) -> Result<Outgoing, Problem> {
///     accounts.revoke_others(&user, &cx).await?;
///     Ok(Outgoing::empty(http::StatusCode::NO_CONTENT))
/// }
/// ```
pub struct RequestContext<M> {
    context: Context,
    manager: PhantomData<fn() -> M>,
}

impl<M: UserManager> RequestContext<M> {
    /// The context of a request whose connection comes from this address, if the server knows it.
    ///
    /// # Errors
    /// 403 for a request that relies on a cookie and may be forged. 503 if the store fails. A request without a user is not an error: its context
    /// has no actor.
    pub async fn of(manager: &M, parts: &Parts, ip: Option<IpAddr>) -> Result<Self, Problem> {
        let principal = identify(manager, parts).await?;
        let principal = Guard::active().during_setup().admit(manager.engine_ref(), principal).ok();
        let ip = client(manager, parts, ip);
        Ok(Self { context: context(parts.clone(), ip, principal.as_ref()), manager: PhantomData })
    }

    /// Returns the context by value.
    pub fn into_context(self) -> Context {
        self.context
    }
}

impl<M> Deref for RequestContext<M> {
    type Target = Context;

    fn deref(&self) -> &Context {
        &self.context
    }
}

impl<M> fmt::Debug for RequestContext<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RequestContext").field(&self.context).finish()
    }
}

/// The context of a request, with its parts as an extension.
pub(super) fn context<S: UserStore>(parts: Parts, ip: Option<IpAddr>, principal: Option<&Principal<S>>) -> Context {
    let header = |name| parts.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).map(str::to_owned);
    let mut cx = Context {
        ip,
        user_agent: header(header::USER_AGENT.as_str()),
        request_id: header("x-request-id"),
        languages: header(header::ACCEPT_LANGUAGE.as_str()).map(whole_languages),
        actor: principal.map(Actor::of),
        ..Context::default()
    };
    cx.extensions.insert(parts);
    cx
}

/// The header, truncated to 200 bytes after a complete element.
fn whole_languages(mut header: String) -> String {
    const MOST: usize = 200;
    if header.len() > MOST {
        header.truncate(header.floor_char_boundary(MOST));
        header.truncate(header.rfind(',').unwrap_or_default());
    }
    header
}

/// The address of the client, also behind trusted proxies. `ip` is the other end of the connection.
pub(crate) fn client<M: UserManager>(manager: &M, parts: &Parts, ip: Option<IpAddr>) -> Option<IpAddr> {
    let engine = manager.engine_ref();
    let (proxies, forwarded) = engine.proxies();
    let mut known = ip;
    if proxies > 0 {
        match forwarded::client(&parts.headers, proxies, forwarded) {
            Ok(address) => known = Some(address),
            Err(reason) => engine.misread().call_once(|| {
                tracing::warn!(
                    target: "usermgr",
                    proxies, reason,
                    "the address of a client behind the trusted proxies is unknown: all such clients count as one, under that of the \
                     connection. Said once"
                );
            }),
        }
    }
    // Behind proxies, only they know the address; the missing part was logged above.
    if known.is_none() && proxies == 0 {
        engine.unaddressed().call_once(|| {
            tracing::warn!(
                target: "usermgr",
                "a request came without the address of its client: all clients share one limit, and sessions and events have no address. \
                 Serve with `usermgr::axum::serve`, or with axum's `into_make_service_with_connect_info::<SocketAddr>()`. Said once"
            );
        });
    }
    known
}
