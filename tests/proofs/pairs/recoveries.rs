//! How an owner or a superuser recovers, what that ends, what it needs, and what must be so afterwards.

use axum::http::Method;
use serde_json::json;

use super::{
    Ground::{self, Account, Address, OwnSession, Stamp, StolenSession},
    Right::{self, Change, Login, Refresh, Reset, Role, Session, Verify},
    scene::{Row, Scene, confirm},
};
use crate::world::{Ask, GOOD, NEW};

pub(super) struct Recovery {
    pub(super) name: &'static str,
    pub(super) routes: &'static [&'static str],
    pub(super) of_superusers: bool,
    ends: &'static [Right],
    pub(super) needs: &'static [Ground],
    /// The backends whose sessions it can end.
    pub(super) carriers: &'static [&'static str],
    /// The password that opens the account afterwards.
    pub(super) password: Option<&'static str>,
    /// Whether the session through which it was asked for goes on.
    pub(super) keeps_own: bool,
    /// What is missing in the rows afterwards, which are those of [`Scene::rows`].
    pub(super) missing: fn(&[Option<Row>]) -> Option<&'static str>,
    pub(super) asks: fn(&Scene) -> Vec<Ask>,
}

impl Recovery {
    /// Whether this right has ended for everyone.
    pub(super) fn ends(&self, right: Right) -> bool {
        self.ends.contains(&right) || right == Role && self.ends.contains(&Session)
    }

    pub(super) fn rights(&self) -> impl Iterator<Item = Right> {
        [Session, Role, Refresh, Reset, Change, Verify, Login].into_iter().filter(|right| self.ends(*right))
    }
}

const ALL: &[&str] = &["session", "cookie", "refresh", "revocable", "jwt"];

const BY_PASSWORD: Recovery = Recovery {
    name: "a reset",
    routes: &["POST /auth/reset-password"],
    of_superusers: false,
    ends: &[Session, Refresh, Reset, Change, Login],
    needs: &[Account, Address, Stamp],
    carriers: ALL,
    password: Some(NEW),
    keeps_own: false,
    missing: |_| None,
    asks: |scene| vec![Ask::post("/auth/reset-password", json!({ "token": scene.own_reset, "password": NEW }))],
};

const OF_SESSIONS: Recovery = Recovery {
    name: "an end of all other sessions",
    routes: &["DELETE /users/me/sessions"],
    ends: &[Session, Refresh, Change],
    needs: &[Account, Stamp, OwnSession],
    password: None,
    keeps_own: true,
    asks: |scene| vec![scene.own.sign(Ask::new(Method::DELETE, "/users/me/sessions"))],
    ..BY_PASSWORD
};

const BY_ROOT: Recovery = Recovery {
    name: "a deactivation",
    routes: &["PATCH /users/{id}"],
    needs: &[Account],
    password: None,
    missing: |rows| rows[0].as_ref().is_none_or(|row| row.is_active).then_some("the account is active"),
    asks: |scene| vec![by_root(scene, Method::PATCH, Some(json!({ "is_active": false })))],
    ..BY_PASSWORD
};

fn by_root(scene: &Scene, method: Method, body: Option<serde_json::Value>) -> Ask {
    scene.root.sign(Ask { body, ..Ask::new(method, format!("/users/{}", scene.ada.id)) })
}

const EVERYTHING: &[Right] = &[Session, Refresh, Reset, Change, Verify, Login];

pub(super) static RECOVERIES: &[Recovery] = &[
    BY_PASSWORD,
    Recovery {
        name: "a change of the password",
        routes: &["POST /auth/change-password"],
        needs: &[Account, Stamp, OwnSession],
        keeps_own: true,
        asks: |scene| {
            let body = json!({ "current_password": GOOD, "password": NEW });
            vec![scene.own.sign(Ask::post("/auth/change-password", body))]
        },
        ..BY_PASSWORD
    },
    OF_SESSIONS,
    Recovery {
        name: "an end of the stolen session",
        routes: &["DELETE /users/me/sessions/{id}"],
        needs: &[Account, Stamp, OwnSession, StolenSession],
        carriers: &["session", "cookie", "refresh"],
        asks: |scene| vec![scene.own.sign(Ask::new(Method::DELETE, format!("/users/me/sessions/{}", scene.stolen.id)))],
        ..OF_SESSIONS
    },
    Recovery {
        name: "a logout",
        routes: &["POST /auth/{backend}/logout"],
        needs: &[Account, Stamp, StolenSession],
        // A bare signed token runs out, and nothing ends it before.
        carriers: &["session", "cookie", "refresh", "revocable"],
        keeps_own: false,
        asks: |scene| vec![scene.stolen.sign(Ask::new(Method::POST, format!("/auth/{}/logout", scene.stolen.backend)))],
        ..OF_SESSIONS
    },
    BY_ROOT,
    Recovery {
        name: "an end of all sessions by a superuser",
        routes: &["DELETE /users/{id}/sessions"],
        ends: &[Session, Refresh, Change],
        missing: |_| None,
        asks: |scene| vec![scene.root.sign(Ask::new(Method::DELETE, format!("/users/{}/sessions", scene.ada.id)))],
        ..BY_ROOT
    },
    Recovery {
        name: "a deletion",
        routes: &["DELETE /users/{id}"],
        ends: EVERYTHING,
        missing: |rows| rows[0].as_ref().or(rows[1].as_ref()).map(|_| "the account is there"),
        asks: |scene| vec![by_root(scene, Method::DELETE, None)],
        ..BY_ROOT
    },
    Recovery {
        name: "a deletion and a new registration",
        routes: &["DELETE /users/{id}", "POST /auth/register"],
        ends: EVERYTHING,
        password: Some(NEW),
        missing: |rows| (rows[0].is_some() || rows[1].is_none()).then_some("the account is not the new one"),
        asks: |scene| {
            let body = json!({ "email": scene.email, "password": NEW });
            vec![by_root(scene, Method::DELETE, None), Ask::post("/auth/register", body)]
        },
        ..BY_ROOT
    },
    Recovery {
        name: "a demotion",
        of_superusers: true,
        ends: &[Role],
        missing: |rows| rows[0].as_ref().is_none_or(|row| row.is_superuser).then_some("they are a superuser"),
        asks: |scene| vec![by_root(scene, Method::PATCH, Some(json!({ "is_superuser": false })))],
        ..BY_ROOT
    },
    Recovery {
        name: "a change of address confirmed",
        routes: &["POST /auth/confirm-email-change"],
        ends: &[Reset, Change, Verify],
        needs: &[Account, Address, Stamp, OwnSession],
        password: None,
        missing: |rows| {
            rows[0].as_ref().is_none_or(|row| !row.email.starts_with("new")).then_some("the address is another")
        },
        asks: |scene| vec![confirm(&scene.own_change)],
        ..BY_PASSWORD
    },
];
