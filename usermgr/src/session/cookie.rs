//! What a session cookie looks like: its name and attributes, safe unless said otherwise.

use std::{borrow::Cow, time::Duration};

/// The attributes of a session cookie (RFC 6265bis). The default is what browsers can be made to hold to: the name has the prefix
/// `__Host-`, so that neither another site nor a page without TLS can set it, and scripts never see it (ASVS 5.0, 3.3.1 to 3.3.4).
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
}

/// To which requests of other sites a cookie is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameSite {
    /// To none.
    Strict,
    /// To navigations only, which change nothing.
    Lax,
    /// To all. It needs `Secure`, and leaves the origin check as the only defence against forged requests.
    None,
}

impl Default for CookieOptions {
    /// `__Host-usermgr`; until the browser ends; path `/`; no domain; `Secure`, `HttpOnly`, `SameSite=Lax`.
    fn default() -> Self {
        Self {
            name: Cow::Borrowed("__Host-usermgr"),
            max_age: None,
            path: Cow::Borrowed("/"),
            domain: None,
            secure: true,
            http_only: true,
            same_site: SameSite::Lax,
        }
    }
}

impl CookieOptions {
    /// The attributes of FastAPI Users' cookie, `fastapiusersauth`: the same but for the name, which any subdomain can set too.
    pub fn fastapi_users() -> Self {
        Self::default().name("fastapiusersauth")
    }

    /// The name, at most 256 bytes. A prefix is a promise that is checked, in whatever case, as browsers do: `__Host-` needs `Secure`, the
    /// path `/` and no domain; `__Secure-` needs `Secure`; `__Http-` and `__Host-Http-` need `HttpOnly` too.
    #[must_use]
    pub fn name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.name = name.into();
        self
    }

    /// How long the browser keeps it, in whole seconds, at least one; browsers keep none for more than 400 days. Default: until the browser
    /// ends, however long the session lives. What ends a session is the strategy, not the browser.
    #[must_use]
    pub fn max_age(mut self, span: Duration) -> Self {
        self.max_age = Some(span);
        self
    }

    /// The path below which it is sent.
    #[must_use]
    pub fn path(mut self, path: impl Into<Cow<'static, str>>) -> Self {
        self.path = path.into();
        self
    }

    /// The domain whose hosts it is sent to, as in `example.com`; without one only the host that set it. It rules the prefix `__Host-` out.
    #[must_use]
    pub fn domain(mut self, domain: impl Into<Cow<'static, str>>) -> Self {
        self.domain = Some(domain.into());
        self
    }

    /// To which requests of other sites it is added. Default: [`SameSite::Lax`].
    #[must_use]
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.same_site = same_site;
        self
    }

    /// Leaves `Secure` and the prefix of the name out, for development without TLS. Everybody on the way can read the cookie.
    #[must_use]
    pub fn dangerous_insecure(mut self) -> Self {
        self.secure = false;
        if let Some(prefix) = Prefix::of(&self.name) {
            self.name = Cow::Owned(self.name[prefix.text.len()..].to_owned());
        }
        self
    }

    /// Leaves `HttpOnly` out. A script that gets into a page can then steal the session.
    #[must_use]
    pub fn dangerous_script_access(mut self) -> Self {
        self.http_only = false;
        self
    }

    /// The name it has on the wire.
    pub fn cookie_name(&self) -> &str {
        &self.name
    }

    /// What browsers would refuse, or read as something else (RFC 6265bis, 5.4 to 5.7).
    pub(crate) fn faults(&self) -> Vec<String> {
        let Self { name, max_age, path, domain, secure, http_only, same_site } = self;
        let token = |text: &str| {
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?={}".contains(&b))
        };
        let value = |text: &str| text.len() <= MAX_ATTRIBUTE && text.bytes().all(|b| b.is_ascii_graphic() && b != b';');
        let host_only = path == "/" && domain.is_none();
        let prefix = Prefix::of(name);
        let rules = [
            (!token(name), "its name must be made of letters, digits and signs that need no quotes"),
            (
                name.len() > MAX_NAME,
                "its name is too long: name and token must stay below the 4096 bytes that browsers take",
            ),
            (max_age.is_some_and(|age| age < Duration::from_secs(1)), "an age below a second takes it away at once"),
            (
                !path.starts_with('/') || !value(path),
                "its path must begin with `/`, have neither spaces nor semicolons, and at most 1024 bytes",
            ),
            (
                domain.as_deref().is_some_and(|domain| !is_domain(domain)),
                "its domain is none: write it as in `example.com`; no cookie is for all hosts of a top-level domain",
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

    /// Whether browsers take it with this token: name and value have 4096 bytes at most (RFC 6265bis, 5.6).
    #[cfg(feature = "http")]
    pub(crate) fn can_carry(&self, token: &str) -> bool {
        self.name.len() + token.len() <= 4096
    }
}

/// The longest name, in bytes: what is left of 4096 is more than every token of ours needs.
const MAX_NAME: usize = 256;
/// The longest path or domain that browsers read (RFC 6265bis, 5.6).
const MAX_ATTRIBUTE: usize = 1024;

/// A beginning of a name that is a promise (RFC 6265bis, 4.1.3). Browsers know it in whatever case.
#[derive(Clone, Copy)]
struct Prefix {
    text: &'static str,
    needs_host: bool,
    needs_http: bool,
}

/// The longer ones first.
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

/// Whether it is the name of a domain below a top-level one. Browsers ignore a dot before it.
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
