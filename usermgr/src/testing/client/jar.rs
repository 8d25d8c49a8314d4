//! The cookies of a client: `Set-Cookie` goes in, `Cookie` comes out, by the rules of browsers over HTTPS (RFC 6265bis, 5.6 to 5.8).

use std::borrow::Cow;

use jiff::Timestamp;

use crate::{
    realm::Realm,
    session::{CookieOptions, SameSite},
};

/// Cookies, the oldest first.
#[derive(Clone, Default)]
pub(super) struct Jar(Vec<Cookie>);

#[derive(Clone)]
struct Cookie {
    name: String,
    value: String,
    host: String,
    /// Whether subdomains receive the cookie too.
    with_subdomains: bool,
    path: String,
}

impl Cookie {
    fn is_for(&self, host: &str, path: &str) -> bool {
        let for_host = host == self.host || self.with_subdomains && is_below(host, &self.host);
        let for_path = path
            .strip_prefix(&*self.path)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || self.path.ends_with('/'));
        for_host && for_path
    }

    fn is_same_place(&self, other: &Self) -> bool {
        let place =
            |cookie: &Self| (cookie.name.clone(), cookie.host.clone(), cookie.with_subdomains, cookie.path.clone());
        place(self) == place(other)
    }
}

/// The attributes of a `Set-Cookie` value that have an effect here. If one is repeated, the last one counts.
#[derive(Default)]
struct Attributes<'a> {
    domain: Option<&'a str>,
    path: Option<&'a str>,
    /// In seconds.
    max_age: Option<i64>,
    expires: Option<Timestamp>,
    secure: bool,
    http_only: bool,
    same_site_none: bool,
}

impl<'a> Attributes<'a> {
    fn parse(text: impl Iterator<Item = &'a str>) -> Self {
        let mut attributes = Self::default();
        for part in text {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let value = value.trim();
            match name.trim().to_ascii_lowercase().as_str() {
                "domain" => attributes.domain = Some(value.trim_start_matches('.')).filter(|domain| !domain.is_empty()),
                "path" => attributes.path = Some(value).filter(|path| path.starts_with('/')),
                "max-age" => attributes.max_age = value.parse().ok(),
                "expires" => attributes.expires = jiff::fmt::rfc2822::parse(value).ok().map(|zoned| zoned.timestamp()),
                "secure" => attributes.secure = true,
                "httponly" => attributes.http_only = true,
                "samesite" => attributes.same_site_none = value.eq_ignore_ascii_case("none"),
                _ => {}
            }
        }
        attributes
    }

    /// Whether the cookie has expired already, which is how a response removes one.
    fn has_ended(&self) -> bool {
        match self.max_age {
            Some(seconds) => seconds <= 0,
            None => self.expires.is_some_and(|end| end <= Timestamp::now()),
        }
    }
}

impl Jar {
    /// Stores a `Set-Cookie` value of the response to a request to this host and path.
    ///
    /// # Panics
    /// If browsers would refuse it.
    pub(super) fn take(&mut self, set_cookie: &str, host: &str, path: &str) {
        let mut parts = set_cookie.split(';');
        let pair = parts.next().unwrap_or_default();
        let (name, value) = pair.split_once('=').expect("a cookie of the answer has no name");
        let (name, value) = (name.trim(), value.trim());
        let attributes = Attributes::parse(parts);
        let path = attributes.path.unwrap_or_else(|| default_path(path));
        let options = CookieOptions {
            name: Cow::Owned(name.to_owned()),
            max_age: None,
            path: Cow::Owned(path.to_owned()),
            domain: attributes.domain.map(|domain| Cow::Owned(domain.to_owned())),
            secure: attributes.secure,
            http_only: attributes.http_only,
            same_site: if attributes.same_site_none { SameSite::None } else { SameSite::Lax },
            is_named: true,
            realm: Realm::default(),
        };
        let faults = options.faults();
        assert!(faults.is_empty(), "browsers would refuse a cookie of the answer: {}", faults.join("; "));
        let domain = attributes.domain.map(str::to_ascii_lowercase);
        if let Some(domain) = domain.as_deref().filter(|domain| *domain != host && !is_below(host, domain)) {
            panic!(
                "browsers would refuse the cookie `{name}`: it is for `{domain}`, and the request went to `{host}`; give the client a \
                 host, as in `.header(\"host\", \"{domain}\")`"
            );
        }
        let with_subdomains = domain.is_some();
        let cookie = Cookie {
            name: name.to_owned(),
            value: value.to_owned(),
            host: domain.unwrap_or_else(|| host.to_owned()),
            with_subdomains,
            path: path.to_owned(),
        };
        if attributes.has_ended() {
            self.0.retain(|known| !known.is_same_place(&cookie));
        } else {
            self.keep(cookie);
        }
    }

    /// A cookie for all paths of only this host.
    pub(super) fn put(&mut self, name: &str, value: &str, host: &str) {
        let (name, value, host) = (name.to_owned(), value.to_owned(), host.to_owned());
        self.keep(Cookie { name, value, host, with_subdomains: false, path: "/".to_owned() });
    }

    /// Keeps the position of the cookie that it replaces.
    fn keep(&mut self, cookie: Cookie) {
        match self.0.iter_mut().find(|known| known.is_same_place(&cookie)) {
            Some(known) => *known = cookie,
            None => self.0.push(cookie),
        }
    }

    /// The value of a `Cookie` header for a request to this host and path: longer paths first, then older cookies.
    pub(super) fn header(&self, host: &str, path: &str) -> Option<String> {
        let mut sent: Vec<_> = self.0.iter().filter(|cookie| cookie.is_for(host, path)).collect();
        sent.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pairs: Vec<_> = sent.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// The value of the newest cookie of this name.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|cookie| cookie.name == name).map(|cookie| cookie.value.as_str())
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|cookie| cookie.name.as_str())
    }
}

fn is_below(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

/// The folder of the requested path (RFC 6265bis, 5.1.4).
fn default_path(path: &str) -> &str {
    match path.rfind('/') {
        Some(0) | None => "/",
        Some(end) => &path[..end],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "app.example.com";

    fn jar(cookies: &[&str]) -> Jar {
        let mut jar = Jar::default();
        for cookie in cookies {
            jar.take(cookie, HOST, "/auth/web/login");
        }
        jar
    }

    #[test]
    fn a_cookie_goes_to_its_host_and_below_its_path() {
        for (cookie, host, path, sent) in [
            ("a=1; Path=/", HOST, "/", true),
            ("a=1; path=/; SECURE; httponly", HOST, "/notes/7", true),
            ("a=1; Path=/", "example.com", "/", false),
            ("a=1; Path=/", "www.app.example.com", "/", false),
            ("a=1; Path=/; Domain=.Example.com", "example.com", "/", true),
            ("a=1; Path=/; Domain=example.com", "other.example.com", "/", true),
            ("a=1; Path=/; Domain=example.com", "otherexample.com", "/", false),
            ("a=1; Path=/notes", HOST, "/notes", true),
            ("a=1; Path=/notes", HOST, "/notes/7", true),
            ("a=1; Path=/notes", HOST, "/notes-of-others", false),
            ("a=1; Path=/notes/", HOST, "/notes/7", true),
            ("a=1", HOST, "/auth/web/logout", true),
            ("a=1; Path=web", HOST, "/auth/web", true),
            ("a=1", HOST, "/auth", false),
        ] {
            assert_eq!(jar(&[cookie]).header(host, path).is_some(), sent, "{cookie} to {host}{path}");
        }
    }

    #[test]
    fn a_cookie_is_replaced_and_removed_at_its_place() {
        let set = ["a=1; Path=/", "b=2; Path=/auth", "a=3; Path=/"];
        assert_eq!(jar(&set).header(HOST, "/auth/x").as_deref(), Some("b=2; a=3"));
        for ended in [
            "a=\"\"; Path=/; Max-Age=0",
            "a=x; Path=/; Max-Age=-1; Expires=Fri, 01 Jan 2100 00:00:00 GMT",
            "a=x; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        ] {
            assert_eq!(jar(&[set[0], set[1], ended]).header(HOST, "/auth/x").as_deref(), Some("b=2"), "{ended}");
        }
        for kept in [
            "a=1; Path=/auth; Max-Age=0",
            "a=1; Path=/; Expires=Fri, 01 Jan 2100 00:00:00 GMT",
            "a=1; Path=/; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            "a=1; Path=/; Max-Age=soon",
        ] {
            assert_eq!(jar(&[set[0], kept]).header(HOST, "/").as_deref(), Some("a=1"), "{kept}");
        }
    }

    #[test]
    fn what_browsers_refuse_fails_the_test() {
        for refused in [
            "__Host-a=1; Path=/",
            "__Host-a=1; Secure; Path=/auth",
            "__Host-a=1; Secure",
            "__Host-a=1; Secure; Path=/; Domain=example.com",
            "__Secure-a=1; Path=/",
            "a=1; Path=/; SameSite=None",
            "a=1; Path=/; Domain=example.org",
            "a=1; Path=/; Domain=com",
            "a=1; Path=/; Domain=www.app.example.com",
            "a b=1",
            "=1",
            "a",
        ] {
            assert!(std::panic::catch_unwind(|| jar(&[refused])).is_err(), "{refused}");
        }
        assert_eq!(jar(&["__Host-a=1; Secure; Path=/"]).value("__Host-a"), Some("1"));
    }
}
