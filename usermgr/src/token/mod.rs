//! Tokens that travel: one type per purpose, so that a reset token passed to `verify` does not compile. Over the wire a token of
//! another purpose fails on its key, its audience and its `typ`.

mod claims;
mod codec;
mod issuer;
#[cfg(feature = "jwt-keys")]
mod jwks;
#[cfg(feature = "jwt-keys")]
mod key_set;
mod provider;
mod refresh;

use std::{fmt, marker::PhantomData};

use zeroize::Zeroizing;

pub(crate) use claims::{AccessClaims, ChangeEmailClaims, ResetClaims, VerifyClaims, used_up};
pub(crate) use codec::{Keys, SigningFailed};
pub(crate) use issuer::{Issued, Issuer, PerPurpose, PurposeSpec, Terms};
#[cfg(feature = "jwt-keys")]
pub use key_set::{KeySet, SigningKey, VerifyingKey};
#[cfg(all(test, feature = "http", feature = "jwt-keys"))]
pub(crate) use provider::SELECTED;
pub(crate) use refresh::RefreshKeys;

/// What a token is for.
pub trait Purpose: sealed::Sealed + Send + Sync + 'static {
    /// The word for it: part of the key, the default audience and the `typ` header.
    const NAME: &'static str;
}

pub(crate) mod sealed {
    pub trait Sealed {
        /// The `typ` header of its tokens (RFC 8725, 3.11).
        const TYP: &'static str;
    }
}

macro_rules! purposes {
    ($($(#[$doc:meta])* $purpose:ident = $name:literal, $typ:literal as $alias:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub enum $purpose {}

        impl sealed::Sealed for $purpose {
            const TYP: &'static str = $typ;
        }

        impl Purpose for $purpose {
            const NAME: &'static str = $name;
        }

        #[doc = concat!("A token of the purpose [`", stringify!($purpose), "`].")]
        pub type $alias = Token<$purpose>;
    )*};
}

purposes! {
    /// Gives access as a user.
    Access = "access", "at+jwt" as AccessToken;
    /// Gets the next tokens of a session.
    Renewal = "refresh", "rt" as RefreshToken;
    /// Finishes a login by its second step.
    SecondFactor = "second_factor", "pending" as PendingToken;
    /// Proves that an address is the user's.
    Verify = "verify", "verify+jwt" as VerifyToken;
    /// Sets a new password.
    Reset = "reset", "reset+jwt" as ResetToken;
    /// Proves that a new address is the user's, and puts it in place of the old one.
    ChangeEmail = "change_email", "change-email+jwt" as ChangeEmailToken;
}

/// A token in clear. It is wiped when dropped, shows nothing in `Debug`, and cannot be displayed, serialised or compared by accident.
///
/// ```
/// use usermgr::VerifyToken;
/// let token = VerifyToken::from("eyJ0..");
/// assert_eq!(format!("{token:?}"), "Token<verify>(..)");
/// assert_eq!(token.expose(), "eyJ0..");
/// ```
///
/// ```compile_fail,E0308
/// # fn verify(_: &usermgr::VerifyToken) {}
/// verify(&usermgr::ResetToken::from("eyJ0.."));
/// ```
pub struct Token<P: Purpose> {
    text: Zeroizing<String>,
    purpose: PhantomData<P>,
}

impl<P: Purpose> Token<P> {
    /// The text, to put it into a mail or an answer.
    pub fn expose(&self) -> &str {
        &self.text
    }
}

impl<P: Purpose> Clone for Token<P> {
    fn clone(&self) -> Self {
        Self { text: self.text.clone(), purpose: PhantomData }
    }
}

impl<P: Purpose> fmt::Debug for Token<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token<{}>(..)", P::NAME)
    }
}

impl<P: Purpose> From<String> for Token<P> {
    fn from(text: String) -> Self {
        Self { text: Zeroizing::new(text), purpose: PhantomData }
    }
}

impl<P: Purpose> From<&str> for Token<P> {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}
