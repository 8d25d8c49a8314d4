//! One's own account.

use reqwest::Method;
use serde_json::{Value, json};
use usermgr_tests::{PASSWORD, Reply};

use crate::{
    NEW, too_short,
    world::{Kind, Someone, World, address},
};

const ME: &str = "/users/me";

/// What users see of themselves.
#[track_caller]
fn assert_me(reply: Reply, someone: &Someone) -> Value {
    let user = reply.expect(200).json();
    assert_eq!((&user["id"], &user["email"]), (&json!(someone.id), &json!(someone.email)), "{user}");
    user
}

rows! {
    "Read your account: `GET /users/me`", |world|

    both r1_without_a_credential("no credential" => "401") {
        world.client().get(ME).await.expect_detail(401, "Unauthorized");
    }
    both r2_an_inactive_user("inactive user" => "401") {
        world.someone(Kind::Inactive).await.client.get(ME).await.expect_detail(401, "Unauthorized");
    }
    both r3_an_unverified_user("unverified user" => "403 / 200, the user") {
        let someone = world.someone(Kind::Unverified).await;
        if let Some(reply) = world.forbidden_if_verified_is_demanded(someone.client.get(ME).await) {
            assert_me(reply, &someone);
        }
    }
    both r4_a_verified_user("verified user" => "200, the user") {
        let someone = world.someone(Kind::Verified).await;
        assert_me(someone.client.get(ME).await, &someone);
    }
}

pub(crate) mod update {
    //! Changing it.

    use super::*;

    /// A user of this kind sends a body; `None` if their address must be verified first.
    async fn patched(world: &World, kind: Kind, body: Value) -> Option<(Someone, Reply)> {
        let someone = world.someone(kind).await;
        let reply = someone.client.patch(ME, body).await;
        let reply = match kind {
            Kind::Unverified => world.forbidden_if_verified_is_demanded(reply)?,
            _ => reply,
        };
        Some((someone, reply))
    }

    /// Nothing of the user changes.
    async fn unchanged(world: &World, kind: Kind, body: Value) {
        if let Some((someone, reply)) = patched(world, kind, body).await {
            let user = assert_me(reply, &someone);
            let flags = json!([true, false, kind == Kind::Verified]);
            assert_eq!(json!([user["is_active"], user["is_superuser"], user["is_verified"]]), flags);
        }
    }

    async fn refused(world: &World, body: Value, detail: impl Into<Value>) {
        if let Some((someone, reply)) = patched(world, Kind::Unverified, body).await {
            reply.expect_detail(400, detail);
            assert_me(someone.client.get(ME).await, &someone);
        }
    }

    async fn new_email(world: &World, kind: Kind) -> Option<Value> {
        let email = address("new");
        let (someone, reply) = patched(world, kind, json!({ "email": email })).await?;
        let user = assert_me(reply, &Someone { email: email.clone(), ..someone });
        world.client().login(&email, "wrong").await.expect_detail(400, "LOGIN_BAD_CREDENTIALS");
        Some(user)
    }

    async fn new_password(world: &World, kind: Kind) {
        if let Some((someone, reply)) = patched(world, kind, json!({ "password": NEW })).await {
            assert_me(reply, &someone);
            world.client().login(&someone.email, PASSWORD).await.expect_detail(400, "LOGIN_BAD_CREDENTIALS");
            world.client().logged_in(&someone.email, NEW).await;
        }
    }

    rows! {
        "Change your account: `PATCH /users/me`", |world|

        both r1_without_a_credential("no credential, no body" => "401") {
            let client = world.client();
            client.send(client.request(Method::PATCH, ME)).await.expect_detail(401, "Unauthorized");
        }
        both r2_an_inactive_user("inactive user" => "401") {
            let someone = world.someone(Kind::Inactive).await;
            someone.client.patch(ME, json!({})).await.expect_detail(401, "Unauthorized");
        }
        both r3_somebody_elses_email(
            "unverified user, taken `email`" => "403 / 400 `UPDATE_USER_EMAIL_ALREADY_EXISTS`"
        ) {
            let other = world.someone(Kind::Verified).await;
            for taken in [other.email.clone(), other.email.to_uppercase()] {
                refused(world, json!({ "email": taken }), "UPDATE_USER_EMAIL_ALREADY_EXISTS").await;
            }
        }
        both r4_a_password_that_the_policy_refuses(
            "unverified user, refused password" =>
                "403 / 400 `UPDATE_USER_INVALID_PASSWORD` with a reason"
        ) {
            let detail = too_short("UPDATE_USER_INVALID_PASSWORD");
            refused(world, json!({ "password": "m" }), detail.clone()).await;
            // Nothing else of the request is kept.
            refused(world, json!({ "password": "m", "email": address("new") }), detail).await;
        }
        both r5_nothing("unverified user, `{}`" => "403 / 200, unchanged") {
            unchanged(world, Kind::Unverified, json!({})).await;
        }
        both r6_a_new_email("unverified user, new `email`" => "403 / 200, changed") {
            new_email(world, Kind::Unverified).await;
        }
        both r7_a_new_email_must_be_verified("verified user, new `email`" => "200, `is_verified: false`") {
            assert_eq!(new_email(world, Kind::Verified).await.unwrap()["is_verified"], false);
        }
        both r8_is_superuser_is_not_obeyed("unverified user, `is_superuser: true`" => "403 / 200, stays `false`") {
            unchanged(world, Kind::Unverified, json!({ "is_superuser": true })).await;
        }
        both r9_is_active_is_not_obeyed("unverified user, `is_active: false`" => "403 / 200, stays `true`") {
            unchanged(world, Kind::Unverified, json!({ "is_active": false })).await;
        }
        both r10_is_verified_is_not_obeyed("unverified user, `is_verified: true`" => "403 / 200, stays `false`") {
            unchanged(world, Kind::Unverified, json!({ "is_verified": true })).await;
        }
        both r11_a_new_password(
            "unverified user, new `password`" => "403 / 200; only the new one works"
        ) {
            new_password(world, Kind::Unverified).await;
        }
        both r12_nothing_of_a_verified_user("verified user, `{}`" => "200, unchanged") {
            for nothing in [json!({}), json!({ "current_password": null }), json!({ "unknown": [1, 2, 3] })] {
                unchanged(world, Kind::Verified, nothing).await;
            }
        }
        both r13_a_new_email_of_a_verified_user("verified user, new `email`" => "200, changed") {
            assert!(new_email(world, Kind::Verified).await.is_some());
        }
        both r14_is_superuser_is_not_obeyed_of_a_verified_user(
            "verified user, `is_superuser: true`" => "200, stays `false`"
        ) {
            unchanged(world, Kind::Verified, json!({ "is_superuser": true })).await;
        }
        both r15_is_active_is_not_obeyed_of_a_verified_user(
            "verified user, `is_active: false`" => "200, stays `true`"
        ) {
            unchanged(world, Kind::Verified, json!({ "is_active": false })).await;
        }
        both r16_is_verified_is_not_obeyed_of_a_verified_user(
            "verified user, `is_verified: false`" => "200, stays `true`"
        ) {
            unchanged(world, Kind::Verified, json!({ "is_verified": false })).await;
        }
        both r17_a_new_password_of_a_verified_user(
            "verified user, new `password`" => "200; only the new one works"
        ) {
            new_password(world, Kind::Verified).await;
        }
        once m1_the_same_email_again("the same `email` again" => "200, unchanged, still verified") {
            let someone = world.someone(Kind::Verified).await;
            let user = assert_me(someone.client.patch(ME, json!({ "email": someone.email })).await, &someone);
            assert_eq!(user["is_verified"], true);
        }
        once m2_a_refused_password_calls_no_hook(
            "refused password" => "400; `on_after_update` is not called"
        ) {
            let rig = world.rig().await;
            let someone = rig.host.someone(Kind::Verified).await;
            let before = rig.journal.count("on_after_update", &someone.email);
            let reason = "Password should be at least 3 characters";
            let detail = json!({ "code": "UPDATE_USER_INVALID_PASSWORD", "reason": reason });
            someone.client.patch(ME, json!({ "password": "m" })).await.expect_detail(400, detail);
            assert_eq!(rig.journal.count("on_after_update", &someone.email), before);
            someone.client.patch(ME, json!({ "password": NEW })).await.expect(200);
            assert_eq!(rig.journal.count("on_after_update", &someone.email), before + 1);
        }
        once m3_a_taken_email_calls_no_hook("taken `email`" => "400; `on_after_update` is not called") {
            let rig = world.rig().await;
            let (someone, other) = (rig.host.someone(Kind::Verified).await, rig.host.someone(Kind::Verified).await);
            let before = rig.journal.count("on_after_update", &someone.email);
            let reply = someone.client.patch(ME, json!({ "email": other.email })).await;
            reply.expect_detail(400, "UPDATE_USER_EMAIL_ALREADY_EXISTS");
            assert_eq!(rig.journal.count("on_after_update", &someone.email), before);
        }
    }
}
