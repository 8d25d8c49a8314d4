//! What FastAPI Users' tests do not demand, as it was decided: shapes and statuses.

use reqwest::Method;
use serde_json::json;
use usermgr::audit::EventKind;
use usermgr_tests::PASSWORD;

use crate::world::{Kind, address};

const ME: &str = "/users/me";

rows! {
    "Decisions: shapes and statuses", |world|

    once d1_a_refused_password_for_a_taken_email(
        "register: taken `email` and a refused password" => "400 `REGISTER_INVALID_PASSWORD`"
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
        let capitals = email.to_uppercase();
        let (small, large) = (|| client.register(&email, PASSWORD), || client.register(&capitals, PASSWORD));
        let replies = tokio::join!(small(), large(), small(), large());
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
        "`PATCH /users/me` with the same `email` in another case" => "200, and still verified";
        "400 `UPDATE_USER_EMAIL_ALREADY_EXISTS`, for the user's own address"
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
        "hook that fails after the row is written" => "201, and an event `hook_failed`";
        "500, though the row is written; a retry finds the address taken"
    ) {
        let rig = world.rig().await;
        let email = address("fails");
        let id = rig.host.client().register(&email, PASSWORD).await.expect(201).json()["id"].clone();
        let failed = |event: &usermgr::audit::Event| event.kind == EventKind::HookFailed && event.user.as_deref() == id.as_str();
        assert_eq!(rig.events.events().iter().filter(|event| failed(event)).count(), 1);
    }
    once d19_a_login_with_json("login with JSON" => "200"; "422; an extension") {
        let someone = world.someone(Kind::Verified).await;
        let body = json!({ "username": someone.email, "password": PASSWORD });
        world.client().post("/auth/jwt/login", body.clone()).await.expect(200).token();
        world.client().post("/auth/cookie/login", body).await.expect(204).cookie();
    }
    once d20_401_names_the_scheme("401" => "with `WWW-Authenticate: Bearer`"; "without; RFC 9110 requires it") {
        let reply = world.client().get(ME).await.expect_detail(401, "Unauthorized");
        assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
    }
    once d25_the_last_superuser(
        "demote, deactivate or delete the last superuser" => "400 `LAST_SUPERUSER`";
        "200 or 204; no superuser would be left to repair it"
    ) {
        let server = world.own_server();
        let root = server.superuser("root@example.com").await;
        let path = format!("/users/{}", root.get(ME).await.expect(200).json()["id"].as_str().unwrap());
        for body in [json!({ "is_superuser": false }), json!({ "is_active": false })] {
            root.patch(&path, body).await.expect_detail(400, "LAST_SUPERUSER");
        }
        for path in [path.as_str(), ME] {
            root.delete(path).await.expect_detail(400, "LAST_SUPERUSER");
        }
        root.get(ME).await.expect(200);
        // Of two, one can go.
        let second = server.superuser("second@example.com").await;
        second.delete(&path).await.expect(204);
        second.delete(ME).await.expect_detail(400, "LAST_SUPERUSER");
    }
    once d26_a_field_given_twice(
        "body with one field twice" => "422";
        "the last one counts; a proxy may have checked the first"
    ) {
        let client = world.client();
        let body = format!(r#"{{"email": "{}", "email": "{}", "password": "{PASSWORD}"}}"#, address("ada"), address("eve"));
        let request = client.request(Method::POST, "/auth/register").header("content-type", "application/json").body(body);
        client.send(request).await.expect(422);
        let fields = [("username", "ada@example.com"), ("password", "one"), ("password", "two")];
        client.form("/auth/jwt/login", &fields).await.expect(422);
    }
    once d27_a_slash_at_the_end(
        "path with a trailing slash" => "404";
        "307; many clients lose the body at a redirect"
    ) {
        let someone = world.someone(Kind::Verified).await;
        someone.client.get("/users/me/").await.expect_detail(404, "Not Found");
        someone.client.post("/auth/register/", json!({})).await.expect_detail(404, "Not Found");
    }
    once d28_head("`HEAD` on a `GET` route" => "200 without a body"; "405; RFC 9110 requires it") {
        let someone = world.someone(Kind::Verified).await;
        let reply = someone.client.send(someone.client.request(Method::HEAD, ME)).await.expect(200);
        assert_eq!(reply.text, "");
    }
    once d32_a_user_shows_its_age("user" => "with `created_at`"; "without") {
        let user = world.someone(Kind::Verified).await.client.get(ME).await.expect(200).json();
        let created: jiff::Timestamp = user["created_at"].as_str().unwrap().parse().unwrap();
        assert!(created <= jiff::Timestamp::now());
    }
    once d33_a_fault_does_not_repeat_the_input(
        "422" => "an entry has no `input`";
        "with the input, which may be a password, and is logged and shown"
    ) {
        let reply = world.client().post("/auth/register", json!({ "email": "canary", "password": { "x": "canary" } })).await;
        let reply = reply.expect(422);
        assert!(!reply.text.contains("canary") && reply.json()["detail"].as_array().unwrap().len() == 2, "{}", reply.text);
    }
    once d34_a_name_before_the_email(
        "register: `email` with a name before it" => "422";
        "201, for the address alone; every reader must see one address"
    ) {
        let reply = world.client().register(&format!("Ada <{}>", address("ada")), PASSWORD).await;
        reply.expect_faults(json!([["value_error", ["body", "email"]]]));
    }
    once d35_a_body_that_is_no_json(
        "form or a text instead of JSON" => "415";
        "422; other sites can send forms, so one is refused before it is read"
    ) {
        let someone = world.someone(Kind::Verified).await;
        for (method, path) in [(Method::POST, "/auth/register"), (Method::PATCH, ME), (Method::POST, "/auth/verify")] {
            for media in ["application/x-www-form-urlencoded", "text/plain"] {
                let request = someone.client.request(method.clone(), path).header("content-type", media).body("a=b");
                someone.client.send(request).await.expect_detail(415, "Unsupported Media Type");
            }
        }
        let text = world.client().request(Method::POST, "/auth/jwt/login").header("content-type", "text/plain").body("a=b");
        world.client().send(text).await.expect_detail(415, "Unsupported Media Type");
    }
    once d36_the_owner_of_an_address_is_notified(
        "register a taken `email`; change the `email`" => "a mail to its owner; a mail to the old address";
        "no mail; the owner must learn of it"
    ) {
        let someone = world.someone(Kind::Verified).await;
        world.client().register(&someone.email, PASSWORD).await.expect(400);
        world.server.mail("duplicate_register", &someone.email, 1);
        someone.client.patch(ME, json!({ "email": address("other") })).await.expect(200);
        world.server.mail("email_changed", &someone.email, 1);
    }
    once d37_a_flag_that_nobody_may_set(
        "register, `PATCH /users/me`: invalid flag" => "as without the flag";
        "422, for a field that is then dropped; here it is not read"
    ) {
        let email = address("ada");
        let body = json!({ "email": email, "password": PASSWORD, "is_superuser": "maybe", "is_active": {} });
        let user = world.client().post("/auth/register", body).await.expect(201).json();
        assert_eq!((&user["is_superuser"], &user["is_active"]), (&json!(false), &json!(true)));
        let someone = world.someone(Kind::Verified).await;
        someone.client.patch(ME, json!({ "is_superuser": "maybe" })).await.expect(200);
    }
    once d38_a_password_that_anybody_would_guess(
        "register: common password, or the `email`" => "400 `REGISTER_INVALID_PASSWORD`";
        "201; NIST SP 800-63B and the ASVS require a list"
    ) {
        let email = address("a.long.name.of.someone");
        for password in ["passwordpassword", "123456789012345", &email] {
            let reply = world.client().register(&email, password).await.expect(400);
            assert_eq!(reply.json()["detail"]["code"], "REGISTER_INVALID_PASSWORD", "{password}");
        }
    }
    once d39_a_password_without_an_end(
        "register: password of more than 1024 bytes" => "400 `REGISTER_INVALID_PASSWORD`";
        "201; a client must not make the server hash a megabyte"
    ) {
        let email = address("ada");
        let reply = world.client().register(&email, &"0aB!".repeat(257)).await.expect(400);
        assert_eq!(reply.json()["detail"]["code"], "REGISTER_INVALID_PASSWORD");
        world.client().register(&email, &"0aB!".repeat(256)).await.expect(201);
    }
    once d40_the_users("`GET /users`" => "200 for a superuser, a page of users; another method is 405"; "404; an extension") {
        world.host().root().get("/users").await.expect(200);
        world.host().root().post("/users", json!({})).await.expect_detail(405, "Method Not Allowed");
        world.someone(Kind::Verified).await.client.get("/users").await.expect_detail(403, "Forbidden");
    }
    once d41_a_flag_as_a_text_or_a_number("`PATCH /users/{id}` with `is_verified: \"yes\"`, `1`, .." => "200, a flag") {
        let someone = world.someone(Kind::Unverified).await;
        for (value, flag) in [(json!("yes"), true), (json!("OFF"), false), (json!(1), true), (json!("f"), false)] {
            let user = world.host().root().patch(&someone.path(), json!({ "is_verified": value })).await.expect(200).json();
            assert_eq!(user["is_verified"], flag);
        }
    }
    once d42_a_domain_in_letters("register: `email` whose domain is not ASCII" => "201, with `EmailRules::international`") {
        let name = address("ada").split('@').next().unwrap().to_owned();
        let email = format!("{name}@b\u{fc}cher.example");
        let user = world.client().register(&email, PASSWORD).await.expect(201).json();
        assert_eq!(user["email"], email);
        let taken = world.client().register(&format!("{name}@xn--bcher-kva.example"), PASSWORD).await;
        taken.expect_detail(400, "REGISTER_USER_ALREADY_EXISTS");
    }
    once d43_a_login_that_can_be_renewed(
        "login with `Jwt::with_refresh`" => "with `refresh_token`";
        "without; there is no such strategy"
    ) {
        let someone = world.someone(Kind::Verified).await;
        let reply = world.client().login(&someone.email, PASSWORD).await.expect(200).json();
        assert!(reply["refresh_token"].is_string());
    }
    once d44_a_mail_that_a_superuser_sends(
        "`POST /users/{id}/forgot-password`, `/users/{id}/request-verify-token`" => "202 for a superuser";
        "404; an extension"
    ) {
        let someone = world.someone(Kind::Unverified).await;
        for name in ["forgot-password", "request-verify-token"] {
            let path = format!("{}/{name}", someone.path());
            world.host().root().post_empty(&path).await.expect(202);
            someone.client.post_empty(&path).await.expect_detail(403, "Forbidden");
        }
    }
    once d45_the_sessions_of_a_user(
        "`GET /users/{id}/sessions`, `DELETE /users/{id}/sessions`" => "200, 204 for a superuser";
        "404; an extension"
    ) {
        let someone = world.someone(Kind::Verified).await;
        let path = format!("{}/sessions", someone.path());
        assert_eq!(world.host().root().get(&path).await.expect(200).json()[0]["is_current"], false);
        someone.client.get(&path).await.expect_detail(403, "Forbidden");
        world.host().root().delete(&path).await.expect(204);
        someone.client.get(ME).await.expect(401);
    }
}
