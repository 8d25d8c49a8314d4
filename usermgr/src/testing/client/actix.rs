//! A client of an actix-web application: its requests and responses are those of `http` 1, and it calls actix-web's own test service.

use std::{net::SocketAddr, rc::Rc};

use ::http::{Request, Response};
use actix_web::{
    App,
    body::MessageBody,
    dev::ServiceResponse,
    http::Method,
    test::{TestRequest, init_service, read_body, try_call_service},
    web::ServiceConfig,
};
use bytes::Bytes;

use super::{Application, Client, Usual};

impl Client<Usual> {
    /// Returns a client of an actix-web application with this configuration, on the thread of the test. Wrap middleware around a `web::scope("")`
    /// in it.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # struct Accounts { engine: Engine<MemoryStore> }
    /// # #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
    /// # impl Accounts {}
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::sync::Arc;
    /// use usermgr::testing::Client;
    ///
    /// let accounts = Accounts { engine: Engine::new(MemoryStore::new()) };
    /// let client = Client::actix(usermgr::actix::configure(Arc::new(accounts))?).await;
    /// client.register("ada@example.com", "correct horse battery").await.expect(201);
    /// client.login("cookie", "ada@example.com", "correct horse battery").await.expect(204);
    /// assert_eq!(client.get("/users/me").await.json["email"], "ada@example.com");
    /// # Ok(()) }
    /// ```
    pub async fn actix(configure: impl FnOnce(&mut ServiceConfig)) -> Client<impl Application + Clone> {
        let app = Rc::new(init_service(App::new().configure(configure)).await);
        Client::over(move |request: Request<Bytes>| {
            let app = Rc::clone(&app);
            async move {
                match try_call_service(&*app, of(request).to_request()).await {
                    Ok(answer) => to(answer).await,
                    // The server does the same with an error of a middleware.
                    Err(error) => {
                        let request = TestRequest::default().to_http_request();
                        to(ServiceResponse::new(request, error.error_response())).await
                    }
                }
            }
        })
    }
}

/// The request for actix-web.
fn of(request: Request<Bytes>) -> TestRequest {
    let (parts, body) = request.into_parts();
    let method = Method::from_bytes(parts.method.as_str().as_bytes()).expect("actix-web knows the method");
    let request = TestRequest::with_uri(&parts.uri.to_string()).method(method).set_payload(body);
    let request = match parts.extensions.get::<SocketAddr>() {
        Some(peer) => request.peer_addr(*peer),
        None => request,
    };
    parts
        .headers
        .iter()
        .fold(request, |request, (name, value)| request.append_header((name.as_str(), value.as_bytes())))
}

/// The response for the client.
async fn to<B: MessageBody>(answer: ServiceResponse<B>) -> Response<Bytes> {
    let mut response = Response::builder().status(answer.status().as_u16());
    for (name, value) in answer.headers() {
        response = response.header(name.as_str(), value.as_bytes());
    }
    response.body(read_body(answer).await).expect("an answer of actix-web is one of HTTP")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use actix_web::{error::ErrorImATeapot, middleware::from_fn, web};
    use serde_json::json;

    use super::*;
    use crate::{prelude::*, testing::Probe};

    struct Accounts {
        engine: Engine<MemoryStore>,
    }

    #[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
    impl Accounts {}

    #[tokio::test]
    async fn an_actix_application_is_called_as_one_of_axum_is() {
        let probe = Probe::default();
        let accounts = Accounts {
            engine: Engine::builder(MemoryStore::new())
                .backend(Backend::cookie("web", CookieOptions::default(), Database::new()))
                .backend(Backend::bearer("app", Database::new()))
                .audit(probe.clone())
                .build()
                .unwrap(),
        };
        let client = Client::actix(usermgr::actix::configure(Arc::new(accounts)).unwrap()).await.peer([192, 0, 2, 7]);
        client.register("ada@example.com", "correct horse battery").await.expect(201);
        for (backend, path) in [("web", "/users/me"), ("app", "/users/me?x=1")] {
            let client = client.clone();
            client.login(backend, "ada@example.com", "correct horse battery").await;
            assert_eq!(client.get(path).await.expect(200).json["email"], "ada@example.com");
            let forged = client.patch("/users/me", json!({})).header("origin", "https://evil.example").await;
            forged.expect(if backend == "web" { 403 } else { 200 });
            let before = client.clone();
            client.logout(backend).await.expect(204);
            before.get(path).await.expect(401);
        }
        assert!(probe.events().iter().all(|event| event.ip == Some([192, 0, 2, 7].into())));
    }

    #[tokio::test]
    async fn an_error_of_a_middleware_is_an_answer() {
        let client = Client::actix(|config: &mut ServiceConfig| {
            let refuse = from_fn(|_, _| async { Err::<ServiceResponse, _>(ErrorImATeapot("no coffee")) });
            config.service(web::scope("").wrap(refuse));
        });
        assert_eq!(client.await.get("/").await.expect(418).text(), "no coffee");
    }
}
