//! Servers over the two web frameworks inside of the test.

use std::{net::SocketAddr, net::TcpListener, sync::Arc};

use actix_web::{App, HttpServer, web::ServiceConfig};
use axum::Router;
use usermgr::{
    UserManager,
    store::{Directory, SessionStore},
};

use crate::{Framework, Target};

/// Serves all routes of a manager over the framework of the target of this suite, as long as the test runs. The answer is `http://ADDRESS`.
///
/// # Panics
/// When it cannot be served.
pub async fn serve<M: UserManager<Store: SessionStore + Directory>>(manager: M) -> String {
    serve_at(|_| manager).await
}

/// The same for a manager that must know the address at which it is served.
///
/// # Panics
/// When it cannot be served.
pub async fn serve_at<M: UserManager<Store: SessionStore + Directory>>(manager: impl FnOnce(&str) -> M) -> String {
    serve_over(Target::of_suite().framework, manager).await
}

/// The same over this framework, whatever the target of the suite is.
///
/// # Panics
/// When it cannot be served.
pub async fn serve_over<M: UserManager<Store: SessionStore + Directory>>(
    framework: Framework,
    manager: impl FnOnce(&str) -> M,
) -> String {
    let (listener, address) = listener();
    let manager = manager(&address);
    match framework {
        Framework::Axum => on_axum(listener, usermgr::axum::router(manager).expect("the manager is well")),
        Framework::Actix => {
            on_actix(listener, usermgr::actix::configure(Arc::new(manager)).expect("the manager is well"));
        }
    }
    address
}

/// Serves a router, as long as the test runs. The answer is `http://ADDRESS`.
///
/// # Panics
/// When it cannot be served.
pub fn serve_axum(router: Router) -> String {
    let (listener, address) = listener();
    on_axum(listener, router);
    address
}

fn on_axum(listener: TcpListener, router: Router) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("tokio takes the socket");
    let app = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, app).await });
}

/// Serves an application with this configuration, as long as the test runs. The answer is `http://ADDRESS`.
///
/// # Panics
/// When it cannot be served.
pub fn serve_actix(configure: impl FnOnce(&mut ServiceConfig) + Clone + Send + 'static) -> String {
    let (listener, address) = listener();
    on_actix(listener, configure);
    address
}

fn on_actix(listener: TcpListener, configure: impl FnOnce(&mut ServiceConfig) + Clone + Send + 'static) {
    let server = HttpServer::new(move || App::new().configure(configure.clone())).workers(1).disable_signals();
    tokio::spawn(server.listen(listener).expect("actix-web takes the socket").run());
}

fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    listener.set_nonblocking(true).expect("the socket need not block");
    let address = listener.local_addr().expect("the socket has an address");
    (listener, format!("http://{address}"))
}
