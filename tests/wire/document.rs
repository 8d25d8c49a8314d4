//! The document at `/openapi.json`.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::world::World;

/// What FastAPI Users declares nowhere and any route may answer.
const OURS: [&str; 7] = ["401", "403", "404", "413", "415", "429", "503"];

/// The operation declares these statuses, and beside them only some of ours.
async fn declares(world: &World, method: &str, path: &str, statuses: &[&str]) {
    let document = world.client().get("/openapi.json").await.expect(200).json();
    let Value::Object(responses) = &document["paths"][path][method]["responses"] else {
        panic!("{method} {path} is not described");
    };
    let declared: BTreeSet<&str> = responses.keys().map(String::as_str).collect();
    let wanted: BTreeSet<&str> = statuses.iter().copied().collect();
    let missing: Vec<_> = wanted.difference(&declared).collect();
    let beyond: Vec<_> = declared.difference(&wanted).filter(|status| !OURS.contains(status)).collect();
    assert!(missing.is_empty() && beyond.is_empty(), "{method} {path}: missing {missing:?}, beyond {beyond:?}");
}

rows! {
    "OpenAPI: `GET /openapi.json`, and the statuses it declares besides 413, 415, 429 and 503", |world|

    once r1_the_document("the document" => "200, OpenAPI 3.1") {
        let document = world.client().get("/openapi.json").await.expect(200).json();
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1."), "{document}");
    }
    once r2_reset_password("`POST /auth/reset-password`" => "200, 400, 422") {
        declares(world, "post", "/auth/reset-password", &["200", "400", "422"]).await;
    }
    once r3_forgot_password("`POST /auth/forgot-password`" => "202, 422") {
        declares(world, "post", "/auth/forgot-password", &["202", "422"]).await;
    }
    once r4_update_user("`PATCH /users/{id}`" => "200, 400, 401, 403, 404, 422") {
        declares(world, "patch", "/users/{id}", &["200", "400", "401", "403", "404", "422"]).await;
    }
    once r5_delete_user(
        "`DELETE /users/{id}`" => "204, 400, 401, 403, 404";
        "422 too, no 400; here an invalid id is 404, and the last superuser stays"
    ) {
        declares(world, "delete", "/users/{id}", &["204", "400", "401", "403", "404"]).await;
    }
    once r6_user("`GET /users/{id}`" => "200, 401, 403, 404"; "422 too; here an invalid id is 404") {
        declares(world, "get", "/users/{id}", &["200", "401", "403", "404"]).await;
    }
    once r7_update_me(
        "`PATCH /users/me`" => "200, 400, 401, 403, 422";
        "no 403; here an old login and a foreign origin are refused"
    ) {
        declares(world, "patch", "/users/me", &["200", "400", "401", "403", "422"]).await;
    }
    once r8_me("`GET /users/me`" => "200, 401") { declares(world, "get", "/users/me", &["200", "401"]).await }
    once r9_register("`POST /auth/register`" => "201, 400, 422") {
        declares(world, "post", "/auth/register", &["201", "400", "422"]).await;
    }
    once r10_verify("`POST /auth/verify`" => "200, 400, 422") {
        declares(world, "post", "/auth/verify", &["200", "400", "422"]).await;
    }
    once r11_request_verify("`POST /auth/request-verify-token`" => "202, 422") {
        declares(world, "post", "/auth/request-verify-token", &["202", "422"]).await;
    }
}
