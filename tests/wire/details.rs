//! What the list does not ask: fields of the login form, `DELETE /users/me`, pages of users, and rights of users who must be verified.

use reqwest::{Method, multipart::Form};
use serde_json::json;
use usermgr_tests::PASSWORD;

use crate::world::{Kind, World};

const LOGIN: &str = "/auth/jwt/login";

async fn a_login_form_in_every_shape(world: &World) {
    let (client, email) = (world.client(), world.someone(Kind::Verified).await.email);
    let missing = json!([["missing", ["body", "username"]], ["missing", ["body", "password"]]]);
    client.post_empty(LOGIN).await.expect_faults(missing.clone());
    client.post(LOGIN, json!({})).await.expect_faults(missing);
    for (user, password) in [("no address", PASSWORD), (&email, "CORRECT horse battery")] {
        client.login(user, password).await.expect_detail(400, "LOGIN_BAD_CREDENTIALS");
    }
    let form = [("username", email.as_str()), ("password", PASSWORD)];
    let with = |more: &[(&'static str, &'static str)]| [&form[..], more].concat();
    let other = with(&[("grant_type", "refresh_token")]);
    client.form(LOGIN, &other).await.expect_faults(json!([["string_pattern_mismatch", ["body", "grant_type"]]]));
    let whole = with(&[("grant_type", "password"), ("scope", "a b"), ("client_id", "x"), ("client_secret", "y")]);
    client.form(LOGIN, &whole).await.expect(200).token();
    client.form("/auth/cookie/login", &whole).await.expect(204);
    let multipart = Form::new().text("username", email.clone()).text("password", PASSWORD);
    client.send(client.request(Method::POST, LOGIN).multipart(multipart)).await.expect(200).token();
    for path in ["/auth/nothing/login", "/auth/nothing/logout"] {
        client.form(path, &whole).await.expect_detail(404, "Not Found");
    }
}

async fn a_user_leaves_and_takes_everything_along(world: &World) {
    let someone = world.someone(Kind::Verified).await;
    world.client().delete("/users/me").await.expect_detail(401, "Unauthorized");
    someone.client.delete("/users/me").await.expect(204);
    someone.client.get("/users/me").await.expect_detail(401, "Unauthorized");
    world.client().login(&someone.email, PASSWORD).await.expect(400);
}

async fn a_superuser_reads_all_users_page_by_page(world: &World) {
    let server = world.own_server();
    let root = server.superuser("root@example.com").await;
    let mut all = vec!["root@example.com".to_owned()];
    for number in 1..=6 {
        let email = format!("user{number}@example.com");
        server.client().register(&email, PASSWORD).await.expect(201);
        all.push(email);
    }
    let (mut found, mut path, mut pages) = (Vec::new(), "/users?limit=3".to_owned(), 0);
    loop {
        let page = root.get(&path).await.expect(200).json();
        let users = page["users"].as_array().unwrap();
        found.extend(users.iter().map(|user| user["email"].as_str().unwrap().to_owned()));
        pages += 1;
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        assert_eq!(users.len(), 3);
        path = format!("/users?limit=3&cursor={cursor}");
    }
    assert_eq!(pages, 3);
    // Ids are made in the order of time, so that pages are in the order of registration.
    assert_eq!(found, all);
    assert_eq!(root.get("/users").await.expect(200).json()["users"].as_array().unwrap().len(), 7);
    for query in ["limit=0", "limit=201", "limit=x", "limit=-1", "cursor=unknown"] {
        let name = query.split('=').next().unwrap();
        root.get(&format!("/users?{query}")).await.expect_faults(json!([["value_error", ["query", name]]]));
    }
    server.client().get("/users").await.expect_detail(401, "Unauthorized");
}

async fn a_right_of_verified_users_alone(world: &World) {
    let change = world.someone(Kind::Unverified).await.client.post("/auth/change-password", json!({})).await;
    if let Some(reply) = world.forbidden_if_verified_is_demanded(change) {
        reply.expect(422);
    }
    let list = world.someone(Kind::Superuser).await.client.get("/users").await;
    if let Some(reply) = world.forbidden_if_verified_is_demanded(list) {
        reply.expect(200);
    }
}

on_targets! {
    once a_login_form_in_every_shape
    once a_user_leaves_and_takes_everything_along
    once a_superuser_reads_all_users_page_by_page
    both a_right_of_verified_users_alone
}
