//! Conversion of requests and responses between actix-web, whose types are those of `http` 0.2 and its own, and `http` 1.

use std::net::IpAddr;

use actix_web::{
    HttpRequest, HttpResponse, Responder, ResponseError,
    body::BoxBody,
    http::{ConnectionType, StatusCode, Version, header},
    web::Payload,
};
use bytes::Bytes;

use crate::http::{Outgoing, Problem, stream::whole};

/// Method, URL and headers. What one version of `http` accepts the other accepts too; if it does not, the request names nothing.
pub(super) fn parts(request: &HttpRequest) -> ::http::request::Parts {
    let (mut parts, ()) = ::http::Request::new(()).into_parts();
    parts.method = ::http::Method::from_bytes(request.method().as_str().as_bytes()).unwrap_or_default();
    parts.uri = request.uri().to_string().parse().unwrap_or_default();
    parts.version = match request.version() {
        Version::HTTP_10 => ::http::Version::HTTP_10,
        Version::HTTP_2 => ::http::Version::HTTP_2,
        _ => ::http::Version::HTTP_11,
    };
    for (name, value) in request.headers() {
        if let (Ok(name), Ok(value)) = (
            ::http::HeaderName::from_bytes(name.as_str().as_bytes()),
            ::http::HeaderValue::from_bytes(value.as_bytes()),
        ) {
            parts.headers.append(name, value);
        }
    }
    parts
}

/// The address of the client's end of the connection.
pub(super) fn ip(request: &HttpRequest) -> Option<IpAddr> {
    request.peer_addr().map(|address| address.ip())
}

/// The whole body. An HTTP/1.1 request that announces no body has none (RFC 9112, 6.3). In the handshake of a WebSocket, actix-web
/// would return all later bytes of the connection instead.
pub(super) async fn body(request: &HttpRequest, payload: Payload) -> Result<Bytes, Problem> {
    let announced =
        [header::CONTENT_LENGTH, header::TRANSFER_ENCODING].iter().any(|name| request.headers().contains_key(name));
    if request.version() < Version::HTTP_2 && !announced {
        return Ok(Bytes::new());
    }
    whole(payload).await
}

/// The response to a request. After a request for another protocol the connection cannot be used any further.
pub(super) fn respond_to(request: &HttpRequest, answer: &Outgoing) -> HttpResponse {
    let mut response = respond(answer);
    if request.headers().contains_key(header::UPGRADE) {
        response.head_mut().set_connection_type(ConnectionType::Close);
    }
    response
}

/// For handlers of an application: with `Result<_, Problem>` and `?`, they answer an error of an operation as the routes do.
///
/// ```
/// # use usermgr::prelude::*;
/// # struct Accounts { engine: Engine<MemoryStore> }
/// # #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
/// # impl Accounts {}
/// use actix_web::web;
/// use usermgr::http::Problem;
///
/// async fn count(accounts: web::Data<Accounts>) -> Result<String, Problem> {
///     let page = accounts.list_users(&Admin::system("count"), usermgr::store::ListQuery::default()).await?;
///     Ok(page.users.len().to_string())
/// }
/// ```
impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status().as_u16()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        respond(&self.outgoing())
    }
}

impl Responder for Problem {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        respond(&self.into_outgoing())
    }
}

impl Responder for Outgoing {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        respond(&self)
    }
}

/// The response, as actix-web sends it.
pub(super) fn respond(answer: &Outgoing) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status.as_u16()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    // It interprets this header itself.
    if answer.headers.get(::http::header::CONNECTION).is_some_and(|connection| connection == "close") {
        response.force_close();
    }
    for (name, value) in &answer.headers {
        response.append_header((name.as_str(), value.as_bytes()));
    }
    response.body(answer.body.clone())
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;

    use super::*;
    use crate::RegisterError;

    #[tokio::test]
    async fn a_problem_is_answered_by_a_handler_as_by_a_route() {
        let problem = Problem::from(RegisterError::AlreadyExists);
        assert_eq!(ResponseError::status_code(&problem), 400);
        let response = problem.error_response();
        assert_eq!(response.status(), 400);
        assert_eq!(response.headers().get("cache-control").unwrap(), "no-store");
        let body = to_bytes(response.into_body()).await.unwrap();
        assert_eq!(&body[..], br#"{"detail":"REGISTER_USER_ALREADY_EXISTS"}"#);
    }
}
