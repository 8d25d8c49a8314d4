//! Tokens that clients present, with one type for each purpose. Passing a reset token to `verify` does not compile. On
//! the wire, a token of another purpose is refused because its key, its audience and its `typ` differ.

mod claims;
mod codec;
mod codes;
#[cfg(feature = "oauth-bare")]
mod flow;
mod issuer;
#[cfg(feature = "jwt-keys")]
mod jwks;
#[cfg(feature = "jwt-keys")]
mod key_set;
pub(crate) mod provider;
mod refresh;

use std::{fmt, marker::PhantomData};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::Deserialize;
use zeroize::Zeroizing;

pub(crate) use claims::{
    AccessClaims, ChangeEmailClaims, InvitationClaims, MagicLinkClaims, OAuthStateClaims, PasskeyClaims, ResetClaims,
    VerifyClaims, used_up,
};
pub(crate) use codec::{Keys, SigningFailed};
pub(crate) use codes::CodeKeys;
#[cfg(feature = "oauth-bare")]
pub(crate) use flow::{FlowKey, FlowKeys};
pub(crate) use issuer::{Claims, Issued, Issuer, PerPurpose, PurposeSpec, Terms, Unopened};
#[cfg(feature = "jwt-keys")]
pub use key_set::{KeySet, SigningKey, VerifyingKey};
#[cfg(all(test, feature = "http", feature = "jwt-keys"))]
pub(crate) use provider::SELECTED;
pub(crate) use refresh::RefreshKeys;

/// The purpose of a token.
pub trait Purpose: sealed::Sealed + Send + Sync + 'static {
    /// The name of the purpose. It is part of the key derivation, the default audience and the `typ` header.
    const NAME: &'static str;
}

pub(crate) mod sealed {
    pub trait Sealed {
        /// The `typ` header of the purpose's tokens (RFC 8725, 3.11).
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
    /// Is exchanged for the next tokens of a session.
    Renewal = "refresh", "rt" as RefreshToken;
    /// Completes a login with a second factor.
    SecondFactor = "second_factor", "pending" as PendingToken;
    /// Proves that an address belongs to the user.
    Verify = "verify", "verify+jwt" as VerifyToken;
    /// Sets a new password.
    Reset = "reset", "reset+jwt" as ResetToken;
    /// Logs in, as the link of a mail.
    MagicLink = "mail_login", "mail-login+jwt" as MagicLinkToken;
    /// Names a request for a login by mail. The code of its mail is good together with it alone.
    LoginRequest = "login_request", "request" as LoginRequestToken;
    /// Logs in, typed from a mail.
    MailCode = "mail_code", "code" as LoginCode;
    /// Accepts an invitation, as the link of a mail.
    Invitation = "invitation", "invitation+jwt" as InvitationToken;
    /// Answers the challenge of a passkey.
    Passkey = "passkey", "passkey+jwt" as PasskeyToken;
    /// Ties the answer of another provider to the browser that was sent there.
    OAuthState = "oauth", "oauth+jwt" as OAuthStateToken;
    /// Proves that a new address belongs to the user, and replaces the old address.
    ChangeEmail = "change_email", "change-email+jwt" as ChangeEmailToken;
}

/// A token in plain text. It is wiped from memory when it is dropped. `Debug` does not show it, and it cannot be
/// displayed, serialized or compared by accident.
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
    /// Returns the text, to put it into a mail or a response.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// Returns until when a signed token is valid, as it says itself. The signature is not checked, so this is for tokens that the manager
    /// has just made, as in a mail about one. An opaque token, and a text that is no token, say nothing.
    ///
    /// ```
    /// use usermgr::VerifyToken;
    /// // Its claims are `{"exp":1800000000}`.
    /// let token = VerifyToken::from("e30.eyJleHAiOjE4MDAwMDAwMDB9.c2ln");
    /// assert_eq!(token.expires_at().unwrap().to_string(), "2027-01-15T08:00:00Z");
    /// assert_eq!(VerifyToken::from("opaque").expires_at(), None);
    /// ```
    pub fn expires_at(&self) -> Option<Timestamp> {
        expiry(&self.text)
    }
}

/// Until when a signed token is valid, as it says itself.
pub(crate) fn expiry(token: &str) -> Option<Timestamp> {
    #[derive(Deserialize)]
    struct Expiry {
        exp: i64,
    }
    let claims = Zeroizing::new(URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?);
    let Expiry { exp } = serde_json::from_slice(&claims).ok()?;
    Timestamp::from_second(exp).ok()
}

impl<P: Purpose> Token<P> {
    /// A token that means nothing by itself, for a row in the store.
    pub(crate) fn opaque() -> Result<Self, getrandom::Error> {
        Ok(Self { text: random()?, purpose: PhantomData })
    }
}

/// 256 random bits in base64url.
pub(crate) fn random() -> Result<Zeroizing<String>, getrandom::Error> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut())?;
    Ok(Zeroizing::new(URL_SAFE_NO_PAD.encode(*bytes)))
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
