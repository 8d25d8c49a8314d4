//! Which key verifies which hash, and which secrets are none.

use super::*;

const ONE: &str = "0123456789abcdef0123456789abcdef";
const TWO: &str = "fedcba9876543210fedcba9876543210";

fn peppered(current: &str, previous: &[&str]) -> Argon2id {
    cheap().pepper(SecretSet::new(Secret::new(current), previous.iter().map(Secret::new)))
}

/// Made of [`TEXT`] by the reference implementation, through argon2-cffi 25.1, with keys that Python has derived.
const OF_ONE: &str = "$argon2id$v=19$m=64,t=2,p=1,keyid=pkH4iZTj$c2l4dGVlbiBieXRlcy4uIQ$\
                      XEvOdzTq+roS4BjPj8JCn1Uzj4eL7IiQbnAHXBnbt08";
const OF_TWO: &str = "$argon2id$v=19$m=64,t=2,p=1,keyid=SfWu/tDg$c2l4dGVlbiBieXRlcy4uIQ$\
                      9Q6oF+m9/gW2JI1KnTUyABx1ooyBWKh2RmeySGQOEF0";
const OF_NONE: &str = "$argon2id$v=19$m=64,t=2,p=1$c2l4dGVlbiBieXRlcy4uIQ$/AYdYDCVqvx3ypYNxJ/ytYcKzegcvGD7ZwgX0ZzeOjE";

#[tokio::test]
async fn p11_which_key_verifies_which_hash() {
    use Verdict::{Match, Unusable};
    for (by, [none, one, two]) in [
        (cheap(), [Match, Unusable, Unusable]),
        (peppered(ONE, &[]), [OUTDATED, Match, Unusable]),
        (peppered(TWO, &[ONE]), [OUTDATED, OUTDATED, Match]),
        // In any order of the calls the last one makes new hashes.
        (peppered(ONE, &[]).pepper(Secret::new(TWO)), [OUTDATED, OUTDATED, Match]),
        (peppered(ONE, &[]).accepts_pepper(Secret::new(TWO)), [OUTDATED, Match, OUTDATED]),
        (cheap().accepts_pepper(Secret::new(ONE)), [Match, OUTDATED, Unusable]),
    ] {
        for (stored, expected) in [(OF_NONE, none), (OF_ONE, one), (OF_TWO, two)] {
            assert_eq!(verdict(&by, TEXT, stored).await, expected, "{stored}");
            let wrong = if expected == Unusable { Unusable } else { Verdict::Mismatch };
            assert_eq!(verdict(&by, "correct horse batterz", stored).await, wrong, "{stored}");
            assert_eq!(by.can_prove(&PasswordHash::new(stored)), expected != Unusable, "{stored}");
        }
    }
}

#[tokio::test]
async fn p11_a_new_hash_names_the_current_key_and_is_nothing_without_it() {
    let made = peppered(TWO, &[ONE]).hash(&TEXT.into()).await.unwrap();
    assert!(made.expose().starts_with("$argon2id$v=19$m=64,t=2,p=1,keyid=SfWu/tDg$"), "{}", made.expose());
    assert_eq!(verdict(&peppered(TWO, &[]), TEXT, made.expose()).await, Verdict::Match);
    for by in [cheap(), peppered(ONE, &[])] {
        assert_eq!(verdict(&by, TEXT, made.expose()).await, Verdict::Unusable);
    }
    // A hash without its id, or with another one, does not match either.
    let without = made.expose().replace(",keyid=SfWu/tDg", "");
    assert_eq!(verdict(&cheap(), TEXT, &without).await, Verdict::Mismatch);
    let other = made.expose().replace("SfWu/tDg", "pkH4iZTj");
    assert_eq!(verdict(&peppered(ONE, &[]), TEXT, &other).await, Verdict::Mismatch);
}

#[tokio::test]
async fn p11_a_missing_key_costs_what_a_present_one_does() {
    let by = peppered(ONE, &[]);
    assert_eq!(verdict(&by, TEXT, OF_TWO).await, Verdict::Unusable);
    assert_eq!(held(&by).await, 64);
}

#[test]
fn p11_a_secret_that_cannot_be_used_is_a_fault_of_the_engine_and_hashes_nothing() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let short = || Secret::new("short");
    for by in [
        cheap().pepper(short()),
        cheap().pepper(SecretSet::new(Secret::new(ONE), [short()])),
        cheap().accepts_pepper(short()),
        // A later good secret does not hide it.
        cheap().pepper(short()).pepper(Secret::new(ONE)),
    ] {
        assert!(matches!(runtime.block_on(by.hash(&TEXT.into())), Err(HashError::Failed(_))));
        assert!(matches!(runtime.block_on(by.verify(&TEXT.into(), None)), Err(HashError::Failed(_))));
        let engine = crate::Engine::builder(crate::MemoryStore::<crate::NoProfile>::new()).hasher(by).build();
        let fault = engine.unwrap_err().to_string();
        assert!(fault.contains("the pepper of `Argon2id`: it is 5 bytes long"), "{fault}");
    }
    assert!(peppered(ONE, &[TWO]).check().is_ok());
}

#[test]
fn x1_no_debug_shows_a_pepper() {
    let shown = format!("{:?}", peppered(ONE, &[TWO]));
    assert!(shown.contains("Pepper(..)") && !shown.contains("0123") && !shown.contains("pkH4iZTj"), "{shown}");
}

/// With bcrypt no key has a part.
#[cfg(feature = "legacy-hashes")]
#[tokio::test]
async fn p11_hashes_of_other_systems_are_proved_without_a_key_and_outdated() {
    let by = peppered(ONE, &[]).legacy_hashes(true);
    assert_eq!(verdict(&by, TEXT, BCRYPT).await, OUTDATED);
    assert_eq!(verdict(&by, DECOMPOSED, &of_typed_bytes().await).await, OUTDATED);
}
