//! Requests and answers between actix-web, whose types are those of `http` 0.2 and its own, and `http` 1.

use std::net::IpAddr;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, Version},
    web::Payload,
};
use bytes::Bytes;

use crate::http::{MAX_BODY, Outgoing, Problem};

/// Method, address and headers. What one version of `http` has taken the other takes too; should it not, the request names nothing.
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

/// The whole body.
pub(super) async fn body(payload: Payload) -> Result<Bytes, Problem> {
    match payload.to_bytes_limited(MAX_BODY).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(_)) => Err(Problem::unreadable()),
        Err(_) => Err(Problem::too_large()),
    }
}

/// The answer, as actix-web sends it.
pub(super) fn respond(answer: &Outgoing) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status.as_u16()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    for (name, value) in &answer.headers {
        response.append_header((name.as_str(), value.as_bytes()));
    }
    response.body(answer.body.clone())
}
