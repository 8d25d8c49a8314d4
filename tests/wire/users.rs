//! Everybody's accounts, for superusers.

use reqwest::Method;
use serde_json::{Value, json};
use usermgr_tests::{Client, PASSWORD, Reply};

use crate::{
    NEW, too_short,
    world::{Kind, Someone, World, address},
};

const UNKNOWN: &str = "/users/01890000-0000-7000-8000-000000000000";

/// A request of a user of this kind; `None` if the response is 403.
async fn asked(world: &World, kind: Kind, ask: impl AsyncFn(&Client) -> Reply) -> Option<Reply> {
    let reply = ask(&world.someone(kind).await.client).await;
    match kind {
        Kind::VerifiedSuperuser => Some(reply),
        Kind::Superuser => world.forbidden_if_verified_is_demanded(reply),
        _ => {
            reply.expect_detail(403, "Forbidden");
            None
        }
    }
}

async fn send(client: &Client, method: Method, path: &str) -> Reply {
    client.send(client.request(method, path)).await
}

/// A request without a user.
async fn nobody(world: &World, method: Method) {
    send(&world.client(), method, UNKNOWN).await.expect_detail(401, "Unauthorized");
}

/// A request for an unknown user. The response to an ordinary user does not reveal it.
async fn unknown(world: &World, kind: Kind, method: Method) {
    let ask = async |client: &Client| match method {
        Method::PATCH => client.patch(UNKNOWN, json!({})).await,
        _ => send(client, method.clone(), UNKNOWN).await,
    };
    if let Some(reply) = asked(world, kind, ask).await {
        reply.expect_detail(404, "Not Found");
    }
}

/// A superuser reads a user.
async fn known(world: &World, kind: Kind) {
    let someone = world.someone(Kind::Unverified).await;
    if let Some(reply) = asked(world, kind, async |client| client.get(&someone.path()).await).await {
        let user = reply.expect(200).json();
        let whole = json!({
            "id": someone.id, "email": someone.email, "is_active": true, "is_superuser": false, "is_verified": false,
            "created_at": user["created_at"],
        });
        assert_eq!(user, whole, "no `hashed_password`");
    }
}

rows! {
    "Read a user: `GET /users/{id}`", |world|

    both r1_without_a_credential("no credential, unknown id" => "401") {
        nobody(world, Method::GET).await;
    }
    both r2_an_unverified_user("unverified user, unknown id" => "403") {
        unknown(world, Kind::Unverified, Method::GET).await;
    }
    both r3_a_verified_user("verified user" => "403") {
        unknown(world, Kind::Verified, Method::GET).await;
    }
    both r4_an_unknown_id("superuser, unknown id" => "403 / 404") {
        unknown(world, Kind::Superuser, Method::GET).await;
    }
    both r5_an_unknown_id_and_a_verified_superuser("verified superuser, unknown id" => "404") {
        unknown(world, Kind::VerifiedSuperuser, Method::GET).await;
    }
    both r6_a_known_id("superuser, known id" => "403 / 200, the user without `hashed_password`") {
        known(world, Kind::Superuser).await;
    }
    both r7_a_known_id_and_a_verified_superuser(
        "verified superuser, known id" => "200, the user without `hashed_password`"
    ) {
        known(world, Kind::VerifiedSuperuser).await;
    }
}

pub(crate) mod update {
    //! Changing them.

    use super::*;

    /// A superuser changes an unverified user; `None` if the superuser has no right to.
    async fn patched(world: &World, kind: Kind, body: Value) -> Option<(Someone, Reply)> {
        let someone = world.someone(Kind::Unverified).await;
        let reply = asked(world, kind, async |client| client.patch(&someone.path(), body.clone()).await).await?;
        Some((someone, reply))
    }

    /// The user's fields after the change, the flags in the order active, superuser, verified.
    async fn becomes(world: &World, kind: Kind, body: Value, flags: [bool; 3]) {
        let email = body["email"].as_str().map(str::to_owned);
        if let Some((someone, reply)) = patched(world, kind, body).await {
            let user = reply.expect(200).json();
            assert_eq!(user["email"], email.unwrap_or(someone.email), "{user}");
            assert_eq!(json!([user["is_active"], user["is_superuser"], user["is_verified"]]), json!(flags), "{user}");
        }
    }

    /// Which password opens after a change.
    async fn opens(world: &World, kind: Kind, password: Value, good: &str, bad: &str) {
        let body = json!({ "password": password, "is_verified": true });
        if let Some((someone, reply)) = patched(world, kind, body).await {
            reply.expect(200);
            world.client().login(&someone.email, bad).await.expect_detail(400, "LOGIN_BAD_CREDENTIALS");
            world.client().logged_in(&someone.email, good).await;
        }
    }

    const SAME: [bool; 3] = [true, false, false];

    rows! {
        "Change a user: `PATCH /users/{id}`", |world|

        both r1_without_a_credential("no credential" => "401") {
            nobody(world, Method::PATCH).await;
        }
        both r2_an_unverified_user("unverified user" => "403") {
            unknown(world, Kind::Unverified, Method::PATCH).await;
        }
        both r3_a_verified_user("verified user" => "403") {
            unknown(world, Kind::Verified, Method::PATCH).await;
        }
        both r4_an_unknown_id("superuser, unknown id, `{}`" => "403 / 404") {
            unknown(world, Kind::Superuser, Method::PATCH).await;
        }
        both r5_an_unknown_id_and_a_verified_superuser("verified superuser, unknown id" => "404") {
            unknown(world, Kind::VerifiedSuperuser, Method::PATCH).await;
        }
        both r6_nothing("superuser, `{}`" => "403 / 200, unchanged") {
            becomes(world, Kind::Superuser, json!({}), SAME).await;
        }
        both r7_nothing_and_a_verified_superuser("verified superuser, `{}`" => "200, unchanged") {
            becomes(world, Kind::VerifiedSuperuser, json!({}), SAME).await;
        }
        both r8_a_new_email("superuser, new `email`" => "403 / 200, changed") {
            becomes(world, Kind::Superuser, json!({ "email": address("new") }), SAME).await;
        }
        both r9_somebody_elses_email(
            "verified superuser, taken `email`" => "400 `UPDATE_USER_EMAIL_ALREADY_EXISTS`"
        ) {
            let other = world.someone(Kind::Verified).await;
            let (_, reply) = patched(world, Kind::VerifiedSuperuser, json!({ "email": other.email })).await.unwrap();
            reply.expect_detail(400, "UPDATE_USER_EMAIL_ALREADY_EXISTS");
        }
        both r10_a_password_that_the_policy_refuses(
            "verified superuser, refused password" =>
                "400 `UPDATE_USER_INVALID_PASSWORD` with a reason"
        ) {
            let (_, reply) = patched(world, Kind::VerifiedSuperuser, json!({ "password": "m" })).await.unwrap();
            reply.expect_detail(400, too_short("UPDATE_USER_INVALID_PASSWORD"));
        }
        both r11_a_new_email_and_a_verified_superuser("verified superuser, new `email`" => "200, changed") {
            becomes(world, Kind::VerifiedSuperuser, json!({ "email": address("new") }), SAME).await;
        }
        both r12_is_superuser("superuser, `is_superuser: true`" => "403 / 200, `true`") {
            becomes(world, Kind::Superuser, json!({ "is_superuser": true }), [true, true, false]).await;
        }
        both r13_is_superuser_and_a_verified_superuser("verified superuser, `is_superuser: true`" => "200, `true`") {
            becomes(world, Kind::VerifiedSuperuser, json!({ "is_superuser": true }), [true, true, false]).await;
        }
        both r14_is_active("superuser, `is_active: false`" => "403 / 200, `false`") {
            becomes(world, Kind::Superuser, json!({ "is_active": false }), [false, false, false]).await;
        }
        both r15_is_active_and_a_verified_superuser("verified superuser, `is_active: false`" => "200, `false`") {
            becomes(world, Kind::VerifiedSuperuser, json!({ "is_active": false }), [false, false, false]).await;
        }
        both r16_is_verified("superuser, `is_verified: true`" => "403 / 200, `true`") {
            becomes(world, Kind::Superuser, json!({ "is_verified": true }), [true, false, true]).await;
        }
        both r17_is_verified_and_a_verified_superuser("verified superuser, `is_verified: true`" => "200, `true`") {
            becomes(world, Kind::VerifiedSuperuser, json!({ "is_verified": true }), [true, false, true]).await;
            let body = json!({ "email": address("new"), "is_verified": true });
            becomes(world, Kind::VerifiedSuperuser, body, [true, false, true]).await;
        }
        both r18_a_new_password("superuser, new `password`" => "403 / 200; only the new one works") {
            opens(world, Kind::Superuser, json!(NEW), NEW, PASSWORD).await;
        }
        both r19_a_new_password_and_a_verified_superuser(
            "verified superuser, new `password`" => "200; only the new one works"
        ) {
            opens(world, Kind::VerifiedSuperuser, json!(NEW), NEW, PASSWORD).await;
        }
        both r20_no_new_password("superuser, `password: null`" => "403 / 200, the old one still works") {
            opens(world, Kind::Superuser, json!(null), PASSWORD, NEW).await;
        }
    }
}

pub(crate) mod delete {
    //! Deleting them.

    use super::*;

    /// A superuser deletes a user, who is then gone.
    async fn deleted(world: &World, kind: Kind) {
        let someone = world.someone(Kind::Verified).await;
        let reply = asked(world, kind, async |client| client.delete(&someone.path()).await).await;
        if let Some(reply) = reply {
            assert_eq!(reply.expect(204).text, "");
            world.host().root().get(&someone.path()).await.expect_detail(404, "Not Found");
            world.client().login(&someone.email, PASSWORD).await.expect_detail(400, "LOGIN_BAD_CREDENTIALS");
            world.client().register(&someone.email, PASSWORD).await.expect(201);
        }
    }

    rows! {
        "Delete a user: `DELETE /users/{id}`", |world|

        both r1_without_a_credential("no credential" => "401") {
            nobody(world, Method::DELETE).await;
        }
        both r2_an_unverified_user("unverified user" => "403") {
            unknown(world, Kind::Unverified, Method::DELETE).await;
        }
        both r3_a_verified_user("verified user" => "403") {
            unknown(world, Kind::Verified, Method::DELETE).await;
        }
        both r4_an_unknown_id("superuser, unknown id" => "403 / 404") {
            unknown(world, Kind::Superuser, Method::DELETE).await;
        }
        both r5_an_unknown_id_and_a_verified_superuser("verified superuser, unknown id" => "404") {
            unknown(world, Kind::VerifiedSuperuser, Method::DELETE).await;
        }
        both r6_a_known_id("superuser, known id" => "403 / 204 without a body, the row is gone") {
            deleted(world, Kind::Superuser).await;
        }
        both r7_a_known_id_and_a_verified_superuser(
            "verified superuser, known id" => "204 without a body, the row is gone"
        ) {
            deleted(world, Kind::VerifiedSuperuser).await;
        }
        once m1_both_hooks_in_their_order("the hooks of a deletion" => "`on_before_delete`, then `on_after_delete`") {
            let rig = world.rig().await;
            let someone = rig.host.someone(Kind::Verified).await;
            rig.host.root().delete(&someone.path()).await.expect(204);
            let hooks = rig.journal.hooks(&someone.email);
            assert_eq!(hooks[hooks.len() - 2..], ["on_before_delete", "on_after_delete"]);
        }
    }
}
