//! The span of a request to one of the routes, in the names of OpenTelemetry's semantic conventions for HTTP servers (1.45). It holds no
//! secret and no address of a person: neither the path nor the query, in which a client may write anything, nor the client's address.

use std::fmt::Display;

use ::http::{StatusCode, request::Parts};
use tracing::{
    Level, Span,
    field::{Empty, display},
};

use super::forwarded;

/// The span of a request, from the end of its body to its response. `route` is the pattern of the path.
///
/// Its target is `usermgr::request` and its level `DEBUG`, so that a program that shows no spans does not make them.
pub(crate) fn span(route: &str, parts: &Parts, (proxies, reads_forwarded): (usize, bool)) -> Span {
    // Without a subscriber, the feature `log` of tracing, which others turn on, would have the fields made for nothing.
    if !tracing::span_enabled!(target: "usermgr::request", Level::DEBUG) {
        return Span::none();
    }
    tracing::debug_span!(
        target: "usermgr::request",
        "request",
        // What `tracing-opentelemetry` does not take for attributes.
        otel.name = %format_args!("{} {route}", parts.method),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = parts.method.as_str(),
        http.route = route,
        url.scheme = forwarded::scheme(parts, proxies, reads_forwarded),
        user.id = Empty,
        http.response.status_code = Empty,
        "error.type" = Empty,
    )
}

/// Notes the user of the request that is answered now.
pub(super) fn note_user(id: &impl Display) {
    let span = Span::current();
    if !span.is_disabled() {
        span.record("user.id", display(id));
    }
}

/// Notes the response. A mistake of the client is not an error of the server, as the conventions say.
pub(crate) fn note_answer(span: &Span, status: StatusCode) {
    if span.is_disabled() {
        return;
    }
    span.record("http.response.status_code", status.as_u16());
    if status.is_server_error() {
        span.record("error.type", status.as_str());
        span.record("otel.status_code", "ERROR");
    }
}
