//! Tokens that end with their identity: they are deleted, and the provider is asked to revoke them.

use super::World;
use crate::{
    oauth::Provider,
    prelude::*,
    testing::{FakeFailure, FaultAt, Faults, Faulty},
    user::AdminUpdate,
};

const PASSWORD: &str = "correct horse battery";

/// The ways in which an identity ends.
#[derive(Clone, Copy, Debug)]
enum End {
    Unlinked,
    DeletedByUser,
    DeletedByAdmin,
    TakenOverByReset,
    TakenOverByAddress,
}

const ENDS: [End; 5] =
    [End::Unlinked, End::DeletedByUser, End::DeletedByAdmin, End::TakenOverByReset, End::TakenOverByAddress];

/// A user who has signed in. For a take-over, the account must not be verified.
async fn signed_in() -> World<MemoryStore> {
    let world = World::over(MemoryStore::new());
    world.sign_in().await.expect(200);
    world.good_token().await;
    world
}

/// Ends the identity, which must succeed.
async fn end(world: &World<MemoryStore>, how: End) {
    let (user, id) = (world.ada().await, world.identity().await);
    let (admin, cx) = (Admin::system("test"), Context::default());
    match how {
        End::Unlinked => {
            let update = AdminUpdate::default().password(PASSWORD);
            let user = world.shop.update_user(&admin, &user.id, update, &cx).await.unwrap();
            world.shop.unlink_identity(&user, &id, &cx).await.unwrap();
        }
        End::DeletedByUser => world.shop.delete(&user, &cx).await.unwrap(),
        End::DeletedByAdmin => world.shop.delete_user(&admin, &user.id, &cx).await.unwrap(),
        End::TakenOverByReset => {
            world.shop.forgot_password(&user, &cx).await.unwrap();
            let token = world.probe.token("ada@example.com").unwrap();
            world.shop.reset_password(&token, PASSWORD.into(), &cx).await.unwrap();
        }
        End::TakenOverByAddress => {
            // The owner of the address comes with another identity, at a provider that is trusted for it.
            world.corp.person("ada", serde_json::json!({ "email": "elsewhere@example.com" }));
            world.corp.person("owner", serde_json::json!({ "email": "ada@example.com", "email_verified": true }));
            let change = |provider: Provider| provider.keep_tokens().trust_email().link_by_email();
            let (corp, clock) = (world.corp.clone(), world.clock.clone());
            let trusting = World::process(world.store.clone(), corp.clone(), clock, corp, change);
            let browser = crate::testing::Client::new(trusting.router.clone());
            let begun = browser.get("/auth/corp/authorize").await.expect(200);
            let callback = world.corp.consent(begun.json["authorization_url"].as_str().unwrap(), "owner");
            browser.callback(&callback).await.expect(200);
            trusting.settle().await;
        }
    }
    world.settle().await;
}

#[tokio::test]
async fn tokens_are_deleted_and_revoked_with_their_identity() {
    for how in ENDS {
        let world = signed_in().await;
        let given = [world.corp.refresh_tokens(), world.corp.access_tokens()].concat();
        let before = world.rows().await[0].id.clone();
        end(&world, how).await;
        assert!(world.rows().await.iter().all(|row| row.id != before), "{how:?}");
        let mut revoked = world.corp.revoked();
        revoked.sort_unstable_by(|one, other| other.cmp(one));
        assert_eq!((revoked, given.len()), (given, 2), "{how:?}");
    }
}

#[tokio::test]
async fn x8_an_identity_ends_although_its_provider_is_down() {
    for how in ENDS {
        let world = signed_in().await;
        let before = world.rows().await[0].id.clone();
        world.corp.fail("/revoke", FakeFailure::Mute);
        end(&world, how).await;
        assert!(world.rows().await.iter().all(|row| row.id != before), "{how:?}");
        assert!(world.corp.calls().contains(&"/revoke".to_owned()), "{how:?}");
    }
    // Its metadata, after all that was kept of it has become too old.
    let world = signed_in().await;
    world.later(3 * 24 * 3600);
    world.corp.fail("/.well-known/openid-configuration", FakeFailure::Mute);
    end(&world, End::DeletedByUser).await;
    assert!(world.rows().await.is_empty());
}

#[tokio::test]
async fn a_provider_without_the_endpoint_is_not_asked() {
    let world = World::over(MemoryStore::new());
    world.corp.publish("revocation_endpoint", serde_json::Value::Null);
    world.sign_in().await.expect(200);
    end(&world, End::DeletedByUser).await;
    assert!(!world.corp.calls().contains(&"/revoke".to_owned()));
}

#[tokio::test]
async fn another_identity_keeps_its_tokens() {
    let world = signed_in().await;
    world.corp.person("eve", serde_json::json!({ "email": "eve@example.com", "email_verified": true }));
    let browser = crate::testing::Client::new(world.router.clone());
    let begun = browser.get("/auth/corp/authorize").await.expect(200);
    let callback = world.corp.consent(begun.json["authorization_url"].as_str().unwrap(), "eve");
    browser.callback(&callback).await.expect(200);
    end(&world, End::DeletedByUser).await;
    assert_eq!((world.rows().await.len(), world.corp.revoked().len()), (1, 2));
}

#[tokio::test]
async fn x8_a_deletion_that_fails_revokes_nothing() {
    for call in 1.. {
        let faults = Faults::default();
        let world = World::over(Faulty::new(MemoryStore::new(), faults.clone()));
        world.sign_in().await.expect(200);
        let (user, cx) = (world.ada().await, Context::default());
        faults.fail_call(call, FaultAt::Before);
        let outcome = world.shop.delete(&user, &cx).await;
        let injected = faults.injected();
        faults.heal();
        world.settle().await;
        if injected == 0 {
            assert!(outcome.is_ok() && call > 2 && world.corp.revoked().len() == 2);
            break;
        }
        assert!(matches!(outcome, Err(crate::DeleteError::Fault(_))), "{call}: {outcome:?}");
        assert!(world.corp.revoked().is_empty(), "{call}");
        world.good_token().await;
    }
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn tokens_of_an_account_whose_profile_cannot_be_read_are_revoked_too() {
    let store: SqliteStore = SqliteStore::in_memory().await.unwrap();
    let world = World::over(store.clone());
    world.sign_in().await.expect(200);
    let user = world.ada().await;
    sqlx::query("UPDATE usermgr_users SET profile = '7'").execute(store.pool()).await.unwrap();
    world.shop.delete_user(&Admin::system("test"), &user.id, &Context::default()).await.unwrap();
    world.settle().await;
    assert_eq!((world.rows().await.len(), world.corp.revoked().len()), (0, 2));
}
