//! What the compiler says when something is wrong, and what it accepts. Each file in the folders beside this one is one case, named
//! after what it shows. `README.md` explains how to add one.
#![deny(warnings)]
#![allow(unreachable_pub, clippy::double_must_use, reason = "the accepted cases are modules here, but read as crates")]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

// One of the accepted cases renames the crate.
extern crate usermgr as um;

#[path = "../src/skip.rs"]
mod skip;
mod table;

/// What has at least one mistake in it, by theme.
const THEMES: [&str; 7] = ["placement", "settings", "hooks", "outcome", "profile", "permissions", "usage"];

/// The compiler whose words are in the `.stderr` files.
const PINNED: &str = "rustc 1.95.";

/// The accepted cases. They are compiled with this suite, under its lints, and run: as separate programs, every dependency
/// would be built a second time for them.
macro_rules! accepted {
    ($($file:literal: $name:ident,)*) => {
        $(#[path = $file] mod $name;)*

        const ACCEPTED: &[(&str, fn())] = &[$(($file, $name::main)),*];
    };
}

accepted! {
    "pass/any-error.rs": any_error,
    "pass/attributes-on-hooks.rs": attributes_on_hooks,
    "pass/cfg-in-both-branches.rs": cfg_in_both_branches,
    "pass/constants.rs": constants,
    "pass/context-left-out.rs": context_left_out,
    "pass/default-store.rs": default_store,
    "pass/docs-and-visibility.rs": docs_and_visibility,
    "pass/engines-of-every-kind.rs": engines_of_every_kind,
    "pass/every-hook.rs": every_hook,
    "pass/every-setting.rs": every_setting,
    "pass/generic-manager.rs": generic_manager,
    "pass/helpers.rs": helpers,
    "pass/hook-calls-operation.rs": hook_calls_operation,
    "pass/inner-attributes.rs": inner_attributes,
    "pass/lifetimes.rs": lifetimes,
    "pass/lints-forbidden.rs": lints_forbidden,
    "pass/macros-among-types.rs": macros_among_types,
    "pass/manager-in-a-function.rs": manager_in_a_function,
    "pass/no-hooks.rs": no_hooks,
    "pass/no-implicit-prelude.rs": no_implicit_prelude,
    "pass/own-constants.rs": own_constants,
    "pass/patterns-in-parameters.rs": patterns_in_parameters,
    "pass/permissions.rs": permissions,
    "pass/profile-with-a-default.rs": profile_with_a_default,
    "pass/profile-with-allowed-lints.rs": profile_with_allowed_lints,
    "pass/profile-with-serde-words.rs": profile_with_serde_words,
    "pass/profile-without-fields.rs": profile_without_fields,
    "pass/profile.rs": profile,
    "pass/renamed-crate.rs": renamed_crate,
    "pass/secrets-of-every-kind.rs": secrets_of_every_kind,
    "pass/settings-through-a-macro.rs": settings_through_a_macro,
    "pass/shadowed-names.rs": shadowed_names,
    "pass/static-lifetimes.rs": static_lifetimes,
    "pass/values-behind-pointers.rs": values_behind_pointers,
    "pass/where-clauses-and-constants.rs": where_clauses_and_constants,
    "pass/written-by-a-macro.rs": written_by_a_macro,
}

fn cases(theme: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(theme).unwrap().map(|entry| entry.unwrap().path());
    let mut cases: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|end| end == "rs")).collect();
    cases.sort();
    cases
}

/// The cases in which the compiler speaks its own words, but gives them no code.
const WITHOUT_CODE: [&str; 8] = [
    "hooks/hook-half-typed-between.rs",
    "hooks/hook-half-typed.rs",
    "hooks/hook-not-send.rs",
    "hooks/hook-without-body.rs",
    "hooks/parameter-without-colon.rs",
    "settings/attribute-with-equals.rs",
    "settings/secret-file-missing.rs",
    "settings/secret-from-unset-variable.rs",
];

/// Names that a user has not written and must not read: the macro's module, its lifetime, the module's name in its output.
const OURS: [&str; 3] = ["__private", "__um", "'__a"];

/// The compiler adds this to each text of a trait of the library.
const ADDED: &str = "help: the trait `usermgr::__private::";

/// The cases in which internal names are visible, with the reason.
const WITH_OUR_NAMES: [(&str, &str); 2] = [
    ("hooks/hook-not-send.rs", "the compiler names what asks for `Send`, in a note at the end"),
    ("settings/crate-path-to-another-crate.rs", "that the crate has no such module is the mistake"),
];

/// The cases in which the whole attribute is underlined, with the reason.
const AT_THE_ATTRIBUTE: [(&str, &str); 3] = [
    ("settings/attribute-bare.rs", "what is missing has no place"),
    ("settings/attribute-with-equals.rs", "the compiler's own words, before the macro is called"),
    ("settings/secret-missing.rs", "what is missing has no place"),
];

/// The compiler's own errors have a code, all but a few; ours have none. A case without a text yet counts as the compiler's.
fn worded_by_rustc(case: &Path) -> bool {
    let coded = fs::read_to_string(case.with_extension("stderr")).map_or(true, |text| text.contains("error[E"));
    coded || WITHOUT_CODE.iter().any(|name| case.ends_with(name))
}

#[test]
fn the_list_of_errors_without_a_code_is_the_present_one() {
    for name in WITHOUT_CODE {
        let text = fs::read_to_string(Path::new(name).with_extension("stderr")).unwrap();
        assert!(!text.contains("error[E"), "{name} has a code, and need not be listed");
    }
}

#[track_caller]
fn exactly(shown: impl Fn(&str) -> bool, listed: &[(&str, &str)]) {
    let all = THEMES.iter().flat_map(|theme| cases(theme));
    let found: Vec<PathBuf> =
        all.filter(|case| fs::read_to_string(case.with_extension("stderr")).is_ok_and(|text| shown(&text))).collect();
    let mut listed: Vec<PathBuf> = listed.iter().map(|(case, _)| PathBuf::from(case)).collect();
    listed.sort_by_key(|case| found.iter().position(|other| other == case));
    assert_eq!(found, listed);
}

#[test]
fn no_error_speaks_of_what_the_macro_writes() {
    let ours = |line: &str| OURS.iter().any(|name| line.contains(name)) && !line.contains(ADDED);
    exactly(|text| text.lines().any(ours), &WITH_OUR_NAMES);
}

#[test]
fn no_error_underlines_the_whole_attribute() {
    let underlined = |(line, below): (&str, &str)| {
        let Some((before, attribute)) = line.split_once("#[user_manager") else { return false };
        let marks = below.get(before.len()..).unwrap_or_default();
        marks.chars().take_while(|mark| *mark == '^').count() >= "#[user_manager".len() + attribute.len()
    };
    exactly(|text| text.lines().zip(text.lines().skip(1)).any(underlined), &AT_THE_ATTRIBUTE);
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
    skip::skip(&format!("ui_rustc: the words are those of {PINNED}x, this is {}", version.trim_end()));
}

#[test]
fn ui_accepted() {
    let listed: Vec<PathBuf> = ACCEPTED.iter().map(|(file, _)| PathBuf::from(file)).collect();
    assert_eq!(listed, cases("pass"), "a file under pass is not an entry of `accepted!`");
    for (file, main) in ACCEPTED {
        println!("{file}");
        main();
    }
}

/// The guide lists every mistake: what was written, what the compiler says, what to write instead.
#[test]
fn the_table_in_the_guide_is_the_present_one() {
    let page = Path::new("../../usermgr/docs/diagnostics.md");
    let text = table::page(&THEMES.map(|theme| (theme, cases(theme))));
    if env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(page, &text).unwrap();
    }
    let known = fs::read_to_string(page).unwrap_or_default();
    assert!(known == text, "{} is stale: update it with UPDATE_EXPECT=1", page.display());
}
