//! Where an answer may send a browser: a path of the same origin or a page of a listed origin goes in, and a target comes out. There is no other
//! way to make one, so that no link can choose where a login ends (CWE-601; ASVS 5.0, 3.7.2).

use ::http::HeaderValue;

use crate::{
    config_error::ConfigError,
    origin::{WebOrigin, fault},
};

/// The longest target, in bytes.
const LONGEST: usize = 2048;

/// The target of a redirect. It is made from a [path of the same origin](Self::path) or by a [list of origins](RedirectOrigins).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectTarget(HeaderValue);

impl RedirectTarget {
    /// A path of the same origin, with its query and fragment; `None` for everything else, and for what a browser could read as a host.
    ///
    /// ```
    /// use usermgr::http::RedirectTarget;
    /// assert!(RedirectTarget::path("/account?tab=sessions").is_some());
    /// for elsewhere in ["https://evil.example", "//evil.example", "/\\evil.example", "account", ""] {
    ///     assert!(RedirectTarget::path(elsewhere).is_none());
    /// }
    /// ```
    pub fn path(path: &str) -> Option<Self> {
        let one_slash = path.starts_with('/') && !path[1..].starts_with('/');
        (one_slash && is_plain(path)).then(|| HeaderValue::try_from(path).ok().map(Self)).flatten()
    }

    /// A URI that an application has listed.
    #[cfg(feature = "oauth-bare")]
    pub(super) fn listed(uri: HeaderValue) -> Self {
        Self(uri)
    }

    /// The target as a text.
    #[cfg(feature = "pages")]
    pub(crate) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    pub(super) fn value(&self) -> &HeaderValue {
        &self.0
    }
}

/// Whether browsers read a text unchanged: they drop tabs and line ends, and treat a backslash as a slash (WHATWG URL, 4.4).
pub(super) fn is_plain(text: &str) -> bool {
    text.len() <= LONGEST && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

/// The origins to whose pages an answer may send a browser.
///
/// ```
/// use usermgr::http::RedirectOrigins;
/// let origins = RedirectOrigins::new(["https://app.example.com"])?;
/// assert!(origins.target("https://app.example.com/welcome").is_some());
/// assert!(origins.target("/welcome").is_some());
/// assert!(origins.target("https://app.example.com.evil.example/welcome").is_none());
/// # Ok::<(), usermgr::ConfigError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct RedirectOrigins(Vec<String>);

impl RedirectOrigins {
    /// These origins, as browsers write them: `https://app.example.com`, `http://localhost:3000`.
    ///
    /// # Errors
    /// [`ConfigError`] for a pattern, and for a text that is not the origin of a page.
    pub fn new(origins: impl IntoIterator<Item = impl Into<String>>) -> Result<Self, ConfigError> {
        let origins: Vec<String> = origins.into_iter().map(Into::into).collect();
        let faults: Vec<_> = origins.iter().filter_map(|origin| fault(origin)).map(ConfigError::new).collect();
        if faults.is_empty() { Ok(Self(origins)) } else { Err(ConfigError::join(faults)) }
    }

    /// A page of one of the origins, or a path as for [`RedirectTarget::path`]; `None` for everything else.
    pub fn target(&self, url: &str) -> Option<RedirectTarget> {
        if let Some(target) = RedirectTarget::path(url) {
            return Some(target);
        }
        // The text before an `@` is not a host, and no listed origin contains an `@`.
        let (origin, _) = WebOrigin::at(url)?;
        let listed = self.0.iter().any(|known| known == origin);
        (listed && is_plain(url)).then(|| HeaderValue::try_from(url).ok().map(RedirectTarget)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s10_no_target_leads_to_a_place_that_is_not_listed() {
        let origins = RedirectOrigins::new(["https://app.example.com", "http://localhost:3000"]).unwrap();
        for good in [
            "/",
            "/account",
            "/a//b?next=//c#d",
            "https://app.example.com",
            "https://app.example.com/",
            "https://app.example.com?a=b",
            "https://app.example.com#a",
            "http://localhost:3000/a",
        ] {
            let target = origins.target(good).unwrap_or_else(|| panic!("{good}"));
            assert_eq!(target.value(), good);
            assert_eq!(RedirectTarget::path(good).is_some(), good.starts_with('/'), "{good}");
        }
        let long = format!("/{}", "a".repeat(LONGEST));
        for bad in [
            "",
            "account",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "/a b",
            "/\u{e9}",
            "/a\r\nset-cookie: a=b",
            "javascript:alert(1)",
            "data:text/html,x",
            "https:/evil.example",
            "https://evil.example",
            "http://app.example.com",
            "https://app.example.com:8443",
            "https://app.example.com.evil.example",
            "https://app.example.com@evil.example",
            "https://app.example.com\\@evil.example",
            "https://app.example.com/\\evil",
            "https://app.example.com/a\nb",
            "HTTPS://app.example.com",
            &long,
        ] {
            assert_eq!(origins.target(bad), None, "{bad:?}");
            assert_eq!(RedirectTarget::path(bad), None, "{bad:?}");
        }
        for bad in ["*", "https://*.example.com", "null", "https://app.example.com/"] {
            assert!(RedirectOrigins::new([bad]).is_err(), "{bad}");
        }
        assert_eq!(RedirectOrigins::default().target("https://app.example.com"), None);
    }
}
