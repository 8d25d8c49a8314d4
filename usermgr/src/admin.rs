//! The proof of administration rights.

use std::borrow::Cow;

use crate::{
    context::{Actor, Context},
    session::Principal,
    store::UserStore,
};

/// The proof that the caller may administer accounts. It is made from a superuser's session, or by the application
/// itself. A request cannot make one.
///
/// ```
/// let admin = usermgr::Admin::system("nightly clean-up");
/// # let _ = admin;
/// ```
#[derive(Clone, Debug)]
pub struct Admin(Actor);

impl Admin {
    /// Makes the proof for the application itself. The name appears in the events.
    pub fn system(name: impl Into<Cow<'static, str>>) -> Self {
        Self(Actor::System(name.into()))
    }

    /// Makes the proof from a superuser's session. Returns `None` for an inactive or ordinary user.
    pub fn from_principal<S: UserStore>(principal: &Principal<S>) -> Option<Self> {
        let user = principal.user();
        (user.is_active && user.is_superuser).then(|| Self::guarded(principal))
    }

    /// Makes the proof for a principal that a guard has accepted as a superuser.
    pub(crate) fn guarded<S: UserStore>(principal: &Principal<S>) -> Self {
        Self(Actor::of(principal))
    }

    /// Returns the same context with the administrator as the actor.
    pub(crate) fn acting(&self, cx: &Context) -> Context {
        Context { actor: Some(self.0.clone()), ..cx.clone() }
    }
}
