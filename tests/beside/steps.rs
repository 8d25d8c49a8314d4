//! What is sent to both servers: one table of requests, in the order in which they are sent. A name says what a step is for; whatever
//! stands in `$(..)` is put in from what that server has answered before: `$(bearer:ada)` is the token kept as `ada`, `$(forgot:EMAIL)`
//! the last one mailed to that address.

use serde_json::{Value, json};

use crate::{entrance::*, household::*};

pub(crate) use usermgr_tests::PASSWORD;

pub(crate) const OTHER: &str = "quite another battery";
const FORM: &str = "application/x-www-form-urlencoded";
pub(crate) const UNKNOWN: &str = "/users/01890000-0000-7000-8000-000000000000";

/// One request.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Option<String>,
    /// The name under which the id, the token and the cookie of the answer are kept.
    pub(crate) keep: Option<&'static str>,
}

/// Makes an account a verified superuser, by a way that is no request.
const PROMOTE: &str = "promote";

impl Step {
    pub(crate) fn promotes(&self) -> Option<&str> {
        (self.method == PROMOTE).then_some(&self.path)
    }

    pub(crate) fn json(self, body: Value) -> Self {
        self.raw("application/json", &body.to_string())
    }

    pub(crate) fn form(self, body: &str) -> Self {
        self.raw(FORM, body)
    }

    pub(crate) fn raw(mut self, media: &str, body: &str) -> Self {
        self.body = Some(body.to_owned());
        self.header("content-type", media)
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn bearer(self, name: &str) -> Self {
        self.header("authorization", &format!("Bearer $(bearer:{name})"))
    }

    pub(crate) fn cookie(self, name: &str) -> Self {
        self.header("cookie", &format!("fastapiusersauth=$(cookie:{name})"))
    }

    pub(crate) fn keep(self, name: &'static str) -> Self {
        Self { keep: Some(name), ..self }
    }
}

pub(crate) fn step(name: &'static str, method: &'static str, path: &str) -> Step {
    Step { name, method, path: path.to_owned(), headers: Vec::new(), body: None, keep: None }
}

pub(crate) fn post(name: &'static str, path: &str) -> Step {
    step(name, "POST", path)
}

pub(crate) fn get(name: &'static str, path: &str) -> Step {
    step(name, "GET", path)
}

pub(crate) fn patch(name: &'static str, path: &str) -> Step {
    step(name, "PATCH", path)
}

pub(crate) fn promote(email: &str) -> Step {
    step("promote", PROMOTE, email)
}

pub(crate) fn account(email: &str) -> Value {
    json!({ "email": email, "password": PASSWORD })
}

/// Registers `NAME@example.com` and keeps its id.
pub(crate) fn register(name: &'static str, who: &'static str) -> Step {
    post(name, "/auth/register").json(account(&format!("{who}@example.com"))).keep(who)
}

/// Logs `NAME@example.com` in and keeps the token.
pub(crate) fn login(name: &'static str, who: &'static str) -> Step {
    login_with(name, who, PASSWORD).keep(who)
}

pub(crate) fn login_with(name: &'static str, who: &str, password: &str) -> Step {
    post(name, "/auth/jwt/login").form(&format!("username={who}@example.com&password={password}"))
}

pub(crate) fn all() -> Vec<Step> {
    [
        registration(),
        logins(),
        credentials(),
        own_account(),
        verification(),
        reset(),
        administration(),
        logouts(),
        edges(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
