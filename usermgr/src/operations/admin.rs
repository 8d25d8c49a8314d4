//! Administration: the witness that somebody may, and the list of users.

use std::borrow::Cow;

use super::{IdOf, ProfileOf};
use crate::{
    context::{Actor, Context},
    error::Fault,
    manager::UserManager,
    session::Principal,
    store::{Directory, ListQuery, Listed, Page, UserStore},
};

/// The witness that whoever asks may administer. It is made from a superuser's session, or by the application for itself; no request
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
    pub(super) fn acting(&self, cx: &Context) -> Context {
        Context { actor: Some(self.0.clone()), ..cx.clone() }
    }
}

pub(super) async fn list_users<M: UserManager + ?Sized>(
    manager: &M,
    _: &Admin,
    query: ListQuery<IdOf<M>>,
) -> Result<Page<ProfileOf<M>, IdOf<M>>, Fault>
where
    M::Store: Directory,
{
    let limit = query.limit.clamp(1, ListQuery::<IdOf<M>>::MAX_LIMIT);
    // One more than asked for tells whether there is another page.
    let mut all = manager.engine_ref().store().list(&ListQuery { limit: limit + 1, ..query }).await?;
    let more = all.len() > limit as usize;
    all.truncate(limit as usize);
    let next_cursor = all.last().filter(|_| more).map(|listed| listed.id().to_string());
    let (mut users, mut unreadable) = (Vec::with_capacity(all.len()), Vec::new());
    for listed in all {
        match listed {
            Listed::User(user) => users.push(user),
            Listed::Unreadable(user, error) => {
                tracing::warn!(target: "usermgr", %error, "a user is listed without the profile");
                unreadable.push(user);
            }
        }
    }
    Ok(Page { users, unreadable, next_cursor })
}
