//! The requests whose answers depend on verified addresses being demanded.

use serde_json::json;

use crate::steps::{OTHER, PASSWORD, Step, get, login, login_with, patch, post, promote, register, step};

pub(crate) fn all() -> Vec<Step> {
    let verify = |name, token: &str| post(name, "/auth/verify").json(json!({ "token": token }));
    vec![
        register("register: ada", "ada"),
        login_with("login: not verified", "ada", PASSWORD),
        login_with("login: not verified, a wrong password", "ada", OTHER),
        login_with("login: unknown", "unknown", PASSWORD),
        post("cookie login: not verified", "/auth/cookie/login")
            .form("username=ada@example.com&password=correct horse battery"),
        post("request verify: ada", "/auth/request-verify-token").json(json!({ "email": "ada@example.com" })),
        verify("verify: ada", "$(verify:ada@example.com)"),
        login("login: verified", "ada"),
        get("me: verified", "/users/me").bearer("ada"),
        patch("patch me: nothing", "/users/me").bearer("ada").json(json!({})),
        patch("patch me: a bad body", "/users/me").bearer("ada").json(json!({ "email": 42 })),
        patch("patch me: another address", "/users/me").bearer("ada").json(json!({ "email": "lovelace@example.com" })),
        get("me: not verified any more", "/users/me").bearer("ada"),
        patch("patch me: not verified", "/users/me").bearer("ada").json(json!({})),
        patch("patch me: not verified, a bad body", "/users/me").bearer("ada").json(json!({ "email": 42 })),
        patch("patch me: anonymous", "/users/me").json(json!({})),
        get("user: not verified", "/users/$(id:ada)").bearer("ada"),
        post("logout: not verified", "/auth/jwt/logout").bearer("ada"),
        post("forgot: not verified", "/auth/forgot-password").json(json!({ "email": "lovelace@example.com" })),
        post("reset: not verified", "/auth/reset-password")
            .json(json!({ "token": "$(forgot:lovelace@example.com)", "password": OTHER })),
        login_with("login: the new password, not verified", "lovelace", OTHER),
        register("register: root", "root"),
        promote("root@example.com"),
        login("login: root", "root"),
        get("user: a verified superuser", "/users/$(id:ada)").bearer("root"),
        patch("patch user: a verified superuser", "/users/$(id:ada)")
            .bearer("root")
            .json(json!({ "is_verified": true })),
        login_with("login: verified by the superuser", "lovelace", OTHER),
        patch("patch user: a superuser who is not verified", "/users/$(id:ada)")
            .bearer("root")
            .json(json!({ "is_verified": false, "is_superuser": true })),
        patch("patch user: the superuser removes their own verification", "/users/$(id:root)")
            .bearer("root")
            .json(json!({ "is_verified": false })),
        get("me: a superuser who is not verified", "/users/me").bearer("root"),
        get("user: by a superuser who is not verified", "/users/$(id:ada)").bearer("root"),
        step("delete: by a superuser who is not verified", "DELETE", "/users/$(id:ada)").bearer("root"),
        post("logout: a superuser who is not verified", "/auth/jwt/logout").bearer("root"),
    ]
}
