//! The two secrets of an account: the [`Password`] that a user types and the [`PasswordHash`] that is stored. `Debug`
//! shows neither.

use std::fmt;

use serde::{Deserialize, Deserializer, de};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// A password in plain text, as the user typed it. It is wiped from memory when it is dropped. `Debug` does not show
/// it, and it cannot be serialized or compared.
///
/// ```
/// let password = usermgr::Password::new("correct horse battery");
/// assert_eq!(format!("{password:?}"), "Password(..)");
/// ```
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// The longest password that is processed, in bytes. The limit applies before normalization and hashing, at logins
    /// too, so that a client cannot cause expensive work with a large password (ASVS 5.0, 2.4.1).
    pub const MAX_BYTES: usize = 1024;

    /// Creates a password from the text without any change.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// Returns the text. Pass it only to a password policy.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns the text in Unicode normalization form C (NIST SP 800-63B-4, 3.1.1.2), which is measured and hashed.
    ///
    /// # Errors
    /// [`PasswordTooLong`] if the text is longer than [`Password::MAX_BYTES`].
    pub fn normalized(&self) -> Result<Zeroizing<String>, PasswordTooLong> {
        if self.0.len() > Self::MAX_BYTES {
            return Err(PasswordTooLong);
        }
        // Reserves the space at once: a growing string would leave unwiped copies in memory.
        let mut text = Zeroizing::new(String::with_capacity(3 * self.0.len()));
        text.extend(self.0.nfc());
        Ok(text)
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

impl From<&str> for Password {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Password {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl<'de> Deserialize<'de> for Password {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // `deserialize_any`, because with `deserialize_string` serde_json writes its own error, which repeats the
        // value.
        deserializer.deserialize_any(Text)
    }
}

struct Text;

/// Refuses every other type with a fixed message, because serde's own message would repeat the value.
macro_rules! refuse {
    ($($visit:ident($value:ty)),* $(,)?) => {
        $(fn $visit<E: de::Error>(self, _: $value) -> Result<Password, E> {
            Err(E::custom("expected a string"))
        })*
    };
}

impl<'de> de::Visitor<'de> for Text {
    type Value = Password;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Password, E> {
        Ok(Password::new(text))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Password, E> {
        Ok(Password::new(text))
    }

    refuse!(
        visit_bool(bool),
        visit_i64(i64),
        visit_i128(i128),
        visit_u64(u64),
        visit_u128(u128),
        visit_f64(f64),
        visit_bytes(&[u8])
    );

    fn visit_none<E: de::Error>(self) -> Result<Password, E> {
        Err(E::custom("expected a string"))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Password, E> {
        Err(E::custom("expected a string"))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, _: A) -> Result<Password, A::Error> {
        Err(de::Error::custom("expected a string"))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, _: A) -> Result<Password, A::Error> {
        Err(de::Error::custom("expected a string"))
    }
}

/// The password is longer than [`Password::MAX_BYTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the password is longer than {} bytes", Password::MAX_BYTES)]
pub struct PasswordTooLong;

/// A stored password hash, in the PHC string format (`$argon2id$v=19$..`) or in the format of an older system. It must
/// not leave the server: `Debug` does not show it, and it cannot be serialized.
///
/// ```
/// let hash = usermgr::user::PasswordHash::new("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA");
/// assert_eq!(format!("{hash:?}"), "PasswordHash(..)");
/// ```
#[derive(Clone)]
pub struct PasswordHash(Zeroizing<String>);

impl PasswordHash {
    /// Creates a hash from the text in a database.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// Returns the text that a store writes.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x1_a_wrong_type_is_refused_without_repeating_it() {
        for body in ["42", "-42", "4.5", "true", "null", "[\"canary\"]", "{\"canary\":1}"] {
            let error = serde_json::from_str::<Password>(body).unwrap_err().to_string();
            assert!(error.starts_with("expected a string"), "{error}");
        }
    }

    #[test]
    fn p3_is_normalised_to_form_c_and_to_nothing_else() {
        assert_eq!(Password::new("e\u{301}").normalized().unwrap().as_str(), "\u{e9}");
        assert_eq!(Password::new("\u{ff21}\u{fb01} ").normalized().unwrap().as_str(), "\u{ff21}\u{fb01} ");
    }

    #[test]
    fn p7_the_cap_is_in_bytes() {
        assert!(Password::new("a".repeat(1024)).normalized().is_ok());
        assert_eq!(Password::new("a".repeat(1025)).normalized().unwrap_err(), PasswordTooLong);
        assert!(Password::new("\u{e9}".repeat(513)).normalized().is_err());
    }
}
