//! The realm of a store: the name that keeps its users apart from those of other stores of the same application. The
//! keys, cookies, counters and events of an engine get it, so that nothing of one realm is valid in another.

use std::sync::Arc;

use crate::config_error::ConfigError;

/// The longest name. A cookie has it after a name of at most 40 bytes.
const MOST: usize = 63;

/// The realm of a store, or none. Without a realm, everything has the name that it has in an application with one kind
/// of user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Realm(Option<Arc<str>>);

impl Realm {
    /// Makes the realm of this name. An empty name is no realm.
    pub(crate) fn of(name: Option<&str>) -> Self {
        Self(name.filter(|name| !name.is_empty()).map(Arc::from))
    }

    pub(crate) fn name(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// Returns what is wrong with the name. It is a part of cookie names and of audiences.
    pub(crate) fn fault(&self) -> Option<ConfigError> {
        let name = self.name()?;
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
        (name.len() > MOST || !name.bytes().all(fits)).then(|| {
            ConfigError::new(format!(
                "the realm `{}` is invalid: use 1 to {MOST} lower-case letters, digits, `-`, `_` and `.`",
                name.escape_debug()
            ))
        })
    }

    /// Returns the text with the name behind it, if there is one.
    pub(crate) fn after(&self, text: &str, mark: char) -> String {
        self.name().map_or_else(|| text.to_owned(), |name| format!("{text}{mark}{name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ku11_a_name_fits_into_cookies_and_audiences() {
        for good in ["staff", "a", "acme.example.com", "shop-2_", &"x".repeat(63)] {
            assert_eq!(Realm::of(Some(good)).fault(), None, "{good}");
        }
        for bad in ["Staff", "a b", "a;b", "a:b", "a\0", "caf\u{e9}", &"x".repeat(64)] {
            assert!(Realm::of(Some(bad)).fault().is_some(), "{bad}");
        }
    }

    #[test]
    fn ku11_without_a_realm_a_text_stays_as_it_is() {
        for none in [None, Some("")] {
            let realm = Realm::of(none);
            assert_eq!((realm.name(), realm.fault(), &*realm.after("usermgr:auth", ':')), (None, None, "usermgr:auth"));
        }
        assert_eq!(Realm::of(Some("staff")).after("__Host-usermgr", '-'), "__Host-usermgr-staff");
    }
}
