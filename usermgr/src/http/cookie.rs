//! The header that sets or removes a session cookie: the cookie's options and a token go in, and the header's value comes out. A cookie that
//! turns out to be invalid while a request is handled is removed by its response.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use ::http::{header, request::Parts};

use super::{Outgoing, Problem};
use crate::session::{CookieOptions, SameSite};

/// The cookies that the response to a request removes, as `Set-Cookie` values. They are kept with the request, since only its handler
/// knows whether credentials are read at all. A request without cookies has none to remove.
#[derive(Clone, Default)]
pub(crate) struct Discarded(Option<Arc<OnceLock<Vec<String>>>>);

impl Discarded {
    /// Is kept with a request that has cookies.
    pub(super) fn follow(parts: &mut Parts) -> Self {
        if !parts.headers.contains_key(header::COOKIE) {
            return Self::default();
        }
        let discarded = Self(Some(Arc::default()));
        parts.extensions.insert(discarded.clone());
        discarded
    }

    /// Notes the cookies to remove, if the request is for one of the library's routes.
    pub(super) fn note(parts: &Parts, cookies: &[String]) {
        let kept = || parts.extensions.get::<Self>().and_then(|discarded| discarded.0.as_ref());
        if let Some(kept) = (!cookies.is_empty()).then(kept).flatten() {
            kept.get_or_init(|| cookies.to_vec());
        }
    }

    /// The response that removes them.
    pub(crate) fn answer(&self, outcome: Result<Outgoing, Problem>) -> Outgoing {
        let answer = outcome.unwrap_or_else(Problem::into_outgoing);
        self.0.iter().filter_map(|kept| kept.get()).flatten().fold(answer, |answer, cookie| answer.with_cookie(cookie))
    }
}

impl CookieOptions {
    /// The value of a `Set-Cookie` header that gives the browser this token.
    pub(crate) fn set(&self, token: &str) -> String {
        self.render(token, self.max_age)
    }

    /// The value of a `Set-Cookie` header that removes it, with the same attributes.
    pub(crate) fn clear(&self) -> String {
        self.render("\"\"", Some(Duration::ZERO))
    }

    fn render(&self, value: &str, max_age: Option<Duration>) -> String {
        let Self { name, max_age: _, path, domain, secure, http_only, same_site, is_named: _, realm: _ } = self;
        let attributes = [
            domain.as_ref().map(|domain| format!("Domain={domain}")),
            http_only.then(|| "HttpOnly".to_owned()),
            max_age.map(|span| format!("Max-Age={}", span.as_secs())),
            Some(format!("Path={path}")),
            Some(format!("SameSite={}", same_site.as_str())),
            secure.then(|| "Secure".to_owned()),
        ];
        attributes
            .into_iter()
            .flatten()
            .fold(format!("{name}={value}"), |cookie, attribute| format!("{cookie}; {attribute}"))
    }
}

impl SameSite {
    fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Lax => "lax",
            Self::None => "none",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s3_the_default_is_safe_and_taken_away_with_the_same_attributes() {
        let cookie = CookieOptions::default();
        assert_eq!(cookie.set("abc"), "__Host-usermgr=abc; HttpOnly; Path=/; SameSite=lax; Secure");
        assert_eq!(cookie.clear(), "__Host-usermgr=\"\"; HttpOnly; Max-Age=0; Path=/; SameSite=lax; Secure");
    }

    #[test]
    fn every_attribute_is_written() {
        let cookie = CookieOptions::fastapi_users()
            .max_age(Duration::from_secs(3600))
            .path("/app")
            .domain("example.com")
            .same_site(SameSite::Strict)
            .dangerous_script_access();
        assert_eq!(
            cookie.set("abc"),
            "fastapiusersauth=abc; Domain=example.com; Max-Age=3600; Path=/app; SameSite=strict; Secure"
        );
        assert_eq!(
            CookieOptions::default().dangerous_insecure().set("abc"),
            "usermgr=abc; HttpOnly; Path=/; SameSite=lax"
        );
    }
}
