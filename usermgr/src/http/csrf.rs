//! Forged requests: whether a request that changes something comes from a page of our own, where a cookie gives it its power.

use ::http::{HeaderMap, header, request::Parts};

use super::Problem;
use crate::code::Code;

/// Passes requests that change nothing, that no browser sent, or that a page of the same or an allowed origin did (ASVS 5.0, 3.5).
///
/// The browser's own word, `Sec-Fetch-Site`, is believed first. Else `Origin` must be our host or an allowed origin. A request with
/// neither header comes from no browser that adds cookies by itself.
pub(super) fn check(parts: &Parts, allowed: &[String]) -> Result<(), Problem> {
    let refused = || Err(Problem::code(Code::CrossOriginRequest));
    let (Ok(site), Ok(origin)) =
        (only(&parts.headers, "sec-fetch-site"), only(&parts.headers, header::ORIGIN.as_str()))
    else {
        return refused();
    };
    let passes = parts.method.is_safe()
        || match (site, origin) {
            (Some("same-origin" | "none"), _) | (None, None) => true,
            (_, Some(origin)) => allowed.iter().any(|other| other == origin) || is_own(origin, parts),
            (Some(_), None) => false,
        };
    if passes { Ok(()) } else { refused() }
}

/// The one value of a header; an error for several, or for one that is no text.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, ()> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(drop),
        (Some(_), Some(_)) => Err(()),
    }
}

/// Whether an origin is that of the host the request went to. The scheme is not compared: behind a proxy nobody knows it.
fn is_own(origin: &str, parts: &Parts) -> bool {
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let Some(host) = host.or_else(|| parts.uri.authority().map(|authority| authority.as_str())) else {
        return false;
    };
    let (own, port) = if let Some(own) = origin.strip_prefix("https://") {
        (own, ":443")
    } else if let Some(own) = origin.strip_prefix("http://") {
        (own, ":80")
    } else {
        return false;
    };
    let bare = |text: &str| text.strip_suffix(port).unwrap_or(text).to_ascii_lowercase();
    !own.is_empty() && bare(own) == bare(host)
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
            (&[("origin", "http://shop.example:8000")], true),
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
