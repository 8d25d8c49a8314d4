//! A person's whole life by pages, over both frameworks, with scripts and without.

use std::{fs, path::PathBuf};

use serde_json::{Value, json};
use usermgr_tests::{Framework, Target};

use super::{driven, is_first_round, shop::Shop};

/// Each view: its name, its address, its heading, and its notice or its errors.
pub(crate) const VIEWS: &[[&str; 4]] = &[
    ["asked to sign in", "/account/sign-in?return_to=/account", "Sign in", "Please sign in to go on."],
    ["sign-up", "/account/sign-up", "Create an account", ""],
    [
        "sign-up, empty",
        "/account/sign-up",
        "Create an account",
        "Please fill in this field. Please fill in this field. Please fill in this field.",
    ],
    [
        "sign-up, wrong address",
        "/account/sign-up",
        "Create an account",
        "The part after the @ is not complete: a period is missing, as in example.com.",
    ],
    ["sign-up, short password", "/account/sign-up", "Create an account", "Use at least 15 characters."],
    ["check mail", "/account/check-mail", "Check your mail", ""],
    ["check mail, sent again", "/account/check-mail", "Check your mail", "The mail is on its way."],
    ["account, not confirmed", "/account", "Your account", ""],
    ["confirm address", "/account/verify?token=..", "Confirm your address", ""],
    ["address confirmed", "/account/sign-in", "Sign in", "Your address is confirmed."],
    ["spent link", "/account/verify?token=..", "This link does not work any more", ""],
    ["broken link", "/account/verify?token=..", "This link does not work any more", ""],
    ["another link", "/account/check-mail", "Check your mail", ""],
    ["sign-in, wrong password", "/account/sign-in", "Sign in", "The address or the password is not right."],
    ["account", "/account", "Your account", ""],
    ["profile", "/account/profile", "Your profile", ""],
    ["profile, no name", "/account/profile", "Your profile", "Please fill in this field."],
    ["profile saved", "/account", "Your account", "Your profile is saved."],
    ["password", "/account/password", "Change password", ""],
    ["password, wrong", "/account/password", "Change password", "The current password is not right."],
    ["password changed", "/account", "Your account", "Your password is changed."],
    [
        "asked to sign in again",
        "/account/sign-in?return_to=/account/email",
        "Sign in",
        "Please sign in once more to go on. This protects your account.",
    ],
    ["email", "/account/email", "Change email address", ""],
    ["email, wrong", "/account/email", "Change email address", "An email address has an @ in it."],
    ["check mail of the new address", "/account/check-mail", "Check your mail", ""],
    ["confirm new address", "/account/confirm-email?token=..", "Confirm your new address", ""],
    [
        "new address confirmed",
        "/account",
        "Your account",
        "Your new address is confirmed. Sign in with it from now on.",
    ],
    ["signed out", "/account/sign-in", "Sign in", "You are signed out."],
    ["forgot", "/account/forgot", "Choose a new password", ""],
    ["check mail of the reset", "/account/check-mail", "Check your mail", ""],
    ["reset", "/account/reset?token=..", "Choose a new password", ""],
    ["reset, short password", "/account/reset", "Choose a new password", "Use at least 15 characters."],
    ["password reset", "/account/sign-in", "Sign in", "Your password is changed. Sign in with it."],
    ["account, once more", "/account", "Your account", ""],
    ["administration, not for users", "/account/admin", "That did not work", "You may not open this page."],
    ["users", "/account/admin", "Users", ""],
    ["users, found", "/account/admin?email=ADA@&state=", "Users", ""],
    ["user", "/account/admin/users/..", "User ada@new.example", ""],
    ["reset link, asked first", "/account/admin/users/../send-reset", "Send reset link", ""],
    ["reset link sent", "/account/admin/users/..", "User ada@new.example", "The mail is on its way."],
    ["second factors of a user, asked first", "/account/admin/users/../remove-factors", "Remove second factors", ""],
    ["account, three sessions", "/account", "Your account", ""],
    [
        "session ended before",
        "/account/sessions/../end",
        "That did not work",
        "This page does not exist, or what it showed is gone.",
    ],
    ["other sessions ended", "/account", "Your account", "Your other sessions are ended."],
    ["app, asked first", "/account/factors/app", "Add an authenticator app", ""],
    ["app, picture", "/account/factors/app", "Set up the app", ""],
    [
        "app, wrong code",
        "/account/factors/app/confirm",
        "Set up the app",
        "This code is not valid. Codes change every 30 seconds: look at the app again.",
    ],
    ["recovery codes", "/account/factors/app/confirm", "Your recovery codes", "The second factor is added."],
    ["account, with an app", "/account", "Your account", ""],
    ["rename an app", "/account/factors/../rename", "Rename second factor", ""],
    ["app renamed", "/account", "Your account", "The second factor is renamed."],
    ["new recovery codes, asked first", "/account/factors/recovery-codes", "Make new recovery codes", ""],
    ["new recovery codes", "/account/factors/recovery-codes", "Your recovery codes", ""],
    ["second step", "/account/second-step", "Second step", ""],
    ["second step, wrong code", "/account/second-step", "Second step", "The code is not right."],
    ["signed in with the app", "/account", "Your account", ""],
    ["recovery code", "/account/second-step/recovery", "Recovery code", ""],
    ["signed in with a recovery code", "/account", "Your account", ""],
    ["remove an app", "/account/factors/../remove", "Remove second factor", ""],
    ["app removed", "/account", "Your account", "The second factor is removed."],
    ["on to the provider", "/account/providers/corp/link", "On to Corp", ""],
    ["identity linked", "/account", "Your account", ""],
    ["provider refused", "/account/sign-in?error=access_denied", "Sign in", "The provider has not signed you in."],
    ["signed in by the provider", "/account", "Your account", ""],
    ["identity removed", "/account", "Your account", "The account is removed."],
    ["delete", "/account/delete", "Delete account", ""],
    ["account deleted", "/account/sign-in", "Sign in", "Your account is deleted."],
    ["sign-in, deleted", "/account/sign-in", "Sign in", "The address or the password is not right."],
    ["no cookie", "/account/signed-in", "You are not signed in", ""],
];

/// What is seen on the tour, or nothing where there is no browser.
async fn toured(framework: Framework, scripts: &str, pictures: Option<&str>) -> Option<Value> {
    let shop = Shop::open(framework, None).await;
    let arguments = [&*shop.url, &shop.beside, scripts].into_iter().chain(pictures);
    driven("life.mjs", &arguments.collect::<Vec<_>>()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn pg4_pg13_a_whole_life_is_the_same_over_both_frameworks_with_and_without_scripts() {
    if !is_first_round() {
        // The first round goes over both.
        return;
    }
    let (axum, actix) = (Framework::Axum, Framework::Actix);
    // The first of the four, axum with scripts, is the one on which `barriers` looks for what keeps people out.
    let tours = tokio::join!(toured(actix, "on", None), toured(axum, "off", None), toured(actix, "off", None));
    for seen in [tours.0, tours.1, tours.2].into_iter().flatten() {
        assert_views(&seen, VIEWS);
        // The browsers whose sessions were ended are asked to sign in.
        assert_eq!(seen["ended"], json!(["/account/sign-in", "/account/sign-in"]));
    }
}

/// Everybody sees the same, and nowhere is the policy of a page missing or broken.
pub(crate) fn assert_views(seen: &Value, expected: &[[&str; 4]]) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let said = |view: &Value| {
        let errors: Vec<_> = view["errors"].as_array().unwrap().iter().map(text).collect();
        if errors.is_empty() { text(&view["notice"]) } else { errors.join(" ") }
    };
    let view = |view: &Value| [text(&view["name"]), text(&view["url"]), text(&view["heading"]), said(view)];
    let views: Vec<_> = seen["views"].as_array().unwrap().iter().map(view).collect();
    assert_eq!(views, expected);
    assert_eq!(seen["faults"], json!([]));
}

/// Takes pictures of all views, into the folder that `USERMGR_PICTURES` names.
#[tokio::test(flavor = "multi_thread")]
async fn every_view_has_its_picture_if_someone_wants_to_see_it() {
    let Some(folder) = std::env::var_os("USERMGR_PICTURES").filter(|folder| !folder.is_empty()) else { return };
    let folder = PathBuf::from(folder);
    fs::create_dir_all(&folder).unwrap();
    let folder = fs::canonicalize(folder).unwrap();
    let Some(seen) = toured(Target::of_suite().framework, "on", folder.to_str()).await else { return };
    assert_eq!(seen["views"].as_array().unwrap().len(), VIEWS.len());
    assert!(fs::read_dir(folder).unwrap().count() >= 4 * VIEWS.len());
}
