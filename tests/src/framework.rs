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
    match Target::of_suite().framework {
        Framework::Axum => serve_axum(usermgr::axum::router(manager).expect("the manager is well")),
        Framework::Actix => serve_actix(usermgr::actix::configure(Arc::new(manager)).expect("the manager is well")),
    }
}

/// Serves a router, as long as the test runs. The answer is `http://ADDRESS`.
///
/// # Panics
/// When it cannot be served.
pub fn serve_axum(router: Router) -> String {
    let (listener, address) = listener();
    let listener = tokio::net::TcpListener::from_std(listener).expect("tokio takes the socket");
    let app = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

/// Serves an application with this configuration, as long as the test runs. The answer is `http://ADDRESS`.
///
/// # Panics
/// When it cannot be served.
pub fn serve_actix(configure: impl FnOnce(&mut ServiceConfig) + Clone + Send + 'static) -> String {
    let (listener, address) = listener();
    let server = HttpServer::new(move || App::new().configure(configure.clone())).workers(1).disable_signals();
    tokio::spawn(server.listen(listener).expect("actix-web takes the socket").run());
    address
}

fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    listener.set_nonblocking(true).expect("the socket need not block");
    let address = listener.local_addr().expect("the socket has an address");
    (listener, format!("http://{address}"))
}
