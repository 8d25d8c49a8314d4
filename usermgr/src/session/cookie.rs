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

    /// The name. A prefix is a promise that is checked: `__Host-` needs `Secure`, the path `/` and no domain; `__Secure-` needs `Secure`.
    #[must_use]
    pub fn name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.name = name.into();
        self
    }

    /// How long the browser keeps it, in whole seconds. What ends a session is the strategy, not the browser.
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

    /// The domain whose hosts it is sent to; without one only the host that set it. It rules the prefix `__Host-` out.
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
        let bare = ["__Host-", "__Secure-"].iter().find_map(|prefix| self.name.strip_prefix(prefix)).map(str::to_owned);
        self.name = bare.map_or(self.name, Cow::Owned);
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

    /// What browsers would refuse, or read as something else.
    pub(crate) fn faults(&self) -> Vec<String> {
        let Self { name, max_age: _, path, domain, secure, http_only: _, same_site } = self;
        let token = |text: &str| {
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?={}".contains(&b))
        };
        let value = |text: &str| text.bytes().all(|b| b.is_ascii_graphic() && b != b';');
        let host_only = path == "/" && domain.is_none();
        let rules = [
            (!token(name), "its name must be made of letters, digits and signs that need no quotes"),
            (
                !path.starts_with('/') || !value(path),
                "its path must begin with `/` and have neither spaces nor semicolons",
            ),
            (domain.as_deref().is_some_and(|domain| domain.is_empty() || !value(domain)), "its domain is none"),
            (
                name.starts_with("__Host-") && !(*secure && host_only),
                "the prefix `__Host-` needs `Secure`, the path `/` and no domain",
            ),
            (name.starts_with("__Secure-") && !secure, "the prefix `__Secure-` needs `Secure`"),
            (*same_site == SameSite::None && !secure, "`SameSite=None` needs `Secure`"),
        ];
        rules
            .into_iter()
            .filter(|(broken, _)| *broken)
            .map(|(_, rule)| format!("the cookie `{name}`: {rule}"))
            .collect()
    }
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
        ] {
            assert_eq!(broken.faults().len(), 1, "{broken:?}: {:?}", broken.faults());
        }
    }
}
