//! Where a sign-in of an application on a device ends: a URI that the application has registered with the operating system
//! (RFC 8252, 7). A request names it as it is listed, so that no link can choose another one.

use std::net::IpAddr;

use ::http::HeaderValue;

use super::{RedirectTarget, redirect::is_plain};
use crate::origin::WebOrigin;

/// The listed URIs.
#[derive(Clone, Debug, Default)]
pub(crate) struct AppRedirects(Vec<String>);

impl AppRedirects {
    /// Lists URIs. Of a URI that cannot be one, it returns why.
    pub(crate) fn new(uris: &[String]) -> Result<Self, Vec<String>> {
        let faults: Vec<_> = uris.iter().filter_map(|uri| fault(uri)).collect();
        if faults.is_empty() { Ok(Self(uris.to_vec())) } else { Err(faults) }
    }

    /// Whether a URI is listed. A program on the own machine chooses its port when it starts (RFC 8252, 7.3).
    pub(crate) fn has(&self, uri: &str) -> bool {
        let portless = loopback(uri).map(|(before, after)| format!("{before}{after}"));
        self.0.iter().any(|listed| listed == uri || portless.as_ref() == Some(listed))
    }

    /// A listed URI with one parameter more.
    pub(crate) fn target(&self, uri: &str, name: &str, value: &str) -> Option<RedirectTarget> {
        let separator = if uri.contains('?') { '&' } else { '?' };
        let target = format!("{uri}{separator}{name}={value}");
        (self.has(uri) && is_plain(&target)).then(|| HeaderValue::try_from(target).ok().map(RedirectTarget::listed))?
    }
}

/// The parts of a URI of the own machine before and after its port, if it has a port.
fn loopback(uri: &str) -> Option<(&str, &str)> {
    let end = uri.strip_prefix("http://")?.find('/')? + "http://".len();
    let (origin, path) = uri.split_at(end);
    let parsed = WebOrigin::parse(origin)?;
    let port = parsed.port?;
    is_loopback(parsed.host).then(|| (&origin[..origin.len() - port.len() - 1], path))
}

/// Whether a host is an address of the own machine. A name could be resolved to another one (RFC 8252, 8.3).
fn is_loopback(host: &str) -> bool {
    host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Why a text is no URI of an application.
fn fault(uri: &str) -> Option<String> {
    let is_whole = is_plain(uri) && !uri.contains('#');
    let origin = uri.find("://").map(|at| at + 3).and_then(|at| Some(&uri[..at + uri[at..].find('/')?]));
    let parsed = origin.and_then(WebOrigin::parse);
    let is_web = parsed.is_some_and(|origin| match origin.scheme {
        "https" => true,
        "http" => is_loopback(origin.host) && origin.port.is_none(),
        _ => false,
    });
    let is_private = uri.split_once(":/").is_some_and(|(scheme, _)| {
        let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-.".contains(&byte);
        // A name that its owner controls, written backwards (RFC 8252, 7.1).
        scheme.contains('.')
            && scheme.starts_with(|first: char| first.is_ascii_lowercase())
            && scheme.bytes().all(is_part)
    });
    (!is_whole || !(is_web || is_private)).then(|| {
        format!(
            "`{uri}` is not a URI of an application: write it as in `com.example.shop:/signed-in`, `https://shop.example/app` or \
             `http://127.0.0.1/signed-in`"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn o9_an_application_gets_its_code_at_a_listed_uri_and_nowhere_else() {
        let uris = ["com.example.shop:/in", "https://shop.example/app?a=b", "http://127.0.0.1/in", "http://[::1]/in"];
        let redirects = AppRedirects::new(&uris.map(str::to_owned)).unwrap();
        for good in uris.into_iter().chain(["http://127.0.0.1:4711/in", "http://[::1]:4711/in"]) {
            let target = redirects.target(good, "code", "x").unwrap_or_else(|| panic!("{good}"));
            let separator = if good.contains('?') { '&' } else { '?' };
            assert_eq!(target.value(), &format!("{good}{separator}code=x"));
        }
        for bad in [
            "",
            "com.example.shop:/in/",
            "com.example.shop:/In",
            "com.example.shop:/in?x",
            "com.example.other:/in",
            "https://shop.example:8443/app?a=b",
            "https://shop.example/app",
            "http://127.0.0.1:4711/out",
            "http://127.0.0.1:4711",
            "http://127.0.0.1:47:11/in",
            "http://127.0.0.2:4711/in",
            "http://localhost:4711/in",
            "http://127.0.0.1@evil.example:4711/in",
        ] {
            assert!(redirects.target(bad, "code", "x").is_none(), "{bad}");
        }
    }

    #[test]
    fn o9_what_any_page_or_program_could_take_is_no_uri_of_an_application() {
        for bad in [
            "",
            "shop:/in",
            "javascript:/in",
            "javascript.x:alert(1)",
            "Com.Example:/in",
            "com.example.shop:in",
            "com.example.shop:/in#x",
            "com.example.shop:/in x",
            "http://shop.example/in",
            "http://localhost/in",
            "http://127.0.0.1:80/in",
            "https://shop.example",
            "/in",
        ] {
            assert!(AppRedirects::new(&[bad.to_owned()]).is_err(), "{bad}");
        }
    }
}
