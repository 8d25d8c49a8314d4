//! The small cookies of pages: the notice of what was done, the address to which a mail was sent, and the chosen language. None of them
//! gives a right, and each is shown as a text of the library or as an address, so that no page says what a stranger wrote.

use ::http::{HeaderMap, HeaderValue};

use crate::http::cookies;

/// A cookie of pages.
#[derive(Clone, Copy)]
pub(super) struct PageCookie {
    name: &'static str,
    seconds: u32,
}

/// The code of a notice, shown once.
pub(super) const DONE: PageCookie = PageCookie { name: "usermgr-done", seconds: 60 };
/// What kind of mail was sent, and to which address.
pub(super) const SENT: PageCookie = PageCookie { name: "usermgr-sent", seconds: 600 };
/// The language that the person chose.
pub(super) const LANGUAGE: PageCookie = PageCookie { name: "usermgr-language", seconds: 31_536_000 };

impl PageCookie {
    /// Its value in a request.
    pub(super) fn read(self, headers: &HeaderMap, secure: bool) -> Option<String> {
        cookies(headers, &self.full_name(secure)).into_iter().next()
    }

    /// Sets it. The value has no character that a cookie cannot have.
    pub(super) fn set(self, value: &str, secure: bool) -> Option<HeaderValue> {
        self.header(value, self.seconds, secure)
    }

    /// Removes it.
    pub(super) fn clear(self, secure: bool) -> Option<HeaderValue> {
        self.header("", 0, secure)
    }

    fn header(self, value: &str, seconds: u32, secure: bool) -> Option<HeaderValue> {
        let (name, suffix) = (self.full_name(secure), if secure { "; Secure" } else { "" });
        let cookie = format!("{name}={value}; HttpOnly; Max-Age={seconds}; Path=/; SameSite=lax{suffix}");
        HeaderValue::try_from(cookie).ok()
    }

    fn full_name(self, secure: bool) -> String {
        format!("{}{}", if secure { "__Host-" } else { "" }, self.name)
    }
}
