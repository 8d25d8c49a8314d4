//! The mounted routes: a request that actix-web has read goes to its route, and each outgoing answer becomes a response.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse, Resource, Route,
    guard::{self, Guard},
    http::{Method, header},
    web::{self, Data, Payload, ServiceConfig},
};

use super::{
    alone,
    convert::{body, ip, parts, respond, respond_to},
};
#[cfg(feature = "pages")]
use crate::pages::Front;
use crate::{
    config_error::ConfigError,
    http::{IntoManager, Mounted, Problem, Routes},
    manager::UserManager,
    slices::index::Operations,
    store::{Directory, SessionStore},
};

/// Returns all routes for [`App::configure`](actix_web::App::configure), with the manager for the extractors and 404 in the format of all other
/// responses for everything else. The manager is checked first, so that a server without a secret does not start.
///
/// Call it once, outside of the closure that makes the app for each thread. Background work of requests then runs on the
/// caller's runtime, and outlives the runtimes of actix-web's threads until [`shutdown`](crate::Operations::shutdown) has waited for it.
///
/// ```
/// use actix_web::App;
/// use usermgr::prelude::*;
///
/// struct Accounts { engine: Engine<MemoryStore> }
///
/// #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
/// impl Accounts {}
///
/// let accounts = Accounts { engine: Engine::new(MemoryStore::new()) };
/// let users = usermgr::actix::configure(accounts)?;
/// let app = App::new().configure(users);
/// # let _ = app;
/// # Ok::<(), usermgr::ConfigError>(())
/// ```
///
/// Pass an `Arc` of the manager if the application goes on to use it.
///
/// # Errors
/// [`ConfigError`] lists everything that is wrong.
pub fn configure<I>(
    manager: I,
) -> Result<impl FnOnce(&mut ServiceConfig) + Clone + Send + 'static + use<I>, ConfigError>
where
    I: IntoManager<Manager: UserManager<Store: SessionStore + Directory>>,
{
    let manager = manager.into_manager();
    manager.check()?;
    let routes = Routes::of_engine(manager.engine_ref());
    #[cfg(feature = "pages")]
    let pages = Front::<I::Manager>::is_served_by(manager.engine_ref())?.then(|| pages(manager.clone()));
    let routes = mount(manager, routes);
    Ok(move |config: &mut ServiceConfig| {
        routes(config);
        #[cfg(feature = "pages")]
        if let Some(pages) = pages {
            pages(config);
        }
        config.default_service(web::to(not_found));
    })
}

/// Returns the routes that every store can serve, for an application that also has its own routes. As for [`mount`], call
/// [`Operations::check`] before serving.
///
/// ```
/// # use usermgr::prelude::*;
/// # struct Accounts { engine: Engine<MemoryStore> }
/// # #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
/// # impl Accounts {}
/// use std::sync::Arc;
/// use actix_web::{App, web};
///
/// # let accounts = Accounts { engine: Engine::new(MemoryStore::new()) };
/// accounts.check()?;
/// let accounts = Arc::new(accounts);
/// let routes = usermgr::actix::routes(accounts.clone());
/// let app = App::new().service(web::scope("/api").configure(routes));
/// # let _ = app;
/// # Ok::<(), usermgr::ConfigError>(())
/// ```
pub fn routes<M: UserManager>(manager: Arc<M>) -> impl FnOnce(&mut ServiceConfig) + Clone + Send + 'static {
    mount(manager, Routes::new())
}

/// Returns the routes that need a store with sessions: a user's own list, and refreshing.
pub fn session_routes<M: UserManager<Store: SessionStore>>(
    manager: Arc<M>,
) -> impl FnOnce(&mut ServiceConfig) + Clone + Send + 'static {
    mount(manager, Routes::sessions())
}

/// Returns the routes that need a store that can list users.
pub fn directory_routes<M: UserManager<Store: Directory>>(
    manager: Arc<M>,
) -> impl FnOnce(&mut ServiceConfig) + Clone + Send + 'static {
    mount(manager, Routes::directory())
}

/// Returns a choice of routes: some left out, or under another prefix. As with [`configure`], call it outside of the closure that makes the app.
///
/// Call [`Operations::check`] first. If the manager does not pass it, every route and every extractor responds with 500, and the
/// log says why, when it is mounted and at each request.
///
/// An application, or a scope of it, has one manager of a type, which its extractors use. Mount a second one of the same type in its own
/// [`web::scope`]. With two in one place it is ambiguous which is meant: extractors then respond with 500, and the log says so.
///
/// ```
/// # use usermgr::prelude::*;
/// # struct Accounts { engine: Engine<MemoryStore> }
/// # #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
/// # impl Accounts {}
/// use std::sync::Arc;
/// use actix_web::App;
/// use usermgr::http::{Endpoint, Routes};
///
/// # let accounts = Accounts { engine: Engine::new(MemoryStore::new()) };
/// accounts.check()?;
/// let routes = Routes::all().without(&[Endpoint::Register]).prefix("/api");
/// let app = App::new().configure(usermgr::actix::mount(Arc::new(accounts), routes));
/// # let _ = app;
/// # Ok::<(), usermgr::ConfigError>(())
/// ```
pub fn mount<M: UserManager>(
    manager: Arc<M>,
    routes: Routes<M>,
) -> impl FnOnce(&mut ServiceConfig) + Clone + Send + 'static {
    manager.engine_ref().stay_here();
    // Requests are answered with 500; the log says why at the start too.
    if let Err(error) = manager.check() {
        tracing::error!(target: "usermgr", %error, "what is mounted serves nothing, since the manager does not pass its check");
    }
    move |config: &mut ServiceConfig| {
        config.app_data(Data::from(manager.clone()));
        alone::claim(config, &manager);
        for (path, routes) in by_path(routes) {
            config.service(resource(&path, &manager, routes));
        }
    }
}

/// Returns the [pages](crate::pages::Pages) of the engine, for an application that also has its own routes. [`configure`] has them already.
/// An engine without the part responds with 404.
///
/// ```
/// # use usermgr::{pages::Pages, prelude::*, session::CookieOptions};
/// # struct Accounts { engine: Engine<MemoryStore> }
/// # #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
/// # impl Accounts {}
/// use std::sync::Arc;
/// use actix_web::App;
///
/// # let accounts = Accounts { engine: Engine::new(MemoryStore::new()) };
/// accounts.check()?;
/// let accounts = Arc::new(accounts);
/// let app = App::new()
///     .configure(usermgr::actix::routes(accounts.clone()))
///     .configure(usermgr::actix::pages(accounts));
/// # let _ = app;
/// # Ok::<(), usermgr::ConfigError>(())
/// ```
#[cfg(feature = "pages")]
pub fn pages<M: UserManager<Store: SessionStore + Directory>>(
    manager: Arc<M>,
) -> impl FnOnce(&mut ServiceConfig) + Clone + Send + 'static {
    let front = Front::<M>::new();
    move |config: &mut ServiceConfig| {
        for page in Front::<M>::pages() {
            let (front, manager) = (front.clone(), manager.clone());
            let shown = if page.is_shown() { &[Method::GET, Method::HEAD][..] } else { &[] };
            let taken = if page.takes_forms() { &[Method::POST][..] } else { &[] };
            let methods = [shown, taken].concat();
            let answer = move |request: HttpRequest, payload: Payload| {
                let (front, manager) = (front.clone(), manager.clone());
                async move {
                    let body = body(&request, payload).await;
                    let answer = front.answer(page, manager, parts(&request), body, ip(&request)).await;
                    respond_to(&request, &answer)
                }
            };
            let route = web::route().guard(any_of(&methods)).to(answer);
            config.service(web::resource(page.path()).route(route).default_service(not_allowed(&methods)));
        }
    }
}

/// Returns a route with the document of the routes at this path.
///
/// ```
/// # use usermgr::prelude::*;
/// # struct Accounts { engine: Engine<MemoryStore> }
/// # #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
/// # impl Accounts {}
/// use std::sync::Arc;
/// use actix_web::App;
/// use usermgr::{http::Routes, openapi};
///
/// # let accounts = Accounts { engine: Engine::new(MemoryStore::new()) };
/// accounts.check()?;
/// let routes = Routes::all().prefix("/api");
/// let document = openapi::document(&accounts, &routes);
/// let app = App::new()
///     .configure(usermgr::actix::mount(Arc::new(accounts), routes))
///     .configure(usermgr::actix::openapi("/openapi.json", &document));
/// # let _ = app;
/// # Ok::<(), usermgr::ConfigError>(())
/// ```
#[cfg(feature = "openapi")]
pub fn openapi(
    path: &str,
    document: &utoipa::openapi::OpenApi,
) -> impl FnOnce(&mut ServiceConfig) + Clone + Send + 'static + use<> {
    let (path, answer) = (path.to_owned(), Arc::new(crate::openapi::answer(document)));
    move |config: &mut ServiceConfig| {
        let methods = [Method::GET, Method::HEAD];
        let answer = move || std::future::ready(respond(&answer));
        let route = web::route().guard(any_of(&methods)).to(answer);
        config.service(web::resource(path).route(route).default_service(not_allowed(&methods)));
    }
}

/// 404 in the format of all other responses, for the default service of an application. [`configure`] sets it already.
pub async fn not_found() -> HttpResponse {
    respond(&Problem::not_found().into_outgoing())
}

/// The routes with their paths, in order. actix-web takes the first resource that matches a path, and tries no second one.
fn by_path<M>(routes: Routes<M>) -> Vec<(String, Vec<Mounted<M>>)> {
    let mut paths: Vec<(String, Vec<Mounted<M>>)> = Vec::new();
    for route in routes {
        match paths.iter_mut().find(|(path, _)| path == route.path()) {
            Some((_, routes)) => routes.push(route),
            None => paths.push((route.path().to_owned(), vec![route])),
        }
    }
    paths
}

/// A path with its methods, and 405 for all others.
fn resource<M: UserManager>(path: &str, manager: &Arc<M>, routes: Vec<Mounted<M>>) -> Resource {
    let mut allowed = Vec::new();
    let mut resource = web::resource(path);
    for route in routes {
        let methods = methods(&route);
        allowed.extend(methods.iter().cloned());
        let manager = manager.clone();
        let answer = move |request: HttpRequest, payload: Payload| {
            let (route, manager) = (route.clone(), manager.clone());
            async move {
                let body = body(&request, payload).await;
                respond_to(&request, &route.answer(manager, parts(&request), body, ip(&request)).await)
            }
        };
        resource = resource.route(web::route().guard(any_of(&methods)).to(answer));
    }
    resource.default_service(not_allowed(&allowed))
}

/// 405, with the methods that are allowed.
fn not_allowed(allowed: &[Method]) -> Route {
    let allowed = allowed.iter().map(Method::as_str).collect::<Vec<_>>().join(",");
    web::to(move || {
        let mut response = respond(&Problem::method_not_allowed().into_outgoing());
        if let Ok(allowed) = header::HeaderValue::try_from(&*allowed) {
            response.headers_mut().insert(header::ALLOW, allowed);
        }
        std::future::ready(response)
    })
}

/// The methods of a route: `HEAD` in addition to `GET`, for which actix-web sends no body.
fn methods<M>(route: &Mounted<M>) -> Vec<Method> {
    let own = Method::from_bytes(route.method().as_str().as_bytes()).unwrap_or_default();
    if own == Method::GET { vec![own, Method::HEAD] } else { vec![own] }
}

fn any_of(methods: &[Method]) -> impl Guard + use<> {
    let methods = methods.to_vec();
    guard::fn_guard(move |cx| methods.contains(&cx.head().method))
}
