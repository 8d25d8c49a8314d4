//! What would keep people out: axe-core looks for it on every view, in the light and the dark, on narrow screens, with large text, and from
//! right to left; and someone goes through a form without a mouse.

use serde_json::{Value, json};
use usermgr_tests::Framework;

use super::{
    driven, is_first_round,
    life::{VIEWS, assert_views},
    pseudo,
    shop::Shop,
};

/// What is wrong with the views of the tour, in English or in the pseudo language. The other framework answers with the same pages, so one is
/// enough.
async fn examined(texts: Option<(&str, String)>) -> Option<Value> {
    if !is_first_round() {
        return None;
    }
    let language = texts.as_ref().map(|(language, _)| (*language).to_owned());
    let shop = Shop::open(Framework::Axum, texts).await;
    let arguments = [&*shop.url, &shop.beside].into_iter().chain(language.as_deref());
    driven("barriers.mjs", &arguments.collect::<Vec<_>>()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn pg4_pg5_nothing_on_any_view_keeps_people_out_in_light_in_dark_narrow_or_large() {
    let Some(seen) = examined(None).await else { return };
    assert_eq!(seen["found"], json!([]));
    assert!(seen["kinds"].as_u64().unwrap() > 25, "{}", seen["kinds"]);
    assert_views(&seen, VIEWS);
}

#[tokio::test(flavor = "multi_thread")]
async fn pg5_pg8_longer_texts_from_right_to_left_fit_too_and_every_text_is_of_the_language() {
    let Some(seen) = examined(Some((pseudo::TAG, pseudo::texts()))).await else { return };
    assert_eq!(seen["found"], json!([]));
    assert_eq!(seen["faults"], json!([]));
}

/// Otherwise no one would know whether nothing is wrong or nothing was looked for.
#[tokio::test(flavor = "multi_thread")]
async fn pg5_faults_that_are_planted_are_found() {
    if !is_first_round() {
        return;
    }
    let shop = Shop::open(Framework::Axum, None).await;
    let Some(seen) = driven("planted.mjs", &[&shop.url]).await else { return };
    let expected = json!({
        "nothing": [],
        "no label": ["label"],
        "wrong autocomplete": ["autocomplete-valid"],
        "no language": ["html-has-lang"],
        "pale link": ["color-contrast"],
        "tiny button": ["target-size"],
        "another name": ["label-content-name-mismatch"],
        "wide box": ["scrolls sideways"],
        "shown password": [],
    });
    assert_eq!(seen, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn pg6_the_keyboard_reaches_everything_in_order_and_a_mistake_leads_to_its_field() {
    if !is_first_round() {
        return;
    }
    let shop = Shop::open(Framework::Axum, None).await;
    let Some(seen) = driven("keyboard.mjs", &[&shop.url]).await else { return };
    let names = [
        "Skip to content",
        "Shop",
        "Email address",
        "Password",
        "Show password",
        "Sign in",
        "Continue with Corp",
        "Continue with Other",
        "Forgot your password?",
        "Create an account",
        "Deutsch",
        "English",
        "Español",
        "Français",
    ];
    let order = names.map(|name| json!({ "name": name, "isOutlined": true, "isBelow": true }));
    assert_eq!(seen["order"], json!(order));
    assert_eq!(seen["after the skip link"], "Email address");
    let mistake = json!({
        "title": "Error: Create an account – Shop",
        "summary": "There is a problem",
        "link": "Please fill in this field.",
        "field": "Password",
    });
    assert_eq!(seen["mistake, scripts on"], mistake);
    assert_eq!(seen["mistake, scripts off"], mistake);
}
