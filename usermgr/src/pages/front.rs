//! The pages of a manager, as an adapter mounts them: a request goes in, and a page, a redirect or a file comes out.

use std::{fmt, net::IpAddr, sync::Arc};

use ::http::{Method, request::Parts};
use bytes::Bytes;
use tracing::Instrument as _;

use super::{failure::Failure, installed::Installed, row::Page, table::PAGES, visit::Visit};
use crate::{
    config_error::ConfigError,
    engine::Engine,
    http::{Mounted, Outgoing, Problem, Routes, note_answer, request_span},
    manager::UserManager,
    store::{Directory, SessionStore},
};

/// The pages of a manager for a framework that has no adapter here. [`axum::pages`](crate::axum::pages) and
/// [`actix::pages`](crate::actix::pages) are made of it.
///
/// ```
/// use std::{net::IpAddr, sync::Arc};
/// use bytes::Bytes;
/// use http::request::Parts;
/// use usermgr::{http::Outgoing, pages::{Front, Page}, prelude::*};
/// # struct Accounts { engine: Engine<MemoryStore> }
/// # #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
/// # impl Accounts {}
///
/// // The framework matches a GET of each page that is shown, and a POST of each that takes forms.
/// let paths: Vec<_> = Front::<Accounts>::pages().filter(|page| page.is_shown()).map(|page| page.path()).collect();
/// assert!(paths.contains(&"/account/sign-in"));
///
/// async fn answer(
///     front: Arc<Front<Accounts>>,
///     page: &'static Page,
///     accounts: Arc<Accounts>,
///     (parts, body): (Parts, Bytes),
///     ip: Option<IpAddr>,
/// ) -> Outgoing {
///     front.answer(page, accounts, parts, Ok(body), ip).await
/// }
/// ```
pub struct Front<M> {
    /// The routes that pages ask.
    routes: Vec<Mounted<M>>,
}

impl<M: UserManager<Store: SessionStore + Directory>> Front<M> {
    /// Makes them, once for all requests.
    pub fn new() -> Arc<Self> {
        Arc::new(Self { routes: Routes::all().and(Routes::of_parts()).into_iter().collect() })
    }

    /// Returns the pages to mount. A fixed path comes before one with a parameter in its place.
    pub fn pages() -> impl Iterator<Item = &'static Page> {
        PAGES.iter()
    }

    /// Returns whether an engine has pages.
    ///
    /// # Errors
    /// Its pages can sign no user in, since the backend does not exist or has no suitable cookie.
    pub fn is_served_by(engine: &Engine<M::Store>) -> Result<bool, ConfigError> {
        match engine.kept::<Arc<Installed>>() {
            Some(installed) => installed.cookie(engine).map(|_| true),
            None => Ok(false),
        }
    }

    /// Answers a request that a framework has matched with a page. The body is complete, or an error, as for
    /// [`Mounted::answer`](crate::http::Mounted::answer). An engine without pages answers with 404.
    pub async fn answer(
        &self,
        page: &'static Page,
        manager: Arc<M>,
        parts: Parts,
        body: Result<Bytes, Problem>,
        ip: Option<IpAddr>,
    ) -> Outgoing {
        let span = request_span(page.path, &parts, manager.engine_ref().proxies());
        let answer = self.handle(page, &manager, parts, body, ip).instrument(span.clone()).await;
        note_answer(&span, answer.status);
        answer
    }

    async fn handle(
        &self,
        page: &'static Page,
        manager: &Arc<M>,
        parts: Parts,
        body: Result<Bytes, Problem>,
        ip: Option<IpAddr>,
    ) -> Outgoing {
        let Some(installed) = manager.engine_ref().kept::<Arc<Installed>>() else {
            return Problem::not_found().into_outgoing();
        };
        let cookie = match installed.cookie(manager.engine_ref()) {
            Ok(cookie) => cookie,
            Err(error) => {
                tracing::error!(target: "usermgr", %error, "no page is shown");
                return Problem::misconfigured().into_outgoing();
            }
        };
        let is_form = parts.method == Method::POST;
        let mut visit = Visit::new(&self.routes, manager, installed, page, parts, ip, cookie);
        let reply = match body {
            Err(problem) => visit.refused(problem.into()).await,
            Ok(_) if !installed.has(page) => visit.refused(Failure::not_found()).await,
            Ok(body) if is_form => visit.act(&body).await,
            Ok(_) if !visit.serves(page) => visit.refused(Failure::not_found()).await,
            Ok(_) => visit.show().await,
        };
        visit.answer(reply)
    }
}

impl<M> fmt::Debug for Front<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Front").finish_non_exhaustive()
    }
}
