//! The server on actix-web.

use std::{error::Error, net::TcpListener, sync::Arc};

use actix_cors::Cors;
use actix_web::{App, HttpServer, http::header, middleware::Condition, web};
use usermgr::{http::Routes, openapi};

use crate::accounts::{Accounts, Store};

pub(super) async fn serve<S: Store>(
    listener: TcpListener,
    accounts: Arc<Accounts<S>>,
    origins: &[String],
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Box<dyn Error>> {
    let routes = Routes::all();
    let document = usermgr::actix::openapi("/openapi.json", &openapi::document(&*accounts, &routes));
    let users = usermgr::actix::mount(accounts, routes);
    let origins = origins.to_vec();
    let app = move || {
        App::new()
            .route("/healthz", web::get().to(async || "ok"))
            .route("/healthz", web::head().to(async || "ok"))
            .configure(document.clone())
            .configure(users.clone())
            .default_service(web::to(usermgr::actix::not_found))
            .wrap(Condition::new(!origins.is_empty(), cors(&origins)))
    };
    Ok(HttpServer::new(app).shutdown_signal(stop).listen(listener)?.run().await?)
}

/// Lets the pages of the allowed origins read answers, cookies included.
fn cors(origins: &[String]) -> Cors {
    let cors = Cors::default()
        .supports_credentials()
        .allowed_methods(["GET", "POST", "PATCH", "DELETE"])
        .allowed_headers([header::AUTHORIZATION, header::CONTENT_TYPE]);
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}
