//! How a user has proved their identity: the names of methods, and the set of methods of a session.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A method of authentication, under its name in RFC 8176 if it has one there.
///
/// A custom method has a name of letters, digits and `-`, `_`, `.`, `:`, such as `shop:badge`.
///
/// ```
/// use usermgr::session::Method;
/// const BADGE: Method = Method::new("shop:badge");
/// assert_eq!(BADGE.as_str(), "shop:badge");
/// assert_eq!(Method::PASSWORD.as_str(), "pwd");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Method(Cow<'static, str>);

impl Method {
    /// A password (RFC 8176, 2: `pwd`).
    pub const PASSWORD: Self = Self::new("pwd");
    /// A one-time password, such as that of an authenticator app (RFC 8176: `otp`).
    pub const ONE_TIME_PASSWORD: Self = Self::new("otp");
    /// Possession of a key, such as that of a passkey (RFC 8176: `pop`).
    pub const KEY: Self = Self::new("pop");
    /// The device has verified that its user is present, by a PIN or a biometric (RFC 8176: `user`).
    pub const USER_PRESENCE: Self = Self::new("user");
    /// A link or a code that was sent to a mailbox. RFC 8176 has no name for it: `mail`.
    pub const MAIL: Self = Self::new("mail");
    /// A provider such as Google vouches for the user. RFC 8176 has no name for it: `fed`.
    pub const FEDERATED: Self = Self::new("fed");
    /// A recovery code. RFC 8176 has no name for it: `recovery`.
    pub const RECOVERY_CODE: Self = Self::new("recovery");
    /// Two factors of different kinds (RFC 8176: `mfa`). It is listed in addition to the methods that proved them.
    pub const MULTI_FACTOR: Self = Self::new("mfa");

    /// Makes a method with this name.
    pub const fn new(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the name can be used in a list that is separated by spaces.
    fn is_sound(name: &str) -> bool {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b))
    }
}

impl fmt::Debug for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Method").field(&self.0).finish()
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The methods with which a user was authenticated: the authentication methods references (`amr`) of OpenID Connect
/// Core 1.0, 2. It is a set: each method occurs once, ordered by name.
///
/// A session keeps it, a signed token contains it, and a refresh leaves it unchanged. A session or token without `amr`,
/// such as one from a version without it, counts as authenticated by a password alone.
///
/// ```
/// use usermgr::session::{Amr, Method};
///
/// let amr = Amr::of([Method::PASSWORD, Method::ONE_TIME_PASSWORD, Method::MULTI_FACTOR]);
/// assert!(amr.contains(&Method::ONE_TIME_PASSWORD) && amr.is_multi_factor());
/// assert_eq!(amr.to_string(), "mfa otp pwd");
/// assert!(!Amr::PASSWORD.is_multi_factor());
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Amr(Cow<'static, [Method]>);

impl Amr {
    /// A password alone.
    pub const PASSWORD: Self = Self(Cow::Borrowed(&[Method::PASSWORD]));

    /// Makes the set of these methods. A method is left out if its name is empty or has characters that a [`Method`]
    /// may not have.
    pub fn of(methods: impl IntoIterator<Item = Method>) -> Self {
        let mut methods: Vec<_> = methods.into_iter().filter(|method| Method::is_sound(method.as_str())).collect();
        methods.sort_unstable();
        methods.dedup();
        if *methods == [Method::PASSWORD] { Self::PASSWORD } else { Self(methods.into()) }
    }

    /// Returns the union of both sets.
    #[must_use]
    pub fn and(&self, others: &Self) -> Self {
        Self::of(self.iter().chain(others.iter()).cloned())
    }

    /// Returns the set without a method.
    pub(crate) fn without(&self, method: &Method) -> Self {
        Self::of(self.iter().filter(|own| *own != method).cloned())
    }

    /// Returns the methods, ordered by name.
    pub fn iter(&self) -> impl Iterator<Item = &Method> {
        self.0.iter()
    }

    /// Returns whether the set contains this method.
    pub fn contains(&self, method: &Method) -> bool {
        self.0.contains(method)
    }

    /// Returns whether the set is a password and nothing else.
    pub fn is_password_alone(&self) -> bool {
        *self.0 == [Method::PASSWORD]
    }

    /// Returns whether two factors were proved: whether the set contains `mfa`. It depends only on what a user has
    /// proved, never on the factors that they have.
    pub fn is_multi_factor(&self) -> bool {
        self.contains(&Method::MULTI_FACTOR)
    }

    /// Whether any of these methods is not in the other set.
    pub(crate) fn adds_to(&self, others: &Self) -> bool {
        self.iter().any(|method| !others.contains(method))
    }

    /// Returns the text for a store to write: the names, separated by spaces. `None` for a password alone.
    ///
    /// ```
    /// use usermgr::session::{Amr, Method};
    /// assert_eq!(Amr::PASSWORD.to_stored(), None);
    /// let amr = Amr::of([Method::MAIL, Method::FEDERATED]);
    /// assert_eq!(amr.to_stored().as_deref(), Some("fed mail"));
    /// assert_eq!(Amr::from_stored(amr.to_stored().as_deref()), amr);
    /// ```
    pub fn to_stored(&self) -> Option<String> {
        (!self.is_password_alone()).then(|| self.to_string())
    }

    /// Makes the set from the text of a store.
    pub fn from_stored(text: Option<&str>) -> Self {
        text.map_or(Self::PASSWORD, |text| Self::named(text.split(' ').map(str::to_owned)))
    }

    fn named(names: impl Iterator<Item = String>) -> Self {
        Self::of(names.map(|name| Method(Cow::Owned(name))))
    }
}

/// A password alone.
impl Default for Amr {
    fn default() -> Self {
        Self::PASSWORD
    }
}

impl From<Method> for Amr {
    fn from(method: Method) -> Self {
        Self::of([method])
    }
}

/// The names, separated by spaces.
impl fmt::Display for Amr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, method) in self.iter().enumerate() {
            f.write_str(if place == 0 { "" } else { " " })?;
            f.write_str(method.as_str())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Amr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Method::as_str)).finish()
    }
}

/// An array of names, as in a token (OpenID Connect Core 1.0, 2).
impl Serialize for Amr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Method::as_str))
    }
}

impl<'de> Deserialize<'de> for Amr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::named(Vec::<String>::deserialize(deserializer)?.into_iter()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_one_spelling() {
        let one = Amr::of([Method::ONE_TIME_PASSWORD, Method::PASSWORD, Method::ONE_TIME_PASSWORD]);
        let other = Amr::from(Method::PASSWORD).and(&Method::ONE_TIME_PASSWORD.into());
        assert_eq!(one, other);
        assert_eq!(serde_json::to_string(&one).unwrap(), r#"["otp","pwd"]"#);
        assert_eq!(serde_json::from_str::<Amr>(r#"["pwd","otp","pwd"]"#).unwrap(), one);
        assert_eq!(Amr::from_stored(Some("pwd otp")), one);
    }

    #[test]
    fn mf13_nothing_is_a_password_alone_and_no_text_is_more_than_it_says() {
        assert_eq!(Amr::from_stored(None), Amr::PASSWORD);
        assert_eq!(Amr::default(), Amr::PASSWORD);
        assert_eq!(Amr::PASSWORD.to_stored(), None);
        for text in ["", " ", "pwd", "MFA", "xmfa", "mfa,pwd", "m fa", "\u{a0}mfa"] {
            let amr = Amr::from_stored(Some(text));
            assert!(!amr.is_multi_factor(), "{text:?}");
            assert_eq!(Amr::from_stored(amr.to_stored().as_deref()), amr, "{text:?}");
        }
    }

    #[test]
    fn a_name_that_would_be_several_is_left_out() {
        for name in ["", "a b", "pwd mfa", "a\nb", "\u{e9}", "a,b"] {
            assert_eq!(Amr::of([Method::new(name)]).iter().count(), 0, "{name:?}");
        }
    }
}
