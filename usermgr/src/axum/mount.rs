//! The mounted routes: a request that axum has read goes to its route, and each [`Outgoing`] becomes a response.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use ::axum::{
    Router,
    body::{Body, Bytes, HttpBody as _},
    extract::{ConnectInfo, FromRef, Request, State},
    http::request::Parts,
    response::{IntoResponse, Response},
    routing::{MethodFilter, on},
};

#[cfg(feature = "pages")]
use crate::pages::Front;
use crate::{
    config_error::ConfigError,
    http::{IntoManager, Outgoing, Problem, Routes, stream::whole},
    manager::UserManager,
    slices::index::Operations,
    store::{Directory, SessionStore},
};

/// Returns all routes, ready to be served. The manager is checked first, so that a server without a secret does not start.
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
/// Pass an `Arc` of the manager if the application goes on to use it: `router(accounts.clone())`. Serve the router with
/// [`serve`](super::serve()), which gives the routes the address of the client.
///
/// # Errors
/// [`ConfigError`] lists everything that is wrong.
pub fn router<I>(manager: I) -> Result<Router, ConfigError>
where
    I: IntoManager<Manager: UserManager<Store: SessionStore + Directory>>,
{
    let manager = manager.into_manager();
    manager.check()?;
    let routes = mount(Routes::of_engine(manager.engine_ref()));
    #[cfg(feature = "pages")]
    let routes = match Front::<I::Manager>::is_served_by(manager.engine_ref())? {
        true => routes.merge(pages()),
        false => routes,
    };
    Ok(routes.fallback(not_found).with_state(manager))
}

/// Returns the routes that every store can serve, for an application with its own state, from which the manager can be taken.
///
/// The manager is not known before there is a state: call [`Operations::check`] before serving. If the manager does not pass it, every route
/// and every extractor responds with 500, and the log says why.
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
/// fn app(accounts: Accounts) -> Result<Router, usermgr::ConfigError> {
///     accounts.check()?;
///     Ok(Router::new()
///         .route("/hello", get(hello))
///         .merge(usermgr::axum::routes::<Accounts, App>())
///         .with_state(App { accounts: Arc::new(accounts) }))
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
    mount(Routes::new())
}

/// Returns the routes that need a store with sessions: a user's own list, and refreshing.
pub fn session_routes<M, S>() -> Router<S>
where
    M: UserManager<Store: SessionStore>,
    S: Clone + Send + Sync + 'static,
    Arc<M>: FromRef<S>,
{
    mount(Routes::sessions())
}

/// Returns the routes that need a store that can list users.
pub fn directory_routes<M, S>() -> Router<S>
where
    M: UserManager<Store: Directory>,
    S: Clone + Send + Sync + 'static,
    Arc<M>: FromRef<S>,
{
    mount(Routes::directory())
}

/// Returns a choice of routes: some left out, or under another prefix. As for [`routes`], call [`Operations::check`] first. Without it, the
/// first request finds what is wrong, and every request is answered with 500.
///
/// ```
/// # use std::sync::Arc;
/// # use usermgr::prelude::*;
/// # struct Accounts { engine: Engine<MemoryStore> }
/// # #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
/// # impl Accounts {}
/// use usermgr::http::{Endpoint, Routes};
///
/// fn app(accounts: Accounts) -> Result<axum::Router, usermgr::ConfigError> {
///     accounts.check()?;
///     let routes = Routes::all().without(&[Endpoint::Register]).prefix("/api");
///     Ok(usermgr::axum::mount(routes).with_state(Arc::new(accounts)))
/// }
/// ```
pub fn mount<M, S>(routes: Routes<M>) -> Router<S>
where
    M: UserManager,
    S: Clone + Send + Sync + 'static,
    Arc<M>: FromRef<S>,
{
    let router = routes.into_iter().fold(Router::new(), |router, route| {
        let path = route.path().to_owned();
        // The tables hold only methods that axum can filter by.
        let method = MethodFilter::try_from(route.method().clone()).unwrap_or(MethodFilter::GET);
        let answer = async move |State(manager): State<Arc<M>>, request: Request| {
            let (parts, body) = request.into_parts();
            let ip = ip(&parts);
            let body = read(body).await;
            respond(route.answer(manager, parts, body, ip).await)
        };
        router.route(&path, on(method, answer))
    });
    router.method_not_allowed_fallback(not_allowed)
}

/// Returns the [pages](crate::pages::Pages) of the engine, for an application with its own state. [`router`] has them already. An engine
/// without the part responds with 404.
///
/// ```
/// # use std::sync::Arc;
/// # use usermgr::{pages::Pages, prelude::*, session::CookieOptions};
/// # struct Accounts { engine: Engine<MemoryStore> }
/// # #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
/// # impl Accounts {}
/// fn app(accounts: Accounts) -> Result<axum::Router, usermgr::ConfigError> {
///     accounts.check()?;
///     Ok(usermgr::axum::routes()
///         .merge(usermgr::axum::pages())
///         .with_state(Arc::new(accounts)))
/// }
/// ```
#[cfg(feature = "pages")]
pub fn pages<M, S>() -> Router<S>
where
    M: UserManager<Store: SessionStore + Directory>,
    S: Clone + Send + Sync + 'static,
    Arc<M>: FromRef<S>,
{
    let front = Front::<M>::new();
    let router = Front::<M>::pages().fold(Router::new(), |router, page| {
        let methods = [(page.is_shown(), MethodFilter::GET), (page.takes_forms(), MethodFilter::POST)];
        methods.into_iter().filter(|(is_there, _)| *is_there).fold(router, |router, (_, method)| {
            let front = front.clone();
            let answer = async move |State(manager): State<Arc<M>>, request: Request| {
                let (parts, body) = request.into_parts();
                let ip = ip(&parts);
                let body = read(body).await;
                respond(front.answer(page, manager, parts, body, ip).await)
            };
            router.route(page.path(), on(method, answer))
        })
    });
    router.method_not_allowed_fallback(not_allowed)
}

/// Returns a router with the document of the routes at this path.
///
/// ```
/// # use std::sync::Arc;
/// # use usermgr::prelude::*;
/// # struct Accounts { engine: Engine<MemoryStore> }
/// # #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
/// # impl Accounts {}
/// use usermgr::{http::Routes, openapi};
///
/// fn app(accounts: Accounts) -> Result<axum::Router, usermgr::ConfigError> {
///     accounts.check()?;
///     let routes = Routes::all().prefix("/api");
///     let document = openapi::document(&accounts, &routes);
///     Ok(usermgr::axum::mount(routes)
///         .merge(usermgr::axum::openapi("/openapi.json", &document))
///         .with_state(Arc::new(accounts)))
/// }
/// ```
#[cfg(feature = "openapi")]
pub fn openapi<S: Clone + Send + Sync + 'static>(path: &str, document: &utoipa::openapi::OpenApi) -> Router<S> {
    let answer = crate::openapi::answer(document);
    let router = Router::new().route(path, on(MethodFilter::GET, async move || respond(answer)));
    router.method_not_allowed_fallback(not_allowed)
}

/// 404 in the format of all other responses, for the fallback of an application's own router. [`router`] has it already.
pub async fn not_found() -> Response {
    respond(Problem::not_found().into_outgoing())
}

async fn not_allowed() -> Response {
    respond(Problem::method_not_allowed().into_outgoing())
}

/// For handlers of an application: with `Result<_, Problem>` and `?`, they answer an error of an operation as the routes do.
///
/// ```
/// # use std::sync::Arc;
/// # use usermgr::prelude::*;
/// # struct Accounts { engine: Engine<MemoryStore> }
/// # #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
/// # impl Accounts {}
/// use axum::{Json, extract::State};
/// use usermgr::http::Problem;
///
/// async fn suspend_all(State(accounts): State<Arc<Accounts>>) -> Result<Json<usize>, Problem> {
///     let (admin, cx) = (Admin::system("spring-clean"), Context::system("spring-clean"));
///     let page = accounts.list_users(&admin, usermgr::store::ListQuery::default()).await?;
///     for user in &page.users {
///         accounts.set_active(&admin, &user.id, false, &cx).await?;
///     }
///     Ok(Json(page.users.len()))
/// }
/// ```
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        respond(self.into_outgoing())
    }
}

impl IntoResponse for Outgoing {
    fn into_response(self) -> Response {
        respond(self)
    }
}

/// The whole body. Most requests have none, and need no timer for it.
async fn read(body: Body) -> Result<Bytes, Problem> {
    if body.is_end_stream() { Ok(Bytes::new()) } else { whole(body.into_data_stream()).await }
}

/// The address of the client's end of the connection, if the server provides it.
pub(super) fn ip(parts: &Parts) -> Option<IpAddr> {
    parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip())
}

pub(super) fn respond(answer: Outgoing) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    response
}

#[cfg(test)]
mod tests {
    use ::axum::body::to_bytes;

    use super::*;
    use crate::RegisterError;

    #[tokio::test]
    async fn a_problem_is_answered_by_a_handler_as_by_a_route() {
        let response = Problem::from(RegisterError::AlreadyExists).into_response();
        assert_eq!(response.status(), 400);
        assert_eq!(response.headers()["cache-control"], "no-store");
        let body = to_bytes(response.into_body(), 100).await.unwrap();
        assert_eq!(&body[..], br#"{"detail":"REGISTER_USER_ALREADY_EXISTS"}"#);
    }
}
