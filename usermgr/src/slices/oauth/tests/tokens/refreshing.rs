//! Tokens that are refreshed: when, by whose call, and what becomes of them if something goes wrong.

use std::{collections::HashSet, time::Duration};

use tokio::{task::JoinSet, time::timeout};

use super::World;
use crate::{
    audit::EventKind,
    error::Fault,
    federation::Kept,
    oauth::{OAuthError, ProviderToken},
    prelude::*,
    testing::{FakeFailure, FaultAt, Faults, Faulty},
};

/// Somewhat longer than the engine gives a refresh.
const LEASE: u64 = 21;

#[tokio::test]
async fn a_token_is_refreshed_when_less_than_a_minute_is_left() {
    let world = World::over(MemoryStore::new());
    world.sign_in().await.expect(200);
    let first = world.good_token().await;
    world.later(239);
    assert_eq!((world.good_token().await, world.corp.refreshes()), (first.clone(), 0));
    world.later(1);
    let second = world.good_token().await;
    assert_ne!(second, first);
    assert_eq!((world.good_token().await, world.corp.refreshes()), (second, 1));
}

#[tokio::test]
async fn a_refresh_token_that_the_provider_replaces_is_kept() {
    let world = World::over(MemoryStore::new());
    world.corp.rotate_refresh_tokens();
    world.sign_in().await.expect(200);
    for refreshes in 1..4 {
        world.later(290);
        world.good_token().await;
        assert_eq!(world.corp.refreshes(), refreshes);
    }
    assert_eq!(world.corp.refresh_tokens().len(), 4);
}

/// Calls at the same time, from these processes in turn. They get one token, and the provider is asked once.
async fn refresh_once<S: super::Everything + Clone>(worlds: &[World<S>]) {
    let world = &worlds[0];
    world.corp.rotate_refresh_tokens();
    world.sign_in().await.expect(200);
    world.corp.answer_after(Duration::from_millis(60));
    for round in 1..3 {
        world.later(290);
        let (user, id) = (world.ada().await, world.identity().await);
        let mut all = JoinSet::new();
        for caller in 0..16 {
            let (shop, user, id) = (worlds[caller % worlds.len()].shop.clone(), user.clone(), id.clone());
            all.spawn(async move { shop.provider_token(&user, &id, &Context::default()).await });
        }
        let tokens: Vec<_> = all.join_all().await.into_iter().map(Result::unwrap).collect();
        assert_eq!(tokens.iter().map(ProviderToken::expose).collect::<HashSet<_>>().len(), 1);
        assert!(world.corp.is_live(tokens[0].expose()));
        assert_eq!(world.corp.refreshes(), round);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn o12_of_sixteen_callers_one_refreshes() {
    refresh_once(&[World::over(MemoryStore::new())]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn o12_of_two_processes_one_refreshes() {
    let one = World::over(MemoryStore::new());
    let two = one.beside();
    refresh_once(&[one, two]).await;
}

#[cfg(feature = "sqlite")]
#[tokio::test(flavor = "multi_thread")]
async fn o12_of_two_processes_over_sqlite_one_refreshes() {
    let store: SqliteStore = SqliteStore::in_memory().await.unwrap();
    let one = World::over(store);
    let two = one.beside();
    refresh_once(&[one, two]).await;
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_has_gone_loses_nothing() {
    let world = World::over(MemoryStore::new());
    world.corp.rotate_refresh_tokens();
    world.sign_in().await.expect(200);
    world.later(290);
    world.corp.answer_after(Duration::from_millis(50));
    assert!(timeout(Duration::from_millis(10), world.token()).await.is_err());
    world.settle().await;
    assert_eq!(world.corp.refreshes(), 1);
    world.good_token().await;
    assert_eq!(world.corp.refreshes(), 1, "it was written all the same");
}

#[tokio::test]
async fn a_refusal_deletes_the_tokens_and_the_next_sign_in_brings_others() {
    let world = World::over(MemoryStore::new());
    world.sign_in().await.expect(200);
    world.corp.end_grants();
    world.later(290);
    for _ in 0..2 {
        assert!(matches!(world.token().await, Err(OAuthError::SignInAgain)));
    }
    assert_eq!((world.corp.refreshes(), world.probe.count(EventKind::ProviderTokensLost)), (1, 1));
    let keys = crate::seal::SealKeys::derive(&Secret::new(super::ROOT).into()).unwrap();
    assert!(Kept::open(&keys, &world.rows().await[0]).unwrap().tokens.is_none());
    world.sign_in().await.expect(200);
    world.good_token().await;
}

#[tokio::test]
async fn without_a_refresh_token_the_end_is_the_end() {
    let world = World::over(MemoryStore::new());
    world.corp.give_refresh_tokens(false);
    world.sign_in().await.expect(200);
    world.later(290);
    world.good_token().await;
    world.later(10);
    assert!(matches!(world.token().await, Err(OAuthError::SignInAgain)));
}

#[tokio::test]
async fn x8_a_provider_that_is_down_or_misconfigured_loses_no_token() {
    for (failure, is_down) in [
        (FakeFailure::Mute, true),
        (FakeFailure::Answer(500, "{}".into()), true),
        (FakeFailure::Answer(429, "{}".into()), true),
        (FakeFailure::Answer(401, r#"{"error":"invalid_client"}"#.into()), false),
        (FakeFailure::Answer(400, r#"{"error":"invalid_request"}"#.into()), false),
        (FakeFailure::Answer(400, "<html>".into()), false),
        (FakeFailure::Answer(200, "{}".into()), false),
    ] {
        let world = World::over(MemoryStore::new());
        world.sign_in().await.expect(200);
        world.corp.fail("/token", failure.clone());
        world.later(290);
        world.good_token().await;
        world.later(10);
        let outcome = world.token().await;
        let is_expected = match is_down {
            true => matches!(outcome, Err(OAuthError::Unavailable { .. })),
            false => matches!(outcome, Err(OAuthError::Refused)),
        };
        assert!(is_expected, "{failure:?}: {outcome:?}");
        assert_eq!(world.probe.count(EventKind::OauthFailed), 2);
        world.corp.heal();
        world.good_token().await;
    }
}

#[tokio::test]
async fn github_says_in_its_own_words_that_a_token_has_ended() {
    let world = World::over(MemoryStore::new());
    world.sign_in().await.expect(200);
    world.later(290);
    world.corp.fail("/token", FakeFailure::Answer(200, r#"{"error":"bad_refresh_token"}"#.into()));
    assert!(matches!(world.token().await, Err(OAuthError::SignInAgain)));
}

/// A process that dies while it refreshes leaves a claim, which ends.
#[tokio::test(start_paused = true)]
async fn a_claim_that_nothing_comes_of_ends() {
    let world = World::over(MemoryStore::new());
    world.sign_in().await.expect(200);
    world.later(290);
    let keys = crate::seal::SealKeys::derive(&Secret::new(super::ROOT).into()).unwrap();
    let mut row = world.rows().await.remove(0);
    let mut kept = Kept::open(&keys, &row).unwrap();
    kept.claimed_until = Some(world.shop.engine.now() + Duration::from_secs(5));
    row.data = kept.seal(&keys, &row.user_id.to_string(), &row.id).unwrap();
    world.write(row).await;
    assert!(matches!(world.token().await, Err(OAuthError::Unavailable { .. })), "the clock of the engine stands still");
    assert_eq!(world.corp.refreshes(), 0);
    world.later(5);
    world.good_token().await;
    assert_eq!(world.corp.refreshes(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_sign_in_during_a_refresh_does_not_bring_back_a_token_that_is_used_up() {
    let world = World::over(MemoryStore::new());
    world.corp.rotate_refresh_tokens();
    world.sign_in().await.expect(200);
    world.corp.give_refresh_tokens(false);
    world.later(290);
    world.corp.answer_after(Duration::from_millis(60));
    let other = world.beside();
    let during = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        // Without the pause, so that it ends first.
        other.corp.answer_after(Duration::ZERO);
        other.sign_in().await
    };
    let (token, signed_in) = tokio::join!(world.token(), during);
    signed_in.expect(200);
    token.unwrap();
    world.later(290);
    world.good_token().await;
    assert_eq!(world.corp.refreshes(), 2);
}

#[tokio::test(start_paused = true)]
async fn tokens_of_an_identity_that_is_unlinked_during_a_refresh_are_revoked() {
    let world = World::over(MemoryStore::new());
    world.corp.rotate_refresh_tokens();
    world.sign_in().await.expect(200);
    let (user, id, cx) = (world.ada().await, world.identity().await, Context::default());
    world
        .shop
        .update_user(
            &Admin::system("test"),
            &user.id,
            crate::user::AdminUpdate::default().password("correct horse battery"),
            &cx,
        )
        .await
        .unwrap();
    world.later(290);
    world.corp.answer_after(Duration::from_millis(60));
    let unlink = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        world.shop.unlink_identity(&user, &id, &cx).await
    };
    let (outcome, unlinked) = tokio::join!(world.shop.provider_token(&user, &id, &cx), unlink);
    unlinked.unwrap();
    assert!(matches!(outcome, Err(OAuthError::NotFound)), "{outcome:?}");
    world.settle().await;
    let given = [world.corp.access_tokens(), world.corp.refresh_tokens()].concat();
    let revoked = world.corp.revoked();
    assert_eq!(given.len(), 4, "two of the sign-in, two of the refresh");
    assert!(given.iter().all(|token| revoked.contains(token)), "{revoked:?}");
}

/// Fails each call of the store in turn. The outcome is a fault or a good token, never that there is none.
#[tokio::test]
async fn x8_a_store_that_fails_is_a_fault_and_never_the_lack_of_a_token() {
    for at in [FaultAt::Before, FaultAt::After] {
        for wait in [0, 290] {
            for call in 1.. {
                let faults = Faults::default();
                let world = World::over(Faulty::new(MemoryStore::new(), faults.clone()));
                world.corp.rotate_refresh_tokens();
                world.sign_in().await.expect(200);
                let (user, id) = (world.ada().await, world.identity().await);
                world.later(wait);
                faults.fail_call(call, at);
                let outcome = world.shop.provider_token(&user, &id, &Context::default()).await;
                let injected = faults.injected();
                faults.heal();
                match &outcome {
                    Ok(token) => assert!(world.corp.is_live(token.expose()), "{at:?} {call}"),
                    Err(error) => {
                        assert!(matches!(error, OAuthError::Fault(Fault::Store(_))), "{at:?} {call}: {error:?}")
                    }
                }
                world.later(LEASE);
                world.good_token().await;
                if injected == 0 {
                    assert!(call > if wait == 0 { 1 } else { 3 }, "{call}");
                    break;
                }
            }
        }
    }
}

#[tokio::test]
async fn x8_a_store_that_fails_at_a_sign_in_is_a_fault_and_the_next_one_keeps_the_tokens() {
    for at in [FaultAt::Before, FaultAt::After] {
        for call in 1.. {
            let faults = Faults::default();
            let world = World::over(Faulty::new(MemoryStore::new(), faults.clone()));
            world.sign_in().await.expect(200);
            faults.fail_call(call, at);
            let reply = world.sign_in().await;
            let injected = faults.injected();
            faults.heal();
            assert!([200, 503].contains(&reply.status.as_u16()), "{at:?} {call}: {}", reply.status);
            world.sign_in().await.expect(200);
            let token: ProviderToken = world.token().await.unwrap();
            assert!(world.corp.is_live(token.expose()));
            assert_eq!(world.rows().await.len(), 1);
            if injected == 0 {
                break;
            }
        }
    }
}
