//! Changes of one account.

use serde_json::json;
use usermgr::{Admin, prelude::*, user::AdminUpdate};

use super::{Done, exit::Failure, print, users::chosen_user};
use crate::{
    accounts::{Accounts, Store},
    options::Chosen,
};

/// Makes a user a verified superuser.
///
/// # Errors
/// There is no such user.
pub(super) async fn promote<S: Store>(accounts: &Accounts<S>, chosen: &Chosen) -> Done {
    let user = chosen_user(accounts, chosen).await?;
    let update = AdminUpdate::default().superuser(true).verified(true);
    let user = accounts.update_user(&Admin::system("promote"), &user.id, update, &Context::system("promote")).await?;
    println!("{} is a verified superuser", user.email);
    Ok(())
}

/// Makes a superuser a user as others.
///
/// # Errors
/// There is no such user, or it is the last active superuser.
pub(super) async fn demote<S: Store>(accounts: &Accounts<S>, chosen: &Chosen) -> Done {
    let user = chosen_user(accounts, chosen).await?;
    let (admin, cx) = (Admin::system("demote"), Context::system("demote"));
    print(&accounts.set_superuser(&admin, &user.id, false, &cx).await?)
}

/// Blocks a user, or lets them in again.
///
/// # Errors
/// There is no such user, or it is the last active superuser.
pub(super) async fn set_active<S: Store>(
    accounts: &Accounts<S>,
    chosen: &Chosen,
    command: &'static str,
    active: bool,
) -> Done {
    let user = chosen_user(accounts, chosen).await?;
    let (admin, cx) = (Admin::system(command), Context::system(command));
    print(&accounts.set_active(&admin, &user.id, active, &cx).await?)
}

/// Mails a link that sets a new password.
///
/// # Errors
/// There is no such user, or they are blocked.
pub(super) async fn send_reset<S: Store>(accounts: &Accounts<S>, chosen: &Chosen) -> Done {
    let user = chosen_user(accounts, chosen).await?;
    accounts.forgot_password(&user, &Context::system("send-reset")).await?;
    accounts.deliver_here().await?;
    print(&user)
}

/// Ends all sessions of a user, and prints how many of them have a row.
///
/// # Errors
/// There is no such user.
pub(super) async fn end_sessions<S: Store>(accounts: &Accounts<S>, chosen: &Chosen) -> Done {
    let user = chosen_user(accounts, chosen).await?;
    let cx = Context::system("end-sessions");
    let sessions = accounts.sessions(&user, &cx).await?.len();
    accounts.revoke_all(&user, &cx).await?;
    print(&json!({ "id": user.id, "email": user.email, "sessions": sessions }))
}

/// Removes all second factors of a user, and ends their sessions.
///
/// # Errors
/// There is no such user, or no factor is configured, so that none would be found.
pub(super) async fn remove_all_factors<S: Store>(accounts: &Accounts<S>, chosen: &Chosen) -> Done {
    if !accounts.engine().has_part("factors") {
        return Err(Failure::usage(
            "no second factor is configured: give the options that the server has, such as `--totp`",
        )
        .into());
    }
    let user = chosen_user(accounts, chosen).await?;
    let (admin, cx) = (Admin::system("remove-factors"), Context::system("remove-factors"));
    let factors = accounts.factors(&user, &cx).await?.len();
    if factors > 0 {
        accounts.remove_all_factors(&admin, &user.id, &cx).await?;
        accounts.deliver_here().await?;
    }
    print(&json!({ "id": user.id, "email": user.email, "factors": factors }))
}

/// Deletes a user with everything that belongs to them.
///
/// # Errors
/// There is no such user, or it is the last active superuser.
pub(super) async fn delete<S: Store>(accounts: &Accounts<S>, chosen: &Chosen) -> Done {
    let user = chosen_user(accounts, chosen).await?;
    let (admin, cx) = (Admin::system("delete-user"), Context::system("delete-user"));
    accounts.delete_user(&admin, &user.id, &cx).await?;
    print(&json!({ "id": user.id, "email": user.email, "deleted": true }))
}
