//! The routes, mounted: what actix-web has read of a request goes to its route, and each outgoing answer becomes a response.

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
use crate::{
    config_error::ConfigError,
    http::{IntoManager, Mounted, Problem, Routes},
    manager::UserManager,
    slices::index::Operations,
    store::{Directory, SessionStore},
};

/// All routes for [`App::configure`](actix_web::App::configure), with the manager for the extractors and 404 in the shape of all other
/// answers for everything else. The manager is checked first: nothing listens with a missing secret.
///
/// Call it once, outside of the closure that makes the app for each thread: work that requests leave in the background then runs on the
/// caller's runtime, and outlives those of actix-web's threads until [`Engine::settle`](crate::Engine::settle) has waited for it.
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
/// An `Arc` of the manager serves as well, for an application that goes on to use it.
///
/// # Errors
/// [`ConfigError`] lists all that is wrong.
pub fn configure<I>(
    manager: I,
) -> Result<impl FnOnce(&mut ServiceConfig) + Clone + Send + 'static + use<I>, ConfigError>
where
    I: IntoManager<Manager: UserManager<Store: SessionStore + Directory>>,
{
    let manager = manager.into_manager();
    manager.check()?;
    let routes = Routes::all().served_by(manager.engine_ref());
    let routes = mount(manager, routes);
    Ok(move |config: &mut ServiceConfig| {
        routes(config);
        config.default_service(web::to(not_found));
    })
}

/// The routes that every store can serve, for an application that has routes of its own beside them. As for [`mount`], call
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

/// The routes that need a store that keeps sessions: a user's own list, and refreshing.
pub fn session_routes<M: UserManager<Store: SessionStore>>(
    manager: Arc<M>,
) -> impl FnOnce(&mut ServiceConfig) + Clone + Send + 'static {
    mount(manager, Routes::sessions())
}

/// The routes that need a store that can list.
pub fn directory_routes<M: UserManager<Store: Directory>>(
    manager: Arc<M>,
) -> impl FnOnce(&mut ServiceConfig) + Clone + Send + 'static {
    mount(manager, Routes::directory())
}

/// A choice of routes: some left out, or under another prefix. As [`configure`], call it outside of the closure that makes the app.
///
/// Call [`Operations::check`] first. A manager that does not pass it is answered for with 500 at every route and by every extractor, and the
/// log says why, here and at each request.
///
/// An application, or a scope of it, has one manager of a type, which its extractors ask. Mount a second one of the same type in a
/// [`web::scope`] of its own. Of two in one place nobody could tell which is meant: extractors then answer 500, and the log says so.
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
    // Requests are answered with 500; who starts the server is told too.
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

/// The document of the routes, at this path.
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

/// 404 in the shape of all other answers, for the default service of an application. [`configure`] sets it already.
pub async fn not_found() -> HttpResponse {
    respond(&Problem::not_found().into_outgoing())
}

/// The routes with their paths, in their order. actix-web takes the first resource that matches a path, and asks no second one.
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

/// A path with its methods, and 405 for the others.
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

/// 405, with the methods that are.
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

/// The methods that a route answers: `HEAD` beside `GET`, of which actix-web sends no body.
fn methods<M>(route: &Mounted<M>) -> Vec<Method> {
    let own = Method::from_bytes(route.method().as_str().as_bytes()).unwrap_or_default();
    if own == Method::GET { vec![own, Method::HEAD] } else { vec![own] }
}

fn any_of(methods: &[Method]) -> impl Guard + use<> {
    let methods = methods.to_vec();
    guard::fn_guard(move |cx| methods.contains(&cx.head().method))
}
