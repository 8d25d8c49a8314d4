//! What is kept at a sign-in and at a link, and where it opens.

use serde_json::json;

use super::{Altered, ROOT, World};
use crate::{
    audit::EventKind,
    error::Fault,
    oauth::{OAuthError, Provider},
    prelude::*,
    secret::SecretSet,
    store::{Credential, CredentialStore, Identity, NewCredential},
    testing::Client,
};

#[tokio::test]
async fn o12_tokens_are_dropped_by_default() {
    let one = World::over(MemoryStore::new());
    let world = World::process(one.store, one.corp.clone(), one.clock, one.corp, |provider| provider);
    world.sign_in().await.expect(200);
    assert_eq!(world.store.list_credentials(None, 10).await.unwrap().len(), 1, "the identity alone");
    assert!(matches!(world.token().await, Err(OAuthError::TokensNotKept)));
    let cx = Context::default();
    world.shop.delete(&world.ada().await, &cx).await.unwrap();
    world.settle().await;
    assert!(!world.corp.calls().contains(&"/revoke".to_owned()));
}

#[tokio::test]
async fn tokens_are_kept_at_a_sign_in_and_replaced_at_the_next() {
    let world = World::over(MemoryStore::new());
    world.sign_in().await.expect(200);
    let first = world.good_token().await;
    let expires_at = world.token().await.unwrap().expires_at.unwrap();
    assert_eq!(expires_at.duration_since(world.shop.engine.now()).as_secs(), 300);
    world.sign_in().await.expect(200);
    assert_ne!(world.good_token().await, first);
    assert_eq!((world.rows().await.len(), world.corp.refreshes()), (1, 0));
    // They are no way in, and no factor.
    assert_eq!(world.shop.identities(&world.ada().await, &Context::default()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn tokens_are_kept_at_a_link_and_of_each_identity() {
    let world = World::over(MemoryStore::new());
    world.sign_in().await.expect(200);
    world.corp.person("eve", json!({}));
    let browser = Client::new(world.router.clone());
    let begun = browser.get("/auth/corp/authorize").await.expect(200);
    let callback = world.corp.consent(begun.json["authorization_url"].as_str().unwrap(), "ada");
    browser.callback(&callback).await.expect(200);
    for _ in 0..2 {
        let begun = browser.get("/auth/associate/corp/authorize").await.expect(200);
        let callback = world.corp.consent(begun.json["authorization_url"].as_str().unwrap(), "eve");
        browser.get(&callback).await.expect(200);
    }
    let (user, cx) = (world.ada().await, Context::default());
    let identities = world.shop.identities(&user, &cx).await.unwrap();
    assert_eq!((identities.len(), world.rows().await.len()), (2, 2));
    let mut seen = Vec::new();
    for identity in identities {
        let token = world.shop.provider_token(&user, &identity.id, &cx).await.unwrap();
        seen.push(token.expose().to_owned());
    }
    assert_ne!(seen[0], seen[1]);
}

#[tokio::test]
async fn a_refresh_token_that_is_not_given_again_stays() {
    let world = World::over(MemoryStore::new());
    world.sign_in().await.expect(200);
    world.corp.give_refresh_tokens(false);
    world.sign_in().await.expect(200);
    world.later(290);
    world.good_token().await;
    assert_eq!(world.corp.refreshes(), 1);
}

#[tokio::test]
async fn what_a_provider_says_about_its_tokens_is_read() {
    let one = World::over(MemoryStore::new());
    let client = Altered(one.corp.clone(), |answer| {
        answer["expires_in"] = "3600".into();
        answer["scope"] = "read write".into();
    });
    let world = World::process(one.store, one.corp, one.clock, client, Provider::keep_tokens);
    world.sign_in().await.expect(200);
    let token = world.token().await.unwrap();
    assert_eq!(token.expires_at.unwrap().duration_since(world.shop.engine.now()).as_secs(), 3600);
    assert_eq!(token.scope.as_deref(), Some("read write"));
}

#[tokio::test]
async fn a_token_without_an_end_is_never_refreshed() {
    let one = World::over(MemoryStore::new());
    let client = Altered(one.corp.clone(), |answer| drop(answer.as_object_mut().unwrap().remove("expires_in")));
    let world = World::process(one.store, one.corp, one.clock, client, Provider::keep_tokens);
    world.sign_in().await.expect(200);
    world.later(1_000_000);
    assert_eq!(world.token().await.unwrap().expires_at, None);
    assert_eq!(world.corp.refreshes(), 0);
}

#[tokio::test]
async fn tokens_that_are_too_long_are_not_kept_and_the_user_is_signed_in() {
    let one = World::over(MemoryStore::new());
    let client = Altered(one.corp.clone(), |answer| answer["refresh_token"] = "x".repeat(65 * 1024).into());
    let world = World::process(one.store, one.corp, one.clock, client, Provider::keep_tokens);
    world.sign_in().await.expect(200);
    assert!(world.rows().await.is_empty());
    let events = world.probe.events();
    let lost = events.iter().find(|event| event.kind == EventKind::ProviderTokensLost).unwrap();
    assert_eq!(lost.detail.as_deref(), Some("corp: they are too long"));
    assert!(matches!(world.token().await, Err(OAuthError::SignInAgain)));
}

#[tokio::test]
async fn another_identity_and_another_user_have_no_token() {
    let world = World::over(MemoryStore::new());
    world.sign_in().await.expect(200);
    let cx = Context::default();
    let other = world.shop.register(Register::new("eve@example.com", "correct horse battery"), &cx).await.unwrap();
    let (ada, id) = (world.ada().await, world.identity().await);
    let foreign = world.shop.provider_token(&other, &id, &cx).await;
    assert!(matches!(foreign, Err(OAuthError::NotFound)), "{foreign:?}");
    let tokens = world.rows().await[0].id.clone();
    let not_an_identity = world.shop.provider_token(&ada, &tokens, &cx).await;
    assert!(matches!(not_an_identity, Err(OAuthError::NotFound)), "{not_an_identity:?}");
}

#[tokio::test]
async fn d2_a_row_that_does_not_open_is_a_fault_and_the_next_sign_in_repairs_it() {
    let world = World::over(MemoryStore::new());
    world.sign_in().await.expect(200);
    let mut row = world.rows().await.remove(0);
    // Sealed for another row of the same user.
    let keys = crate::seal::SealKeys::derive(&Secret::new(ROOT).into()).unwrap();
    let other = NewCredential::new(row.user_id, row.kind.clone(), "", row.created_at);
    let kept = crate::federation::Kept::open(&keys, &row).unwrap();
    row.data = kept.seal(&keys, &row.user_id.to_string(), &other.id).unwrap();
    world.write(row).await;
    let outcome = world.token().await;
    assert!(matches!(outcome, Err(OAuthError::Fault(Fault::Crypto(_)))), "{outcome:?}");
    assert_eq!(world.probe.count(EventKind::SealUnreadable), 1);
    assert_eq!(world.rows().await.len(), 1, "it is kept");
    world.sign_in().await.expect(200);
    world.good_token().await;
}

#[tokio::test]
async fn a_row_that_was_left_to_another_user_is_replaced() {
    let world = World::over(MemoryStore::new());
    let cx = Context::default();
    let eve = world.shop.register(Register::new("eve@example.com", "correct horse battery"), &cx).await.unwrap();
    // A sign-in of theirs was under way when they unlinked the identity.
    let mut left = NewCredential::new(eve.id, crate::federation::Kept::KIND, "v1.x.y", world.shop.engine.now());
    left = left.lookup(Identity::new("corp", "ada").lookup());
    let mut tx = world.store.begin().await.unwrap();
    world.store.insert_credential(&mut tx, &left).await.unwrap();
    world.store.commit(tx).await.unwrap();
    world.sign_in().await.expect(200);
    world.good_token().await;
    assert_eq!(world.rows().await.len(), 1);
}

#[tokio::test]
async fn d3_the_data_secret_is_rotated_without_loss() {
    const NEW: &str = "only-for-tests-fedcba9876543210-x";
    let world = World::over(MemoryStore::new());
    world.sign_in().await.expect(200);
    let set = |secrets: SecretSet| {
        *world.shop.data.lock().unwrap() = secrets;
        world.shop.reload_settings().unwrap();
    };
    set(SecretSet::new(Secret::new(NEW), [Secret::new(ROOT)]));
    world.good_token().await;
    let done = world.shop.reseal(&Admin::system("rotation"), &Context::default()).await.unwrap();
    assert_eq!((done.rows, done.unreadable), (1, 0));
    set(Secret::new(NEW).into());
    world.good_token().await;
    world.later(290);
    world.good_token().await;
}

/// An account without a password, whose only identity proves its address later, is verified then.
#[tokio::test]
async fn kept_tokens_are_no_way_in() {
    let one = World::over(MemoryStore::new());
    let change = |provider: Provider| provider.keep_tokens().trust_email();
    let world = World::process(one.store, one.corp.clone(), one.clock, one.corp, change);
    world.corp.person("ada", json!({ "email": "ada@example.com", "email_verified": false }));
    world.sign_in().await.expect(200);
    assert!(!world.ada().await.is_verified);
    world.corp.person("ada", json!({ "email": "ada@example.com", "email_verified": true }));
    world.sign_in().await.expect(200);
    assert!(world.ada().await.is_verified);
    let refused = world.shop.unlink_identity(&world.ada().await, &world.identity().await, &Context::default()).await;
    assert!(matches!(refused, Err(OAuthError::LastLoginMethod)), "{refused:?}");
}

/// Signs in, refreshes and unlinks, and looks for the tokens in every row and event.
async fn show_nothing<S: super::Everything + Clone>(world: &World<S>) {
    world.sign_in().await.expect(200);
    world.later(290);
    let token = world.token().await.unwrap();
    let rows = world.store.list_credentials(None, 1000).await.unwrap();
    let texts: Vec<_> = rows.iter().map(|Credential { data, label, .. }| format!("{data} {label:?}")).collect();
    let events = serde_json::to_string(&world.probe.events()).unwrap();
    world.corp.end_grants();
    world.later(290);
    let error = world.token().await.unwrap_err();
    let shown = format!("{} {events} {token:?} {error:?} {error} {rows:?}", texts.concat());
    assert!(!world.is_shown_in(shown.as_bytes()), "{shown}");
}

#[tokio::test]
async fn o12_no_row_and_no_event_shows_a_kept_token() {
    show_nothing(&World::over(MemoryStore::new())).await;
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn o12_no_file_of_the_database_shows_a_kept_token() {
    let folder = std::env::temp_dir().join(format!("usermgr-tokens-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let store: SqliteStore = SqliteStore::open(folder.join("shop.db")).await.unwrap();
    let world = World::over(store);
    show_nothing(&world).await;
    let mut read = 0;
    for file in std::fs::read_dir(&folder).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!world.is_shown_in(&bytes));
        read += bytes.len();
    }
    assert!(read > 10_000);
    std::fs::remove_dir_all(&folder).unwrap();
}
