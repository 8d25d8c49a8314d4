//! The end of what belongs to an account: every kind of token after its user was deleted, after the address was registered again, and
//! after the account was made inactive. And the account without a password, and the password that a superuser sets.

use axum::http::Method;
use serde_json::json;
use usermgr::{audit::EventKind, prelude::*, token::Reset};

use crate::{
    over_every_store,
    purposes::{Held, Place, held},
    world::{Ask, GOOD, NEW, TestStore, World, admin, login_body, system},
};

const ADA: &str = "ada@example.com";

/// The kinds of which a token was accepted where it belongs.
async fn still_good<S: TestStore>(world: &World<S>, tokens: &[Held]) -> Vec<&'static str> {
    let mut good = Vec::new();
    let mut tried = 0;
    for place in Place::all() {
        for token in tokens.iter().filter(|token| place.admits().contains(&token.kind)) {
            tried += 1;
            if place.lets_in(world, &token.text).await {
                good.push(token.kind);
            }
        }
    }
    assert!(tried > 30, "{tried}");
    usermgr_tests::figure("bad inputs tried", tried);
    good.dedup();
    good
}

async fn t18_every_token_ends_with_its_user<S: TestStore>(store: S) {
    let world = World::new(store);
    let ada = world.add(ADA, |_| {}).await;
    let tokens = held(&world, "the first ada").await;
    world.accounts.delete_user(&admin(), &ada.id, &system()).await.unwrap();
    assert_eq!(still_good(&world, &tokens).await, Vec::<&str>::new(), "deleted");

    let ada = world.add(ADA, |_| {}).await;
    assert_eq!(still_good(&world, &tokens).await, Vec::<&str>::new(), "of the one who had the address before");
    assert_eq!(world.user(ADA).await.unwrap(), ada);

    let tokens = held(&world, "the second ada").await;
    world.accounts.set_active(&admin(), &ada.id, false, &system()).await.unwrap();
    // The proof of an address opens nothing.
    assert_eq!(still_good(&world, &tokens).await, ["verify"], "inactive");
    assert!(world.login("session", ADA, GOOD).await.is_none());
    world.accounts.set_active(&admin(), &ada.id, true, &system()).await.unwrap();
    assert_eq!(still_good(&world, &tokens).await, Vec::<&str>::new(), "active again");
    // They were good.
    let (session, _) = world.login("session", ADA, GOOD).await.unwrap();
    assert_eq!(world.ask(Ask::new(Method::GET, "/users/me").bearer(&session)).await.status, 200);
}

async fn p13_an_account_without_a_password_has_none_until_a_reset_gives_it_one<S: TestStore>(store: S) {
    let world = World::new(store);
    let ada = world.add(ADA, |new| new.password = None).await;
    for password in ["", " ", "null", "!", GOOD] {
        let reply = world.ask(Ask::post("/auth/session/login", login_body(ADA, password))).await;
        // What a form sends as an empty field is a missing one.
        let refused = if password.is_empty() { 422 } else { 400 };
        assert_eq!(reply.status, refused, "{password:?}: {}", reply.text);
        assert!(world.login("session", ADA, password).await.is_none(), "{password:?}");
        let change = world.accounts.change_password(&ada, password.into(), NEW.into(), &system()).await;
        assert!(matches!(change, Err(usermgr::ChangePasswordError::WrongPassword)), "{change:?}");
    }
    world.ask(Ask::post("/auth/forgot-password", json!({ "email": ADA }))).await;
    world.settle().await;
    let token = world.token::<Reset>(ADA);
    let reply = world.ask(Ask::post("/auth/reset-password", json!({ "token": token, "password": NEW }))).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert!(world.login("session", ADA, NEW).await.is_some());
    assert!(world.login("session", ADA, "").await.is_none());
}

async fn p16_a_superuser_who_sets_a_password_is_named_and_can_start_a_reset_instead<S: TestStore>(store: S) {
    let world = World::new(store);
    let ada = world.add(ADA, |_| {}).await;
    let root = world.add("root@example.com", |new| new.is_superuser = true).await;
    let (adas, _) = world.login("session", ADA, GOOD).await.unwrap();
    let (roots, _) = world.login("session", "root@example.com", GOOD).await.unwrap();
    let patch = Ask { body: Some(json!({ "password": NEW })), ..Ask::new(Method::PATCH, format!("/users/{}", ada.id)) };
    assert_eq!(world.ask(patch.bearer(&roots)).await.status, 200);
    let events = world.probe.events();
    let event = events.iter().find(|event| event.kind == EventKind::PasswordChanged).unwrap();
    assert_eq!(event.user, Some(ada.id.to_string()));
    assert_eq!(event.actor, Some(format!("user:{}", root.id)));
    assert_eq!(world.ask(Ask::new(Method::GET, "/users/me").bearer(&adas)).await.status, 401);

    // What the user need not know.
    world.ask(Ask::post("/auth/forgot-password", json!({ "email": ADA })).bearer(&roots)).await;
    world.settle().await;
    assert_eq!(world.mailbox.last(ADA).unwrap().subject, "reset");
}

over_every_store!(
    t18_every_token_ends_with_its_user
    p13_an_account_without_a_password_has_none_until_a_reset_gives_it_one
    p16_a_superuser_who_sets_a_password_is_named_and_can_start_a_reset_instead
);
