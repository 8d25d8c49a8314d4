//! The list of users.

use crate::{
    admin::Admin,
    error::Fault,
    manager::{IdOf, ProfileOf, UserManager},
    store::{Directory, ListQuery, Listed, Page},
};

pub(crate) async fn list_users<M: UserManager + ?Sized>(
    manager: &M,
    _: &Admin,
    query: ListQuery<IdOf<M>>,
) -> Result<Page<ProfileOf<M>, IdOf<M>>, Fault>
where
    M::Store: Directory,
{
    let query = query.bounded();
    let limit = query.limit;
    // One more row than requested shows whether there is another page.
    let mut all = manager.engine_ref().store().list(&query.limit(limit + 1)).await?;
    let more = all.len() > limit as usize;
    all.truncate(limit as usize);
    let next_cursor = all.last().filter(|_| more).map(|listed| listed.id().to_string());
    let (mut users, mut unreadable) = (Vec::with_capacity(all.len()), Vec::new());
    for listed in all {
        match listed {
            Listed::User(user) => users.push(user),
            Listed::Unreadable(user, error) => {
                tracing::warn!(target: "usermgr", %error, "a user is listed without the profile, because it cannot be read");
                unreadable.push(user);
            }
        }
    }
    Ok(Page { users, unreadable, next_cursor })
}
