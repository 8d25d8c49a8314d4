//! That the routes are there, and that an application's own comes before them.

use reqwest::Method;
use serde_json::json;

use crate::world::{Kind, World};

/// The route answers an empty request neither with 404 nor with 405.
async fn mounted(world: &World, method: Method, path: &str) {
    let client = world.client();
    let status = client.send(client.request(method, path)).await.status;
    assert!(![404, 405].contains(&status), "{path}: {status}");
}

const SOMEBODY: &str = "/users/01890000-0000-7000-8000-000000000000";

rows! {
    "Mounting: an empty request is neither 404 nor 405", |world|

    once r1_register("`POST /auth/register`" => "mounted") {
        mounted(world, Method::POST, "/auth/register").await;
    }
    once r2_request_verify("`POST /auth/request-verify-token`" => "mounted") {
        mounted(world, Method::POST, "/auth/request-verify-token").await;
    }
    once r3_verify("`POST /auth/verify`" => "mounted") {
        mounted(world, Method::POST, "/auth/verify").await;
    }
    once r4_forgot_password("`POST /auth/forgot-password`" => "mounted") {
        mounted(world, Method::POST, "/auth/forgot-password").await;
    }
    once r5_reset_password("`POST /auth/reset-password`" => "mounted") {
        mounted(world, Method::POST, "/auth/reset-password").await;
    }
    once r6_login("`POST /auth/{backend}/login`" => "mounted") {
        mounted(world, Method::POST, "/auth/jwt/login").await;
        mounted(world, Method::POST, "/auth/cookie/login").await;
    }
    once r7_logout("`POST /auth/{backend}/logout`" => "mounted") {
        mounted(world, Method::POST, "/auth/jwt/logout").await;
        mounted(world, Method::POST, "/auth/cookie/logout").await;
    }
    once r8_user("`GET /users/{id}`" => "mounted") {
        mounted(world, Method::GET, SOMEBODY).await;
    }
    once r9_update_user("`PATCH /users/{id}`" => "mounted") {
        mounted(world, Method::PATCH, SOMEBODY).await;
    }
    once r10_delete_user("`DELETE /users/{id}`" => "mounted") {
        mounted(world, Method::DELETE, SOMEBODY).await;
    }
    once r11_an_own_route_comes_first(
        "`DELETE /users/me`, if the application has this route" => "the application's answer"
    ) {
        let someone = world.rig().await.host.someone(Kind::Verified).await;
        someone.client.delete("/users/me").await.expect_json(202, json!({ "left": someone.email }));
    }
}
