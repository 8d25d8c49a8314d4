//! The purposes whose tokens are sent by mail: what each token is bound to.

use crate::{
    token::{
        ChangeEmail, ChangeEmailClaims, Invitation, InvitationClaims, Issued, MagicLink, MagicLinkClaims, Reset,
        ResetClaims, Verify, VerifyClaims,
    },
    user::{EmailAddress, Record},
};

/// A purpose whose tokens are sent by mail: [`Verify`](crate::token::Verify), [`Reset`](crate::token::Reset),
/// [`ChangeEmail`](crate::token::ChangeEmail), [`MagicLink`](crate::token::MagicLink) and
/// [`Invitation`](crate::token::Invitation).
#[allow(private_bounds, private_interfaces, reason = "only the library issues tokens")]
pub trait MailedPurpose: Issued {
    /// The address of which the token is.
    #[doc(hidden)]
    fn address(claims: &Self::Claims) -> EmailAddress;

    /// The digest of the pending step that ends with the token, if there is one.
    #[doc(hidden)]
    fn step(claims: &Self::Claims) -> Option<&str> {
        let _ = claims;
        None
    }

    /// Whether the account is still the one for which the token was made.
    #[doc(hidden)]
    fn is_good<P, I>(claims: &Self::Claims, record: &Record<P, I>) -> bool;
}

macro_rules! mailed {
    ($($purpose:ident: $claims:ident, $address:ident $((ends $step:ident))?, $is_good:expr;)*) => {$(
        #[allow(private_interfaces, reason = "only the library issues tokens")]
        impl MailedPurpose for $purpose {
            fn address(claims: &$claims) -> EmailAddress {
                EmailAddress::from_stored(claims.$address.as_str())
            }

            $(fn step(claims: &$claims) -> Option<&str> {
                Some(&claims.$step)
            })?

            fn is_good<P, I>(claims: &$claims, record: &Record<P, I>) -> bool {
                let is_good: fn(&$claims, &Record<P, I>) -> bool = $is_good;
                is_good(claims, record) && record.user.email == EmailAddress::from_stored(claims.email.as_str())
            }
        }
    )*};
}

mailed! {
    Verify: VerifyClaims, email, |_, record| !record.user.is_verified;
    MagicLink: MagicLinkClaims, email (ends req), |claims, record| record.user.is_active && record.stamp.has_prefix(&claims.st);
    Invitation: InvitationClaims, email, |claims, record| record.user.is_active && record.stamp.has_suffix(&claims.st);
    Reset: ResetClaims, email, |claims, record| record.user.is_active && record.stamp.has_suffix(&claims.st);
    ChangeEmail: ChangeEmailClaims, new_email, |claims, record| record.user.is_active && record.stamp.has_prefix(&claims.st);
}
