//! Secrets as types (X3): none can be compared, shown, serialised or copied by accident; and no line of the library compares one otherwise
//! than by its digest or in constant time.

use std::{fs, marker::PhantomData, path::Path};

use serde::Serialize;
use usermgr::prelude::*;

/// Whether a type has a trait: the inherent constant wins where its bound holds.
struct Has<T>(PhantomData<T>);

macro_rules! traits {
    ($($constant:ident, $fallback:ident: $bound:path;)*) => {$(
        #[allow(dead_code, reason = "for types that have the trait")]
        trait $fallback {
            const $constant: bool = false;
        }
        impl<T> $fallback for Has<T> {}
        #[allow(dead_code, reason = "for types that do not have it")]
        impl<T: $bound> Has<T> {
            const $constant: bool = true;
        }
    )*};
}

traits! {
    EQUAL, NotEqual: PartialEq;
    SHOWN, NotShown: std::fmt::Display;
    SERIALISED, NotSerialised: Serialize;
    COPIED, NotCopied: Copy;
    HASHED, NotHashed: std::hash::Hash;
    READ, NotRead: std::borrow::Borrow<str>;
    DEREFERENCED, NotDereferenced: std::ops::Deref;
}

macro_rules! traits_of {
    ($type:ty) => {
        [
            Has::<$type>::EQUAL,
            Has::<$type>::SHOWN,
            Has::<$type>::SERIALISED,
            Has::<$type>::COPIED,
            Has::<$type>::HASHED,
            Has::<$type>::READ,
            Has::<$type>::DEREFERENCED,
        ]
    };
}

macro_rules! assert_closed {
    ($($type:ty),* $(,)?) => {
        $(assert_eq!(traits_of!($type), [false; 7], stringify!($type));)*
    };
}

#[test]
fn x3_no_type_that_holds_a_secret_compares_shows_or_serialises_it() {
    assert_closed!(
        Password,
        usermgr::user::PasswordHash,
        Secret,
        SecretSet,
        usermgr::token::KeySet,
        usermgr::token::SigningKey,
        VerifyToken,
        ResetToken,
        ChangeEmailToken,
        usermgr::token::AccessToken,
        usermgr::token::RefreshToken,
        Credentials,
        Register,
        NewUser<NoProfile>,
        UpdateMe,
        usermgr::user::AdminUpdate,
        usermgr::user::Record<NoProfile>,
        usermgr::user::NewRecord<NoProfile>,
        usermgr::settings::Settings,
    );
    // What users may read about themselves has no field for a hash, and the traits are visible where they are.
    assert_eq!(traits_of!(String), [true, true, true, false, true, true, true]);
    let [equal, _, serialised, ..] = traits_of!(User);
    assert!(equal && serialised);
}

/// The library without its tests, line by line, with where it is.
fn library(path: &Path, lines: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            library(&entry, lines);
        } else if entry.extension().is_some_and(|extension| extension == "rs") && !entry.ends_with("tests.rs") {
            let text = fs::read_to_string(&entry).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            lines.extend(code.lines().map(|line| (entry.display().to_string(), line.trim().to_owned())));
        }
    }
}

#[test]
fn x3_no_line_of_the_library_compares_a_secret() {
    let mut lines = Vec::new();
    library(&Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("usermgr/src"), &mut lines);
    assert!(lines.len() > 8_000, "{}", lines.len());
    let mut derived = String::new();
    for (at, line) in &lines {
        if line.starts_with("//") {
            continue;
        }
        // Neither by an operator nor by a method.
        let compares =
            line.contains(" == ") || line.contains(" != ") || line.contains(".eq(") || line.contains(".cmp(");
        let exposed = [".expose()", ".bytes()?", "signature", "password_hash", "normalized"];
        let length = line.contains(".len() ") || line.contains("is_none()") || line.contains("is_some()");
        // Of a digest nothing can be learned by how long it takes to compare. Whether what was typed is written as its normal form is no
        // question of being equal to a secret.
        let allowed =
            length || line.contains("SessionDigest::of(") || line.contains("typed.expose() != normalized.as_str()");
        assert!(!compares || allowed || !exposed.iter().any(|word| line.contains(word)), "{at}: {line}");
        // A type that is wiped holds a secret, and does not derive what would open it.
        if line.starts_with("#[derive(") {
            derived = line.clone();
        } else if line.starts_with("pub struct")
            || line.starts_with("pub(") && line.contains("struct ")
            || line.starts_with("struct ")
        {
            if line.contains("Zeroizing<") {
                assert!(
                    !["PartialEq", "Serialize", "Hash,", "Copy"].iter().any(|word| derived.contains(word)),
                    "{at}: {line}"
                );
            }
        } else if line.contains(": Zeroizing<") && !line.contains("fn ") && !line.contains("let ") {
            assert!(!["PartialEq", "Serialize"].iter().any(|word| derived.contains(word)), "{at}: {line}");
        } else if line == "}" {
            derived.clear();
        }
    }
}
