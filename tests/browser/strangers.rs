//! What strangers try with pages: forms of other sites, and links that lead away. And what someone finds at the same machine later.

use serde_json::json;
use usermgr_tests::Target;

use super::{driven, is_first_round, shop::Shop};

/// The paths of all pages that take a form, as the table of pages has them.
fn forms() -> Vec<&'static str> {
    let table = include_str!("../../usermgr/src/pages/table.rs");
    let (_, rows) = table.split_once("const PAGES").unwrap();
    let rows = rows.split("Page::new(").skip(1).filter(|row| row.contains(".does("));
    rows.map(|row| row.split('"').nth(3).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn pg2_no_form_of_another_origin_changes_anything() {
    let forms = forms();
    assert!(forms.contains(&"/account/sign-in") && forms.len() > 15, "{forms:?}");
    if !is_first_round() {
        return;
    }
    let shop = Shop::open(Target::of_suite().framework, None).await;
    let arguments = [&*shop.url, &shop.beside, &shop.elsewhere, &forms.join(",")];
    let Some(seen) = driven("forged.mjs", &arguments).await else { return };
    let statuses = json!({
        "signed in, same site: 403": forms.len(),
        "signed in, other site: 403": forms.len(),
        "signed out, other site: 403": forms.len(),
        "plain, origin: 403, origin, undefined": 1,
        "plain, no-referrer: 403, null, undefined": 1,
    });
    assert_eq!(seen["statuses"], statuses);
    assert_eq!(seen["isUnchanged"], true);
    // No one was signed in to the account of a stranger.
    assert_eq!(seen["cookies"], json!([]));
    // The person has got the mails of what they did themselves: to confirm the address, and about the linked account.
    assert_eq!(shop.mailbox.all().len(), 2, "{:?}", shop.mailbox);
}

#[tokio::test(flavor = "multi_thread")]
async fn pg7_pg14_a_sign_in_ends_on_the_own_site_and_nothing_is_left_after_a_sign_out() {
    let shop = Shop::open(Target::of_suite().framework, None).await;
    let Some(seen) = driven("corners.mjs", &[&shop.url]).await else { return };
    let ends = json!({
        "https://evil.example/": "/account",
        "//evil.example/": "/account",
        "/\\evil.example/": "/account",
        "javascript:alert(1)": "/account",
        "/account/../../evil": "/account",
        "/%2e%2e/evil": "/account",
        "http://localhost.evil.example/": "/account",
        "/\tevil.example": "/account",
        "/account/password": "/account/password",
        "/account?from=sign-in#sessions": "/account?from=sign-in#sessions",
    });
    assert_eq!(seen["ends"], ends);
    assert_eq!(seen["sessions"], 1, "a sign-in ends the session that it replaces");
    assert_eq!(
        (&seen["wellKnown"]["url"], &seen["wellKnown"]["heading"]),
        (&json!("/account/password"), &json!("Change password"))
    );
    assert_eq!(
        (&seen["back"]["url"], &seen["back"]["heading"]),
        (&json!("/account/sign-in?return_to=/account"), &json!("Sign in"))
    );
    assert_eq!(
        (&seen["plain"]["url"], &seen["plain"]["heading"]),
        (&json!("/account/signed-in"), &json!("You are not signed in"))
    );
}
