//! What the compiler says when something is wrong, and what it accepts. Each file under `ui` is one case, named after what it
//! shows; `ui/README.md` tells how to add one.
#![deny(warnings)]
#![allow(unreachable_pub, clippy::double_must_use, reason = "the accepted cases are modules here, but read as crates")]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

// One of the accepted cases renames the crate.
extern crate usermgr as um;

#[path = "ui/table.rs"]
mod table;

/// What has at least one mistake in it, by theme.
const THEMES: [&str; 6] = ["placement", "settings", "hooks", "outcome", "profile", "usage"];

/// The compiler whose words are in the `.stderr` files.
const PINNED: &str = "rustc 1.95.";

/// The accepted cases. They are compiled with this suite, under its lints, and run: as programs of their own, every dependency
/// would be built a second time for them.
macro_rules! accepted {
    ($($file:literal: $name:ident,)*) => {
        $(#[path = $file] mod $name;)*

        const ACCEPTED: &[(&str, fn())] = &[$(($file, $name::main)),*];
    };
}

accepted! {
    "ui/pass/attributes-on-hooks.rs": attributes_on_hooks,
    "ui/pass/cfg-in-both-branches.rs": cfg_in_both_branches,
    "ui/pass/constants.rs": constants,
    "ui/pass/context-left-out.rs": context_left_out,
    "ui/pass/default-store.rs": default_store,
    "ui/pass/docs-and-visibility.rs": docs_and_visibility,
    "ui/pass/every-hook.rs": every_hook,
    "ui/pass/every-setting.rs": every_setting,
    "ui/pass/generic-manager.rs": generic_manager,
    "ui/pass/helpers.rs": helpers,
    "ui/pass/hook-calls-operation.rs": hook_calls_operation,
    "ui/pass/lifetimes.rs": lifetimes,
    "ui/pass/manager-in-a-function.rs": manager_in_a_function,
    "ui/pass/no-hooks.rs": no_hooks,
    "ui/pass/no-implicit-prelude.rs": no_implicit_prelude,
    "ui/pass/own-constants.rs": own_constants,
    "ui/pass/patterns-in-parameters.rs": patterns_in_parameters,
    "ui/pass/profile-with-serde-words.rs": profile_with_serde_words,
    "ui/pass/profile-without-fields.rs": profile_without_fields,
    "ui/pass/profile.rs": profile,
    "ui/pass/renamed-crate.rs": renamed_crate,
    "ui/pass/secrets-of-every-kind.rs": secrets_of_every_kind,
    "ui/pass/shadowed-names.rs": shadowed_names,
    "ui/pass/static-lifetimes.rs": static_lifetimes,
    "ui/pass/where-clauses-and-constants.rs": where_clauses_and_constants,
    "ui/pass/written-by-a-macro.rs": written_by_a_macro,
}

fn cases(theme: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(Path::new("ui").join(theme)).unwrap().map(|entry| entry.unwrap().path());
    let mut cases: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|end| end == "rs")).collect();
    cases.sort();
    cases
}

/// The cases in which the compiler speaks its own words, but gives them no code.
const WITHOUT_CODE: [&str; 3] =
    ["hooks/hook-not-send.rs", "hooks/hook-without-body.rs", "settings/secret-from-unset-variable.rs"];

/// The compiler's own errors have a code, all but a few; ours have none. A case without a text yet counts as the compiler's.
fn worded_by_rustc(case: &Path) -> bool {
    let coded = fs::read_to_string(case.with_extension("stderr")).map_or(true, |text| text.contains("error[E"));
    coded || WITHOUT_CODE.iter().any(|name| case.ends_with(name))
}

#[test]
fn the_list_of_errors_without_a_code_is_the_present_one() {
    for name in WITHOUT_CODE {
        let text = fs::read_to_string(Path::new("ui").join(name).with_extension("stderr")).unwrap();
        assert!(!text.contains("error[E"), "{name} has a code, and need not be listed");
    }
}

fn refused(by_rustc: bool) {
    let suite = trybuild::TestCases::new();
    let all = THEMES.iter().flat_map(|theme| cases(theme));
    all.filter(|case| worded_by_rustc(case) == by_rustc).for_each(|case| suite.compile_fail(case));
}

#[test]
fn ui_ours() {
    refused(false);
}

#[test]
fn ui_rustc() {
    let version = Command::new(env::var_os("RUSTC").unwrap_or("rustc".into())).arg("--version").output().unwrap();
    let version = String::from_utf8(version.stdout).unwrap();
    if version.starts_with(PINNED) {
        return refused(true);
    }
    usermgr_tests::skip(&format!("ui_rustc: the words are those of {PINNED}x, this is {}", version.trim_end()));
}

#[test]
fn ui_accepted() {
    let listed: Vec<PathBuf> = ACCEPTED.iter().map(|(file, _)| PathBuf::from(file)).collect();
    assert_eq!(listed, cases("pass"), "a file under ui/pass is no entry of `accepted!`");
    for (file, main) in ACCEPTED {
        println!("{file}");
        main();
    }
}

/// Everybody finds his mistake in the guide: what was written, what the compiler says, what to write instead.
#[test]
fn the_table_in_the_guide_is_the_present_one() {
    let page = Path::new("../usermgr/docs/diagnostics.md");
    let text = table::page(&THEMES.map(|theme| (theme, cases(theme))));
    if env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(page, &text).unwrap();
    }
    let known = fs::read_to_string(page).unwrap_or_default();
    assert!(known == text, "{} is stale; write it anew with UPDATE_EXPECT=1", page.display());
}
