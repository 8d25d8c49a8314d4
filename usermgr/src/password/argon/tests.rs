//! Known answers, and what each verdict costs.

use super::*;

const TEXT: &str = "correct horse battery";

fn hasher(m: u32, t: u32, p: u32) -> Argon2id {
    Argon2id::new(Argon2Params::dangerous(m, t, p).unwrap()).on(Arc::new(HashPool::new(1, 8)))
}

fn cheap() -> Argon2id {
    hasher(64, 2, 1)
}

async fn verdict(by: &Argon2id, password: &str, stored: &str) -> Verdict {
    by.verify(&Password::new(password), Some(&PasswordHash::new(stored))).await.unwrap()
}

/// Returns the memory that the only thread of the pool holds, in KiB.
async fn held(by: &Argon2id) -> usize {
    by.pool.as_ref().unwrap().run_with_memory(|memory| memory.len()).await.unwrap()
}

#[test]
fn p8_weak_parameters_are_refused() {
    for (m, t, p) in [(19_456, 2, 1), (47_104, 1, 1), (65_536, 3, 4), (262_144, 4, 16), (65_536, 16, 1)] {
        assert!(Argon2Params::new(m, t, p).is_ok(), "{m} {t} {p}");
    }
    for (m, t, p) in
        [(19_455, 2, 1), (19_456, 1, 1), (47_103, 1, 1), (8, 16, 1), (19_456, 2, 0), (47_104, 0, 1), (0, 0, 0)]
    {
        assert!(Argon2Params::new(m, t, p).is_err(), "{m} {t} {p}");
    }
    for (m, t, p) in
        [(262_145, 1, 1), (19_456, 17, 1), (19_456, 2, 17), (262_144, 5, 1), (u32::MAX, u32::MAX, u32::MAX)]
    {
        assert!(Argon2Params::new(m, t, p).is_err(), "{m} {t} {p}");
        assert!(Argon2Params::dangerous(m, t, p).is_err(), "{m} {t} {p}");
    }
    assert!(Argon2Params::dangerous(8, 1, 1).is_ok());
    assert!(Argon2Params::dangerous(15, 1, 2).is_err());
}

#[tokio::test]
async fn p8_the_default_is_written_into_the_hash() {
    let by = Argon2id::default();
    let hash = by.hash(&TEXT.into()).await.unwrap();
    assert!(hash.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.expose());
    assert_eq!(hash.expose().len(), 31 + 22 + 1 + 43);
    assert_eq!(verdict(&by, TEXT, hash.expose()).await, Verdict::Match);
}

#[tokio::test]
async fn every_hash_has_its_own_salt() {
    let by = cheap();
    let [one, other] = [by.hash(&TEXT.into()).await.unwrap(), by.hash(&TEXT.into()).await.unwrap()];
    assert_ne!(one.expose(), other.expose());
}

/// Made by the reference implementation, through argon2-cffi 25.1.
#[tokio::test]
async fn known_answers() {
    let (salt, long) = (
        "c2l4dGVlbiBieXRlcy4uIQ",
        "ElLDhV4TfyKTCR9ahP64HgXsiCeANvtU/BoZM0ZgmsdozaDw9+rPj17B/eZPEGPeSAjgXYdcBMEZzB8QtH9rOw",
    );
    for (by, password, rest, expected) in [
        (cheap(), TEXT, format!("m=64,t=2,p=1${salt}$/AYdYDCVqvx3ypYNxJ/ytYcKzegcvGD7ZwgX0ZzeOjE"), Verdict::Match),
        (
            hasher(19_456, 2, 1),
            TEXT,
            format!("m=19456,t=2,p=1${salt}$p5I8auW9a7E11Fh8C3s2QPmvRpQR1aIwrMXwS7hbP5g"),
            Verdict::Match,
        ),
        (cheap(), TEXT, format!("m=64,t=2,p=1${salt}${long}"), Verdict::Match),
        (hasher(8, 1, 1), "zo\u{eb}", "m=8,t=1,p=1$OCBieXRlcyE$FtisEaekJecHePJkrasM/g".into(), OUTDATED),
    ] {
        let hash = format!("$argon2id$v=19${rest}");
        assert_eq!(verdict(&by, password, &hash).await, expected, "{hash}");
        assert_eq!(verdict(&by, "correct horse batterz", &hash).await, Verdict::Mismatch, "{hash}");
    }
}

#[tokio::test]
async fn p9_a_hash_of_fastapi_users_is_right_and_outdated() {
    let by = cheap();
    for hash in [
        "$argon2id$v=19$m=65536,t=3,p=4$LS7Kfbl8zYTU1Q9TbrMOHA$VQcFk3bj1Sa7vuF+81ciBmXODryyJ6Er1afOepYVaW0",
        "$argon2id$v=19$m=65536,t=3,p=4$ZmFzdGFwaS11c2Vycy0xNg$q1MbOtQQbd0qvkRdaNDPog14Opde7FihPixWIQQZlcA",
    ] {
        assert_eq!(verdict(&by, TEXT, hash).await, OUTDATED);
        assert_eq!(verdict(&by, "correct horse batterz", hash).await, Verdict::Mismatch);
    }
    assert_eq!(held(&by).await, 0, "more memory than the current parameters ask for is given back");
}

#[tokio::test]
async fn p9_a_hash_with_other_parameters_is_outdated() {
    let hash = cheap().hash(&TEXT.into()).await.unwrap();
    for other in [hasher(65, 2, 1), hasher(64, 1, 1), hasher(64, 2, 2), hasher(32, 2, 1)] {
        assert_eq!(verdict(&other, TEXT, hash.expose()).await, OUTDATED);
        assert_eq!(verdict(&other, "", hash.expose()).await, Verdict::Mismatch);
    }
    assert_eq!(verdict(&cheap(), TEXT, hash.expose()).await, Verdict::Match);
}

#[tokio::test]
async fn p10_a_hash_that_asks_for_too_much_is_unusable_after_the_work_of_a_dummy() {
    let rest = "c2l4dGVlbiBieXRlcy4uIQ$/AYdYDCVqvx3ypYNxJ/ytYcKzegcvGD7ZwgX0ZzeOjE";
    for stored in [
        format!("$argon2id$v=19$m=4194304,t=2,p=1${rest}"),
        format!("$argon2id$v=19$m=64,t=1000000,p=1${rest}"),
        format!("$argon2i$v=19$m=64,t=2,p=1${rest}"),
        "$2b$15$Jty6R9vI0tZoWtsHGo385eVb02VccO6Ij4JE3I6sL32lH4GHGbjFS".into(),
        "!".into(),
        String::new(),
    ] {
        let by = cheap();
        assert_eq!(verdict(&by, TEXT, &stored).await, Verdict::Unusable, "{stored}");
        assert_eq!(verdict(&by, "", &stored).await, Verdict::Unusable, "{stored}");
        assert_eq!(held(&by).await, 64, "{stored}");
    }
}

#[tokio::test]
async fn e2_without_a_stored_hash_the_same_work_is_done() {
    let by = hasher(128, 1, 1);
    assert_eq!(by.verify(&TEXT.into(), None).await.unwrap(), Verdict::Mismatch);
    assert_eq!(held(&by).await, 128);
}

#[tokio::test]
async fn p13_nothing_matches_where_there_is_no_password() {
    let by = cheap();
    for password in ["", " ", "\0", TEXT] {
        assert_eq!(by.verify(&password.into(), None).await.unwrap(), Verdict::Mismatch);
        assert_eq!(verdict(&by, password, "").await, Verdict::Unusable);
    }
}

#[tokio::test]
async fn p2_every_byte_counts() {
    let by = cheap();
    let long = "a".repeat(200);
    for (password, others) in [
        ("trailing space ", vec!["trailing space", "trailing space  ", " trailing space "]),
        ("Case Kept Here", vec!["case kept here"]),
        ("nul\0inside", vec!["nul", "nul\0outside"]),
        (&long, vec![&long[..72], &long[..128], &long[..199]]),
    ] {
        let hash = by.hash(&password.into()).await.unwrap();
        assert_eq!(verdict(&by, password, hash.expose()).await, Verdict::Match);
        for other in others {
            assert_eq!(verdict(&by, other, hash.expose()).await, Verdict::Mismatch, "{other:?}");
        }
    }
}

#[tokio::test]
async fn p3_composed_and_decomposed_are_one_password_and_compatibility_forms_are_not() {
    let by = cheap();
    let hash = by.hash(&"Zo\u{eb} has 5 fingers".into()).await.unwrap();
    assert_eq!(verdict(&by, "Zoe\u{308} has 5 fingers", hash.expose()).await, Verdict::Match);
    assert_eq!(verdict(&by, "Zo\u{eb} has \u{ff15} fingers", hash.expose()).await, Verdict::Mismatch);
    assert_eq!(verdict(&by, "Zo\u{eb} has 5 \u{fb01}ngers", hash.expose()).await, Verdict::Mismatch);
}

#[tokio::test]
async fn p7_a_password_over_the_cap_is_not_hashed() {
    let by = cheap();
    let long = Password::new("a".repeat(Password::MAX_BYTES + 1));
    let hash = by.hash(&TEXT.into()).await.unwrap();
    let by = cheap();
    assert!(matches!(by.hash(&long).await, Err(HashError::Failed(_))));
    assert_eq!(by.verify(&long, Some(&hash)).await.unwrap(), Verdict::Mismatch);
    assert_eq!(by.verify(&long, None).await.unwrap(), Verdict::Mismatch);
    assert_eq!(held(&by).await, 0);
    let most = Password::new("a".repeat(Password::MAX_BYTES));
    let hash = by.hash(&most).await.unwrap();
    assert_eq!(by.verify(&most, Some(&hash)).await.unwrap(), Verdict::Match);
}

/// Made by bcrypt of [`TEXT`].
const BCRYPT: &str = "$2b$04$Jty6R9vI0tZoWtsHGo385eVb02VccO6Ij4JE3I6sL32lH4GHGbjFS";
/// Its normal form is composed.
const DECOMPOSED: &str = "zoe\u{308} and the dog";

/// A hash as older systems made it: of the typed bytes.
async fn of_typed_bytes() -> String {
    let pool = cheap();
    let mut hash = blank(pool.params, None);
    hash.salt.fill(7);
    pool.run(move |memory| {
        derive(hash.params, None, memory, DECOMPOSED, &hash.salt, &mut hash.output)?;
        Ok(hash.to_hash().expose().to_owned())
    })
    .await
    .unwrap()
}

#[cfg(feature = "legacy-hashes")]
#[tokio::test]
async fn p9_a_bcrypt_hash_is_right_and_outdated() {
    let by = cheap().legacy_hashes(true);
    assert_eq!(verdict(&by, TEXT, BCRYPT).await, OUTDATED);
    assert_eq!(verdict(&by, "correct horse batterz", BCRYPT).await, Verdict::Mismatch);
    let long = "a".repeat(Password::MAX_BYTES + 1);
    assert_eq!(verdict(&by, &long, BCRYPT).await, Verdict::Mismatch);
    assert_eq!(verdict(&by, DECOMPOSED, &of_typed_bytes().await).await, OUTDATED);
}

/// With every feature on too: another crate of a build may have turned them on.
#[tokio::test]
async fn p9_hashes_of_other_systems_are_verified_only_on_request() {
    let by = cheap();
    assert_eq!(verdict(&by, TEXT, BCRYPT).await, Verdict::Unusable);
    assert!(!by.can_prove(&PasswordHash::new(BCRYPT)));
    assert_eq!(verdict(&by, DECOMPOSED, &of_typed_bytes().await).await, Verdict::Mismatch);
    let engine = crate::Engine::new(crate::MemoryStore::<crate::NoProfile>::new());
    let verdict = engine.hasher().verify(&TEXT.into(), Some(&PasswordHash::new(BCRYPT))).await;
    assert_eq!(verdict.unwrap(), Verdict::Unusable);
}

mod pepper;
