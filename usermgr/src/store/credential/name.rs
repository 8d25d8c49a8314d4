//! The names of kinds and purposes: texts that the slices of the library and applications choose for themselves, without a list of all.

use std::{borrow::Cow, fmt};

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Cow<'static, str>);

        impl $name {
            /// A name of at most 64 characters.
            pub const fn new(name: &'static str) -> Self {
                Self(Cow::Borrowed(name))
            }

            /// A name read back from a store.
            pub fn from_stored(name: impl Into<String>) -> Self {
                Self(Cow::Owned(name.into()))
            }

            /// The text, for a store to write.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.0).finish()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

names! {
    /// What kind of credential a row is. Names without a colon are the library's; an application puts its own name in front.
    ///
    /// ```
    /// use usermgr::store::CredentialKind;
    /// const BADGE: CredentialKind = CredentialKind::new("shop:badge");
    /// assert_eq!(CredentialKind::from_stored("shop:badge"), BADGE);
    /// ```
    CredentialKind
    /// What a pending step is for. Names without a colon are the library's; an application puts its own name in front.
    ///
    /// ```
    /// use usermgr::store::PendingPurpose;
    /// const DOOR: PendingPurpose = PendingPurpose::new("shop:door");
    /// assert_eq!(DOOR.as_str(), "shop:door");
    /// ```
    PendingPurpose
}
