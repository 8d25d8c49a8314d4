//! The rules one by one, and the list of common passwords as a whole.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::user::{Draft, NoProfile};

const COMMON_REASON: &str = "the password is one of the most common ones";
const SIMILAR_REASON: &str = "the password is too similar to the e-mail address";

fn check_for(email: &str, policy: &Policy, password: &str) -> Result<(), String> {
    let draft = Draft::new(EmailAddress::parse(email).unwrap(), NoProfile);
    let subject: PasswordSubject<'_> = PasswordSubject::New(&draft);
    policy.check(&Password::new(password), &subject).map_err(|error| error.reason().to_owned())
}

fn check(policy: &Policy, password: &str) -> Result<(), String> {
    check_for("ada.lovelace@example.com", policy, password)
}

/// Returns a password of this length that breaks no rule except the length.
fn of_length(characters: usize) -> String {
    "v\u{eb}7\u{1f980}k\u{e9}".chars().cycle().take(characters).collect()
}

#[test]
fn p1_fifteen_characters_unless_the_application_asks_for_fewer_and_eight_at_the_least() {
    let [default, eight, lower, one] = [
        Policy::default(),
        Policy::default().min_length(8),
        Policy::default().min_length(3),
        Policy::default().dangerous_min_length(0),
    ];
    for (length, [by_default, by_eight]) in [
        (7, [false, false]),
        (8, [false, true]),
        (14, [false, true]),
        (15, [true; 2]),
        (64, [true; 2]),
        (128, [true; 2]),
    ] {
        let password = of_length(length);
        let too_short = |least| Err(format!("the password is shorter than {least} characters"));
        assert_eq!(check(&default, &password), if by_default { Ok(()) } else { too_short(15) }, "{length}");
        assert_eq!(check(&eight, &password), if by_eight { Ok(()) } else { too_short(8) }, "{length}");
        assert_eq!(check(&lower, &password), check(&eight, &password), "{length}");
        assert_eq!(check(&one, &password), Ok(()), "{length}");
    }
    assert!(check(&one, "").is_err());
    assert!(check(&one, "x").is_ok());
}

#[test]
fn p1_characters_are_code_points_up_to_the_cap_in_bytes() {
    let policy = Policy::default();
    assert!(check(&policy, &"\u{1f980}".repeat(15)).is_ok());
    assert!(check(&policy, &"\u{1f980}".repeat(14)).is_err());
    assert!(check(&policy, &"\u{1f980}".repeat(256)).is_ok());
    assert_eq!(check(&policy, &"\u{1f980}".repeat(257)), Err("the password is longer than 1024 bytes".into()));
    assert!(check(&policy, &of_length(5_000)).is_err());
}

#[test]
fn p2_spaces_at_the_ends_count() {
    assert!(check(&Policy::default(), "  thirteen ch  ").is_ok());
    assert!(check(&Policy::default(), "    ten ch    ").is_err());
}

#[test]
fn p3_the_length_is_that_of_form_c() {
    let decomposed = "e\u{301}".repeat(14);
    assert_eq!(decomposed.chars().count(), 28);
    assert!(check(&Policy::default(), &decomposed).is_err());
    assert!(check(&Policy::default(), &"e\u{301}".repeat(15)).is_ok());
    // One ligature stays one character.
    assert!(check(&Policy::default(), &"\u{fb01}".repeat(14)).is_err());
}

#[test]
fn p4_no_composition_is_asked_for() {
    for password in [
        "weaving algebraic patterns",
        "weavingalgebraicpattern",
        "\u{1f980} \u{1f980} \u{1f980} crabs everywhere",
        "90210 31337 70707",
    ] {
        assert_eq!(check(&Policy::default(), password), Ok(()), "{password}");
    }
}

#[test]
fn p5_the_list_is_in_the_form_that_the_search_needs() {
    let words: Vec<_> = COMMON.lines().collect();
    assert!(words.is_sorted_by(|one, next| one < next));
    for word in &words {
        assert!(word.len() >= LEAST_LENGTH && word.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{word}");
        assert_eq!(comparable(word).as_str(), *word);
    }
    assert!(COMMON.ends_with('\n') && !COMMON.contains('\r') && COMMON.len() < 200 * 1024);
    let long = words.iter().filter(|word| word.len() >= DEFAULT_LENGTH).count();
    assert!(words.len() - long >= 3_000 && long >= 3_000, "{} words, {long} of them long", words.len());
}

#[test]
fn p5_every_listed_word_fails_in_any_case_and_none_with_a_suffix() {
    let policy = Policy::default().min_length(8);
    for word in COMMON.lines() {
        for word in [word.to_owned(), word.to_uppercase()] {
            assert_eq!(check_for("zx@example.com", &policy, &word), Err(COMMON_REASON.into()), "{word}");
            for suffix in ["~", " pf9"] {
                assert_eq!(check_for("zx@example.com", &policy, &format!("{word}{suffix}")), Ok(()), "{word}{suffix}");
            }
        }
    }
}

#[test]
fn p5_the_most_common_ones_are_listed() {
    for word in [
        "password",
        "12345678",
        "qwertyuiop",
        "iloveyou1",
        "1q2w3e4r5t6y7u8i9o0p",
        "passwordpassword",
        "123456789012345",
    ] {
        assert!(is_common(word), "{word}");
    }
}

proptest! {
    #[test]
    fn p5_the_search_finds_what_is_there_and_nothing_else(word in "[ -~]{8,20}", at in any::<prop::sample::Index>()) {
        let words: BTreeSet<_> = COMMON.lines().collect();
        prop_assert_eq!(is_common(&word), words.contains(word.as_str()));
        let listed = *at.get(&words.into_iter().collect::<Vec<_>>());
        prop_assert!(is_common(listed));
        let two = format!("{listed}\n{listed}");
        prop_assert!(!is_common(&two));
    }

    #[test]
    fn no_password_makes_the_policy_panic(password in any::<String>(), email in "[a-z\u{eb}\u{130}]{1,20}@example\\.com") {
        let _ = check_for(&email, &Policy::default().dangerous_min_length(1), &password);
    }
}

#[test]
fn similar_is_the_whole_address_or_a_local_part_that_makes_up_half() {
    let policy = Policy::default().min_length(8);
    for (email, password, similar) in [
        ("ada@example.com", "my ada@example.com and more than that", true),
        ("ada@example.com", "MY ADA@EXAMPLE.COM AND MORE THAN THAT", true),
        ("ada.lovelace@example.com", "ada.lovelace1815", true),
        ("ada.lovelace@example.com", "Ada.Lovelace@1815", true),
        ("ada.lovelace@example.com", "xx ada.lovelace xxxxxxxxx", false),
        ("ada.lovelace@example.com", "xx ada.lovelace xxxxxxxx", true),
        ("lovelace@example.com", "lovelacelovelacelovelace", true),
        ("adal@example.com", "adal7y4q", true),
        ("adal@example.com", "adal7y4q9", false),
        ("ada@example.com", "adaadaada", false),
        ("Zo\u{eb}.Z@example.com", "zoe\u{308}.z 1815", true),
        ("zo\u{eb}.z@example.com", "zoe.z 1815", false),
        ("\u{130}lker.a@example.com", "\u{130}LKER.A 1815", true),
    ] {
        let expected = if similar { Err(SIMILAR_REASON.into()) } else { Ok(()) };
        assert_eq!(check_for(email, &policy, password), expected, "{password} for {email}");
    }
}

#[test]
fn an_existing_account_is_judged_alike() {
    let draft = Draft::new(EmailAddress::parse("ada.lovelace@example.com").unwrap(), NoProfile);
    let new: PasswordSubject<'_> = PasswordSubject::New(&draft);
    let user = crate::user::User {
        id: 7_i64,
        email: draft.email().clone(),
        username: None,
        is_active: true,
        is_superuser: false,
        is_verified: true,
        created_at: jiff::Timestamp::UNIX_EPOCH,
        profile: NoProfile,
    };
    let password = Password::new("ada.lovelace 1815");
    assert_eq!(policy(&password, &PasswordSubject::Existing(&user)).unwrap_err().reason(), SIMILAR_REASON);
    assert_eq!(policy(&password, &new).unwrap_err().reason(), SIMILAR_REASON);
}

#[test]
fn each_rule_has_a_code_for_programs_and_its_number() {
    let draft = Draft::new(EmailAddress::parse("ada.lovelace@example.com").unwrap(), NoProfile);
    let subject: PasswordSubject<'_> = PasswordSubject::New(&draft);
    let named = Draft::new(EmailAddress::parse("ada.lovelace@example.com").unwrap(), NoProfile);
    let named = named.with_username(crate::user::Username::parse("Countess").unwrap());
    let refused = |password: &str, draft| {
        Policy::default().min_length(9).check(&Password::new(password), &PasswordSubject::<_>::New(draft)).err()
    };
    assert_eq!(refused("countess1815", &named).unwrap().code(), Some("like_username"));
    assert!(refused("countess1815", &draft).is_none() && refused("a countess of the engines", &named).is_none());
    for (password, code, limit) in [
        ("short", "too_short", Some(9)),
        (&"x".repeat(1025), "too_long", Some(1024)),
        ("password1", "common", None),
        ("ada.lovelace", "like_address", None),
    ] {
        let refused = Policy::default().min_length(9).check(&Password::new(password), &subject).unwrap_err();
        assert_eq!((refused.code(), refused.limit()), (Some(code), limit), "{}", refused.reason());
    }
}
