//! The routes with which superusers administer accounts.

use std::sync::Arc;

use ::http::StatusCode;

use crate::{
    admin::Admin,
    change::unreadable::is_unreadable,
    error::{Code, Fault},
    http::{Fields, Guard, Incoming, Outgoing, Problem, SEARCH, Success, Takes, endpoints},
    manager::{IdOf, UserManager},
    session::Principal,
    slices::{
        index::{Administration, Operations},
        sessions::endpoints::sessions_of,
    },
    store::{Directory, SessionStore, UserFilter, UserOf, UserStore},
    user::{AdminUpdate, EmailAddress, Profile, USERNAME},
};

const SUPERUSER: Guard = Guard::active().superuser();
const FRESH_SUPERUSER: Guard = SUPERUSER.fresh();

endpoints! {
    every_store {
        /// Reads an account.
        user for SUPERUSER => Route::get("/users/{id}", User, "users:user")
            .summary("Read an account")
            .answers(Success::User)
            .names_something();
        /// Changes an account.
        update_user for SUPERUSER => Route::patch("/users/{id}", UpdateUser, "users:patch_user")
            .summary("Change an account")
            .takes(Takes::Update)
            .answers(Success::User)
            .codes(&[
                Code::UpdateUserEmailAlreadyExists,
                Code::UpdateUserInvalidPassword,
                Code::UpdateUserInvalidUsername,
                Code::UpdateUserUsernameAlreadyExists,
                Code::LastSuperuser,
                Code::ReauthenticationRequired,
                Code::UpdateUserPasswordForbidden,
                Code::UpdateUserEmailForbidden,
            ])
            .restraining(&[Code::UpdateUserPasswordForbidden, Code::UpdateUserEmailForbidden])
            .gated()
            .names_something();
        /// Deletes an account.
        delete_user for SUPERUSER => Route::delete("/users/{id}", DeleteUser, "users:delete_user")
            .summary("Delete an account")
            .codes(&[Code::LastSuperuser])
            .gated()
            .names_something();
        /// Sends the mail that resets a user's password.
        send_reset_mail for FRESH_SUPERUSER =>
            Route::post("/users/{id}/forgot-password", SendResetMail, "users:send_reset_mail")
                .summary("Send a user the mail that resets the password")
                .answers(Success::Accepted)
                .codes(&[Code::UserInactive, Code::ReauthenticationRequired, Code::TooManyRequests])
                .names_something();
        /// Sends the mail that verifies a user's address.
        send_verify_mail for FRESH_SUPERUSER =>
            Route::post("/users/{id}/request-verify-token", SendVerifyMail, "users:send_verify_mail")
                .summary("Send a user the mail that verifies the address")
                .answers(Success::Accepted)
                .codes(&[
                    Code::UserInactive,
                    Code::VerifyUserAlreadyVerified,
                    Code::ReauthenticationRequired,
                    Code::TooManyRequests,
                ])
                .names_something();
    }
    sessions {
        /// Lists a user's sessions.
        list_user_sessions for SUPERUSER =>
            Route::get("/users/{id}/sessions", ListUserSessions, "users:list_user_sessions")
                .summary("List a user's sessions")
                .takes(Takes::Page)
                .answers(Success::Sessions)
                .names_something();
        /// Ends all sessions of a user.
        revoke_user_sessions for FRESH_SUPERUSER =>
            Route::delete("/users/{id}/sessions", RevokeUserSessions, "users:revoke_user_sessions")
                .summary("End all sessions of a user")
                .codes(&[Code::ReauthenticationRequired])
                .names_something();
    }
    directory {
        /// Lists the accounts.
        list_users for SUPERUSER => Route::get("/users", ListUsers, "users:list_users")
            .summary("List the accounts")
            .takes(Takes::Search)
            .answers(Success::Page);
    }
}

/// The id in the path. An id that does not parse is unknown.
pub(crate) fn id<M: UserManager>(request: &Incoming) -> Result<IdOf<M>, Problem> {
    request.path_text()?.parse().map_err(|_| Problem::not_found())
}

async fn user<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    _: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    Outgoing::user(StatusCode::OK, manager.engine_ref(), &found(manager, &request).await?)
}

/// The user whose id is in the path.
pub(crate) async fn found<M: UserManager>(manager: &Arc<M>, request: &Incoming) -> Result<UserOf<M::Store>, Problem> {
    manager.get(&id::<M>(request)?).await?.ok_or_else(Problem::not_found)
}

async fn update_user<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let id = id::<M>(&request)?;
    // For an unknown user, 404 takes precedence over 422 for an invalid body.
    let user = match manager.get(&id).await {
        Err(fault) if is_unreadable(&fault) => {
            return update_unreadable(manager, request, &principal, &id, fault).await;
        }
        found => found?.ok_or_else(Problem::not_found)?,
    };
    let mut fields = Fields::json(&request.parts.headers, &request.body)?;
    let email = fields.optional_email("email", manager.engine_ref().email_rules(), &user.email);
    let username = fields.new_username(manager.engine_ref().usernames());
    let password = fields.optional_password("password");
    let [is_active, is_superuser, is_verified] =
        ["is_active", "is_superuser", "is_verified"].map(|name| fields.optional_flag(name));
    let Some(profile) = fields.profile::<<<M::Store as UserStore>::Profile as Profile>::AdminUpdate>() else {
        return Err(fields.refused());
    };
    fields.finish()?;
    let cx = request.into_context(Some(&principal));
    let update = AdminUpdate { email, username, password, is_active, is_superuser, is_verified, profile };
    let user = manager.update_user(&Admin::guarded(&principal), &id, update, &cx).await?;
    Outgoing::user(StatusCode::OK, manager.engine_ref(), &user)
}

/// If the profile cannot be read, only `is_active` can be changed. Any other requested change is answered as a fault.
async fn update_unreadable<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: &Principal<M::Store>,
    id: &IdOf<M>,
    fault: Fault,
) -> Result<Outgoing, Problem> {
    let mut fields = Fields::json(&request.parts.headers, &request.body)?;
    let active = fields.optional_flag("is_active");
    let alone = fields.is_empty();
    fields.finish()?;
    let Some(active) = active.filter(|_| alone) else { return Err(fault.into()) };
    let cx = request.into_context(Some(principal));
    let user = manager.set_active(&Admin::guarded(principal), id, active, &cx).await?;
    Outgoing::user(StatusCode::OK, manager.engine_ref(), &user)
}

async fn delete_user<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let id = id::<M>(&request)?;
    let cx = request.into_context(Some(&principal));
    manager.delete_user(&Admin::guarded(&principal), &id, &cx).await?;
    Ok(Outgoing::no_content())
}

async fn send_reset_mail<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let user = found(manager, &request).await?;
    manager.forgot_password(&user, &request.into_context(Some(&principal))).await?;
    Ok(Outgoing::empty(StatusCode::ACCEPTED))
}

async fn send_verify_mail<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let user = found(manager, &request).await?;
    manager.request_verify(&user, &request.into_context(Some(&principal))).await?;
    Ok(Outgoing::empty(StatusCode::ACCEPTED))
}

async fn list_user_sessions<M: UserManager<Store: SessionStore>>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let user = found(manager, &request).await?;
    sessions_of(manager, request, &principal, &user).await
}

async fn revoke_user_sessions<M: UserManager<Store: SessionStore>>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let id = id::<M>(&request)?;
    let cx = request.into_context(Some(&principal));
    manager.revoke_user_sessions(&Admin::guarded(&principal), &id, &cx).await?;
    Ok(Outgoing::no_content())
}

async fn list_users<M: UserManager<Store: Directory>>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let engine = manager.engine_ref();
    let (admin, filter) = (Admin::guarded(&principal), filter(&request, engine.usernames().is_some())?);
    let mut page = if filter == UserFilter::default() {
        manager.list_users(&admin, request.page_query(|text| text.parse::<IdOf<M>>().ok())?).await?
    } else {
        manager.search_users(&admin, &filter, request.page_query(address)?).await?
    };
    if engine.usernames().is_none() {
        page.users.iter_mut().for_each(|user| user.username = None);
        page.unreadable.iter_mut().for_each(|user| user.username = None);
    }
    Outgoing::json(StatusCode::OK, &page)
}

/// What the users of the list must have. Without parameters the default, which every user matches.
fn filter(request: &Incoming, has_usernames: bool) -> Result<UserFilter, Problem> {
    let [email, active, superuser, verified] = SEARCH;
    let prefix = request.query_text(email)?.unwrap_or_default();
    let mut filter = UserFilter::default().email_prefix(&prefix);
    filter.is_active = request.query_flag(active)?;
    filter.is_superuser = request.query_flag(superuser)?;
    filter.is_verified = request.query_flag(verified)?;
    if has_usernames {
        filter = filter.username_prefix(&request.query_text(USERNAME)?.unwrap_or_default());
    }
    Ok(filter)
}

/// The cursor of a search is the address of an account.
fn address(text: &str) -> Option<EmailAddress> {
    (text.contains('@') && !text.contains('\0')).then(|| EmailAddress::from_stored(text))
}
