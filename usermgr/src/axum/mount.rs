//! The routes, mounted: each request becomes an [`Incoming`], each [`Outgoing`] a response.

use std::{net::SocketAddr, sync::Arc};

use ::axum::{
    Router,
    body::{Body, to_bytes},
    extract::{ConnectInfo, FromRef, FromRequestParts, RawPathParams, Request, State},
    response::{IntoResponse, Response},
    routing::{MethodFilter, on},
};

use crate::{
    error::ConfigError,
    http::{self, Incoming, Outgoing, Problem, Route},
    manager::UserManager,
    operations::Operations,
    store::{Directory, SessionStore},
};

/// All routes, ready to be served. The manager is checked first: nothing listens with a missing secret.
///
/// ```
/// use usermgr::prelude::*;
///
/// struct Accounts { engine: Engine<MemoryStore> }
///
/// #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
/// impl Accounts {}
///
/// let accounts = Accounts { engine: Engine::new(MemoryStore::new()) };
/// let app: axum::Router = usermgr::axum::router(accounts)?;
/// # let _ = app;
/// # Ok::<(), usermgr::ConfigError>(())
/// ```
///
/// # Errors
/// [`ConfigError`] lists all that is wrong.
pub fn router<M: UserManager<Store: SessionStore + Directory>>(manager: M) -> Result<Router, ConfigError> {
    manager.check()?;
    let routes = routes::<M, Arc<M>>().merge(session_routes::<M, Arc<M>>()).merge(directory_routes::<M, Arc<M>>());
    Ok(routes.fallback(not_found).with_state(Arc::new(manager)))
}

/// The routes that every store can serve, for an application with a state of its own, from which the manager can be taken.
/// Call [`Operations::check`] before serving.
///
/// ```
/// # use std::sync::Arc;
/// # use usermgr::prelude::*;
/// # struct Accounts { engine: Engine<MemoryStore> }
/// # #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
/// # impl Accounts {}
/// use axum::{Router, extract::FromRef, routing::get};
///
/// type CurrentUser = usermgr::axum::CurrentUser<Accounts>;
///
/// #[derive(Clone)]
/// struct App { accounts: Arc<Accounts> }
///
/// impl FromRef<App> for Arc<Accounts> {
///     fn from_ref(app: &App) -> Self { app.accounts.clone() }
/// }
///
/// async fn hello(user: CurrentUser) -> String {
///     format!("hello, {}", user.email)
/// }
///
/// fn app(accounts: Accounts) -> Router {
///     Router::new()
///         .route("/hello", get(hello))
///         .merge(usermgr::axum::routes::<Accounts, App>())
///         .with_state(App { accounts: Arc::new(accounts) })
/// }
/// ```
///
/// A router that never gets a state with the manager in it does not compile where it is served: "expected `MethodRouter`, found
/// `MethodRouter<Arc<Accounts>>`".
pub fn routes<M, S>() -> Router<S>
where
    M: UserManager,
    S: Clone + Send + Sync + 'static,
    Arc<M>: FromRef<S>,
{
    let router = http::ROUTES.iter().fold(Router::new(), |router, route| {
        let endpoint = route.endpoint;
        let answer = async move |State(manager): State<Arc<M>>, request: Request| match incoming(request).await {
            Ok(request) => respond(http::handle(&manager, endpoint, request).await),
            Err(problem) => respond(problem.into_outgoing()),
        };
        router.route(route.path, on(method(route), answer))
    });
    router.method_not_allowed_fallback(not_allowed)
}

/// The routes that need a store that keeps sessions: a user's own list, and refreshing.
pub fn session_routes<M, S>() -> Router<S>
where
    M: UserManager<Store: SessionStore>,
    S: Clone + Send + Sync + 'static,
    Arc<M>: FromRef<S>,
{
    let router = http::SESSION_ROUTES.iter().fold(Router::new(), |router, route| {
        let endpoint = route.endpoint;
        let answer = async move |State(manager): State<Arc<M>>, request: Request| match incoming(request).await {
            Ok(request) => respond(http::handle_sessions(&manager, endpoint, request).await),
            Err(problem) => respond(problem.into_outgoing()),
        };
        router.route(route.path, on(method(route), answer))
    });
    router.method_not_allowed_fallback(not_allowed)
}

/// The routes that need a store that can list.
pub fn directory_routes<M, S>() -> Router<S>
where
    M: UserManager<Store: Directory>,
    S: Clone + Send + Sync + 'static,
    Arc<M>: FromRef<S>,
{
    let router = http::DIRECTORY_ROUTES.iter().fold(Router::new(), |router, route| {
        let answer = async move |State(manager): State<Arc<M>>, request: Request| match incoming(request).await {
            Ok(request) => respond(http::handle_directory(&manager, request).await),
            Err(problem) => respond(problem.into_outgoing()),
        };
        router.route(route.path, on(method(route), answer))
    });
    router.method_not_allowed_fallback(not_allowed)
}

/// 404 in the shape of all other answers, for the fallback of an application's own router. [`router`] has it already.
pub async fn not_found() -> Response {
    respond(Problem::not_found().into_outgoing())
}

fn method(route: &Route) -> MethodFilter {
    // The table holds only methods that axum can filter by.
    MethodFilter::try_from(route.method.clone()).unwrap_or(MethodFilter::GET)
}

async fn not_allowed() -> Response {
    respond(Problem::method_not_allowed().into_outgoing())
}

async fn incoming(request: Request) -> Result<Incoming, Problem> {
    let (mut parts, body) = request.into_parts();
    let ip = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    // One that is not UTF-8 names nothing, which is told only to those who may know.
    let params = RawPathParams::from_request_parts(&mut parts, &()).await.ok();
    let param = params.and_then(|params| params.iter().next().map(|(_, value)| value.to_owned()));
    let body = to_bytes(body, http::MAX_BODY).await.map_err(|error| body_problem(&error))?;
    Ok(Incoming { parts, param, body, ip })
}

/// Too long, or broken off by the client.
fn body_problem(error: &::axum::Error) -> Problem {
    let mut source: Option<&dyn std::error::Error> = Some(error);
    while let Some(cause) = source {
        if cause.is::<http_body_util::LengthLimitError>() {
            return Problem::too_large();
        }
        source = cause.source();
    }
    Problem::unreadable()
}

pub(super) fn respond(answer: Outgoing) -> Response {
    let Outgoing { status, headers, body } = answer;
    (status, headers, Body::from(body)).into_response()
}
