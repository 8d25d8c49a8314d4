//! What ends keys and what does not.

use serde_json::json;

use super::rig::{ADA, PASSWORD, Rig, reader};
use crate::{prelude::*, token::Reset, user::AdminUpdate};

/// What happens to an account.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Event {
    Logout,
    EndOfTheOthers,
    ChangeOfPassword,
    PasswordOfASuperuser,
    NewAddress,
    Reset,
    RevokeAll,
    RevokeAllByASuperuser,
    Deactivation,
    Deletion,
}

async fn happens(event: Event, rig: &Rig, user: &User) {
    let (accounts, cx, admin) = (&rig.accounts, Context::system("test"), Admin::system("test"));
    let ada = rig.login(ADA).await;
    match event {
        Event::Logout => drop(ada.logout("bearer").await.expect(204)),
        Event::EndOfTheOthers => drop(ada.delete("/users/me/sessions").await.expect(204)),
        Event::ChangeOfPassword => {
            let new = json!({ "current_password": PASSWORD, "password": "another horse battery" });
            ada.post("/auth/change-password", new).await.expect(204);
        }
        Event::PasswordOfASuperuser => {
            let update = AdminUpdate::default().password("another horse battery");
            accounts.update_user(&admin, &user.id, update, &cx).await.unwrap();
        }
        Event::NewAddress => {
            let update = AdminUpdate::default().email("lovelace@example.com").verified(true);
            accounts.update_user(&admin, &user.id, update, &cx).await.unwrap();
        }
        Event::Reset => {
            accounts.forgot_password(user, &cx).await.unwrap();
            let token = rig.probe.token::<Reset>(ADA).unwrap();
            accounts.reset_password(&token, "another horse battery".into(), &cx).await.unwrap();
        }
        Event::RevokeAll => accounts.revoke_all(user, &cx).await.unwrap(),
        Event::RevokeAllByASuperuser => accounts.revoke_user_sessions(&admin, &user.id, &cx).await.unwrap(),
        Event::Deactivation => {
            accounts.set_active(&admin, &user.id, false, &cx).await.unwrap();
            accounts.set_active(&admin, &user.id, true, &cx).await.unwrap();
        }
        Event::Deletion => accounts.delete_user(&admin, &user.id, &cx).await.unwrap(),
    }
}

#[tokio::test]
async fn k6_keys_end_with_the_account_a_reset_and_the_end_of_all_sessions_and_with_nothing_else() {
    for (event, ends) in [
        (Event::Logout, false),
        (Event::EndOfTheOthers, false),
        (Event::ChangeOfPassword, false),
        (Event::PasswordOfASuperuser, false),
        (Event::NewAddress, false),
        (Event::Reset, true),
        (Event::RevokeAll, true),
        (Event::RevokeAllByASuperuser, true),
        (Event::Deactivation, true),
        (Event::Deletion, true),
    ] {
        for survives in [false, true] {
            let rig = Rig::with(ApiKeys::new("shop").survive_reset(survives), |engine| engine);
            let (user, ada) = rig.ada().await;
            let (key, _) = reader(&ada).await;
            rig.program(&key).get("/orders").await.expect(200);
            happens(event, &rig, &user).await;
            let is_kept = !ends || survives && event == Event::Reset;
            let status = rig.program(&key).get("/orders").await.status.as_u16();
            assert_eq!(status, if is_kept { 200 } else { 401 }, "{event:?} {survives}");
        }
    }
}

#[tokio::test]
async fn t16_who_proves_an_address_that_was_never_verified_ends_the_keys_of_its_maker() {
    let rig = Rig::with(ApiKeys::new("shop").survive_reset(true), |engine| engine);
    let (user, ada) = rig.ada().await;
    let (key, _) = reader(&ada).await;
    let (admin, cx) = (Admin::system("test"), Context::system("test"));
    let update = AdminUpdate::default().verified(false);
    rig.accounts.update_user(&admin, &user.id, update, &cx).await.unwrap();
    rig.accounts.forgot_password(&user, &cx).await.unwrap();
    let token = rig.probe.token::<Reset>(ADA).unwrap();
    rig.accounts.reset_password(&token, "another horse battery".into(), &cx).await.unwrap();
    rig.program(&key).get("/orders").await.expect(401);
}
