//! The requests of those who are in: their accounts, the mails to them, superusers, the way out, and paths that lead nowhere.

use serde_json::{Value, json};

use crate::steps::*;

pub(crate) fn own_account() -> Vec<Step> {
    let bob = |name, body: Value| patch(name, "/users/me").bearer("bob").json(body);
    vec![
        patch("patch me: anonymous", "/users/me"),
        patch("patch me: anonymous, with a body", "/users/me").json(json!({ "email": "eve@example.com" })),
        bob("patch me: nothing", json!({})),
        bob("patch me: the same address", json!({ "email": "bob@example.com" })),
        bob("patch me: a taken address", json!({ "email": "ada@example.com" })),
        bob("patch me: a taken address in capitals", json!({ "email": "ADA@example.com" })),
        bob("patch me: no address but a word", json!({ "email": "bob" })),
        bob("patch me: null as address", json!({ "email": null })),
        bob("patch me: a number as address", json!({ "email": 42 })),
        bob("patch me: a short password", json!({ "password": "short" })),
        bob("patch me: null as password", json!({ "password": null })),
        bob("patch me: a number as password", json!({ "password": 42 })),
        bob("patch me: superuser", json!({ "is_superuser": true })),
        bob("patch me: inactive", json!({ "is_active": false })),
        bob("patch me: verified", json!({ "is_verified": true })),
        bob("patch me: an unknown field", json!({ "shoe_size": 42 })),
        bob("patch me: an id", json!({ "id": "01890000-0000-7000-8000-000000000000" })),
        bob("patch me: a hash", json!({ "hashed_password": "x" })),
        bob("patch me: a list", json!([])),
        patch("patch me: broken JSON", "/users/me").bearer("bob").raw("application/json", "{"),
        patch("patch me: no body", "/users/me").bearer("bob"),
        patch("patch me: a form", "/users/me").bearer("bob").form("email=bobby@example.com"),
        bob("patch me: another address", json!({ "email": "bobby@example.com" })),
        patch("patch me: by cookie", "/users/me").cookie("bob").json(json!({ "email": "bob@example.com" })),
        bob("patch me: an invalid flag", json!({ "is_active": "perhaps" })),
        register("register: judy", "judy"),
        login("login: judy", "judy"),
        patch("patch me: the own address in capitals", "/users/me")
            .bearer("judy")
            .json(json!({ "email": "JUDY@example.com" })),
        patch("patch me: another password", "/users/me").bearer("grace").json(json!({ "password": OTHER })),
        get("me: the token from before the password was changed", "/users/me").bearer("grace"),
        login_with("login: the password from before", "grace", PASSWORD),
        login_with("login: the password since then", "grace", OTHER).keep("grace"),
        get("me: the token since then", "/users/me").bearer("grace"),
    ]
}

pub(crate) fn verification() -> Vec<Step> {
    let ask = |name, email: &str| post(name, "/auth/request-verify-token").json(json!({ "email": email }));
    let verify = |name, token: &str| post(name, "/auth/verify").json(json!({ "token": token }));
    vec![
        post("request verify: nothing", "/auth/request-verify-token").json(json!({})),
        post("request verify: no body", "/auth/request-verify-token"),
        ask("request verify: no address but a word", "ada"),
        ask("request verify: unknown", "nobody@example.com"),
        ask("request verify: a verified user", "root@example.com"),
        ask("request verify: carol", "carol@example.com"),
        ask("request verify: carol in capitals", "CAROL@example.com"),
        post("verify: nothing", "/auth/verify").json(json!({})),
        post("verify: no body", "/auth/verify"),
        post("verify: a list", "/auth/verify").json(json!([])),
        post("verify: text", "/auth/verify").raw("text/plain", "{}"),
        post("verify: broken JSON", "/auth/verify").raw("application/json", "{"),
        post("verify: null", "/auth/verify").json(json!({ "token": null })),
        post("verify: a number", "/auth/verify").json(json!({ "token": 42 })),
        verify("verify: an empty token", ""),
        verify("verify: no token but a word", "x"),
        verify("verify: a token of another kind", "$(bearer:ada)"),
        verify("verify: carol", "$(verify:carol@example.com)"),
        verify("verify: carol again", "$(verify:carol@example.com)"),
        ask("request verify: carol, who is verified", "carol@example.com"),
        login("login: carol", "carol"),
        get("me: carol is verified", "/users/me").bearer("carol"),
        patch("patch me: users cannot remove their own verification", "/users/me")
            .bearer("carol")
            .json(json!({ "is_verified": false })),
        patch("patch me: another address is not verified", "/users/me")
            .bearer("carol")
            .json(json!({ "email": "caroline@example.com" })),
        verify("verify: the token for the address from before", "$(verify:carol@example.com)"),
        get("verify: asked for", "/auth/verify"),
    ]
}

pub(crate) fn reset() -> Vec<Step> {
    let ask = |name, email: &str| post(name, "/auth/forgot-password").json(json!({ "email": email }));
    let reset = |name, token: &str, password: &str| {
        post(name, "/auth/reset-password").json(json!({ "token": token, "password": password }))
    };
    vec![
        post("forgot: nothing", "/auth/forgot-password").json(json!({})),
        post("forgot: no body", "/auth/forgot-password"),
        post("forgot: the body null", "/auth/forgot-password").json(Value::Null),
        post("forgot: null", "/auth/forgot-password").json(json!({ "email": null })),
        ask("forgot: no address but a word", "ada"),
        ask("forgot: unknown", "nobody@example.com"),
        login("login: peggy", "peggy"),
        ask("forgot: peggy", "peggy@example.com"),
        post("request verify: peggy", "/auth/request-verify-token").json(json!({ "email": "peggy@example.com" })),
        post("reset: nothing", "/auth/reset-password").json(json!({})),
        post("reset: no body", "/auth/reset-password"),
        post("reset: a text", "/auth/reset-password").json(json!("x")),
        post("reset: no token", "/auth/reset-password").json(json!({ "password": OTHER })),
        post("reset: no password", "/auth/reset-password").json(json!({ "token": "x" })),
        post("reset: null as password", "/auth/reset-password").json(json!({ "token": "x", "password": null })),
        reset("reset: no token but a word", "x", OTHER),
        reset("reset: a token of another kind", "$(verify:peggy@example.com)", OTHER),
        reset("reset: a token that logs in", "$(bearer:peggy)", OTHER),
        reset("reset: a bad token and a short password", "x", "short"),
        reset("reset: a short password", "$(forgot:peggy@example.com)", "short"),
        reset("reset: peggy", "$(forgot:peggy@example.com)", OTHER),
        reset("reset: peggy again", "$(forgot:peggy@example.com)", PASSWORD),
        login_with("login: peggy's old password", "peggy", PASSWORD),
        login_with("login: peggy's new password", "peggy", OTHER),
        get("me: the token from before the reset", "/users/me").bearer("peggy"),
        login("login: mallory", "mallory"),
        ask("forgot: mallory", "mallory@example.com"),
        patch("patch me: mallory's address after asking for a reset", "/users/me")
            .bearer("mallory")
            .json(json!({ "email": "mal@example.com" })),
        reset("reset: the token for the address from before", "$(forgot:mallory@example.com)", OTHER),
    ]
}

pub(crate) fn administration() -> Vec<Step> {
    let trent = "/users/$(id:trent)";
    let root = |name, body: Value| patch(name, trent).bearer("root").json(body);
    let delete = |name, path: &str| step(name, "DELETE", path);
    vec![
        get("user: anonymous", trent),
        get("user: not a superuser", trent).bearer("ada"),
        get("user: oneself, not a superuser", "/users/$(id:ada)").bearer("ada"),
        get("user: not a superuser, unknown user", UNKNOWN).bearer("ada"),
        get("user: trent", trent).bearer("root"),
        step("user: the head alone", "HEAD", trent).bearer("root"),
        get("user: unknown", UNKNOWN).bearer("root"),
        get("user: no id", "/users/trent").bearer("root"),
        get("user: a number", "/users/42").bearer("root"),
        patch("patch user: anonymous", trent).json(json!({})),
        patch("patch user: not a superuser", trent).bearer("ada").json(json!({ "is_superuser": true })),
        patch("patch user: not a superuser, and a bad body", trent).bearer("ada").json(json!({ "email": 42 })),
        patch("patch user: unknown", UNKNOWN).bearer("root").json(json!({})),
        patch("patch user: unknown, and a bad body", UNKNOWN).bearer("root").json(json!({ "email": "x" })),
        root("patch user: nothing", json!({})),
        root("patch user: no address but a word", json!({ "email": "trent" })),
        root("patch user: null as address", json!({ "email": null })),
        root("patch user: a taken address", json!({ "email": "ada@example.com" })),
        root("patch user: a short password", json!({ "password": "short" })),
        root("patch user: null as password", json!({ "password": null })),
        root("patch user: null as flag", json!({ "is_active": null })),
        root("patch user: an invalid flag", json!({ "is_active": "perhaps" })),
        root("patch user: a list as flag", json!({ "is_active": [] })),
        root("patch user: a flag as text", json!({ "is_verified": "true" })),
        root("patch user: a flag as number", json!({ "is_verified": 0 })),
        root("patch user: a flag as another number", json!({ "is_verified": 2 })),
        root("patch user: an empty flag", json!({ "is_verified": "" })),
        root("patch user: not verified", json!({ "is_verified": false })),
        root("patch user: verified", json!({ "is_verified": true })),
        root("patch user: an address is not verified", json!({ "email": "trenton@example.com" })),
        root("patch user: an address and verified", json!({ "email": "trent@example.com", "is_verified": true })),
        root("patch user: a superuser", json!({ "is_superuser": true })),
        root("patch user: no superuser", json!({ "is_superuser": false })),
        root("patch user: a password", json!({ "password": OTHER })),
        login_with("login: trent with the password of the superuser", "trent", OTHER).keep("trent"),
        post("forgot: trent", "/auth/forgot-password").json(json!({ "email": "trent@example.com" })),
        root("patch user: inactive", json!({ "is_active": false })),
        get("me: trent is inactive", "/users/me").bearer("trent"),
        login_with("login: trent is inactive", "trent", OTHER),
        post("forgot: an inactive user", "/auth/forgot-password").json(json!({ "email": "trent@example.com" })),
        post("request verify: an inactive user", "/auth/request-verify-token")
            .json(json!({ "email": "trent@example.com" })),
        post("reset: an inactive user", "/auth/reset-password")
            .json(json!({ "token": "$(forgot:trent@example.com)", "password": PASSWORD })),
        post("logout: an inactive user", "/auth/jwt/logout").bearer("trent"),
        root("patch user: active again", json!({ "is_active": true })),
        post("reset: a token from before the user was inactive", "/auth/reset-password")
            .json(json!({ "token": "$(forgot:trent@example.com)", "password": PASSWORD })),
        patch("patch user: the last superuser becomes none", "/users/$(id:root)")
            .bearer("root")
            .json(json!({ "is_superuser": false })),
        promote("root@example.com"),
        delete("delete: anonymous", trent),
        delete("delete: not a superuser", trent).bearer("ada"),
        delete("delete: unknown", UNKNOWN).bearer("root"),
        delete("delete: no id", "/users/trent").bearer("root"),
        delete("delete: trent", trent).bearer("root"),
        delete("delete: trent again", trent).bearer("root"),
        get("user: trent is gone", trent).bearer("root"),
        login_with("login: trent is gone", "trent", PASSWORD),
        register("register: trent again", "trent"),
        delete("delete: edsger", "/users/$(id:edsger)").bearer("root"),
    ]
}

pub(crate) fn logouts() -> Vec<Step> {
    vec![
        post("logout: anonymous", "/auth/jwt/logout"),
        post("logout: a bad token", "/auth/jwt/logout").header("authorization", "Bearer x"),
        get("logout: asked for", "/auth/jwt/logout").bearer("ada"),
        post("logout: ada", "/auth/jwt/logout").bearer("ada"),
        get("me: the token that was logged out", "/users/me").bearer("ada"),
        post("logout: a cookie without a session", "/auth/cookie/logout"),
        post("logout: another backend", "/auth/nothing/logout").cookie("ada"),
        post("logout: ada's cookie", "/auth/cookie/logout").cookie("ada"),
        get("me: the cookie that was logged out", "/users/me").cookie("ada"),
    ]
}

pub(crate) fn edges() -> Vec<Step> {
    vec![
        get("edge: the root", "/"),
        get("edge: nothing", "/nothing"),
        get("edge: below nothing", "/auth/nothing/at/all"),
        get("edge: auth", "/auth"),
        get("edge: two slashes", "//users/me").bearer("ada"),
        get("edge: register asked for", "/auth/register"),
        step("edge: register deleted", "DELETE", "/auth/register"),
        post("edge: register with a slash", "/auth/register/").json(account("slash@example.com")),
        post("edge: login with a slash", "/auth/jwt/login/").form("username=ada@example.com&password=x"),
        post("edge: a user posted", UNKNOWN).bearer("root"),
        get("edge: the users", "/users").bearer("root"),
        post("edge: the users posted", "/users").bearer("root"),
        step("edge: OPTIONS", "OPTIONS", "/users/me"),
        step("edge: TRACE", "TRACE", "/users/me"),
        get("edge: capitals", "/Users/me").bearer("ada"),
    ]
}
