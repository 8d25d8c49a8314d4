//! The features for users and administrators, one folder for each. A slice uses the core; the core does not know the
//! slices.

pub(crate) mod index;
#[cfg(feature = "http")]
mod routes;
#[cfg(test)]
mod tests;

// The slices. Each has one line here; `tests/structure.rs` writes the registry below.
pub(crate) mod administration;
pub(crate) mod api_keys;
pub(crate) mod email_change;
pub(crate) mod factors;
pub(crate) mod impersonation;
pub(crate) mod inspection;
pub(crate) mod invitations;
pub(crate) mod login_history;
pub(crate) mod mail_login;
#[cfg(feature = "oauth-bare")]
pub(crate) mod oauth;
#[cfg(feature = "oauth-bare")]
pub(crate) mod oauth_apps;
#[cfg(feature = "passkeys")]
pub(crate) mod passkeys;
pub(crate) mod password_login;
pub(crate) mod profile;
#[cfg(feature = "http")]
pub(crate) mod public_keys;
pub(crate) mod registration;
pub(crate) mod reset;
#[cfg(all(test, feature = "http", feature = "outbox"))]
pub(crate) mod sample;
pub(crate) mod sealing;
pub(crate) mod sessions;
#[cfg(feature = "totp")]
pub(crate) mod totp;
#[cfg(feature = "http")]
pub(crate) mod undelivered;
pub(crate) mod verification;

/// The registry: the concatenation of what each slice provides, in the order of the routes.
macro_rules! slices {
    ($($(#[$when:meta])* $slice:ident),* $(,)?) => {
        /// The notifications of the core and of all slices.
        #[allow(dead_code, reason = "only delivery uses them, and delivery is a crate feature")]
        pub(crate) fn notifications<M: crate::UserManager + ?Sized>() -> Vec<crate::notification::row::Notification<M>> {
            [crate::change::notifications::notifications(), crate::login::notifications::notifications(), $($(#[$when])* $slice::notifications()),*].into_iter().flatten().collect()
        }

        /// The errors of the operations of the core and of all slices.
        #[allow(dead_code, reason = "only delivery uses them, and delivery is a crate feature")]
        pub(crate) fn errors() -> Vec<crate::error::Recognize> {
            [crate::change::errors::ERRORS, crate::login::ERRORS, $($(#[$when])* $slice::ERRORS),*].concat()
        }

        /// The rows of all routes, and the rows with their handlers.
        #[cfg(feature = "http")]
        mod tables {
            use crate::{
                http::{Mounted, Route},
                manager::UserManager,
                store::{Directory, SessionStore},
            };

            pub(super) const EVERY_STORE: &[&[Route]] = &[$($(#[$when])* super::$slice::endpoints::EVERY_STORE),*];
            pub(super) const SESSIONS: &[&[Route]] = &[$($(#[$when])* super::$slice::endpoints::SESSIONS),*];
            pub(super) const DIRECTORY: &[&[Route]] = &[$($(#[$when])* super::$slice::endpoints::DIRECTORY),*];
            pub(super) const PARTS: &[&[Route]] = &[$($(#[$when])* super::$slice::endpoints::PARTS),*];

            pub(super) fn every_store<M: UserManager>() -> Vec<Mounted<M>> {
                [$($(#[$when])* super::$slice::endpoints::every_store()),*].into_iter().flatten().collect()
            }

            pub(super) fn sessions<M: UserManager<Store: SessionStore>>() -> Vec<Mounted<M>> {
                [$($(#[$when])* super::$slice::endpoints::sessions()),*].into_iter().flatten().collect()
            }

            pub(super) fn directory<M: UserManager<Store: Directory>>() -> Vec<Mounted<M>> {
                [$($(#[$when])* super::$slice::endpoints::directory()),*].into_iter().flatten().collect()
            }

            pub(super) fn parts<M: UserManager>() -> Vec<Mounted<M>> {
                [$($(#[$when])* super::$slice::endpoints::parts()),*].into_iter().flatten().collect()
            }
        }
    };
}

slices! {
    registration,
    password_login,
    verification,
    reset,
    email_change,
    inspection,
    invitations,
    login_history,
    mail_login,
    profile,
    sealing,
    sessions,
    #[cfg(feature = "totp")]
    totp,
    #[cfg(feature = "passkeys")]
    passkeys,
    factors,
    api_keys,
    #[cfg(feature = "oauth-bare")]
    oauth,
    #[cfg(feature = "oauth-bare")]
    oauth_apps,
    #[cfg(feature = "http")]
    public_keys,
    administration,
    impersonation,
    #[cfg(feature = "http")]
    undelivered,
    #[cfg(all(test, feature = "http", feature = "outbox"))]
    sample,
}

pub use api_keys::{ApiKeyError, ApiKeys};
pub use email_change::ChangeEmailError;
pub use factors::{AddedFactor, FactorError, RecoveryCodes};
pub use impersonation::{ImpersonateError, Impersonation};
pub use inspection::{MailedPurpose, TokenState};
pub use invitations::{AcceptInvitationError, Invitation, InvitationError, InvitationPage, Invitations};
pub use mail_login::{MailLogin, MailProof};
#[cfg(feature = "oauth-bare")]
pub use oauth::{LinkedIdentity, OAuthError};
#[cfg(feature = "passkeys")]
pub use passkeys::{PasskeyInfo, PasskeyList, Passkeys};
pub use password_login::ChangePasswordError;
pub use registration::RegisterError;
pub use reset::ResetError;
pub use sealing::Resealed;
pub use sessions::{RefreshError, Refreshed, SessionError};
#[cfg(feature = "totp")]
pub use totp::{Totp, TotpEnrolment};
pub use verification::VerifyError;
