//! API keys on the account and in the administration.

use super::rig::{ADA, Rig, Seen, sign_in, sign_up};
use crate::{prelude::*, store::CredentialStore};

/// The keys of a user.
async fn keys(rig: &Rig) -> Vec<ApiKeyInfo> {
    let user = rig.accounts.get_by_email(&EmailAddress::from_stored(ADA)).await.unwrap().unwrap();
    let rows = rig.accounts.engine.store().credentials(&user.id, rig.accounts.engine.now()).await.unwrap();
    rows.iter().map(|row| ApiKeyInfo::read(row).unwrap()).collect()
}

#[tokio::test]
async fn a_user_makes_a_key_sees_it_once_and_revokes_it() {
    let rig = Rig::new();
    let ada = rig.ada().await;
    ada.get("/account").await.expect(200).says("With an API key").says("account/api-keys/new");
    let form = ada.get("/account/api-keys/new").await.expect(200);
    let form = form.says("type=\"checkbox\"").says("scope:orders:read");
    form.says_nothing_of("refund").says_nothing_of("checked");

    let path = "/account/api-keys/new";
    let refused = ada.post_form(path, &[("label", "report"), ("days", "30")]).await.expect(400);
    refused.says("Choose at least one permission").says("value=\"report\"").says("value=\"30\"");
    let refused = ada.post_form(path, &[("days", "soon"), ("scope:orders:read", "on")]).await.expect(422);
    refused.says("Please check this field.").says(" checked");
    let refused = ada.post_form(path, &[("days", "400"), ("scope:orders:read", "on")]).await.expect(400);
    refused.says("A key cannot work for this time.");
    ada.post_form(path, &[("scope:refund", "on")]).await.expect(400);
    assert_eq!(keys(&rig).await, []);

    let made = [("label", "report"), ("days", "30"), ("scope:orders:read", "on")];
    let shown = ada.post_form(path, &made).await.expect(200);
    let text = shown.text().to_owned();
    let key = &text[text.find("shop_").unwrap()..][..54];
    shown.says("It is shown now and never again.");
    let [info] = &keys(&rig).await[..] else { panic!("one key") };
    assert!(key.ends_with(&info.hint));
    assert_eq!((info.label.as_deref(), &info.scopes[..]), (Some("report"), &["orders:read".to_owned()][..]));
    assert_eq!(info.expires_at.unwrap().duration_since(info.created_at).as_secs(), 30 * 24 * 3600);
    let account = ada.get("/account").await.expect(200);
    assert!(!account.text().contains(key));
    account.says("report").says(&info.hint).says("orders:read");

    let revoke = format!("/account/api-keys/{}/revoke", info.id);
    ada.get(&revoke).await.expect(405);
    let revoked = ada.post_form(&revoke, &[]).await;
    assert_eq!((revoked.to(), revoked.done()), ("/account", "key_revoked"));
    assert_eq!(keys(&rig).await, []);
}

#[tokio::test]
async fn who_has_not_confirmed_their_address_is_shown_how_before_they_make_a_key() {
    let rig = Rig::new();
    let browser = rig.browser();
    browser.post_form("/account/sign-up", &sign_up(ADA)).await.expect(303);
    sign_in(&browser).await;
    let shown = browser.post_form("/account/api-keys/new", &[("scope:orders:read", "on")]).await.expect(400);
    shown.says("Confirm your address first.").says("Ask for a new link");
}

#[tokio::test]
async fn a_user_renames_a_key_and_replaces_it_by_a_new_one() {
    let rig = Rig::new();
    let ada = rig.ada().await;
    let made = [("label", "report"), ("days", "30"), ("scope:orders:read", "on")];
    ada.post_form("/account/api-keys/new", &made).await.expect(200);
    let old = keys(&rig).await.remove(0);
    let page = |action: &str| format!("/account/api-keys/{}/{action}", old.id);
    ada.get("/account").await.expect(200).says(&page("rename")[1..]).says(&page("rotate")[1..]);

    ada.get(&page("rename")).await.expect(200).says("value=\"report\"");
    ada.post_form(&page("rename"), &[("label", "")]).await.expect(422).says("Rename API key");
    let renamed = ada.post_form(&page("rename"), &[("label", "by night")]).await;
    assert_eq!((renamed.to(), renamed.done()), ("/account", "key_renamed"));

    ada.get(&page("rotate")).await.expect(200).says("by night").says("stop working at once");
    let shown = ada.post_form(&page("rotate"), &[]).await.expect(200);
    let text = shown.text().to_owned();
    let key = &text[text.find("shop_").unwrap()..][..54];
    shown.says("The API key is replaced.").says("It is shown now and never again.");
    let [new] = &keys(&rig).await[..] else { panic!("one key") };
    assert_eq!((new.label.as_deref(), &new.scopes), (Some("by night"), &old.scopes));
    assert!(key.ends_with(&new.hint) && new.id != old.id);

    // There is no such key any more.
    for action in ["rename", "rotate"] {
        ada.get(&page(action)).await.expect(404);
    }
    rig.later(11);
    let page = format!("/account/api-keys/{}/rotate", new.id);
    assert_eq!(ada.get(&page).await.done(), "again");
    assert_eq!(ada.post_form(&page, &[]).await.done(), "again");
    assert_eq!(keys(&rig).await[0].id, new.id);
}

#[tokio::test]
async fn making_a_key_needs_a_fresh_login_and_revoking_one_does_not() {
    let rig = Rig::new();
    let ada = rig.ada().await;
    ada.post_form("/account/api-keys/new", &[("scope:orders:read", "on")]).await.expect(200);
    let id = keys(&rig).await[0].id.clone();
    rig.later(11);
    assert_eq!(ada.get("/account/api-keys/new").await.done(), "again");
    assert_eq!(ada.post_form("/account/api-keys/new", &[("scope:orders:read", "on")]).await.done(), "again");
    ada.post_form(&format!("/account/api-keys/{id}/revoke"), &[]).await.expect(303);
    sign_in(&ada).await;
    ada.get("/account/api-keys/new").await.expect(200);
}

#[tokio::test]
async fn the_administration_revokes_the_keys_of_a_user_who_has_some() {
    let rig = Rig::new();
    let ada = rig.ada().await;
    let cx = Context::default();
    let user = rig.accounts.get_by_email(&EmailAddress::from_stored(ADA)).await.unwrap().unwrap();
    rig.accounts.set_superuser(&Admin::system("test"), &user.id, true, &cx).await.unwrap();
    let page = format!("/account/admin/users/{}", user.id);
    ada.get(&page).await.expect(200).says_nothing_of("Revoke API keys");
    ada.post_form("/account/api-keys/new", &[("scope:orders:read", "on")]).await.expect(200);
    ada.get(&page).await.expect(200).says("Revoke API keys");
    ada.get(&format!("{page}/revoke-keys")).await.expect(200).says("stop working");
    assert_eq!(ada.post_form(&format!("{page}/revoke-keys"), &[]).await.done(), "keys_revoked");
    assert_eq!(keys(&rig).await, []);
}
