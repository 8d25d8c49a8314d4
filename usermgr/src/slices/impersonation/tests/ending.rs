//! What ends the session of an administrator who acts as a user.

use serde_json::json;

use super::rig::{ADA, PASSWORD, ROOT, Rig, Tokened};
use crate::{prelude::*, testing::Client, user::AdminUpdate};

/// What happens, and whether the session has ended then.
#[derive(Clone, Copy, Debug)]
enum Event {
    Nothing,
    RootLogsOut,
    RootIsBlocked,
    RootIsDemoted,
    RootIsDeleted,
    RootHasAnotherPassword,
    RootEndsAllSessions,
    OtherSessionOfRootEnds,
    AdaEndsIt,
    AdaEndsAllSessions,
    AdaIsPromoted,
    AdaIsBlocked,
    AdaIsDeleted,
    AdaHasAnotherPassword,
    AlmostAnHour,
    AnHour,
}

use Event::*;

const EVENTS: [(Event, bool); 16] = [
    (Nothing, false),
    (RootLogsOut, true),
    (RootIsBlocked, true),
    (RootIsDemoted, true),
    (RootIsDeleted, true),
    (RootHasAnotherPassword, true),
    (RootEndsAllSessions, true),
    (OtherSessionOfRootEnds, false),
    (AdaEndsIt, true),
    (AdaEndsAllSessions, true),
    (AdaIsPromoted, true),
    (AdaIsBlocked, true),
    (AdaIsDeleted, true),
    (AdaHasAnotherPassword, true),
    (AlmostAnHour, false),
    (AnHour, true),
];

async fn happens(rig: &Rig, event: Event, root: &Client, acting: &Client) {
    let (system, cx, accounts) = (Admin::system("test"), Context::default(), &rig.accounts);
    let password = |text: &str| AdminUpdate::default().password(text);
    match event {
        Nothing => {}
        RootLogsOut => drop(root.logout("bearer").await.expect(204)),
        RootIsBlocked => drop(accounts.set_active(&system, &rig.root.id, false, &cx).await.unwrap()),
        RootIsDemoted => drop(accounts.set_superuser(&system, &rig.root.id, false, &cx).await.unwrap()),
        RootIsDeleted => accounts.delete_user(&system, &rig.root.id, &cx).await.unwrap(),
        RootHasAnotherPassword => {
            drop(accounts.update_user(&system, &rig.root.id, password("another horse battery"), &cx).await.unwrap());
        }
        RootEndsAllSessions => accounts.revoke_all(&rig.root, &cx).await.unwrap(),
        OtherSessionOfRootEnds => drop(rig.login(ROOT).await.logout("bearer").await.expect(204)),
        AdaEndsIt => {
            let id = rig.principal(acting).await.session.id;
            rig.login(ADA).await.delete(&format!("/users/me/sessions/{id}")).await.expect(204);
        }
        AdaEndsAllSessions => accounts.revoke_all(&rig.ada, &cx).await.unwrap(),
        AdaIsPromoted => drop(accounts.set_superuser(&system, &rig.ada.id, true, &cx).await.unwrap()),
        AdaIsBlocked => drop(accounts.set_active(&system, &rig.ada.id, false, &cx).await.unwrap()),
        AdaIsDeleted => accounts.delete_user(&system, &rig.ada.id, &cx).await.unwrap(),
        AdaHasAnotherPassword => {
            drop(accounts.update_user(&system, &rig.ada.id, password("another horse battery"), &cx).await.unwrap());
        }
        AlmostAnHour => rig.wait(3599),
        AnHour => rig.wait(3600),
    }
}

#[tokio::test]
async fn im4_it_ends_with_the_right_of_the_administrator_and_by_the_user() {
    for (event, ends) in EVENTS {
        let rig = Rig::new().await;
        let (root, acting) = rig.acting().await;
        acting.get("/users/me").await.expect(200);
        happens(&rig, event, &root, &acting).await;
        let after = acting.get("/users/me").await;
        assert_eq!(after.status, if ends { 401 } else { 200 }, "{event:?}");
    }
}

#[tokio::test]
async fn im4_signed_tokens_end_with_the_right_of_the_administrator_too() {
    for (backend, header) in [("signed", "x-signed"), ("revocable", "x-revocable"), ("refreshed", "x-refreshed")] {
        for (event, ends) in EVENTS {
            // Without a row there is no session to name; and the logout of a plain signed token ends nothing.
            let is_of_rows = matches!(event, AdaEndsIt | RootLogsOut | RootEndsAllSessions | OtherSessionOfRootEnds);
            if is_of_rows {
                continue;
            }
            let rig = Rig::new().await;
            let login = rig.client().login(backend, ROOT, PASSWORD).await.expect(200);
            let root = rig.client().header(header, &login.token());
            let begun = root.post(&rig.path(), json!({})).await.expect(200);
            let acting = rig.client().header(header, &begun.token());
            acting.get("/users/me").await.expect(200);
            happens(&rig, event, &root, &acting).await;
            assert_eq!(acting.get("/users/me").await.status, if ends { 401 } else { 200 }, "{backend} {event:?}");
        }
        let rig = Rig::new().await;
        let login = rig.client().login(backend, ROOT, PASSWORD).await.expect(200);
        let root = rig.client().header(header, &login.token());
        let begun = root.post(&rig.path(), json!({})).await.expect(200);
        root.logout(backend).await.expect(204);
        let after = rig.client().header(header, &begun.token()).get("/users/me").await.status;
        assert_eq!(after, if backend == "signed" { 200 } else { 401 }, "{backend}");
    }
}

#[tokio::test]
async fn im4_it_lasts_no_longer_than_the_session_of_the_administrator_or_a_token() {
    use std::time::Duration;
    let day = || Impersonation::new().lifetime(Duration::from_secs(86_400));
    let short = Database::new().absolute(Duration::from_secs(900));
    let rig = Rig::with(|engine| engine.with(day()).backend(Backend::header("short", "x-short", short))).await;
    for (backend, header, seconds) in [("short", "x-short", 900), ("signed", "x-signed", 3600)] {
        let login = rig.client().login(backend, ROOT, PASSWORD).await.expect(200);
        rig.wait(60);
        let root = rig.client().header(header, &login.token());
        let begun = root.post(&rig.path(), json!({})).await.expect(200);
        let acting = rig.client().header(header, &begun.token());
        rig.wait(seconds - 61);
        acting.get("/users/me").await.expect(200);
        rig.wait(1);
        acting.get("/users/me").await.expect(401);
    }
}

#[tokio::test]
async fn im4_a_session_of_an_engine_that_has_lost_the_part_does_not_work() {
    use crate::store::SessionStore;
    let (with, without) = (Rig::new().await, Rig::with(|engine| engine).await);
    let (_, acting) = with.acting().await;
    // The same rows in an engine without the part.
    let token = acting.token().unwrap();
    let digest = crate::store::SessionDigest::of(&token);
    let found = with.accounts.engine.store().find_session(crate::store::SessionLookup::Digest(&digest)).await.unwrap();
    let (mut session, _) = found.unwrap();
    session.user_id = without.ada.id;
    let record =
        without.accounts.engine.store().find(crate::store::Lookup::Id(&without.ada.id)).await.unwrap().unwrap();
    session.stamp = record.stamp;
    session.actor.as_mut().unwrap().id = without.root.id.to_string();
    without.accounts.engine.store().insert_session(&session).await.unwrap();
    without.client().with_token(&token).get("/users/me").await.expect(401);
    // It is one of the user, if no administrator is named.
    session.actor = None;
    session.id = crate::store::SessionId::new("another");
    let other: String = token.chars().rev().collect();
    session.digest = crate::store::SessionDigest::of(&other);
    without.accounts.engine.store().insert_session(&session).await.unwrap();
    without.client().with_token(&other).get("/users/me").await.expect(200);
}

#[tokio::test]
async fn im4_a_refresh_token_is_refused_and_none_is_given() {
    let rig = Rig::new().await;
    let login = rig.client().login("refreshed", ROOT, PASSWORD).await.expect(200);
    let begun = rig.client().header("x-refreshed", &login.token()).post(&rig.path(), json!({})).await.expect(200);
    assert_eq!(begun.json.get("refresh_token"), None);
    // Not even the one of the administrator gives a token of the user.
    let own = login.json["refresh_token"].as_str().unwrap();
    let fields = [("grant_type", "refresh_token"), ("refresh_token", own)];
    let next = rig.client().post_form("/auth/refreshed/refresh", &fields).await.expect(200);
    let me = rig.client().header("x-refreshed", &next.token()).get("/users/me").await.expect(200);
    assert_eq!(me.json["email"], ROOT);
    let fields = [("grant_type", "refresh_token"), ("refresh_token", &*begun.token())];
    rig.client().post_form("/auth/refreshed/refresh", &fields).await.expect(400);
}

#[tokio::test]
async fn im6_a_change_in_progress_is_not_written_once_the_administrator_has_lost_the_right() {
    let rig = Rig::new().await;
    let (root, acting) = rig.acting().await;
    let principal = rig.principal(&acting).await;
    let cx = Context::default()
        .actor(crate::context::Actor::User { id: rig.ada.id.to_string(), session: principal.session.clone() });
    // The guard has let the request pass, and then the administrator logs out.
    root.logout("bearer").await.expect(204);
    let id = rig.principal(&rig.login(ADA).await).await.session.id;
    let late = rig.accounts.revoke_session(&rig.ada, &id, &cx).await;
    let lost = crate::Fault::RightLost(crate::error::RightLost::Session).to_string();
    assert_eq!(late.unwrap_err().to_string(), lost);
    assert_eq!(rig.accounts.sessions(&rig.ada, &Context::default()).await.unwrap().len(), 2);
}
