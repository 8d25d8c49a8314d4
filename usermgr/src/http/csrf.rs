//! Forged requests: whether a request that changes something and relies on a cookie comes from a page of the application.

use ::http::{HeaderMap, header, request::Parts};

use super::Problem;
use crate::{error::Code, origin::WebOrigin};

/// Whether a request only reads one response. A handshake that asks for another protocol does more, whatever its method.
pub(super) fn only_reads(parts: &Parts) -> bool {
    parts.method.is_safe() && !parts.headers.contains_key(header::UPGRADE)
}

/// Passes requests that change nothing, that no browser sent, or that a page of the same or an allowed origin sent (ASVS 5.0, 3.5).
///
/// `Sec-Fetch-Site`, which the browser sets, decides first: a request from another site passes only if its origin is allowed.
/// Without it `Origin` must be the request's host or an allowed origin. A request with neither header does not come from a browser that
/// adds cookies by itself.
///
/// A handshake counts as a change: a page of any origin may open a WebSocket, the browser adds its cookies, and CORS does not prevent the
/// page from reading and sending over it (RFC 6455, 10.2).
pub(crate) fn check(parts: &Parts, allowed: &[String]) -> Result<(), Problem> {
    let refused = || Err(Problem::code(Code::CrossOriginRequest));
    let (Ok(site), Ok(origin)) =
        (only(&parts.headers, "sec-fetch-site"), only(&parts.headers, header::ORIGIN.as_str()))
    else {
        return refused();
    };
    let is_allowed = |origin: &str| allowed.iter().any(|other| other == origin);
    let passes = only_reads(parts)
        || match (site, origin) {
            (Some("same-origin" | "none"), _) | (None, None) => true,
            (Some(_), origin) => origin.is_some_and(is_allowed),
            (None, Some(origin)) => is_allowed(origin) || is_own(origin, parts),
        };
    if passes { Ok(()) } else { refused() }
}

/// Passes a request that only reads, if no page of another site has made the browser send it: for an answer that begins
/// something, such as linking an account.
#[cfg(feature = "oauth-bare")]
pub(crate) fn check_reader(parts: &Parts, allowed: &[String]) -> Result<(), Problem> {
    let refused = || Problem::code(Code::CrossOriginRequest);
    let site = only(&parts.headers, "sec-fetch-site").map_err(|()| refused())?;
    let origin = only(&parts.headers, header::ORIGIN.as_str()).map_err(|()| refused())?;
    let is_allowed = |origin: &str| allowed.iter().any(|other| other == origin);
    match (site, origin) {
        (None | Some("same-origin" | "none"), _) => Ok(()),
        (Some(_), Some(origin)) if is_allowed(origin) => Ok(()),
        (Some(_), _) => Err(refused()),
    }
}

/// The single value of a header; an error for several values, or for one that is not a text.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, ()> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(drop),
        (Some(_), Some(_)) => Err(()),
    }
}

/// Whether an origin is that of the host the request went to. The scheme is not compared: behind a proxy it is unknown.
fn is_own(origin: &str, parts: &Parts) -> bool {
    // With two hosts it is unknown which one is the application's.
    let Ok(host) = only(&parts.headers, header::HOST.as_str()) else { return false };
    let Some(host) = host.or_else(|| parts.uri.authority().map(|authority| authority.as_str())) else {
        return false;
    };
    let Some(origin) = WebOrigin::parse(origin).filter(|origin| ["https", "http"].contains(&origin.scheme)) else {
        return false;
    };
    let default = origin.default_port();
    let (name, port) = match host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit())) {
        Some((name, port)) => (name, Some(port)),
        None => (host, None),
    };
    origin.host.eq_ignore_ascii_case(name) && origin.port.or(default) == port.or(default)
}

#[cfg(test)]
mod tests {
    use ::http::{Method, Request};

    use super::*;

    fn passes(method: Method, headers: &[(&str, &str)]) -> bool {
        let mut request = Request::builder().method(method).uri("/users/me").header("host", "shop.example:8000");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        check(&request.body(()).unwrap().into_parts().0, &["https://admin.example".to_owned()]).is_ok()
    }

    #[test]
    fn s7_only_pages_of_our_own_may_change_something() {
        for (headers, expected) in [
            (&[][..], true),
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")], false),
            (&[("sec-fetch-site", "cross-site"), ("origin", "https://admin.example")], true),
            (&[("sec-fetch-site", "cross-site"), ("origin", "http://shop.example:8000")], false),
            (&[("sec-fetch-site", "same-site"), ("origin", "http://shop.example:8000")], false),
            (&[("origin", "http://shop.example:8000")], true),
            (&[("origin", "http://shop.example:8000"), ("host", "evil.example")], false),
            (&[("origin", "https://SHOP.example:8000")], true),
            (&[("origin", "https://admin.example")], true),
            (&[("origin", "https://admin.example.evil")], false),
            (&[("origin", "http://admin.example")], false),
            (&[("origin", "http://shop.example")], false),
            (&[("origin", "http://evil-shop.example:8000")], false),
            (&[("origin", "http://shop.example:8000.evil.example")], false),
            (&[("origin", "shop.example:8000")], false),
            (&[("origin", "ftp://shop.example:8000")], false),
            (&[("origin", "null")], false),
            (&[("origin", "")], false),
            (&[("origin", "http://shop.example:8000"), ("origin", "https://evil.example")], false),
        ] {
            assert_eq!(passes(Method::POST, headers), expected, "{headers:?}");
            assert_eq!(passes(Method::DELETE, headers), expected, "{headers:?}");
        }
        assert!(passes(Method::GET, &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")]));
    }

    #[test]
    fn s15_a_handshake_is_judged_as_what_changes_something() {
        for (origin, expected) in [
            (("origin", "https://evil.example"), false),
            (("origin", "null"), false),
            (("sec-fetch-site", "cross-site"), false),
            (("origin", "http://shop.example:8000"), true),
            (("origin", "https://admin.example"), true),
            (("sec-fetch-site", "same-origin"), true),
        ] {
            for protocol in ["websocket", "WebSocket", "h2c, websocket", "something"] {
                let headers = [("connection", "Upgrade"), ("upgrade", protocol), origin];
                assert_eq!(passes(Method::GET, &headers), expected, "{headers:?}");
            }
            // The form of HTTP/2 (RFC 8441).
            assert_eq!(passes(Method::CONNECT, &[origin]), expected, "{origin:?}");
        }
        assert!(passes(Method::GET, &[("upgrade", "websocket")]), "no browser has sent it");
    }

    #[test]
    fn s7_the_port_of_the_scheme_need_not_be_said() {
        let request = Request::builder()
            .method(Method::POST)
            .header("host", "shop.example")
            .header("origin", "https://shop.example:443");
        assert!(check(&request.body(()).unwrap().into_parts().0, &[]).is_ok());
        let request = Request::builder()
            .method(Method::POST)
            .header("host", "shop.example:443")
            .header("origin", "http://shop.example");
        assert!(check(&request.body(()).unwrap().into_parts().0, &[]).is_err());
    }
}
