//! Logging in and out, through both transports.

use serde_json::json;
use usermgr_tests::{PASSWORD, Reply};

use crate::world::{Host, Kind, World};

const BACKENDS: [&str; 2] = ["jwt", "cookie"];

/// How the address is typed.
#[derive(Clone, Copy)]
enum Case {
    AsRegistered,
    Other,
}

/// What comes of a login with the right password.
#[derive(Clone, Copy)]
enum Outcome {
    In,
    /// In, unless addresses must be verified.
    InUnlessVerifiedIsDemanded,
    BadCredentials,
}

async fn form(host: &Host, backend: &str, fields: &[(&str, &str)]) -> Reply {
    host.client().form(&format!("/auth/{backend}/login"), fields).await
}

/// The form is refused by both backends.
async fn incomplete(world: &World, fields: &[(&str, &str)], missing: &[&str]) {
    let faults: Vec<_> = missing.iter().map(|name| json!(["missing", ["body", name]])).collect();
    for backend in BACKENDS {
        form(world.host(), backend, fields).await.expect_faults(faults.clone().into());
    }
}

/// A user of this kind logs in at both servers, through both backends; where hooks can be seen, exactly a success calls the login
/// hook, with the request and an answer to which it can add a header.
async fn try_to_log_in(world: &World, kind: Kind, case: Case, outcome: Outcome) {
    let rig = world.rig().await;
    for host in [world.host(), &rig.host] {
        for backend in BACKENDS {
            let someone = host.someone(kind).await;
            let before = rig.journal.count("on_after_login", &someone.email);
            let typed = match case {
                Case::AsRegistered => someone.email.clone(),
                Case::Other => someone.email.to_uppercase(),
            };
            let reply = form(host, backend, &[("username", &typed), ("password", PASSWORD)]).await;
            let refused = match outcome {
                Outcome::In => None,
                Outcome::InUnlessVerifiedIsDemanded => world.verified.then_some("LOGIN_USER_NOT_VERIFIED"),
                Outcome::BadCredentials => Some("LOGIN_BAD_CREDENTIALS"),
            };
            let greeting = reply.header("x-greeting").map(str::to_owned);
            match refused {
                Some(code) => drop(reply.expect_detail(400, code)),
                None => accepted(host, backend, reply, &someone.email).await,
            }
            if std::ptr::eq(host, &rig.host) {
                let called = usize::from(refused.is_none());
                assert_eq!(rig.journal.count("on_after_login", &someone.email) - before, called);
                assert_eq!(greeting.is_some(), refused.is_none());
            }
        }
    }
}

/// The answer has the shape of its transport, and what it gives opens `/users/me`.
async fn accepted(host: &Host, backend: &str, reply: Reply, email: &str) {
    let client = match backend {
        "jwt" => {
            let token = reply.token();
            let mut body = reply.expect(200).json();
            // The reference server's tokens are a pair.
            let pair = body.as_object_mut().unwrap();
            let (refresh, expires_in) = (pair.remove("refresh_token"), pair.remove("expires_in"));
            assert_eq!(expires_in, refresh.map(|_| json!(3600)));
            assert_eq!(body, json!({ "access_token": token, "token_type": "bearer" }));
            host.client().with_token(token)
        }
        _ => {
            assert_eq!(reply.text, "");
            host.client().with_cookie(reply.expect(204).cookie())
        }
    };
    assert_eq!(client.get("/users/me").await.expect(200).json()["email"], *email);
}

rows! {
    "Log in: `POST /auth/{backend}/login`", |world|

    both r1_an_empty_form("empty form" => "422") {
        incomplete(world, &[], &["username", "password"]).await;
    }
    both r2_no_username("no `username`" => "422") {
        incomplete(world, &[("password", PASSWORD)], &["username"]).await;
    }
    both r3_no_password("no `password`" => "422") {
        incomplete(world, &[("username", "ada@example.com")], &["password"]).await;
    }
    both r4_an_unknown_user("unknown user" => "400 `LOGIN_BAD_CREDENTIALS`") {
        let rig = world.rig().await;
        for (host, backend) in BACKENDS.iter().flat_map(|backend| [(world.host(), backend), (&rig.host, backend)]) {
            let reply = form(host, backend, &[("username", "nobody@example.com"), ("password", PASSWORD)]).await;
            reply.expect_detail(400, "LOGIN_BAD_CREDENTIALS");
        }
        assert_eq!(rig.journal.count("on_after_login", "nobody@example.com"), 0);
    }
    both r5_a_wrong_password("wrong password" => "400 `LOGIN_BAD_CREDENTIALS`") {
        let rig = world.rig().await;
        for (host, backend) in BACKENDS.iter().flat_map(|backend| [(world.host(), backend), (&rig.host, backend)]) {
            let someone = host.someone(Kind::Verified).await;
            let before = rig.journal.count("on_after_login", &someone.email);
            let reply = form(host, backend, &[("username", &someone.email), ("password", "wrong")]).await;
            reply.expect_detail(400, "LOGIN_BAD_CREDENTIALS");
            assert_eq!(rig.journal.count("on_after_login", &someone.email), before);
        }
    }
    both r6_an_unverified_user(
        "unverified user" => "400 `LOGIN_USER_NOT_VERIFIED` / 200 with a token, or 204 with a cookie"
    ) {
        try_to_log_in(world, Kind::Unverified, Case::AsRegistered, Outcome::InUnlessVerifiedIsDemanded).await;
    }
    both r7_an_unverified_user_in_another_case("the same, the address in another case" => "the same") {
        try_to_log_in(world, Kind::Unverified, Case::Other, Outcome::InUnlessVerifiedIsDemanded).await;
    }
    both r8_a_verified_user("verified user" => "200 with a token, or 204 with a cookie; the login hook is called") {
        try_to_log_in(world, Kind::Verified, Case::AsRegistered, Outcome::In).await;
    }
    both r9_a_verified_user_in_another_case("the same, the address in another case" => "the same") {
        try_to_log_in(world, Kind::Verified, Case::Other, Outcome::In).await;
    }
    both r10_an_inactive_user("inactive user" => "400 `LOGIN_BAD_CREDENTIALS`") {
        try_to_log_in(world, Kind::Inactive, Case::AsRegistered, Outcome::BadCredentials).await;
    }
}

pub(crate) mod out {
    //! Logging out.

    use super::{BACKENDS, Kind};

    /// The backend whose credential no script of a page can forget.
    const COOKIE: &str = "cookie";

    rows! {
        "Log out: `POST /auth/{backend}/logout`", |world|

        both r1_without_a_credential(
            "no credential" => "401 for a token; 204 for a cookie, which is deleted";
            "401; a cookie without a session could never be deleted"
        ) {
            for backend in BACKENDS {
                let reply = world.client().post_empty(&format!("/auth/{backend}/logout")).await;
                if backend == COOKIE {
                    assert!(reply.expect(204).cookie().ends_with("=\"\""));
                } else {
                    reply.expect_detail(401, "Unauthorized");
                }
            }
        }
        both r2_an_unverified_user(
            "unverified user" => "403 / 204 with a token; 204 with a cookie";
            "403 with a cookie too; a user without access may still log out"
        ) {
            for backend in BACKENDS {
                let someone = world.host().someone_at(Kind::Unverified, backend).await;
                let reply = someone.client.post_empty(&format!("/auth/{backend}/logout")).await;
                if backend == COOKIE {
                    assert_eq!(reply.expect(204).text, "");
                } else if let Some(reply) = world.forbidden_if_verified_is_demanded(reply) {
                    assert_eq!(reply.expect(204).text, "");
                }
            }
        }
        both r3_a_verified_user("verified user" => "204") {
            for backend in BACKENDS {
                let someone = world.host().someone_at(Kind::Verified, backend).await;
                let reply = someone.client.post_empty(&format!("/auth/{backend}/logout")).await.expect(204);
                assert_eq!(reply.text, "");
            }
        }
    }
}
