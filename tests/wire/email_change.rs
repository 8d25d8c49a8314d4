//! A new address that is proved first, which FastAPI Users does not have.

use serde_json::{Value, json};
use usermgr_tests::{Client, PASSWORD, Reply, mails};

use crate::{
    NEW,
    world::{Kind, World, address},
};

const REQUEST: &str = "/auth/request-email-change";
const CONFIRM: &str = "/auth/confirm-email-change";

/// Asks, and returns the token of the mail to the new address.
async fn requested(world: &World, client: &Client, email: &str) -> String {
    client.post(REQUEST, json!({ "email": email })).await.expect_json(202, Value::Null);
    world.server.mailed_token("change_email", email, 1)
}

async fn confirm(world: &World, token: &str) -> Reply {
    world.client().post(CONFIRM, json!({ "token": token })).await
}

async fn bodies_and_credentials(world: &World) {
    let (stranger, ada) = (world.client(), world.someone(Kind::Verified).await.client);
    stranger.post(REQUEST, json!({})).await.expect_detail(401, "Unauthorized");
    ada.post(REQUEST, json!({})).await.expect_faults(json!([["missing", ["body", "email"]]]));
    let malformed = json!({ "email": "nowhere" });
    ada.post(REQUEST, malformed).await.expect_faults(json!([["value_error", ["body", "email"]]]));
    stranger.post(CONFIRM, json!({})).await.expect_faults(json!([["missing", ["body", "token"]]]));
    confirm(world, "garbage").await.expect_detail(400, "CHANGE_EMAIL_BAD_TOKEN");
}

async fn t5_an_address_changes_when_the_new_one_has_answered_and_the_old_one_is_notified(world: &World) {
    let (someone, new) = (world.someone(Kind::Unverified).await, address("new"));
    let token = requested(world, &someone.client, &new).await;
    let me = someone.client.get("/users/me").await.expect(200).json();
    assert_eq!((&me["email"], &me["is_verified"]), (&json!(someone.email), &json!(false)));
    let me = confirm(world, &token).await.expect(200).json();
    assert_eq!((&me["email"], &me["is_verified"]), (&json!(new), &json!(true)));
    world.server.mail("email_changed", &someone.email, 1);
    confirm(world, &token).await.expect_detail(400, "CHANGE_EMAIL_BAD_TOKEN");
    // The session goes on: its login was fresh when the new address was asked for.
    someone.client.get("/users/me").await.expect(200);
    world.client().login(&someone.email, PASSWORD).await.expect(400);
    world.client().logged_in(&new, PASSWORD).await;
}

async fn e3_a_taken_address_is_not_revealed_and_gets_no_token(world: &World) {
    let server = world.own_server();
    server.client().register("bob@example.com", PASSWORD).await.expect(201);
    let ada = server.client().joined("ada@example.com").await;
    for email in ["BOB@example.com", "free@example.com"] {
        ada.post(REQUEST, json!({ "email": email })).await.expect_json(202, Value::Null);
    }
    server.mailed_token("change_email", "free@example.com", 1);
    let folder = server.stop();
    for spelling in ["BOB@example.com", "bob@example.com"] {
        assert_eq!(mails(&folder, "change_email", spelling), [] as [Value; 0]);
    }
}

async fn a_token_dies_with_the_password_the_old_address_and_the_activity(world: &World) {
    for change in [json!({ "password": NEW }), json!({ "email": address("other") }), json!({ "is_active": false })] {
        let someone = world.someone(Kind::Verified).await;
        let token = requested(world, &someone.client, &address("new")).await;
        world.host().root().patch(&someone.path(), change).await.expect(200);
        confirm(world, &token).await.expect_detail(400, "CHANGE_EMAIL_BAD_TOKEN");
    }
}

async fn an_address_that_was_taken_meanwhile_stays_with_its_owner(world: &World) {
    let new = address("new");
    let token = requested(world, &world.someone(Kind::Verified).await.client, &new).await;
    world.client().register(&new, PASSWORD).await.expect(201);
    confirm(world, &token).await.expect_detail(400, "UPDATE_USER_EMAIL_ALREADY_EXISTS");
}

on_targets! {
    once bodies_and_credentials
    once t5_an_address_changes_when_the_new_one_has_answered_and_the_old_one_is_notified
    once e3_a_taken_address_is_not_revealed_and_gets_no_token
    once a_token_dies_with_the_password_the_old_address_and_the_activity
    once an_address_that_was_taken_meanwhile_stays_with_its_owner
}
