//! What a route demands of the principal who asks. The order is credentials, activity, then what else is demanded.

use std::fmt;

use super::Problem;
use crate::{engine::Engine, error::Code, session::Principal, store::UserStore};

/// What is demanded of a principal: an active user, and what is added. Where the engine
/// [demands verified addresses](crate::engine::EngineBuilder::require_verified), each guard demands one too.
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

    /// Who is a superuser.
    #[must_use]
    pub const fn superuser(self) -> Self {
        Self { superuser: true, ..self }
    }

    /// Who has logged in just now: within [`EngineBuilder::fresh`](crate::engine::EngineBuilder::fresh), ten minutes by default.
    #[must_use]
    pub const fn fresh(self) -> Self {
        Self { fresh: true, ..self }
    }

    /// Whether it lets superusers alone pass.
    #[cfg(feature = "openapi")]
    pub(crate) const fn demands_superuser(self) -> bool {
        self.superuser
    }

    /// Lets a principal pass.
    ///
    /// # Errors
    /// 401 without a principal and for an inactive user, 403 for one who lacks something, with `REAUTHENTICATION_REQUIRED` for a login
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
