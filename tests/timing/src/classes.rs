//! What is compared: requests that a stranger must not be able to tell apart by their time, each class beside the first of its kind.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use serde_json::json;

use crate::world::PASSWORD;

/// How a class is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judged {
    /// Its time must be that of the first class; in the control it must not, if `tells`.
    Equal { tells: bool },
    /// Shown alone: a known limit.
    Shown,
}

/// Requests of one kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Class {
    pub(crate) name: &'static str,
    /// The local part of the address; `None` for one that no account has or had.
    local: Option<&'static str>,
    password: &'static str,
    pub(crate) judged: Judged,
}

impl Class {
    const fn new(name: &'static str, local: Option<&'static str>, tells: bool) -> Self {
        Self { name, local, password: "another horse battery", judged: Judged::Equal { tells } }
    }

    const fn with(mut self, password: &'static str) -> Self {
        self.password = password;
        self
    }

    const fn shown(mut self) -> Self {
        self.judged = Judged::Shown;
        self
    }
}

/// A route with its classes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Comparison {
    pub(crate) name: &'static str,
    path: &'static str,
    pub(crate) status: u16,
    /// Whether accounts are locked, and stay so.
    pub(crate) locked: bool,
    pub(crate) classes: &'static [Class],
}

/// A class beside itself says how much noise there is.
const NOISE: Class = Class::new("unknown, again", None, false);

pub(crate) const COMPARISONS: [Comparison; 5] = [
    Comparison {
        name: "login",
        path: "/auth/bearer/login",
        status: 400,
        locked: false,
        classes: &[
            Class::new("unknown", None, false),
            NOISE,
            Class::new("wrong password", Some("verified"), true),
            Class::new("wrong password, unverified", Some("unverified"), true),
            Class::new("wrong password, inactive", Some("inactive"), true),
            Class::new("right password, inactive", Some("inactive"), true).with(PASSWORD),
            Class::new("right password, unverified", Some("unverified"), true).with(PASSWORD),
            Class::new("without a password", Some("no-password"), false),
            Class::new("old parameters of half the cost", Some("outdated"), true).shown(),
        ],
    },
    Comparison {
        name: "login, locked",
        path: "/auth/bearer/login",
        status: 429,
        locked: true,
        classes: &[
            Class::new("unknown", Some("unknown"), false),
            Class::new("known", Some("locked"), false),
            Class::new("known, right password", Some("locked"), false).with(PASSWORD),
        ],
    },
    Comparison {
        name: "register, discreet",
        path: "/auth/register",
        status: 202,
        locked: false,
        classes: &[Class::new("free", None, false), NOISE, Class::new("taken", Some("verified"), true)],
    },
    Comparison {
        name: "forgot-password",
        path: "/auth/forgot-password",
        status: 202,
        locked: false,
        classes: &[
            Class::new("unknown", None, false),
            NOISE,
            Class::new("known", Some("verified"), true),
            Class::new("inactive", Some("inactive"), false),
        ],
    },
    Comparison {
        name: "request-verify-token",
        path: "/auth/request-verify-token",
        status: 202,
        locked: false,
        classes: &[
            Class::new("unknown", None, false),
            NOISE,
            Class::new("unverified", Some("unverified"), true),
            Class::new("verified", Some("verified"), false),
        ],
    },
];

impl Comparison {
    /// A request of a class.
    pub(crate) fn request(&self, class: &Class) -> Request<Body> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let nobody = || format!("{:08}", NEXT.fetch_add(1, Ordering::Relaxed));
        let local = class.local.map_or_else(nobody, str::to_owned);
        let email = format!("{local}@example.com");
        let body = match self.path {
            "/auth/bearer/login" => json!({ "username": email, "password": class.password }),
            "/auth/register" => json!({ "email": email, "password": class.password }),
            _ => json!({ "email": email }),
        };
        let request = Request::builder().method(Method::POST).uri(self.path);
        request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string())).unwrap()
    }
}
