//! Reading accounts: all, those that meet conditions, and one with its sessions.

use std::{error::Error, io::Write};

use serde::Serialize;
use usermgr::{Admin, SessionInfo, prelude::*, store::ListQuery, user::Username};
use uuid::Uuid;

use super::{Done, exit::Failure, print};
use crate::{
    accounts::{Accounts, Store},
    options::{Chosen, Conditions},
};

/// A user of this server.
pub(super) type Account = User<NoProfile, Uuid>;

/// Prints the users that `wanted` accepts, one JSON line each, and returns how many there are.
///
/// # Errors
/// The store failed.
pub(super) async fn list<S: Store>(
    accounts: &Accounts<S>,
    wanted: impl Fn(&Account) -> bool,
) -> Result<u64, Box<dyn Error>> {
    let admin = Admin::system("list-users");
    let mut query = ListQuery::default().limit(ListQuery::<String>::MAX_LIMIT);
    let mut found = 0;
    loop {
        let page = accounts.list_users(&admin, query.clone()).await?;
        let mut out = std::io::stdout().lock();
        for user in page.users.iter().chain(&page.unreadable).filter(|user| wanted(user)) {
            found += 1;
            writeln!(out, "{}", serde_json::to_string(user)?)?;
        }
        match page.next_cursor {
            Some(cursor) => query.after = Some(cursor.parse()?),
            None => return Ok(found),
        }
    }
}

/// Prints the users that meet all conditions.
///
/// # Errors
/// There is none, or the store failed.
pub(super) async fn find<S: Store>(accounts: &Accounts<S>, conditions: &Conditions) -> Done {
    let Conditions { text, superusers, inactive, unverified } = conditions;
    let part = text.as_deref().unwrap_or_default().to_lowercase();
    let meets = |user: &Account| {
        let names = [Some(user.email.as_str()), user.username.as_ref().map(Username::as_str)];
        names.into_iter().flatten().any(|name| name.to_lowercase().contains(&part))
            && (!superusers || user.is_superuser)
            && (!inactive || !user.is_active)
            && (!unverified || !user.is_verified)
    };
    match list(accounts, meets).await? {
        0 => Err(Failure::no_such_user("that meets these conditions").into()),
        _ => Ok(()),
    }
}

/// A user with their sessions.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    user: Account,
    sessions: Vec<SessionInfo>,
}

/// Prints a user with their sessions.
///
/// # Errors
/// There is no such user, or the store failed.
pub(super) async fn show<S: Store>(accounts: &Accounts<S>, chosen: &Chosen) -> Done {
    let user = chosen_user(accounts, chosen).await?;
    let sessions = accounts.sessions(&user, &Context::system("show")).await?;
    print(&Shown { user, sessions })
}

/// The user with an address, a user name or an id.
///
/// # Errors
/// There is no such user, or the store failed.
pub(super) async fn chosen_user<S: Store>(accounts: &Accounts<S>, chosen: &Chosen) -> Result<Account, Box<dyn Error>> {
    let Chosen { email, username, id } = chosen;
    let found = match (email, username, id) {
        (Some(email), ..) => accounts.get_by_email(&EmailAddress::for_lookup(email)).await?,
        (None, Some(name), _) => accounts.get_by_username(&Username::for_lookup(name)).await?,
        (None, None, Some(id)) => accounts.get(id).await?,
        (None, None, None) => None,
    };
    let name =
        || email.clone().or_else(|| username.clone()).or_else(|| id.map(|id| id.to_string())).unwrap_or_default();
    Ok(found.ok_or_else(|| Failure::no_such_user(&name()))?)
}
