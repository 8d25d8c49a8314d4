//! The witness that somebody may administer.

use std::borrow::Cow;

use crate::{
    context::{Actor, Context},
    session::Principal,
    store::UserStore,
};

/// The witness that the caller may administer. It is made from a superuser's session, or by the application for itself; no request
/// can make one.
///
/// ```
/// let admin = usermgr::Admin::system("nightly clean-up");
/// # let _ = admin;
/// ```
#[derive(Clone, Debug)]
pub struct Admin(Actor);

impl Admin {
    /// The application itself, under a name for the events.
    pub fn system(name: impl Into<Cow<'static, str>>) -> Self {
        Self(Actor::System(name.into()))
    }

    /// The superuser of a session; `None` for an inactive or ordinary user.
    pub fn from_principal<S: UserStore>(principal: &Principal<S>) -> Option<Self> {
        let user = principal.user();
        (user.is_active && user.is_superuser).then(|| Self::guarded(principal))
    }

    /// The superuser whom a guard has let pass as one.
    pub(crate) fn guarded<S: UserStore>(principal: &Principal<S>) -> Self {
        Self(Actor::User { id: principal.user().id.to_string(), session: principal.session.clone() })
    }

    /// The same circumstances, with the administrator as the one who acts.
    pub(crate) fn acting(&self, cx: &Context) -> Context {
        Context { actor: Some(self.0.clone()), ..cx.clone() }
    }
}
