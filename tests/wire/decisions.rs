//! What FastAPI Users' tests do not demand, as it was decided: shapes and statuses.

use reqwest::Method;
use serde_json::json;
use usermgr::EventKind;
use usermgr_tests::PASSWORD;

use crate::world::{Kind, address};

const ME: &str = "/users/me";

rows! {
    "Decisions: shapes and statuses", |world|

    once d1_a_refused_password_for_a_taken_email(
        "register: a taken `email` and a password that the policy refuses" => "400 `REGISTER_INVALID_PASSWORD`"
    ) {
        let someone = world.someone(Kind::Unverified).await;
        let reply = world.client().register(&someone.email, "g").await.expect(400);
        assert_eq!(reply.json()["detail"]["code"], "REGISTER_INVALID_PASSWORD");
    }
    once d2_four_registrations_at_once(
        "register: one `email` four times at once" => "one 201, three 400 `REGISTER_USER_ALREADY_EXISTS`";
        "three 500; the unique index decides"
    ) {
        let (client, email) = (world.client(), address("ada"));
        let register = || client.register(&email, PASSWORD);
        let replies = tokio::join!(register(), register(), register(), register());
        let mut statuses = Vec::new();
        for reply in <[_; 4]>::from(replies) {
            statuses.push(reply.status);
            if reply.status != 201 {
                reply.expect_detail(400, "REGISTER_USER_ALREADY_EXISTS");
            }
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 400, 400, 400]);
    }
    once d3_email_null("`PATCH /users/me` with `email: null`" => "422"; "500") {
        let reply = world.someone(Kind::Verified).await.client.patch(ME, json!({ "email": null })).await;
        reply.expect_faults(json!([["string_type", ["body", "email"]]]));
    }
    once d4_a_flag_null("`PATCH /users/{id}` with `is_active: null`" => "422"; "500") {
        let someone = world.someone(Kind::Verified).await;
        for flag in ["is_active", "is_superuser", "is_verified"] {
            let reply = world.host().root().patch(&someone.path(), json!({ flag: null })).await;
            reply.expect_faults(json!([["bool_type", ["body", flag]]]));
        }
    }
    once d5_ones_own_email_in_another_case(
        "`PATCH /users/me` with one's own `email` in another case" => "200, and still verified";
        "400 `UPDATE_USER_EMAIL_ALREADY_EXISTS`, for an address that is one's own"
    ) {
        let someone = world.someone(Kind::Verified).await;
        let email = someone.email.replace("someone", "SomeOne");
        let user = someone.client.patch(ME, json!({ "email": email })).await.expect(200).json();
        assert_eq!((&user["email"], &user["is_verified"]), (&json!(email), &json!(true)));
    }
    once d6_password_null("`PATCH` with `password: null`" => "200, unchanged") {
        let someone = world.someone(Kind::Verified).await;
        someone.client.patch(ME, json!({ "password": null })).await.expect(200);
        world.host().root().patch(&someone.path(), json!({ "password": null })).await.expect(200);
        world.client().logged_in(&someone.email, PASSWORD).await;
    }
    once d16_a_hook_that_fails(
        "a hook that fails after the row is written" => "201 all the same, and an event `hook_failed`";
        "500, and the row is there; a client would register again and be told that the address is taken"
    ) {
        let rig = world.rig().await;
        let email = address("fails");
        let id = rig.host.client().register(&email, PASSWORD).await.expect(201).json()["id"].clone();
        let failed = |event: &usermgr::Event| event.kind == EventKind::HookFailed && event.user.as_deref() == id.as_str();
        assert_eq!(rig.events.events().iter().filter(|event| failed(event)).count(), 1);
    }
    once d19_a_login_with_json("login with JSON" => "200"; "422; an extension that costs nothing") {
        let someone = world.someone(Kind::Verified).await;
        let body = json!({ "username": someone.email, "password": PASSWORD });
        world.client().post("/auth/jwt/login", body.clone()).await.expect(200).token();
        world.client().post("/auth/cookie/login", body).await.expect(204).cookie();
    }
    once d20_401_names_the_scheme("401" => "with `WWW-Authenticate: Bearer`"; "without; RFC 9110 demands it") {
        let reply = world.client().get(ME).await.expect_detail(401, "Unauthorized");
        assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
    }
    once d25_the_last_superuser(
        "demote, deactivate or delete the last superuser" => "400 `LAST_SUPERUSER`";
        "200 or 204, and nobody is left who could repair it"
    ) {
        let Ok(server) = world.own_server() else { return };
        let root = server.superuser("root@example.com").await;
        let path = format!("/users/{}", root.get(ME).await.expect(200).json()["id"].as_str().unwrap());
        for body in [json!({ "is_superuser": false }), json!({ "is_active": false })] {
            root.patch(&path, body).await.expect_detail(400, "LAST_SUPERUSER");
        }
        root.delete(&path).await.expect_detail(400, "LAST_SUPERUSER");
        root.get(ME).await.expect(200);
    }
    once d26_a_field_given_twice(
        "a body with one field twice" => "422";
        "the last one counts; a proxy in front may have judged the first"
    ) {
        let client = world.client();
        let body = format!(r#"{{"email": "{}", "email": "{}", "password": "{PASSWORD}"}}"#, address("ada"), address("eve"));
        let request = client.request(Method::POST, "/auth/register").header("content-type", "application/json").body(body);
        client.send(request).await.expect(422);
        let fields = [("username", "ada@example.com"), ("password", "one"), ("password", "two")];
        client.form("/auth/jwt/login", &fields).await.expect(422);
    }
    once d27_a_slash_at_the_end(
        "a path with a slash at its end" => "404";
        "307; a redirected request has lost its body in many clients"
    ) {
        let someone = world.someone(Kind::Verified).await;
        someone.client.get("/users/me/").await.expect_detail(404, "Not Found");
        someone.client.post("/auth/register/", json!({})).await.expect_detail(404, "Not Found");
    }
    once d28_head("`HEAD` on a `GET` route" => "200 without a body"; "405; RFC 9110 demands it") {
        let someone = world.someone(Kind::Verified).await;
        let reply = someone.client.send(someone.client.request(Method::HEAD, ME)).await.expect(200);
        assert_eq!(reply.text, "");
    }
}
