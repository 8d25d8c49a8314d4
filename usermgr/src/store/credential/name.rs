//! The names of kinds of credentials and of purposes of pending steps. There is no closed list: the library's modules
//! and applications choose their own.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Cow<'static, str>);

        impl $name {
            /// Creates a name of at most 64 characters.
            pub const fn new(name: &'static str) -> Self {
                Self(Cow::Borrowed(name))
            }

            /// Creates a name from the text that a store has read.
            pub fn from_stored(name: impl Into<String>) -> Self {
                Self(Cow::Owned(name.into()))
            }

            /// Returns the text that a store writes.
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
    /// The kind of a credential. Names without a colon are reserved for the library. An application puts its own name
    /// in front.
    ///
    /// ```
    /// use usermgr::store::CredentialKind;
    /// const BADGE: CredentialKind = CredentialKind::new("shop:badge");
    /// assert_eq!(CredentialKind::from_stored("shop:badge"), BADGE);
    /// ```
    CredentialKind
    /// The purpose of a pending step. Names without a colon are reserved for the library. An application puts its own
    /// name in front.
    ///
    /// ```
    /// use usermgr::store::PendingPurpose;
    /// const DOOR: PendingPurpose = PendingPurpose::new("shop:door");
    /// assert_eq!(DOOR.as_str(), "shop:door");
    /// ```
    PendingPurpose
}
