//! Proves that [`establish`](super::establish) cannot be bypassed: only it calls a strategy and reports a user as
//! authenticated.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The sources of the library without tests, by their paths below `src`.
fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&root, &mut found);
    let read = found.into_iter().map(|path| {
        let name = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
        let text = fs::read_to_string(&path).unwrap();
        let end = text.find("\n#[cfg(test)]\nmod tests {").unwrap_or(text.len());
        (name, text[..end].to_owned())
    });
    read.filter(|(name, _)| !name.ends_with("tests.rs") && !name.contains("/tests/")).collect()
}

/// The places of a piece of code outside comments, one entry for each occurrence.
fn places(code: &str) -> Vec<String> {
    let mut places = Vec::new();
    for (name, text) in sources() {
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        places.extend(lines.flat_map(|line| line.matches(code)).map(|_| name.clone()));
    }
    places.sort();
    places
}

#[test]
fn mf1_one_place_makes_sessions() {
    let mut found = places(".issue(");
    // The calls for mailed tokens, which create no session.
    for mailed in places(" issuer.issue(").into_iter().chain(places("(issuer.issue(")) {
        let at = found.iter().position(|place| *place == mailed).unwrap();
        found.remove(at);
    }
    assert_eq!(found, ["login/establish.rs"]);
}

#[test]
fn mf1_few_places_say_that_a_user_was_authenticated() {
    let known = [
        "login/establish.rs",
        "login/second_step.rs",
        "login/sign_in.rs",
        "login/step_up.rs",
        "login/step_up.rs",
        "slices/mail_login/login.rs",
        "slices/oauth/accounts.rs",
        "slices/oauth/handoff.rs",
        "slices/passkeys/login.rs",
    ];
    let of_passwords = ["slices/password_login/operations.rs"; 2];
    assert_eq!(places("Authenticated::new("), [known.as_slice(), of_passwords.as_slice()].concat());
}
