//! Languages and texts.

use super::rig::{ADA, Rig, Seen, pages, sign_up};
use crate::{Code, presentation::Texts};

#[tokio::test]
async fn a_page_is_in_the_language_of_the_reader_and_so_is_its_mail() {
    let rig = Rig::new();
    let german = rig.browser().header("accept-language", "de-CH, en;q=0.5");
    german.get("/account/sign-in").await.says("<html lang=\"de\" dir=\"ltr\">").says("Anmelden");
    german.post_form("/account/sign-up", &sign_up(ADA)).await.expect(303);
    assert_eq!(rig.mailbox.next(ADA).await.language.as_deref(), Some("de"));

    // What is chosen is remembered, and wins. A language that does not exist changes nothing.
    let shown = german.get("/account/forgot?lang=fr").await.expect(200);
    shown.says("<html lang=\"fr\"").says("hreflang=\"es\"").says("aria-current=\"true\">Français");
    german.get("/account/forgot?lang=xx").await.says("<html lang=\"fr\"");
    german.post_form("/account/forgot", &[("email", ADA)]).await.expect(303);
    assert_eq!(rig.mailbox.next(ADA).await.language.as_deref(), Some("fr"));

    // The same page in another language keeps what it is about.
    let link = "/account/verify?token=abc&return_to=%2Fa";
    german.get(link).await.says("?token=abc&amp;return_to=%2Fa&amp;lang=de");
}

#[tokio::test]
async fn the_page_of_a_user_is_in_every_language_too() {
    let rig = Rig::with(pages(), super::rig::unlimited);
    let ada = rig.ada().await;
    let id = rig.promote(ADA).await;
    for page in ["", "/promote", "/send-reset"] {
        let shown = ada.get(&format!("/account/admin/users/{id}{page}")).await.expect(200);
        let text = shown.text().replace("&#x2f;", "/");
        let href = text.split("href=\"").find(|rest| rest.contains("lang=fr")).unwrap().split('"').next().unwrap();
        ada.get(href).await.expect(200).says("<html lang=\"fr\"");
        ada.get(&href.replace("=fr", "=en")).await.expect(200);
    }
}

#[tokio::test]
async fn a_list_in_another_language_is_the_same_list() {
    let rig = Rig::with(pages(), super::rig::unlimited);
    let ada = rig.ada().await;
    rig.promote(ADA).await;
    let query = "?email=ad&amp;state=superuser&amp;cursor=aa%40example.com&amp;lang=fr";
    let path = "/account/admin?email=ad&state=superuser&cursor=aa%40example.com";
    ada.get(path).await.expect(200).says(ADA).says(query);
    // Elsewhere no link brings an address.
    ada.get("/account/sign-in?email=eve%40example.com").await.says_nothing_of("eve");
}

#[test]
fn a_passkey_has_one_name_in_spanish() {
    for texts in
        [include_str!("../../presentation/texts/es.json"), include_str!("../../presentation/texts/pages/es.json")]
    {
        assert!(texts.contains("llave de acceso") && !texts.contains("clave de acceso"));
    }
}

#[tokio::test]
async fn one_language_needs_no_choice() {
    let rig = Rig::with(pages().languages(["en"]), |engine| engine);
    rig.browser().get("/account/sign-in").await.says_nothing_of("hreflang");
}

#[test]
fn pg8_every_code_and_every_rule_has_a_text_in_every_language() {
    let texts = Texts::new(&[], None, "en", &mut Vec::new());
    let codes = Code::ALL.iter().map(|code| format!("pages.code.{}", code.as_str()));
    let addresses = crate::user::InvalidEmail::CODES.iter().map(|code| format!("pages.address.{code}"));
    let passwords = ["too_short", "too_long", "common", "like_address", "like_username", "breached"]
        .map(|code| format!("pages.password.{code}"));
    let names = crate::user::InvalidUsername::CODES.iter().map(|code| format!("pages.name.{code}"));
    for key in codes.chain(addresses).chain(passwords).chain(names) {
        for language in texts.offered() {
            let own: Vec<_> = texts.keys_of(language).filter(|known| **known == key).collect();
            assert_eq!(own.len(), 1, "{language}: {key}");
        }
    }
}
