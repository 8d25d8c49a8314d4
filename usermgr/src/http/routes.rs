//! Which routes are mounted, and where: a choice from the tables goes in, and what an adapter mounts and a document describes comes out.

use std::{fmt, future::Future, net::IpAddr, pin::Pin, sync::Arc};

use ::http::{Method, request::Parts};
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use tracing::Instrument as _;

use super::{Endpoint, Incoming, Outgoing, Problem, Route, trace};
use crate::{engine::Engine, manager::UserManager, store::UserStore};

/// The function that handles a route, whose bound on the store is already met.
pub(crate) type Answer<M> = fn(Arc<M>, Incoming) -> Answering;

/// A route at work. It is on the heap, where it is not moved.
pub(crate) type Answering = Pin<Box<dyn Future<Output = Outgoing> + Send>>;

/// A choice of routes for the manager `M`. The adapters mount it, and the document describes it, so that the two cannot disagree.
///
/// ```
/// use usermgr::{http::{Endpoint, Routes}, prelude::*};
///
/// struct Accounts { engine: Engine<MemoryStore> }
///
/// #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
/// impl Accounts {}
///
/// // Without registration, and everything else under /api.
/// let routes = Routes::<Accounts>::all().without(&[Endpoint::Register]).prefix("/api");
/// assert!(routes.iter().all(|route| route.path().starts_with("/api/") && route.endpoint() != Endpoint::Register));
///
/// // Two routes under another prefix, the others where they were.
/// let logins = [Endpoint::Login, Endpoint::Logout];
/// let routes = Routes::<Accounts>::all().only(&logins).prefix("/public").and(Routes::all().without(&logins));
/// assert_eq!(routes.iter().next().map(|route| route.path()), Some("/public/auth/{backend}/login"));
/// ```
#[must_use]
pub struct Routes<M>(Vec<Mounted<M>>);

/// A route at its place.
pub struct Mounted<M> {
    route: &'static Route,
    path: String,
    answer: Answer<M>,
}

impl<M: UserManager> Routes<M> {
    /// Leaves out the routes that need a part which the engine does not have, as [`router`](crate::guide::frameworks) does. If they are mounted,
    /// they respond with 404.
    pub fn served_by(mut self, engine: &Engine<M::Store>) -> Self {
        self.0.retain(|route| route.is_served_by(engine));
        self
    }
}

impl<M> Routes<M> {
    pub(crate) fn of(routes: Vec<Mounted<M>>) -> Self {
        Self(routes)
    }

    /// Leaves these routes out.
    pub fn without(mut self, endpoints: &[Endpoint]) -> Self {
        self.0.retain(|route| !endpoints.contains(&route.route.endpoint));
        self
    }

    /// Keeps only these routes.
    pub fn only(mut self, endpoints: &[Endpoint]) -> Self {
        self.0.retain(|route| endpoints.contains(&route.route.endpoint));
        self
    }

    /// Puts a prefix before the path of each route: one or more segments, as in `/api/v1`.
    pub fn prefix(mut self, prefix: &str) -> Self {
        let prefix = prefix.trim_matches('/');
        if !prefix.is_empty() {
            for route in &mut self.0 {
                route.path = format!("/{prefix}{}", route.path);
            }
        }
        self
    }

    /// Both choices together. If two routes have the same method and path, the first one stays.
    pub fn and(mut self, others: Self) -> Self {
        for route in others.0 {
            if !self.0.iter().any(|known| known.route.method == route.route.method && known.path == route.path) {
                self.0.push(route);
            }
        }
        self
    }

    /// The routes in the order of the tables: a fixed path comes before one with a parameter in its place.
    pub fn iter(&self) -> std::slice::Iter<'_, Mounted<M>> {
        self.0.iter()
    }
}

impl<M> IntoIterator for Routes<M> {
    type Item = Mounted<M>;
    type IntoIter = std::vec::IntoIter<Mounted<M>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<M> Mounted<M> {
    pub(crate) fn of(route: &'static Route, answer: Answer<M>) -> Self {
        Self { route, path: route.path.to_owned(), answer }
    }

    /// Which endpoint handles it.
    pub fn endpoint(&self) -> Endpoint {
        self.route.endpoint
    }

    /// Its row.
    pub fn route(&self) -> &'static Route {
        self.route
    }

    /// The method; a `GET` route answers `HEAD` too.
    pub fn method(&self) -> &Method {
        &self.route.method
    }

    /// The path, prefix included, with its parameter in braces.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether an engine has the part that the route needs.
    pub(crate) fn is_served_by<S: UserStore>(&self, engine: &Engine<S>) -> bool {
        self.route.parts.iter().flatten().all(|part| engine.has_part(part))
    }
}

impl<M: UserManager> Mounted<M> {
    /// Handles a request that a framework has matched with this route, in its span of [`tracing`]. The body is complete, or an error:
    /// [`Problem::too_large`] beyond [`MAX_BODY`](super::MAX_BODY), [`Problem::unreadable`] if it is incomplete.
    pub async fn answer(
        &self,
        manager: Arc<M>,
        parts: Parts,
        body: Result<Bytes, Problem>,
        ip: Option<IpAddr>,
    ) -> Outgoing {
        let span = trace::span(&self.path, &parts, manager.engine_ref().proxies());
        let answering = self.handle(manager, parts, body, ip);
        if span.is_disabled() {
            // Entering it at each poll would be for nothing.
            return answering.await;
        }
        let answer = answering.instrument(span.clone()).await;
        trace::note_answer(&span, answer.status);
        answer
    }

    fn handle(&self, manager: Arc<M>, parts: Parts, body: Result<Bytes, Problem>, ip: Option<IpAddr>) -> Answering {
        let problem = match body {
            _ if !self.is_served_by(manager.engine_ref()) => Problem::not_found(),
            Ok(body) => {
                let param = parameter(&self.path, parts.uri.path());
                return (self.answer)(manager, Incoming { parts, param, body, ip });
            }
            Err(problem) => problem,
        };
        Box::pin(std::future::ready(problem.into_outgoing()))
    }
}

/// The value of the last parameter of a matched path, percent-decoded. It is counted from the end, because a framework may
/// have put a prefix before it. A value that is not UTF-8 names nothing; only a caller with the right to know receives the 404.
pub(crate) fn parameter(pattern: &str, path: &str) -> Option<String> {
    let parameter = &pattern[pattern.rfind('{')?..];
    let value = path.rsplit('/').nth(parameter.matches('/').count())?;
    Some(percent_decode_str(value).decode_utf8().ok()?.into_owned())
}

// Derived implementations would require the same of the manager.
impl<M> Clone for Routes<M> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<M> Clone for Mounted<M> {
    fn clone(&self) -> Self {
        Self { route: self.route, path: self.path.clone(), answer: self.answer }
    }
}

impl<M> fmt::Debug for Routes<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0).finish()
    }
}

impl<M> fmt::Debug for Mounted<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.route.method, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        engine::{EngineBuilder, Part},
        http::endpoints,
        prelude::*,
    };

    struct Accounts {
        engine: Engine<MemoryStore>,
    }

    #[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
    impl Accounts {}

    struct Badges;

    impl<S> Part<S> for Badges {
        fn name(&self) -> &'static str {
            "shop:badges"
        }

        fn install(self, _: &mut EngineBuilder<S>) {}
    }

    endpoints! {
        every_store {
            /// The badges.
            badges => Route::get("/badges", Badges, "badges:list").summary("List badges").needs("shop:badges");
        }
    }

    async fn badges<M: UserManager>(_: &Arc<M>, _: Incoming) -> Result<Outgoing, Problem> {
        Ok(Outgoing::no_content())
    }

    #[tokio::test]
    async fn a_route_is_there_where_its_part_is() {
        assert!(SESSIONS.is_empty() && DIRECTORY.is_empty() && PARTS.is_empty());
        assert!(sessions::<Accounts>().is_empty() && directory::<Accounts>().is_empty());
        assert!(parts::<Accounts>().is_empty());
        for (engine, status) in
            [(Engine::new(MemoryStore::new()), 404), (Engine::new(MemoryStore::new()).with(Badges).unwrap(), 204)]
        {
            let accounts = Arc::new(Accounts { engine });
            let routes = || Routes::<Accounts>::of(every_store());
            assert_eq!(
                routes().served_by(&accounts.engine).iter().count(),
                EVERY_STORE.len() * usize::from(status == 204)
            );
            let (parts, ()) = ::http::Request::get("/badges").body(()).unwrap().into_parts();
            let answer = routes().into_iter().next().unwrap().answer(accounts, parts, Ok(Bytes::new()), None).await;
            assert_eq!(answer.status, status);
        }
    }

    #[test]
    fn the_parameter_is_found_whatever_stands_before_it() {
        for (pattern, path, expected) in [
            ("/users/{id}", "/users/7", Some("7")),
            ("/users/{id}", "/api/v1/users/7", Some("7")),
            ("/auth/{backend}/login", "/auth/jwt/login", Some("jwt")),
            ("/{tenant}/users/{id}", "/acme/users/a%2Fb%20c", Some("a/b c")),
            ("/users/{id}", "/users/%ff", None),
            ("/users/me", "/users/me", None),
        ] {
            assert_eq!(parameter(pattern, path).as_deref(), expected, "{pattern} {path}");
        }
    }
}
