//! The two secrets of an account: the [`Password`] a person types and the [`PasswordHash`] that is stored. Neither shows itself.

use std::fmt;

use serde::{Deserialize, Deserializer, de};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// A password in clear, as it was typed. It is wiped when dropped, shows nothing in `Debug`, and cannot be serialised or compared.
///
/// ```
/// let password = usermgr::Password::new("correct horse battery");
/// assert_eq!(format!("{password:?}"), "Password(..)");
/// ```
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// The longest password that is looked at, in bytes. The cap holds before normalising and before hashing, at login too, so that
    /// nobody can buy work with a megabyte (ASVS 5.0, 2.4.1).
    pub const MAX_BYTES: usize = 1024;

    /// Takes the text as it is: nothing is trimmed, cut or changed.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text. Show it to a password policy, to nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The text in Unicode normalization form C (NIST SP 800-63B-4, 3.1.1.2), which is what is measured and hashed.
    ///
    /// # Errors
    /// [`PasswordTooLong`] when the text is longer than [`Password::MAX_BYTES`].
    pub fn normalized(&self) -> Result<Zeroizing<String>, PasswordTooLong> {
        if self.0.len() > Self::MAX_BYTES {
            return Err(PasswordTooLong);
        }
        // Room for all of it at once: a growing string would leave unwiped pieces behind.
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
        // `deserialize_any`, because with `deserialize_string` serde_json words the error itself, and repeats the value in it.
        deserializer.deserialize_any(Text)
    }
}

struct Text;

/// Refuses every other type with the same words, since serde's own would repeat what was sent.
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

/// A stored password hash, in the PHC string format (`$argon2id$v=19$..`) or that of an older system. It is no secret of the user's,
/// but it must not leave the server: `Debug` shows nothing and it cannot be serialised.
///
/// ```
/// let hash = usermgr::user::PasswordHash::new("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA");
/// assert_eq!(format!("{hash:?}"), "PasswordHash(..)");
/// ```
#[derive(Clone)]
pub struct PasswordHash(Zeroizing<String>);

impl PasswordHash {
    /// Takes a hash as it stands in a database.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text, for a store to write.
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
