//! What tokens say, and when that is still true. Wrong types, missing claims and doubled ones are refused by the types themselves.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{amr::Amr, store::SessionDigest};

/// Claims that every token has. Times are seconds since the epoch (RFC 7519, 2, `NumericDate`), whole ones.
macro_rules! claims {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_attribute:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Serialize, Deserialize)]
        pub(crate) struct $name {
            pub(crate) sub: String,
            pub(crate) aud: String,
            pub(crate) iat: i64,
            pub(crate) exp: i64,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub(crate) nbf: Option<i64>,
            pub(crate) jti: String,
            $($(#[$field_attribute])* pub(crate) $field: $type,)*
        }

        impl $name {
            /// Claims for a subject, from now on, with a fresh token id.
            #[allow(clippy::too_many_arguments, reason = "one for each claim")]
            pub(crate) fn issue(
                sub: String,
                audience: &str,
                lifetime: Duration,
                now: Timestamp,
                $($field: $type,)*
            ) -> Result<Self, getrandom::Error> {
                let iat = now.as_second();
                let exp = iat.saturating_add_unsigned(lifetime.as_secs());
                Ok(Self { sub, aud: audience.to_owned(), iat, exp, nbf: None, jti: token_id()?, $($field,)* })
            }

            /// Whether it is meant for this audience and its time has neither ended nor yet to come. There is no leeway: the
            /// clock that is asked is the clock that was used.
            pub(crate) fn holds(&self, audience: &str, now: Timestamp) -> bool {
                let now = now.as_second();
                self.aud == audience && now < self.exp && self.nbf.is_none_or(|start| start <= now)
            }
        }
    };
}

claims! {
    /// Gives access. Bound to the stamp: a new stamp ends it.
    AccessClaims {
        /// The part of the user's stamp that tokens carry.
        st: String,
        /// When the user was authenticated; never renewed by anything else (OpenID Connect Core 1.0, 2).
        auth_time: i64,
        /// The name of the row that it belongs to, where it has one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sid: Option<String>,
        /// Whether the store may know that it has ended: who would not ask there must not believe it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        rev: bool,
        /// The name of the backend that made it; tokens of before had none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        backend: Option<String>,
        /// By which methods the user was authenticated (OpenID Connect Core 1.0, 2); absent for a password alone.
        #[serde(default, skip_serializing_if = "Amr::is_password_alone")]
        amr: Amr,
    }
}

claims! {
    /// Proves an address. Bound to the id and the address alone, so that a first mail still works after a reset.
    VerifyClaims {
        email: String,
    }
}

claims! {
    /// Sets a password. Bound to the half of the stamp that no end of sessions changes, and to the address: it dies with the password,
    /// the address or the activity of the account.
    ResetClaims {
        email: String,
        st: String,
    }
}

claims! {
    /// Puts a new address in place of the old one. Bound to the stamp, to both addresses and to the session that asked for it: it dies
    /// with the password, the old address, the activity of the account or that session.
    ChangeEmailClaims {
        email: String,
        new_email: String,
        st: String,
        /// The session and its backend, unless the application itself has asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sid: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        via: Option<String>,
    }
}

/// What notes that a token of this id is used up, and until when.
pub(crate) fn used_up(id: &str, expires: i64) -> (SessionDigest, Timestamp) {
    (SessionDigest::of(id), Timestamp::from_second(expires).unwrap_or(Timestamp::MAX))
}

/// A fresh token id: 128 random bits.
fn token_id() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
