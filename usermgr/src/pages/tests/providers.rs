//! The buttons of providers, and the accounts that are linked.

use super::rig::{Rig, Seen, pages, unlimited};
use crate::{oauth::OAuth, testing::FakeProvider};
use serde_json::json;

fn shop() -> (Rig, FakeProvider) {
    let corp = FakeProvider::new("https://corp.example");
    for name in ["ada", "eve"] {
        corp.person(name, json!({ "email": format!("{name}@corp.example"), "email_verified": true, "name": name }));
    }
    let oauth =
        OAuth::at("https://shop.example").provider(corp.provider("corp").label("Corp <b>")).client(corp.clone());
    (Rig::with(pages(), |engine| unlimited(engine).with(oauth)), corp)
}

/// The address to which the page leads by itself.
pub(super) fn onward(page: &str) -> String {
    let url = page.split("content=\"0; url=").nth(1).unwrap().split('"').next().unwrap();
    url.replace("&#x2f;", "/").replace("&amp;", "&")
}

#[tokio::test]
async fn a_button_leads_to_the_provider_and_back_and_accounts_are_linked_and_removed() {
    let (rig, corp) = shop();
    let browser = rig.ada().await;
    let stranger = rig.browser();
    let shown = stranger.get("/account/sign-in?return_to=%2Faccount%2Fprofile").await;
    shown.says("Continue with Corp &lt;b&gt;").says("action=\"&#x2f;account&#x2f;providers&#x2f;corp&#x2f;sign-in\"");

    // Ada links an account.
    browser.get("/account").await.says("Link Corp &lt;b&gt;");
    let fields = [("return_to", "/account")];
    let leave = browser.post_form("/account/providers/corp/link", &fields).await.expect(200);
    leave.says("On to Corp &lt;b&gt;").says("Continue to Corp");
    let callback = corp.consent(&onward(leave.text()), "ada");
    assert_eq!(browser.callback(&callback).await.to(), "/account");
    let account = browser.get("/account").await.expect(200);
    account.says("ada@corp.example").says_nothing_of("Link Corp");

    // With it they sign in, and arrive where they wanted to be.
    let fields = [("return_to", "/account/signed-in?return_to=%2Faccount%2Fprofile")];
    let leave = stranger.post_form("/account/providers/corp/sign-in", &fields).await.expect(200);
    let callback = corp.consent(&onward(leave.text()), "ada");
    let back = stranger.callback(&callback).await;
    assert_eq!(back.to(), "/account/signed-in?return_to=%2Faccount%2Fprofile");
    assert_eq!(stranger.get(back.to()).await.to(), "/account/profile");

    // A provider that refuses leads to the sign-in, which says so.
    let other = rig.browser();
    let leave = other.post_form("/account/providers/corp/sign-in", &fields).await.expect(200);
    let back = other.callback(&corp.deny(&onward(leave.text()))).await;
    let sign_in = other.get(back.to()).await;
    other.get(sign_in.to()).await.expect(200).says("The provider has not signed you in.");

    let id = account.text().split("identities&#x2f;").nth(1).or(account.text().split("identities/").nth(1)).unwrap();
    let id = id.split("/remove").next().unwrap();
    let removed = browser.post_form(&format!("/account/identities/{id}/remove"), &[]).await;
    assert_eq!((removed.to(), removed.done()), ("/account", "unlinked"));
    browser.get("/account").await.says("Link Corp").says_nothing_of("ada@corp.example");
    browser.post_form("/account/providers/unknown/link", &[]).await.expect(404);
}
