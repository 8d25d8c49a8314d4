//! What FastAPI Users' tests do not demand, as it was decided: what a credential opens, and for how long.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use usermgr::{
    audit::EventKind,
    testing::{FakeClock, claims_of},
    token::Reset,
};
use usermgr_tests::PASSWORD;

use crate::{
    NEW,
    reset::{bad, forged, mailed, reset},
    rig::{self, Options},
    world::{Host, Kind, address, log_in},
};

const ME: &str = "/users/me";

/// The answer to a login, without what differs from one to the next.
async fn login_answer(host: &Host, email: &str) -> (u16, String) {
    let reply = host.client().login(email, "wrong").await;
    (reply.status, reply.text)
}

rows! {
    "Decisions: credentials", |world|

    once d7_a_reset_token_whose_binding_is_nonsense(
        "reset: signed token with an invalid `st`" => "400 `RESET_PASSWORD_BAD_TOKEN`";
        "500 for an invalid fingerprint"
    ) {
        let someone = world.someone(Kind::Verified).await;
        let claims = claims_of(&mailed(world, &someone).await).unwrap();
        for nonsense in [json!("foo"), json!(""), json!(null), json!(7)] {
            let mut claims = claims.clone();
            claims["st"] = nonsense;
            bad(world, &forged::<Reset>(&claims)).await;
        }
    }
    once d8_access_after_a_reset(
        "token or cookie from before a reset" => "401";
        "a signed token stays valid for its hour; a reset must end an intruder's access"
    ) {
        for backend in ["jwt", "cookie"] {
            let someone = world.host().someone_at(Kind::Verified, backend).await;
            reset(world, &mailed(world, &someone).await, NEW).await.expect(200);
            someone.client.get(ME).await.expect_detail(401, "Unauthorized");
        }
    }
    once d9_access_after_logout(
        "credential after its logout" => "401 for a session; a signed token of `Jwt` stays valid until it expires"
    ) {
        let someone = world.host().someone_at(Kind::Verified, "cookie").await;
        someone.client.post_empty("/auth/cookie/logout").await.expect(204);
        someone.client.get(ME).await.expect_detail(401, "Unauthorized");
        let rig = world.rig().await;
        for (backend, status) in [("database", 401), ("jwt", 200)] {
            let someone = rig.host.someone_at(Kind::Verified, backend).await;
            someone.client.post_empty(&format!("/auth/{backend}/logout")).await.expect(204);
            someone.client.get(ME).await.expect(status);
        }
    }
    once d18_a_deactivated_users_token("token of a deactivated user" => "401 at once") {
        let someone = world.someone(Kind::Verified).await;
        someone.client.get(ME).await.expect(200);
        world.host().root().patch(&someone.path(), json!({ "is_active": false })).await.expect(200);
        someone.client.get(ME).await.expect_detail(401, "Unauthorized");
    }
    once d21_a_forgotten_password_takes_the_same_time_for_everybody(
        "forgot: known `email`" => "202 before any look-up or mail";
        "230 ms against 2 ms for an unknown one, which reveals accounts"
    ) {
        let rig = rig::start(world.target, Options::default());
        let email = address("slow");
        rig.host.client().register(&email, PASSWORD).await.expect(201);
        // The hook waits for this row, and the answer does not wait for the hook.
        rig.host.client().post("/auth/forgot-password", json!({ "email": email })).await.expect_json(202, Value::Null);
        assert_eq!(rig.journal.count("on_after_forgot_password", &email), 0);
        rig.journal.gate.add_permits(1);
        rig.settle().await;
        assert_eq!(rig.journal.count("on_after_forgot_password", &email), 1);
    }
    once d22_a_login_takes_the_same_time_for_everybody(
        "login: unknown user, wrong password" => "the same work, the same answer"
    ) {
        let rig = rig::start(world.target, Options::default());
        let email = address("ada");
        rig.host.client().register(&email, PASSWORD).await.expect(201);
        let mut seen = Vec::new();
        for email in [email.as_str(), "nobody@example.com"] {
            let before = rig.proofs();
            let answer = login_answer(&rig.host, email).await;
            seen.push((rig.proofs() - before, answer));
        }
        assert_eq!(seen[0], seen[1]);
        assert_eq!(seen[0].0, 1);
    }
    once d23_access_after_a_new_password(
        "token after a `PATCH` of the password" =>
            "401 for the signed token and every other session; the session that asked stays";
        "all stay"
    ) {
        let someone = world.host().someone_at(Kind::Verified, "cookie").await;
        let other = log_in(&world.client(), "cookie", &someone.email).await;
        let token = log_in(&world.client(), "jwt", &someone.email).await;
        someone.client.patch(ME, json!({ "password": NEW })).await.expect(200);
        someone.client.get(ME).await.expect(200);
        for ended in [other, token] {
            ended.get(ME).await.expect_detail(401, "Unauthorized");
        }
        let bearer = world.rig().await.host.someone(Kind::Verified).await;
        bearer.client.patch(ME, json!({ "password": NEW })).await.expect(200);
        bearer.client.get(ME).await.expect_detail(401, "Unauthorized");
    }
    once d24_a_reset_token_after_a_change(
        "reset: token from before a new `email` or a deactivation" => "400 `RESET_PASSWORD_BAD_TOKEN`";
        "valid; the mail may be with someone who lost the account"
    ) {
        let root = world.host().root();
        let someone = world.someone(Kind::Verified).await;
        let token = mailed(world, &someone).await;
        root.patch(&someone.path(), json!({ "email": address("new") })).await.expect(200);
        bad(world, &token).await;
        let someone = world.someone(Kind::Verified).await;
        let token = mailed(world, &someone).await;
        for active in [false, true] {
            root.patch(&someone.path(), json!({ "is_active": active })).await.expect(200);
        }
        bad(world, &token).await;
    }
    once d29_two_credentials_in_one_request(
        "invalid token beside a valid cookie; credentials of two users" => "200; 401";
        "200 for both: the first valid one counts; a request must name one user"
    ) {
        let someone = world.host().someone_at(Kind::Verified, "cookie").await;
        for bad in ["foo", "undefined", "null"] {
            someone.client.send(someone.client.request(Method::GET, ME).bearer_auth(bad)).await.expect(200);
        }
        let token = world.client().login(&someone.email, PASSWORD).await.token();
        someone.client.send(someone.client.request(Method::GET, ME).bearer_auth(&token)).await.expect(200);
        let other = world.client().login(&world.someone(Kind::Verified).await.email, PASSWORD).await.token();
        let request = someone.client.request(Method::GET, ME).bearer_auth(other);
        someone.client.send(request).await.expect_detail(401, "Unauthorized");
        // A cookie that has ended is taken away, and does not stand in the way.
        someone.client.post_empty("/auth/cookie/logout").await.expect(204);
        let reply = someone.client.send(someone.client.request(Method::GET, ME).bearer_auth(token)).await.expect(200);
        assert!(reply.cookie().ends_with("=\"\""));
    }
    once d30_a_change_with_an_old_login(
        "new `password` or `email` with a login older than ten minutes" => "403 `REAUTHENTICATION_REQUIRED`, unless `current_password` is sent";
        "200; a stolen session must not become a stolen account"
    ) {
        let clock = FakeClock::start();
        let rig = rig::start(world.target, Options { clock: Some(clock.clone()), ..Options::default() });
        let someone = rig.host.someone(Kind::Verified).await;
        clock.advance(Duration::from_secs(601));
        let patch = async |body: Value| someone.client.patch(ME, body).await;
        for body in [json!({ "email": address("new") }), json!({ "password": NEW })] {
            patch(body).await.expect_detail(403, "REAUTHENTICATION_REQUIRED");
        }
        patch(json!({ "email": address("new"), "current_password": "wrong" })).await.expect(403);
        patch(json!({ "email": address("new"), "current_password": PASSWORD })).await.expect(200);
        someone.client.get("/app/fresh").await.expect_detail(403, "REAUTHENTICATION_REQUIRED");
    }
    once d31_a_password_that_a_superuser_sets(
        "a superuser sets a password" => "200, and an event `password_changed` that names the superuser"
    ) {
        let rig = world.rig().await;
        let (someone, admin) = (rig.host.someone(Kind::Verified).await, rig.host.someone(Kind::VerifiedSuperuser).await);
        admin.client.patch(&someone.path(), json!({ "password": NEW })).await.expect(200);
        let actor = format!("user:{}", admin.id);
        let reported = |event: &usermgr::audit::Event| {
            event.kind == EventKind::PasswordChanged
                && event.user.as_ref() == Some(&someone.id)
                && event.actor.as_ref() == Some(&actor)
        };
        assert_eq!(rig.events.events().iter().filter(|event| reported(event)).count(), 1);
    }
}
