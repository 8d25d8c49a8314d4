//! What a route requires of the principal. The order is: credentials, active account, then everything else.

use std::fmt;

use super::Problem;
use crate::{engine::Engine, error::Code, session::Principal, store::UserStore};

/// What is required of a principal: an active user, and what is added. If the engine
/// [requires verified addresses](crate::engine::EngineBuilder::require_verified), each guard requires one too.
///
/// ```
/// use usermgr::http::Guard;
/// let guard = Guard::active().verified().superuser();
/// assert_eq!(guard.to_string(), "a superuser with a verified address");
/// assert_ne!(guard, Guard::active().superuser());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guard {
    verified: bool,
    superuser: bool,
    fresh: bool,
}

impl Guard {
    /// An active user.
    pub const fn active() -> Self {
        Self { verified: false, superuser: false, fresh: false }
    }

    /// With a verified address.
    #[must_use]
    pub const fn verified(self) -> Self {
        Self { verified: true, ..self }
    }

    /// A superuser.
    #[must_use]
    pub const fn superuser(self) -> Self {
        Self { superuser: true, ..self }
    }

    /// A recent login: within [`EngineBuilder::fresh`](crate::engine::EngineBuilder::fresh), ten minutes by default.
    #[must_use]
    pub const fn fresh(self) -> Self {
        Self { fresh: true, ..self }
    }

    /// Whether it accepts only superusers.
    #[cfg(feature = "openapi")]
    pub(crate) const fn demands_superuser(self) -> bool {
        self.superuser
    }

    /// Checks a principal.
    ///
    /// # Errors
    /// 401 without a principal and for an inactive user. 403 if a requirement is not met, with `REAUTHENTICATION_REQUIRED` for a login
    /// that is too old.
    pub fn admit<S: UserStore>(
        self,
        engine: &Engine<S>,
        principal: Option<Principal<S>>,
    ) -> Result<Principal<S>, Problem> {
        let principal = principal.filter(|principal| principal.user().is_active).ok_or_else(Problem::unauthorized)?;
        let (Self { verified, superuser, fresh }, user) = (self, principal.user());
        let verified = verified || engine.requires_verified();
        if verified && !user.is_verified || superuser && !user.is_superuser {
            return Err(Problem::forbidden());
        }
        if fresh && !engine.is_fresh(principal.session.authenticated_at) {
            return Err(Problem::code(Code::ReauthenticationRequired));
        }
        Ok(principal)
    }
}

/// In the words of the guide's tables.
impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { verified, superuser, fresh } = *self;
        f.write_str(if superuser { "a superuser" } else { "the user" })?;
        f.write_str(if verified { " with a verified address" } else { "" })?;
        f.write_str(if fresh { ", just logged in" } else { "" })
    }
}
