//! Registering.

use serde_json::{Value, json};
use usermgr_tests::{PASSWORD, Reply};

use crate::{
    too_short,
    world::{World, address},
};

async fn register(world: &World, body: Value) -> Reply {
    world.client().post("/auth/register", body).await
}

/// What a client may read of a user who has just registered.
#[track_caller]
fn assert_new(reply: Reply, email: &str) {
    let user = reply.expect(201).json();
    let whole = json!({
        "id": user["id"], "email": email, "is_active": true, "is_superuser": false, "is_verified": false,
        "created_at": user["created_at"],
    });
    assert_eq!(user, whole, "neither `password` nor `hashed_password`");
    assert!(user["id"].is_string() && user["created_at"].is_string(), "{user}");
}

rows! {
    "Register: `POST /auth/register`", |world|

    once r1_an_empty_object("`{}`" => "422, an entry for each field"; "with `input`, which sends the password back") {
        let faults = json!([["missing", ["body", "email"]], ["missing", ["body", "password"]]]);
        register(world, json!({})).await.expect_faults(faults);
    }
    once r2_no_email("no `email`" => "422") {
        let reply = register(world, json!({ "password": PASSWORD })).await;
        reply.expect_faults(json!([["missing", ["body", "email"]]]));
    }
    once r3_no_password("no `password`" => "422") {
        let reply = register(world, json!({ "email": address("ada") })).await;
        reply.expect_faults(json!([["missing", ["body", "password"]]]));
    }
    once r4_a_malformed_email("malformed `email`" => "422") {
        let malformed = json!(["value_error", ["body", "email"]]);
        let reply = register(world, json!({ "email": "ada", "password": PASSWORD })).await;
        reply.expect_faults(json!([malformed]));
        let reply = register(world, json!({ "email": "ada", "password": 1 })).await;
        reply.expect_faults(json!([malformed, ["string_type", ["body", "password"]]]));
    }
    once r5_a_password_that_the_policy_refuses(
        "refused password" => "400 `REGISTER_INVALID_PASSWORD` with a reason";
        "other words; `code` is what clients read"
    ) {
        let body = json!({ "email": address("ada"), "password": "g" });
        let detail = |reason: &str| json!({ "code": "REGISTER_INVALID_PASSWORD", "reason": reason });
        register(world, body.clone()).await.expect_detail(400, too_short("REGISTER_INVALID_PASSWORD"));
        let reply = world.rig().await.host.client().post("/auth/register", body).await;
        reply.expect_detail(400, detail("Password should be at least 3 characters"));
    }
    once r6_a_taken_email("taken `email`" => "400 `REGISTER_USER_ALREADY_EXISTS`") {
        let body = json!({ "email": address("ada"), "password": PASSWORD });
        register(world, body.clone()).await.expect(201);
        register(world, body).await.expect_detail(400, "REGISTER_USER_ALREADY_EXISTS");
    }
    once r7_a_taken_email_in_another_case("the same in another case" => "400 `REGISTER_USER_ALREADY_EXISTS`") {
        let email = address("ada");
        register(world, json!({ "email": email, "password": PASSWORD })).await.expect(201);
        for taken in [email.to_uppercase(), format!(" {email} ")] {
            let reply = register(world, json!({ "email": taken, "password": PASSWORD })).await;
            reply.expect_detail(400, "REGISTER_USER_ALREADY_EXISTS");
        }
    }
    once r8_a_new_email("new `email`" => "201, the user with an id and no password") {
        let email = address("ada");
        assert_new(register(world, json!({ "email": email, "password": PASSWORD })).await, &email);
    }
    once r9_a_new_email_with_capitals("new `email` with capitals" => "201, the part before the `@` as it was sent") {
        let email = address("Ada.Lovelace");
        let sent = email.replace("example.com", "EXAMPLE.com");
        assert_new(register(world, json!({ "email": sent, "password": PASSWORD })).await, &email);
    }
    once r10_is_superuser_is_not_obeyed("`is_superuser: true`" => "201, `false`") {
        let email = address("eve");
        let body = json!({ "email": email, "password": PASSWORD, "is_superuser": true, "is_verified": true });
        assert_new(register(world, body).await, &email);
    }
    once r11_is_active_is_not_obeyed("`is_active: false`" => "201, `true`") {
        let email = address("eve");
        let body = json!({ "email": email, "password": PASSWORD, "is_active": false });
        assert_new(register(world, body).await, &email);
    }
}
