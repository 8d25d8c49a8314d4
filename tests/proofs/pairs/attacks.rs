//! What a thief asks, by what right, and what a request of theirs that comes first takes from the recovering user.

use axum::http::Method;
use serde_json::{Value, json};

use super::{
    Ground::{self, Account, Address, OwnSession, Stamp, StolenSession},
    Right,
    scene::{Scene, THIEF, confirm, refresh},
};
use crate::world::{Ask, GOOD, login_body};

pub(super) struct Attack {
    pub(super) name: &'static str,
    /// Method and path, as the table of routes has them.
    pub(super) route: &'static str,
    pub(super) right: Right,
    pub(super) of_superusers: bool,
    /// Whether it shows, afterwards, that the right is gone.
    pub(super) is_probe: bool,
    /// The backends of the session that it needs.
    pub(super) carriers: &'static [&'static str],
    pub(super) takes: &'static [Ground],
    /// What it takes besides where the stolen credential is a signed token without a row, which cannot be given a new stamp.
    pub(super) takes_signed: &'static [Ground],
    pub(super) ask: fn(&Scene) -> Ask,
}

const ANY: &[&str] = &["session", "cookie", "refresh", "revocable", "jwt"];

const BY_SESSION: Attack = Attack {
    name: "me",
    route: "GET /users/me",
    right: Right::Session,
    of_superusers: false,
    is_probe: false,
    carriers: ANY,
    takes: &[],
    takes_signed: &[],
    ask: |scene| scene.stolen.sign(scene.me(Method::GET)),
};

const BY_ROLE: Attack = Attack { right: Right::Role, of_superusers: true, ..BY_SESSION };

fn patch(scene: &Scene, path: &str, body: Value) -> Ask {
    scene.stolen.sign(Ask { body: Some(body), ..Ask::new(Method::PATCH, path) })
}

fn post(scene: &Scene, path: &str, body: Value) -> Ask {
    scene.stolen.sign(Ask::post(path, body))
}

pub(super) static ATTACKS: &[Attack] = &[
    Attack { is_probe: true, ..BY_SESSION },
    Attack {
        name: "a new password",
        route: "PATCH /users/me",
        takes: &[Stamp, OwnSession],
        ask: |scene| patch(scene, "/users/me", json!({ "password": THIEF })),
        ..BY_SESSION
    },
    Attack {
        name: "a new password by the current one",
        route: "PATCH /users/me",
        takes: &[Stamp, OwnSession],
        ask: |scene| patch(scene, "/users/me", json!({ "password": THIEF, "current_password": GOOD })),
        ..BY_SESSION
    },
    Attack {
        name: "a change of the password",
        route: "POST /auth/change-password",
        takes: &[Stamp, OwnSession],
        ask: |scene| post(scene, "/auth/change-password", json!({ "current_password": GOOD, "password": THIEF })),
        ..BY_SESSION
    },
    Attack {
        name: "a new address",
        route: "PATCH /users/me",
        takes: &[Address],
        ask: |scene| patch(scene, "/users/me", json!({ "email": scene.thiefs_address() })),
        ..BY_SESSION
    },
    Attack {
        name: "another case of the address",
        route: "PATCH /users/me",
        ask: |scene| patch(scene, "/users/me", json!({ "email": scene.email.to_uppercase() })),
        ..BY_SESSION
    },
    Attack {
        name: "a change of address requested",
        route: "POST /auth/request-email-change",
        ask: |scene| post(scene, "/auth/request-email-change", json!({ "email": scene.thiefs_address() })),
        ..BY_SESSION
    },
    Attack {
        name: "a deletion",
        route: "DELETE /users/me",
        takes: &[Account],
        ask: |scene| scene.stolen.sign(scene.me(Method::DELETE)),
        ..BY_SESSION
    },
    Attack {
        name: "an end of all other sessions",
        route: "DELETE /users/me/sessions",
        takes: &[OwnSession],
        takes_signed: &[StolenSession],
        ask: |scene| scene.stolen.sign(Ask::new(Method::DELETE, "/users/me/sessions")),
        ..BY_SESSION
    },
    Attack {
        name: "an end of the owner's session",
        route: "DELETE /users/me/sessions/{id}",
        takes: &[OwnSession],
        ask: |scene| scene.stolen.sign(Ask::new(Method::DELETE, format!("/users/me/sessions/{}", scene.own.id))),
        ..BY_SESSION
    },
    Attack {
        name: "a logout",
        route: "POST /auth/{backend}/logout",
        takes: &[StolenSession],
        ask: |scene| scene.stolen.sign(Ask::new(Method::POST, format!("/auth/{}/logout", scene.stolen.backend))),
        ..BY_SESSION
    },
    Attack {
        name: "a refresh",
        route: "POST /auth/{backend}/refresh",
        right: Right::Refresh,
        is_probe: true,
        carriers: &["refresh"],
        ask: |scene| refresh(scene.stolen.backend, scene.stolen.refresh.as_deref().unwrap_or_default()),
        ..BY_SESSION
    },
    Attack {
        name: "a reset",
        route: "POST /auth/reset-password",
        right: Right::Reset,
        is_probe: true,
        takes: &[Stamp, OwnSession],
        ask: |scene| Ask::post("/auth/reset-password", json!({ "token": scene.reset, "password": THIEF })),
        ..BY_SESSION
    },
    Attack {
        name: "a change of address confirmed",
        route: "POST /auth/confirm-email-change",
        right: Right::Change,
        is_probe: true,
        takes: &[Address],
        ask: |scene| confirm(&scene.change),
        ..BY_SESSION
    },
    Attack {
        name: "a verification",
        route: "POST /auth/verify",
        right: Right::Verify,
        is_probe: true,
        ask: |scene| Ask::post("/auth/verify", json!({ "token": scene.verify })),
        ..BY_SESSION
    },
    Attack {
        name: "a login",
        route: "POST /auth/{backend}/login",
        right: Right::Login,
        is_probe: true,
        ask: |scene| Ask::post("/auth/session/login", login_body(&scene.email, GOOD)),
        ..BY_SESSION
    },
    Attack {
        name: "the list of users",
        route: "GET /users",
        is_probe: true,
        ask: |scene| scene.stolen.sign(Ask::new(Method::GET, "/users?limit=1")),
        ..BY_ROLE
    },
    Attack {
        name: "a superuser's own roles",
        route: "PATCH /users/{id}",
        ask: |scene| {
            let body = json!({ "is_superuser": true, "is_active": true, "is_verified": true });
            patch(scene, &format!("/users/{}", scene.ada.id), body)
        },
        ..BY_ROLE
    },
    Attack {
        name: "a superuser's change of another",
        route: "PATCH /users/{id}",
        ask: |scene| {
            patch(scene, &format!("/users/{}", scene.bob.id), json!({ "is_superuser": true, "password": THIEF }))
        },
        ..BY_ROLE
    },
    Attack {
        name: "a superuser's deletion of another",
        route: "DELETE /users/{id}",
        ask: |scene| scene.stolen.sign(Ask::new(Method::DELETE, format!("/users/{}", scene.bob.id))),
        ..BY_ROLE
    },
    Attack {
        name: "a superuser's end of the sessions of another",
        route: "DELETE /users/{id}/sessions",
        ask: |scene| scene.stolen.sign(Ask::new(Method::DELETE, format!("/users/{}/sessions", scene.bob.id))),
        ..BY_ROLE
    },
];
