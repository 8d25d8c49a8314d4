//! The lists of users: all of them, and those that a search finds.

use crate::{
    admin::Admin,
    error::Fault,
    manager::{IdOf, ProfileOf, UserManager},
    store::{Directory, ListQuery, Listed, Page, UserFilter},
    user::EmailAddress,
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
    let all = manager.engine_ref().store().list(&query.limit(limit + 1)).await?;
    Ok(page(all, limit, |last| last.id().to_string()))
}

pub(crate) async fn search_users<M: UserManager + ?Sized>(
    manager: &M,
    _: &Admin,
    filter: &UserFilter,
    query: ListQuery<EmailAddress>,
) -> Result<Page<ProfileOf<M>, IdOf<M>>, Fault>
where
    M::Store: Directory,
{
    let query = query.bounded();
    let limit = query.limit;
    let all = manager.engine_ref().store().search(filter, &query.limit(limit + 1)).await?;
    Ok(page(all, limit, |last| last.email().canonical().to_owned()))
}

/// The page of the first accounts. One more than `limit` shows that there is another page.
fn page<P, I>(mut all: Vec<Listed<P, I>>, limit: u32, cursor: impl Fn(&Listed<P, I>) -> String) -> Page<P, I> {
    let more = all.len() > limit as usize;
    all.truncate(limit as usize);
    let next_cursor = all.last().filter(|_| more).map(cursor);
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
    Page { users, unreadable, next_cursor }
}
