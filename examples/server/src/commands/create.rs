//! Accounts that an operator creates.

use std::io::{BufRead, IsTerminal, stdin};

use serde_json::json;
use usermgr::{Admin, InvalidPassword, RegisterError, prelude::*};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{Done, exit::Failure, print};
use crate::accounts::{Accounts, Store};

/// Creates a verified superuser.
///
/// # Errors
/// There is no password, the policy refuses it, or the address is taken.
pub(super) async fn superuser<S: Store>(accounts: &Accounts<S>, email: &str, from_stdin: bool) -> Done {
    let mut new = draft(accounts, email)?;
    new.password = Some(password(from_stdin)?);
    (new.is_superuser, new.is_verified) = (true, true);
    let user = create(accounts, new, "create-superuser").await?;
    println!("created the superuser {} with the id {}", user.email, user.id);
    Ok(())
}

/// Creates a user, with a user name and a password or without them.
///
/// # Errors
/// The policy refuses the password, the user name is not allowed, or the address or the user name is taken.
pub(super) async fn user<S: Store>(
    accounts: &Accounts<S>,
    email: &str,
    username: Option<&str>,
    from_stdin: bool,
    verified: bool,
) -> Done {
    let mut new = draft(accounts, email)?;
    if let Some(username) = username {
        let without = || Failure::usage("users have no user names: give the option `--usernames`");
        let names = accounts.engine().usernames().ok_or_else(without)?;
        new.username = Some(names.rules().parse_reserved(username).map_err(RegisterError::from)?);
    }
    new.password = if from_stdin { Some(password(true)?) } else { None };
    new.is_verified = verified;
    print(&create(accounts, new, "create-user").await?)
}

/// Creates a service account, with a key if it has scopes.
///
/// # Errors
/// Keys are not configured, the name is taken or invalid, or a scope is no permission of such an account.
pub(super) async fn service_account<S: Store>(accounts: &Accounts<S>, name: &str, scopes: Vec<String>) -> Done {
    if !accounts.engine().has_part("api_keys") {
        return Err(Failure::usage("no API keys are configured: give the option `--api-keys` of the server").into());
    }
    let (admin, cx) = (Admin::system("create-service-account"), Context::system("create-service-account"));
    let account = accounts.create_service_account(&admin, name, NoProfile, &cx).await?;
    let mut line = serde_json::to_value(&account)?;
    if !scopes.is_empty() {
        match accounts.create_service_api_key(&admin, &account.id, NewApiKey::new(scopes), &cx).await {
            Ok(made) => line["key"] = made.key.expose().into(),
            Err(error) => {
                // The command can be repeated with other scopes.
                accounts.delete_user(&admin, &account.id, &cx).await?;
                return Err(error.into());
            }
        }
    }
    print(&line)
}

/// Invites an address.
///
/// # Errors
/// The address is not one, or is taken.
pub(super) async fn invite<S: Store>(accounts: &Accounts<S>, email: &str) -> Done {
    let email = accounts.engine().email_rules().parse(email).map_err(RegisterError::from)?;
    let (admin, cx) = (Admin::system("invite"), Context::system("invite"));
    let invited = accounts.invite(&admin, email, NoProfile, &cx).await?;
    accounts.deliver_here().await?;
    let (id, email) = (invited.user.id, &invited.user.email);
    print(&json!({ "id": id, "email": email, "expires_at": invited.expires_at }))
}

fn draft<S: Store>(accounts: &Accounts<S>, email: &str) -> Result<NewUser, RegisterError> {
    Ok(NewUser::new(accounts.engine().email_rules().parse(email)?, NoProfile))
}

async fn create<S: Store>(
    accounts: &Accounts<S>,
    new: NewUser,
    command: &'static str,
) -> Result<User<NoProfile, Uuid>, Box<dyn std::error::Error>> {
    let user = accounts.create(new, &Context::system(command)).await?;
    accounts.deliver_here().await?;
    Ok(user)
}

/// One line of standard input. On a terminal it prints a prompt. A terminal shows what is typed, so prefer a pipe.
fn password(from_stdin: bool) -> Result<Password, Box<dyn std::error::Error>> {
    if !from_stdin {
        if !stdin().is_terminal() {
            return Err(Failure::usage("pipe the password in and say --password-stdin").into());
        }
        eprint!("password (it will be visible; better pipe it in with --password-stdin): ");
    }
    let mut line = Zeroizing::new(String::with_capacity(Password::MAX_BYTES));
    stdin().lock().read_line(&mut line)?;
    let text = line.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        return Err(RegisterError::from(InvalidPassword::new("the password is empty")).into());
    }
    Ok(Password::new(text))
}
