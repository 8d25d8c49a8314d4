//! Issuers: each makes and opens the tokens of one purpose with its keys, audience and lifetime. Each row of the table
//! is a purpose whose tokens are sent by mail. The row determines its settings, its default audience and its part of
//! the check.

use std::{marker::PhantomData, time::Duration};

use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};

use super::{
    ChangeEmail, ChangeEmailClaims, Invitation, InvitationClaims, Keys, MagicLink, MagicLinkClaims, OAuthState,
    OAuthStateClaims, Passkey, PasskeyClaims, Purpose, Reset, ResetClaims, SigningFailed, Token, Verify, VerifyClaims,
};
use crate::secret::{SecretError, SecretSet};

/// The claims of a purpose.
pub(crate) trait Claims: Serialize + DeserializeOwned + Send {
    /// Returns whether the claims are for this audience and valid at `now`.
    fn hold(&self, audience: &str, now: Timestamp) -> bool;

    /// Returns the audience.
    fn audience(&self) -> &str;

    /// Returns the id of the user, or what else the token is about.
    fn subject(&self) -> &str;
}

/// Why a token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unopened {
    /// It is not a token of this purpose and audience.
    Forged,
    /// It was one, and its time is over.
    Expired,
}

/// A purpose whose tokens an issuer makes.
pub(crate) trait Issued: Purpose {
    type Claims: Claims;
    /// The default lifetime in seconds, and the longest one if it is shorter than that of all.
    const LIFETIME: (u64, Option<u64>);

    /// Returns the value of this purpose.
    fn of<T>(all: &PerPurpose<T>) -> &T;
}

/// A purpose as the settings see it.
#[derive(Clone, Copy)]
pub(crate) struct PurposeSpec {
    /// The name, with which the names of its settings begin.
    pub(crate) name: &'static str,
    /// Derives its keys.
    pub(crate) derive: fn(&SecretSet) -> Result<Keys, SecretError>,
    /// The default lifetime.
    pub(crate) lifetime: Duration,
    /// The longest lifetime in seconds, if it is shorter than that of all purposes.
    pub(crate) longest: Option<u64>,
}

macro_rules! issued {
    (@longest) => { None };
    (@longest $longest:literal) => { Some($longest) };
    ($($purpose:ident as $field:ident: $claims:ident, $default:literal $(at most $longest:literal)?;)*) => {
        /// A value for each purpose.
        #[derive(Clone, Debug)]
        pub(crate) struct PerPurpose<T> {
            $(pub(crate) $field: T,)*
        }

        impl<T> PerPurpose<T> {
            pub(crate) fn new(make: impl Fn(PurposeSpec) -> T) -> Self {
                Self { $($field: make(spec::<$purpose>()),)* }
            }

            pub(crate) fn map<U>(&self, change: impl Fn(PurposeSpec, &T) -> U) -> PerPurpose<U> {
                PerPurpose { $($field: change(spec::<$purpose>(), &self.$field),)* }
            }

            /// Returns all values with the names of their purposes.
            pub(crate) fn all(&self) -> Vec<(&'static str, &T)> {
                vec![$(($purpose::NAME, &self.$field),)*]
            }
        }

        impl<T, E> PerPurpose<Result<T, E>> {
            /// Returns all values if every purpose has one, and all errors otherwise.
            pub(crate) fn transposed(self) -> Result<PerPurpose<T>, Vec<E>> {
                match ($(self.$field,)*) {
                    ($(Ok($field),)*) => Ok(PerPurpose { $($field,)* }),
                    ($($field,)*) => Err([$($field.err(),)*].into_iter().flatten().collect()),
                }
            }
        }

        $(
            impl Claims for $claims {
                fn hold(&self, audience: &str, now: Timestamp) -> bool {
                    self.holds(audience, now)
                }

                fn audience(&self) -> &str {
                    &self.aud
                }

                fn subject(&self) -> &str {
                    &self.sub
                }
            }

            impl Issued for $purpose {
                type Claims = $claims;
                const LIFETIME: (u64, Option<u64>) = ($default, issued!(@longest $($longest)?));

                fn of<T>(all: &PerPurpose<T>) -> &T {
                    &all.$field
                }
            }
        )*
    };
}

issued! {
    Reset as reset: ResetClaims, 3600;
    Verify as verify: VerifyClaims, 3600;
    ChangeEmail as change_email: ChangeEmailClaims, 3600;
    MagicLink as mail_login: MagicLinkClaims, 900 at most 900;
    Invitation as invitation: InvitationClaims, 604_800 at most 2_592_000;
    OAuthState as oauth: OAuthStateClaims, 600 at most 600;
    Passkey as passkey: PasskeyClaims, 600 at most 600;
}

fn spec<P: Issued>() -> PurposeSpec {
    let (lifetime, longest) = P::LIFETIME;
    let lifetime = Duration::from_secs(lifetime);
    PurposeSpec { name: P::NAME, derive: |secrets| Keys::derive::<P>(secrets, P::TYP), lifetime, longest }
}

/// The keys, the audience and the lifetime of a purpose.
pub(crate) struct Terms {
    pub(crate) keys: Keys,
    pub(crate) audience: String,
    pub(crate) lifetime: Duration,
}

/// Makes and opens the tokens of a purpose.
pub(crate) struct Issuer<'a, P: Issued> {
    terms: &'a Terms,
    purpose: PhantomData<P>,
}

impl<'a, P: Issued> Issuer<'a, P> {
    pub(crate) fn new(all: &'a PerPurpose<Terms>) -> Self {
        Self { terms: P::of(all), purpose: PhantomData }
    }

    pub(crate) fn audience(&self) -> &'a str {
        &self.terms.audience
    }

    pub(crate) fn lifetime(&self) -> Duration {
        self.terms.lifetime
    }

    /// Returns a token with these claims.
    pub(crate) fn issue(&self, claims: &P::Claims) -> Result<Token<P>, SigningFailed> {
        Ok(self.terms.keys.sign(claims)?.into())
    }

    /// Returns the claims of a token if it is of this purpose and valid at `now`.
    pub(crate) fn open(&self, token: &Token<P>, now: Timestamp) -> Option<P::Claims> {
        let claims = self.terms.keys.open::<P::Claims>(token.expose())?;
        claims.hold(self.audience(), now).then_some(claims)
    }

    /// Returns the claims of a token, or whether it was valid once.
    pub(crate) fn judge(&self, token: &Token<P>, now: Timestamp) -> Result<P::Claims, Unopened> {
        let claims = self.terms.keys.open::<P::Claims>(token.expose()).ok_or(Unopened::Forged)?;
        match (claims.audience() == self.audience(), claims.hold(self.audience(), now)) {
            (true, true) => Ok(claims),
            (true, false) => Err(Unopened::Expired),
            (false, _) => Err(Unopened::Forged),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn terms(audience: &'static str) -> PerPurpose<Terms> {
        let secrets = SecretSet::from(Secret::new("0123456789abcdef0123456789abcdef"));
        PerPurpose::new(|spec| Terms {
            keys: (spec.derive)(&secrets).unwrap(),
            audience: audience.to_owned(),
            lifetime: Duration::from_secs(60),
        })
    }

    fn token(all: &PerPurpose<Terms>, now: Timestamp) -> Token<Verify> {
        let issuer = Issuer::<Verify>::new(all);
        let (audience, lifetime) = (issuer.audience(), issuer.lifetime());
        let claims = VerifyClaims::issue("7".into(), audience, lifetime, now, "ada@example.com".into());
        issuer.issue(&claims.unwrap()).unwrap()
    }

    #[test]
    fn a_token_is_opened_for_its_purpose_its_audience_and_its_time_alone() {
        let (all, now) = (terms("shop"), Timestamp::UNIX_EPOCH);
        let token = token(&all, now);
        let open = |all, token: &Token<Verify>, after| {
            let now = now.checked_add(Duration::from_secs(after)).unwrap();
            Issuer::<Verify>::new(all).open(token, now).map(|claims| claims.sub)
        };
        assert_eq!(open(&all, &token, 59).as_deref(), Some("7"));
        assert_eq!(open(&all, &token, 60), None, "expired");
        assert_eq!(open(&terms("another shop"), &token, 0), None, "for another audience");
        // The same text, as a token of another purpose.
        assert!(Issuer::<Reset>::new(&all).open(&token.expose().into(), now).is_none());
    }
}
