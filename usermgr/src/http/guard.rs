//! What a route requires of the principal. The order is: credentials, active account, then everything else.

use std::fmt;

use super::Problem;
use crate::{change::right::demand_user_of, engine::Engine, error::Code, session::Principal, store::UserStore};

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
    strong: bool,
    during_setup: bool,
}

impl Guard {
    /// An active user.
    pub const fn active() -> Self {
        Self { verified: false, superuser: false, fresh: false, strong: false, during_setup: false }
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

    /// A session in which a second factor was proved.
    #[must_use]
    pub const fn strong(self) -> Self {
        Self { strong: true, ..self }
    }

    /// Also a user who must have a second factor and has not proved one, see [`Demand`](crate::engine::Demand). It is for what such a user
    /// needs to add it.
    #[must_use]
    pub const fn during_setup(self) -> Self {
        Self { during_setup: true, ..self }
    }

    /// Whether it accepts a user who must have a second factor and has proved none.
    #[cfg(feature = "openapi")]
    pub(crate) const fn is_for_setup(self) -> bool {
        self.during_setup
    }

    /// Whether it refuses an administrator who acts as the user.
    pub(crate) const fn demands_user(self) -> bool {
        self.fresh || self.strong
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
    /// that is too old, `IMPERSONATED_SESSION` for a fresh or a strong session where an administrator acts as the user, `SECOND_FACTOR_REQUIRED` for a session without a second factor, and `SECOND_FACTOR_SETUP_REQUIRED` if the engine
    /// [demands](crate::engine::Demand) one of this user.
    pub fn admit<S: UserStore>(
        self,
        engine: &Engine<S>,
        principal: Option<Principal<S>>,
    ) -> Result<Principal<S>, Problem> {
        let principal = principal.filter(|principal| principal.user().is_active).ok_or_else(Problem::unauthorized)?;
        let (Self { verified, superuser, fresh, strong, during_setup }, user) = (self, principal.user());
        let verified = verified || engine.requires_verified();
        if verified && !user.is_verified || superuser && !user.is_superuser {
            return Err(Problem::forbidden());
        }
        if self.demands_user() {
            demand_user_of(&principal.session).map_err(Problem::from)?;
        }
        let is_strong = principal.session.amr.is_multi_factor();
        // The administrator has proved what was demanded of them.
        let is_users = principal.session.actor.is_none();
        if is_users && !is_strong && !during_setup && engine.demands_factor(user) {
            return Err(Problem::code(Code::SecondFactorSetupRequired));
        }
        if strong && !is_strong {
            return Err(Problem::code(Code::SecondFactorRequired));
        }
        if fresh && !engine.is_fresh(&principal.session) {
            return Err(Problem::code(Code::ReauthenticationRequired));
        }
        Ok(principal)
    }
}

/// In the words of the guide's tables.
impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { verified, superuser, fresh, strong, during_setup: _ } = *self;
        f.write_str(if superuser { "a superuser" } else { "the user" })?;
        f.write_str(if verified { " with a verified address" } else { "" })?;
        f.write_str(if strong { ", with a second factor" } else { "" })?;
        f.write_str(if fresh { ", just logged in" } else { "" })
    }
}
