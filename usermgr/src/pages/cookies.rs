//! The small cookies of pages: the notice of what was done, the address to which a mail was sent, the name of the request for a login by
//! mail, the sign-in that waits for its second factor, whether a passkey was offered, and the chosen language. None of them gives a right by itself, and each is shown as a
//! text of the library or as an address, so that no page says what a stranger wrote.

use std::time::Duration;

use ::http::{HeaderMap, HeaderValue};

use crate::{
    http::{PENDING_COOKIE, PENDING_SPAN, cookies},
    session::CookieOptions,
};

/// A cookie of pages.
#[derive(Clone, Copy)]
pub(super) struct PageCookie {
    name: &'static str,
    span: Duration,
}

/// The code of a notice, shown once.
pub(super) const DONE: PageCookie = PageCookie { name: "__Host-usermgr-done", span: Duration::from_secs(60) };
/// What kind of mail was sent, and to which address.
pub(super) const SENT: PageCookie = PageCookie { name: "__Host-usermgr-sent", span: Duration::from_secs(600) };
/// The request for a login by mail, with which its code is good.
pub(super) const REQUEST: PageCookie = PageCookie { name: "__Host-usermgr-request", span: Duration::from_secs(900) };
/// The token of a sign-in that waits for its second factor, and the kinds of factors.
pub(super) const PENDING: PageCookie = PageCookie { name: PENDING_COOKIE, span: PENDING_SPAN };
/// A passkey was offered in this browser.
pub(super) const OFFERED: PageCookie =
    PageCookie { name: "__Host-usermgr-offered", span: Duration::from_secs(90 * 86_400) };
/// The language that the person chose.
pub(super) const LANGUAGE: PageCookie =
    PageCookie { name: "__Host-usermgr-language", span: Duration::from_secs(31_536_000) };

impl PageCookie {
    /// Its value in a request, beside the cookie of the session.
    pub(super) fn read(self, headers: &HeaderMap, session: &CookieOptions) -> Option<String> {
        cookies(headers, self.options(session).cookie_name()).into_iter().next()
    }

    /// Sets it. The value has no character that a cookie cannot have.
    pub(super) fn set(self, value: &str, session: &CookieOptions) -> Option<HeaderValue> {
        HeaderValue::try_from(self.options(session).set(value)).ok()
    }

    /// Removes it.
    pub(super) fn clear(self, session: &CookieOptions) -> Option<HeaderValue> {
        HeaderValue::try_from(self.options(session).clear()).ok()
    }

    fn options(self, session: &CookieOptions) -> CookieOptions {
        session.beside(self.name, self.span)
    }
}
