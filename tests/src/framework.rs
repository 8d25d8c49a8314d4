//! The two web frameworks, and servers over them inside of the test.

use std::{net::SocketAddr, net::TcpListener, sync::Arc};

use actix_web::{App, HttpServer, web::ServiceConfig};
use axum::Router;
use usermgr::{
    UserManager,
    store::{Directory, SessionStore},
};

/// What serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framework {
    Axum,
    Actix,
}

impl Framework {
    /// The framework under the servers of this suite: actix-web in one whose name ends in `_actix`, which is another suite over again, and
    /// else axum.
    pub(crate) fn of_suite() -> Self {
        let test = std::env::current_exe().expect("a test knows where it is");
        let name = test.file_stem().and_then(|name| name.to_str()).expect("a test has a name");
        // Cargo adds a hash.
        let suite = name.rsplit_once('-').map_or(name, |(suite, _)| suite);
        if suite.ends_with("_actix") { Self::Actix } else { Self::Axum }
    }

    /// As the reference server calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Axum => "axum",
            Self::Actix => "actix",
        }
    }
}

/// Serves all routes of a manager over the framework of this suite, as long as the test runs. The answer is `http://ADDRESS`.
///
/// # Panics
/// When it cannot be served.
pub async fn serve<M: UserManager<Store: SessionStore + Directory>>(manager: M) -> String {
    match Framework::of_suite() {
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
