//! The wire: each row of the conformance list is one test for each target, over a socket. What is asked and what is answered stands
//! beside the row, and the page of the guide is made of it.

#[macro_use]
#[path = "wire/rows.rs"]
mod rows;

#[path = "wire/backends.rs"]
mod backends;
#[path = "wire/bad_input.rs"]
mod bad_input;
#[path = "wire/beside.rs"]
mod beside;
#[path = "wire/cookies.rs"]
mod cookies;
#[path = "wire/credentials.rs"]
mod credentials;
#[path = "wire/decisions.rs"]
mod decisions;
#[path = "wire/details.rs"]
mod details;
#[path = "wire/document.rs"]
mod document;
#[path = "wire/email_change.rs"]
mod email_change;
#[path = "wire/guards.rs"]
mod guards;
#[path = "wire/login.rs"]
mod login;
#[path = "wire/mail.rs"]
mod mail;
#[path = "wire/me.rs"]
mod me;
#[path = "wire/mounting.rs"]
mod mounting;
#[path = "wire/oauth.rs"]
mod oauth;
#[path = "wire/page.rs"]
mod page;
#[path = "wire/register.rs"]
mod register;
#[path = "wire/requirements.rs"]
mod requirements;
#[path = "wire/reset.rs"]
mod reset;
#[path = "wire/rig.rs"]
mod rig;
#[path = "wire/sockets.rs"]
mod sockets;
#[path = "wire/tokens.rs"]
mod tokens;
#[path = "wire/users.rs"]
mod users;
#[path = "wire/verify.rs"]
mod verify;
#[path = "wire/world.rs"]
mod world;

use std::{env, fs, path::Path};

use rows::Theme;

/// The password that a row changes to.
const NEW: &str = "another long enough one";

/// The detail of an answer to a password that the policy of the server refuses because of its length.
pub(crate) fn too_short(code: &str) -> serde_json::Value {
    let reason = "the password is shorter than 8 characters";
    serde_json::json!({ "code": code, "reason": reason, "reason_code": "too_short", "reason_limit": "8" })
}

/// All themes, each with the number of its rows in FastAPI Users' own tests and the number of their runs.
const THEMES: &[(&Theme, usize, usize)] = &[
    (&register::THEME, 11, 11),
    (&login::THEME, 10, 20),
    (&login::out::THEME, 3, 6),
    (&verify::request::THEME, 6, 6),
    (&verify::THEME, 5, 5),
    (&reset::forgot::THEME, 4, 4),
    (&reset::THEME, 7, 7),
    (&me::THEME, 4, 8),
    (&me::update::THEME, 17, 34),
    (&users::THEME, 7, 14),
    (&users::update::THEME, 20, 40),
    (&users::delete::THEME, 7, 14),
    (&oauth::THEME, 2, 2),
    (&oauth::callback::THEME, 10, 10),
    (&oauth::associate::THEME, 4, 4),
    (&oauth::associated::THEME, 11, 11),
    (&guards::THEME, 42, 42),
    (&mounting::THEME, 11, 11),
    (&backends::THEME, 3, 3),
    (&document::THEME, 11, 11),
    (&tokens::THEME, 0, 0),
    (&tokens::mailed::THEME, 0, 0),
    (&cookies::THEME, 0, 0),
    (&tokens::hashes::THEME, 0, 0),
    (&decisions::THEME, 0, 0),
    (&credentials::THEME, 0, 0),
];

#[test]
fn every_row_of_the_list_is_a_test() {
    for (theme, rows, runs) in THEMES {
        let listed: Vec<_> = theme.rows.iter().filter(|row| row.name.starts_with('r')).collect();
        let numbered = listed.iter().enumerate().all(|(at, row)| row.id() == format!("r{}", at + 1));
        assert!(numbered && listed.len() == *rows, "{}", theme.title);
        assert_eq!(listed.iter().map(|row| row.runs).sum::<usize>(), *runs, "{}", theme.title);
    }
}

/// The guide says to users of FastAPI Users what is the same and what is not.
#[test]
fn the_page_in_the_guide_is_the_present_one() {
    let path = Path::new("../usermgr/docs/conformance.md");
    let themes: Vec<_> = THEMES.iter().map(|(theme, ..)| *theme).collect();
    let text = page::page(&themes);
    if env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(path, &text).unwrap();
    }
    let known = fs::read_to_string(path).unwrap_or_default();
    assert!(known == text, "{} is stale: update it with UPDATE_EXPECT=1", path.display());
}
