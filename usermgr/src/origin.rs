//! Web origins: parses a text into scheme, host and port, or says why no browser would send it. The list of allowed
//! origins and the check of requests use the same rules.

use std::net::{Ipv4Addr, Ipv6Addr};

/// The origin of a page (RFC 6454, 4): the part of its URL before the path, as browsers write it in `Origin`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WebOrigin<'a> {
    pub(crate) scheme: &'a str,
    pub(crate) host: &'a str,
    pub(crate) port: Option<&'a str>,
}

/// The schemes whose default port browsers leave out, and whose host they write in lower case (WHATWG URL, 3.1 and
/// 4.2).
const SPECIAL: [(&str, &str); 5] = [("https", "443"), ("http", "80"), ("wss", "443"), ("ws", "80"), ("ftp", "21")];

impl<'a> WebOrigin<'a> {
    /// Parses a text that has the shape of an origin.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (scheme, authority) = text.split_once("://")?;
        let in_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
        let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic()) && scheme.bytes().all(in_scheme);
        let at = match authority.rfind(']') {
            Some(end) => authority[end..].find(':').map(|at| end + at),
            None => authority.find(':'),
        };
        let (host, port) = at.map_or((authority, None), |at| (&authority[..at], Some(&authority[at + 1..])));
        let is_port = port.is_none_or(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()));
        let in_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let is_host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
            Some(address) => address.parse::<Ipv6Addr>().is_ok(),
            None => !host.is_empty() && host.bytes().all(in_host),
        };
        (is_scheme && is_port && is_host).then_some(Self { scheme, host, port })
    }

    /// Parses the origin at the beginning of a URL, and returns it with its text. What follows is a path, a query or a fragment.
    #[cfg(any(feature = "http", feature = "mail"))]
    pub(crate) fn at(url: &'a str) -> Option<(&'a str, Self)> {
        let authority = url.find("://")? + 3;
        let end = url[authority..].find(['/', '?', '#']).map_or(url.len(), |at| authority + at);
        Some((&url[..end], Self::parse(&url[..end])?))
    }

    /// The default port of its scheme, which browsers leave out.
    pub(crate) fn default_port(self) -> Option<&'static str> {
        SPECIAL.iter().find(|(scheme, _)| self.scheme.eq_ignore_ascii_case(scheme)).map(|(_, port)| *port)
    }

    /// Returns the origin as browsers write it: scheme and host in lower case, addresses in their shortest form,
    /// without the default port of the scheme. For a scheme other than the web's, the host is unchanged.
    fn serialized(self) -> String {
        let scheme = self.scheme.to_ascii_lowercase();
        let host = match (self.host.strip_prefix('[').and_then(|host| host.strip_suffix(']')), self.default_port()) {
            (Some(address), _) => {
                address.parse::<Ipv6Addr>().map_or_else(|_| self.host.to_owned(), |ip| format!("[{ip}]"))
            }
            (None, Some(_)) => self.host.to_ascii_lowercase(),
            (None, None) => self.host.to_owned(),
        };
        let port = self.port.and_then(|port| port.parse::<u16>().ok()).map(|port| port.to_string());
        let port = port.filter(|port| Some(port.as_str()) != self.default_port());
        port.map_or_else(|| format!("{scheme}://{host}"), |port| format!("{scheme}://{host}:{port}"))
    }
}

/// Whether a host is the own machine.
#[cfg(any(feature = "mail", feature = "oauth-bare"))]
pub(crate) fn is_own_machine(host: &str) -> bool {
    ["localhost", "127.0.0.1", "[::1]"].contains(&host)
}

/// Whether users find an application at this URL: `https` with a host, or `http` of the own machine, and at most a path behind it.
/// `plain_http` allows `http` of other machines too.
#[cfg(any(feature = "mail", feature = "oauth-bare"))]
pub(crate) fn is_base(url: &str, plain_http: bool) -> bool {
    let is_path = |byte: u8| byte.is_ascii_graphic() && !b"?#\\".contains(&byte);
    WebOrigin::at(url).is_some_and(|(text, origin)| {
        let is_secure = match origin.scheme {
            "https" => true,
            "http" => plain_http || is_own_machine(origin.host),
            _ => false,
        };
        is_secure && url[text.len()..].bytes().all(is_path)
    })
}

/// Returns why no browser sends this text as the origin of one particular page.
pub(crate) fn fault(text: &str) -> Option<String> {
    let no_origin =
        || format!("`{text}` is not an origin: write it as in `https://example.com` or `http://localhost:3000`");
    if text == "null" {
        return Some(
            "`null` is the origin of every page that hides its own, such as a sandboxed frame: it cannot be allowed"
                .into(),
        );
    }
    if text.contains('*') {
        return Some(format!("`{text}` is a pattern, and patterns are not supported: name each origin"));
    }
    if !text.is_ascii() {
        return Some(format!("`{text}` is never sent by a browser: write its host in the form `xn--..`"));
    }
    let Some(origin) = WebOrigin::parse(text) else {
        // With a path, or the slash that an address bar shows.
        let bare = text.find("://").and_then(|at| text[at + 3..].find('/').map(|end| &text[..at + 3 + end]));
        let bare = bare.and_then(WebOrigin::parse).map(WebOrigin::serialized);
        return Some(
            bare.map_or_else(no_origin, |bare| format!("`{text}` has a path, and an origin has none: write `{bare}`")),
        );
    };
    let number = |port: &str| port.parse::<u16>().is_ok();
    let ends_in_number = origin
        .host
        .rsplit('.')
        .next()
        .is_some_and(|label| !label.is_empty() && label.bytes().all(|b| b.is_ascii_digit()));
    let is_web = origin.default_port().is_some();
    if !origin.port.is_none_or(number) || is_web && ends_in_number && origin.host.parse::<Ipv4Addr>().is_err() {
        return Some(no_origin());
    }
    let written = origin.serialized();
    (written != text).then(|| format!("`{text}` is never sent by a browser: write `{written}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s16_what_browsers_send_can_be_allowed() {
        for good in [
            "https://example.com",
            "http://localhost:3000",
            "https://app.example.com:8443",
            "http://127.0.0.1:8000",
            "https://[2001:db8::1]",
            "http://[::1]:5173",
            "https://xn--bcher-kva.example",
            "https://a_b.example.com",
            "https://example.com.",
            "capacitor://localhost",
            "ionic://localhost",
            "tauri://localhost",
            "app://com.example.Shop",
            "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
            "moz-extension://0d4a2c1e-1111-4222-8333-444455556666",
            "http://localhost:443",
            "https://localhost:80",
        ] {
            assert_eq!(fault(good), None, "{good}");
        }
    }

    #[test]
    fn s16_what_no_browser_sends_is_refused_with_what_it_would_send() {
        for (bad, instead) in [
            ("https://APP.example.com", "`https://app.example.com`"),
            ("HTTPS://app.example.com", "`https://app.example.com`"),
            ("https://app.example.com:443", "`https://app.example.com`"),
            ("http://app.example.com:80", "`http://app.example.com`"),
            ("https://app.example.com:0443", "`https://app.example.com`"),
            ("https://app.example.com:08443", "`https://app.example.com:8443`"),
            ("https://app.example.com/", "`https://app.example.com`"),
            ("https://app.example.com:8443/login?next=1", "`https://app.example.com:8443`"),
            ("http://[2001:DB8:0:0::1]:80", "`http://[2001:db8::1]`"),
            ("https://*.example.com", "name each origin"),
            ("*", "name each origin"),
            ("null", "cannot be allowed"),
            ("https://bücher.example", "xn--"),
        ] {
            let found = fault(bad).unwrap_or_default();
            assert!(found.contains(instead), "{bad}: {found}");
        }
        for bad in [
            "",
            "example.com",
            "//example.com",
            "https://",
            "https:example.com",
            "://example.com",
            "https://example.com:",
            "https://example.com:65536",
            "https://example.com:http",
            "https://user@example.com",
            "https://a b.example",
            "https://example.com#x",
            "https://127.1",
            "https://1",
            "http://[::1",
            "http://::1",
            "http://[x]",
            "file://",
            "https://example.com\n",
            "https://a.example,https://b.example",
            "1a://localhost",
        ] {
            assert!(fault(bad).is_some(), "{bad:?}");
        }
    }
}
