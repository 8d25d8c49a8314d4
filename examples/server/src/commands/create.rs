//! The commands other than serving: what an operator does at the terminal.

use std::{
    error::Error,
    io::{BufRead, IsTerminal, Write, stdin},
};

use usermgr::{Admin, Operations, prelude::*, store::ListQuery, user::AdminUpdate};
use zeroize::Zeroizing;

use crate::accounts::{Accounts, Store};

/// Creates a verified superuser.
///
/// # Errors
/// There is no password, the policy refuses it, or the address is taken.
pub(crate) async fn create_superuser<S: Store>(
    accounts: &Accounts<S>,
    email: &str,
    from_stdin: bool,
) -> Result<(), Box<dyn Error>> {
    let password = read_password(from_stdin)?;
    let new = NewUser {
        password: Some(password),
        is_superuser: true,
        is_verified: true,
        ..NewUser::new(accounts.engine().email_rules().parse(email)?, NoProfile)
    };
    let user = accounts.create(new, &Context::system("create-superuser")).await?;
    println!("created the superuser {} with the id {}", user.email, user.id);
    // A server that would do it may not be running.
    accounts.deliver_due().await?;
    Ok(())
}

/// Makes a user a verified superuser.
///
/// # Errors
/// There is no such user.
pub(crate) async fn promote<S: Store>(accounts: &Accounts<S>, email: &str) -> Result<(), Box<dyn Error>> {
    let user = accounts
        .get_by_email(&EmailAddress::sought(email))
        .await?
        .ok_or_else(|| format!("there is no user {email}"))?;
    let update = AdminUpdate {
        email: None,
        password: None,
        is_active: None,
        is_superuser: Some(true),
        is_verified: Some(true),
        profile: NoProfile,
    };
    let admin = Admin::system("promote");
    let user = accounts.update_user(&admin, &user.id, update, &Context::system("promote")).await?;
    println!("{} is a verified superuser", user.email);
    Ok(())
}

/// Prints all users, one JSON line each.
///
/// # Errors
/// The store failed.
pub(crate) async fn list_users<S: Store>(accounts: &Accounts<S>) -> Result<(), Box<dyn Error>> {
    let admin = Admin::system("list-users");
    let mut query = ListQuery { limit: ListQuery::<String>::MAX_LIMIT, after: None };
    loop {
        let page = accounts.list_users(&admin, query.clone()).await?;
        let mut out = std::io::stdout().lock();
        for user in page.users.iter().chain(&page.unreadable) {
            writeln!(out, "{}", serde_json::to_string(user)?)?;
        }
        match page.next_cursor {
            Some(cursor) => query.after = Some(cursor.parse()?),
            None => return Ok(()),
        }
    }
}

/// One line of standard input. On a terminal it prints a prompt. A terminal shows what is typed, so prefer a pipe.
fn read_password(from_stdin: bool) -> Result<Password, Box<dyn Error>> {
    if !from_stdin {
        if !stdin().is_terminal() {
            return Err("pipe the password in and say --password-stdin".into());
        }
        eprint!("password (it will be visible; better pipe it in with --password-stdin): ");
    }
    let mut line = Zeroizing::new(String::with_capacity(Password::MAX_BYTES));
    stdin().lock().read_line(&mut line)?;
    let text = line.trim_end_matches(['\r', '\n']);
    if text.is_empty() { Err("the password is empty".into()) } else { Ok(Password::new(text)) }
}
