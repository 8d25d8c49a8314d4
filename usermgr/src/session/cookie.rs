//! The name and the attributes of a session cookie. The defaults are the safe ones.

use std::{borrow::Cow, time::Duration};

use crate::realm::Realm;

/// The name that a cookie has by default.
const NAME: &str = "__Host-usermgr";

/// The attributes of a session cookie (RFC 6265bis). The default uses all protections that browsers enforce. The name
/// has the prefix `__Host-`, so that neither another host nor a page without TLS can set the cookie. Scripts cannot
/// read it (ASVS 5.0, 3.3.1 to 3.3.4).
///
/// For a store with a [realm](crate::UserStore::realm), the default name ends with `-REALM`, so that a browser keeps the
/// cookies of several kinds of user on one host. A name of your own stays as it is: give each kind another one.
///
/// ```
/// use usermgr::{Backend, CookieOptions, Database, MemoryStore};
/// let backend: Backend<MemoryStore> = Backend::cookie("cookie", CookieOptions::default(), Database::new());
/// # let _ = backend;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "http"), allow(dead_code, reason = "only HTTP writes cookies"))]
pub struct CookieOptions {
    pub(crate) name: Cow<'static, str>,
    pub(crate) max_age: Option<Duration>,
    pub(crate) path: Cow<'static, str>,
    pub(crate) domain: Option<Cow<'static, str>>,
    pub(crate) secure: bool,
    pub(crate) http_only: bool,
    pub(crate) same_site: SameSite,
    /// Whether the application has given the name.
    pub(crate) is_named: bool,
    /// The realm of the engine that sets the cookie.
    #[cfg_attr(not(feature = "pages"), allow(dead_code, reason = "pages set cookies beside it"))]
    pub(crate) realm: Realm,
}

/// The cross-site requests to which a browser adds a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SameSite {
    /// No cross-site requests.
    Strict,
    /// Only top-level navigations with safe methods, such as following a link.
    Lax,
    /// All cross-site requests. It needs `Secure`. The origin check is then the only protection against cross-site
    /// request forgery.
    None,
}

impl Default for CookieOptions {
    /// Returns the default: name `__Host-usermgr`, no maximum age, path `/`, no domain, `Secure`, `HttpOnly`,
    /// `SameSite=Lax`.
    fn default() -> Self {
        Self {
            name: Cow::Borrowed(NAME),
            max_age: None,
            path: Cow::Borrowed("/"),
            domain: None,
            secure: true,
            http_only: true,
            same_site: SameSite::Lax,
            is_named: false,
            realm: Realm::default(),
        }
    }
}

impl CookieOptions {
    /// Returns the attributes of FastAPI Users' cookie, `fastapiusersauth`. Only the name differs from the default.
    /// Without a prefix, any subdomain can set this cookie too.
    pub fn fastapi_users() -> Self {
        Self::default().name("fastapiusersauth")
    }

    /// Sets the name, at most 256 bytes. `build` verifies the rules of the prefixes, in any letter case, as browsers
    /// do: `__Host-` needs `Secure`, the path `/` and no domain. `__Secure-` needs `Secure`. `__Http-` and
    /// `__Host-Http-` need `HttpOnly` too.
    #[must_use]
    pub fn name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        (self.name, self.is_named) = (name.into(), true);
        self
    }

    /// Sets how long the browser keeps the cookie, in whole seconds, at least one. Browsers limit it to 400 days.
    /// Default: until the browser session ends, even if the session on the server lives longer. It does not end the
    /// session on the server; the strategy does.
    #[must_use]
    pub fn max_age(mut self, span: Duration) -> Self {
        self.max_age = Some(span);
        self
    }

    /// Sets the path below which browsers send the cookie. Default: `/`.
    #[must_use]
    pub fn path(mut self, path: impl Into<Cow<'static, str>>) -> Self {
        self.path = path.into();
        self
    }

    /// Sets the domain to whose hosts browsers send the cookie, such as `example.com`. It excludes the prefix
    /// `__Host-`. Default: only the host that set the cookie.
    #[must_use]
    pub fn domain(mut self, domain: impl Into<Cow<'static, str>>) -> Self {
        self.domain = Some(domain.into());
        self
    }

    /// Sets the cross-site requests to which browsers add the cookie. Default: [`SameSite::Lax`].
    #[must_use]
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.same_site = same_site;
        self
    }

    /// Removes `Secure` and the prefix of the name, for development without TLS. Everybody on the network path can then
    /// read the cookie.
    #[must_use]
    pub fn dangerous_insecure(mut self) -> Self {
        self.secure = false;
        if let Some(prefix) = Prefix::of(&self.name) {
            self.name = Cow::Owned(self.name[prefix.text.len()..].to_owned());
        }
        self
    }

    /// Removes `HttpOnly`. A script that is injected into a page can then steal the session.
    #[must_use]
    pub fn dangerous_script_access(mut self) -> Self {
        self.http_only = false;
        self
    }

    /// Returns the cookie of an engine whose users are of this realm. The default name gets the name of the realm.
    pub(crate) fn in_realm(mut self, realm: &Realm) -> Self {
        if !self.is_named {
            self.name = realm.after(&self.name, '-').into();
        }
        Self { realm: realm.clone(), ..self }
    }

    /// Returns a cookie for a browser that has this one: of the same realm, and `Secure` if this one is.
    #[cfg(feature = "pages")]
    pub(crate) fn beside(&self, name: &'static str, span: Duration) -> Self {
        let options = Self::default().name(self.realm.after(name, '-')).max_age(span);
        if self.secure { options } else { options.dangerous_insecure() }
    }

    /// Returns the name of the cookie.
    pub fn cookie_name(&self) -> &str {
        &self.name
    }

    /// Returns the settings that browsers would reject or interpret differently (RFC 6265bis, 5.4 to 5.7).
    pub(crate) fn faults(&self) -> Vec<String> {
        let Self { name, max_age, path, domain, secure, http_only, same_site, is_named: _, realm: _ } = self;
        let token = |text: &str| {
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?={}".contains(&b))
        };
        let value = |text: &str| text.len() <= MAX_ATTRIBUTE && text.bytes().all(|b| b.is_ascii_graphic() && b != b';');
        let host_only = path == "/" && domain.is_none();
        let prefix = Prefix::of(name);
        let rules = [
            (!token(name), "its name must consist of letters, digits and characters that need no quotes"),
            (
                name.len() > MAX_NAME,
                "its name must have at most 256 bytes: browsers accept 4096 bytes for name and token",
            ),
            (max_age.is_some_and(|age| age < Duration::from_secs(1)), "its maximum age must be at least one second"),
            (
                !path.starts_with('/') || !value(path),
                "its path must begin with `/`, contain no space and no semicolon, and have at most 1024 bytes",
            ),
            (
                domain.as_deref().is_some_and(|domain| !is_domain(domain)),
                "its domain is invalid: use a domain such as `example.com`, which is not a top-level domain",
            ),
            (
                prefix.is_some_and(|prefix| prefix.needs_host && !(*secure && host_only)),
                "the prefix `__Host-` needs `Secure`, the path `/` and no domain",
            ),
            (
                prefix.is_some_and(|prefix| !prefix.needs_host && !secure),
                "the prefixes `__Secure-` and `__Http-` need `Secure`",
            ),
            (
                prefix.is_some_and(|prefix| prefix.needs_http && !http_only),
                "the prefixes `__Http-` and `__Host-Http-` need `HttpOnly`",
            ),
            (*same_site == SameSite::None && !secure, "`SameSite=None` needs `Secure`"),
        ];
        rules
            .into_iter()
            .filter(|(broken, _)| *broken)
            .map(|(_, rule)| format!("the cookie `{}`: {rule}", &name[..name.floor_char_boundary(64)]))
            .collect()
    }

    /// Returns whether browsers accept the cookie with this token. Name and value together have at most 4096 bytes (RFC
    /// 6265bis, 5.6).
    #[cfg(feature = "http")]
    pub(crate) fn can_carry(&self, token: &str) -> bool {
        self.name.len() + token.len() <= 4096
    }
}

/// The longest name, in bytes. The rest of the 4096 bytes is enough for every token of the library.
const MAX_NAME: usize = 256;
/// The longest path or domain that browsers accept, in bytes (RFC 6265bis, 5.6).
const MAX_ATTRIBUTE: usize = 1024;

/// A prefix of a name and its requirements (RFC 6265bis, 4.1.3). Browsers ignore its letter case.
#[derive(Clone, Copy)]
struct Prefix {
    text: &'static str,
    needs_host: bool,
    needs_http: bool,
}

/// Longer prefixes come first.
const PREFIXES: [Prefix; 4] = [
    Prefix { text: "__Host-Http-", needs_host: true, needs_http: true },
    Prefix { text: "__Host-", needs_host: true, needs_http: false },
    Prefix { text: "__Http-", needs_host: false, needs_http: true },
    Prefix { text: "__Secure-", needs_host: false, needs_http: false },
];

impl Prefix {
    fn of(name: &str) -> Option<Self> {
        let begins =
            |prefix: &Self| name.get(..prefix.text.len()).is_some_and(|it| it.eq_ignore_ascii_case(prefix.text));
        PREFIXES.into_iter().find(begins)
    }
}

/// Returns whether the text is a domain below a top-level domain. Browsers ignore a leading dot.
fn is_domain(text: &str) -> bool {
    let text = text.strip_prefix('.').unwrap_or(text);
    let label =
        |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    text.len() <= MAX_ATTRIBUTE && text.contains('.') && text.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s3_the_defaults_are_good() {
        assert!(CookieOptions::default().faults().is_empty() && CookieOptions::fastapi_users().faults().is_empty());
    }

    #[test]
    fn x14_what_a_browser_would_refuse_is_refused_here() {
        let default = CookieOptions::default;
        for broken in [
            default().domain("example.com"),
            default().path("/app"),
            default().name("a b"),
            default().name(""),
            default().name("a;b"),
            default().name("a").path("app"),
            default().name("a").domain("example.com; Secure"),
            default().dangerous_insecure().name("__Secure-a"),
            default().dangerous_insecure().same_site(SameSite::None),
            default().name("__host-a").path("/app"),
            default().name("__HOST-a").domain("example.com"),
            default().dangerous_insecure().name("__secure-a"),
            default().dangerous_insecure().name("__http-a"),
            default().name("__Http-a").dangerous_script_access(),
            default().name("__Host-Http-a").dangerous_script_access(),
            default().name("__host-http-a").path("/app"),
            default().name("a".repeat(257)),
            default().max_age(Duration::ZERO),
            default().max_age(Duration::from_millis(999)),
            default().name("a").domain("com"),
            default().name("a").domain("localhost"),
            default().name("a").domain(".com"),
            default().name("a").domain("example.com."),
            default().name("a").domain("*.example.com"),
            default().name("a").domain("https://example.com"),
            default().name("a").domain(format!("{}.com", "a".repeat(1024))),
            default().name("a").path(format!("/{}", "a".repeat(1024))),
        ] {
            assert_eq!(broken.faults().len(), 1, "{broken:?}: {:?}", broken.faults());
        }
        for good in [
            default().name("__Secure-a").domain(".example.com").path("/app"),
            default().name("__Http-a").domain("example.com"),
            default().name("__Host-Http-a"),
            default().name("a".repeat(256)),
            default().max_age(Duration::from_secs(1)),
            default().name("__HOST-a").dangerous_insecure(),
            default().name("__Host-Http-a").dangerous_insecure().dangerous_script_access(),
        ] {
            assert!(good.faults().is_empty(), "{good:?}: {:?}", good.faults());
        }
        assert_eq!(default().name("__host-a").dangerous_insecure().cookie_name(), "a");
    }
}
