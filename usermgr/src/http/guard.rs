//! Who may pass: the order is credentials, activity, then what else is demanded.

use super::Problem;
use crate::{code::Code, engine::Engine, session::Principal, store::UserStore};

/// What is demanded of a principal. Where the engine [demands verified addresses](crate::EngineBuilder::require_verified), each of them
/// demands one too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Guard {
    /// An active user.
    Active,
    /// An active user with a verified address.
    Verified,
    /// An active superuser.
    Superuser,
    /// An active superuser with a verified address.
    VerifiedSuperuser,
    /// An active user who has proved his password just now.
    Fresh,
}

impl Guard {
    /// Lets a principal pass.
    ///
    /// # Errors
    /// 401 for nobody and for an inactive user, 403 for one who lacks something.
    pub fn admit<S: UserStore>(
        self,
        engine: &Engine<S>,
        principal: Option<Principal<S>>,
    ) -> Result<Principal<S>, Problem> {
        let principal = principal.filter(|principal| principal.user().is_active).ok_or_else(Problem::unauthorized)?;
        let user = principal.user();
        let (verified, superuser, fresh) = match self {
            Self::Active => (false, false, false),
            Self::Verified => (true, false, false),
            Self::Superuser => (false, true, false),
            Self::VerifiedSuperuser => (true, true, false),
            Self::Fresh => (false, false, true),
        };
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
