//! The claims of tokens, and when they are valid. The types themselves refuse wrong types, missing claims and duplicate
//! claims.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    actor::{SessionActor, act},
    amr::Amr,
    store::SessionDigest,
};

/// Defines claims with the fields that every token has. Times are whole seconds since the epoch (RFC 7519, 2,
/// `NumericDate`).
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
            /// Returns claims for a subject, valid from `now` on, with a new token id.
            #[allow(clippy::too_many_arguments, reason = "one for each claim")]
            #[cfg_attr(
                not(all(feature = "oauth-bare", feature = "passkeys")),
                allow(dead_code, reason = "only these crate features issue states")
            )]
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

            /// Returns whether the claims are for this audience and valid at `now`. There is no leeway, because the
            /// same clock issues and checks tokens.
            pub(crate) fn holds(&self, audience: &str, now: Timestamp) -> bool {
                let now = now.as_second();
                self.aud == audience && now < self.exp && self.nbf.is_none_or(|start| start <= now)
            }
        }
    };
}

claims! {
    /// The claims of an access token. They are bound to the stamp: a new stamp ends the token.
    AccessClaims {
        /// The part of the user's stamp that tokens carry.
        st: String,
        /// When the user was authenticated. Nothing else changes it (OpenID Connect Core 1.0, 2).
        auth_time: i64,
        /// The name of the session's row, if it has one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sid: Option<String>,
        /// Whether the store may record that the token has ended. A strategy that does not ask the store must refuse
        /// the token.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        rev: bool,
        /// The name of the backend that issued the token. Tokens of earlier versions do not have it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        backend: Option<String>,
        /// The authentication methods (OpenID Connect Core 1.0, 2). Absent for a password alone.
        #[serde(default, skip_serializing_if = "Amr::is_password_alone")]
        amr: Amr,
        /// The administrator who acts as the user (RFC 8693, 4.1). Absent for the user.
        #[serde(default, with = "act", skip_serializing_if = "Option::is_none")]
        act: Option<SessionActor>,
    }
}

claims! {
    /// The claims of a verification token. They are bound only to the id and the address, so that the first mail still
    /// works after a password reset.
    VerifyClaims {
        email: String,
    }
}

claims! {
    /// The claims of a reset token. They are bound to the address and to that half of the stamp that stays when
    /// sessions end. A new password, a new address and a deactivation end the token.
    ResetClaims {
        email: String,
        st: String,
    }
}

claims! {
    /// The claims of an invitation. They are bound to the address and to that half of the stamp that stays when sessions
    /// end. A new invitation and whatever sets a password or an address end the token.
    InvitationClaims {
        email: String,
        st: String,
    }
}

claims! {
    /// The claims of the link of a login by mail. They are bound to the address and to that half of the stamp that ends
    /// with all sessions, so that every new stamp ends the link. The request ends with its first use.
    MagicLinkClaims {
        email: String,
        st: String,
        /// The digest of the request.
        req: String,
    }
}

claims! {
    /// The claims of a token that changes an address. They are bound to the stamp, to both addresses and to the session
    /// that requested the change. A new password, another address, a deactivation and the end of that session end the
    /// token.
    ChangeEmailClaims {
        email: String,
        new_email: String,
        st: String,
        /// The session that requested the change, and its backend in `via`. Absent if the application itself requested
        /// it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sid: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        via: Option<String>,
    }
}

claims! {
    /// The claims of the state of a sign-in through another provider. The subject is the provider. The state is bound to
    /// the cookie of the browser that began.
    OAuthStateClaims {
        /// Whether the flow logs in or links.
        f: String,
        /// The digest of the cookie's value.
        ck: String,
        /// The id of the key from which the flow's secrets are derived.
        k: String,
    }
}

claims! {
    /// The claims of the state of a login with a passkey. The subject is the backend. The state is bound to nothing else,
    /// because anyone may ask for it.
    PasskeyClaims {
        /// The state of the verifier.
        st: String,
    }
}

/// Returns the digest under which a used token is recorded, and the end of the record.
pub(crate) fn used_up(id: &str, expires: i64) -> (SessionDigest, Timestamp) {
    (SessionDigest::of(id), Timestamp::from_second(expires).unwrap_or(Timestamp::MAX))
}

/// Returns a new token id: 128 random bits.
fn token_id() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
