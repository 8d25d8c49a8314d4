//! What a client received in responses: the tokens of its login, and cookies.

use ::http::header;

use super::{Reply, jar::Jar};

#[derive(Clone, Default)]
pub(super) struct Held {
    pub(super) access: Option<String>,
    pub(super) refresh: Option<String>,
    pub(super) jar: Jar,
}

impl Held {
    /// Keeps the tokens in the response to a login or a refresh. A failed one changes nothing.
    pub(super) fn keep_tokens(&mut self, reply: &Reply) {
        if reply.status.is_success() {
            let field = |name: &str| reply.json[name].as_str().map(str::to_owned);
            (self.access, self.refresh) = (field("access_token"), field("refresh_token"));
        }
    }

    /// Keeps the cookies of a response, and drops those that it removes.
    pub(super) fn keep_cookies(&mut self, reply: &Reply, host: &str, path: &str) {
        for value in reply.headers.get_all(header::SET_COOKIE) {
            let text = value.to_str().expect("a cookie of the answer is not made of ASCII characters");
            self.jar.take(text, host, path);
        }
    }
}
