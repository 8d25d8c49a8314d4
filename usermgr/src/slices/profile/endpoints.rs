//! The routes of the caller's own account.

use std::sync::Arc;

use ::http::StatusCode;

use crate::{
    change::errors::{DeleteError, UpdateError},
    error::{Code, Fault},
    http::{Fields, Guard, Incoming, Outgoing, Problem, Success, Takes, endpoints},
    manager::UserManager,
    session::Principal,
    slices::index::Operations,
    store::UserStore,
    user::{Profile, UpdateMe},
};

endpoints! {
    every_store {
        /// Reads the caller's account.
        me for Guard::active().during_setup() => Route::get("/users/me", Me, "users:current_user")
            .summary("Read your account")
            .answers(Success::User);
        /// Changes the caller's account.
        update_me for Guard::active() => Route::patch("/users/me", UpdateMe, "users:patch_current_user")
            .summary("Change your account")
            .takes(Takes::UpdateMe)
            .answers(Success::User)
            .codes(&[
                Code::UpdateUserEmailAlreadyExists,
                Code::UpdateUserInvalidPassword,
                Code::UpdateUserInvalidUsername,
                Code::UpdateUserUsernameAlreadyExists,
                Code::ReauthenticationRequired,
                Code::TooManyRequests,
            ])
            .discreetly(None, &[Code::UpdateUserEmailAlreadyExists])
            .personal()
            .gated();
        /// Deletes the caller's account.
        delete_me for Guard::active().fresh() =>
            Route::delete("/users/me", DeleteMe, "users:delete_current_user")
                .summary("Delete your account")
                .codes(&[Code::LastSuperuser, Code::ReauthenticationRequired])
                .gated();
    }
}

async fn me<M: UserManager>(
    manager: &Arc<M>,
    _: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    Outgoing::user(StatusCode::OK, manager.engine_ref(), principal.user())
}

async fn update_me<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let mut fields = Fields::json(&request.parts.headers, &request.body)?;
    let email = fields.optional_email("email", manager.engine_ref().email_rules(), &principal.user().email);
    let username = fields.new_username(manager.engine_ref().usernames());
    let password = fields.optional_password("password");
    let current_password = fields.optional_password("current_password");
    let Some(profile) = fields.profile::<<<M::Store as UserStore>::Profile as Profile>::Update>() else {
        return Err(fields.refused());
    };
    fields.finish()?;
    let cx = request.into_context(Some(&principal));
    let update = UpdateMe { email, username, password, current_password, profile };
    let engine = manager.engine_ref();
    let moves = update.email.as_deref().is_some_and(|email| email != principal.user().email.as_str());
    let proves =
        engine.proves_new_addresses() || moves && engine.has_factor(&principal.user().id).await.map_err(Fault::from)?;
    let updated = match proves {
        false => manager.update(principal.user(), update, &cx).await,
        true => manager.update_proving_email(principal.user(), update, &cx).await,
    };
    match updated {
        Ok(user) => Outgoing::user(StatusCode::OK, engine, &user),
        // The user was deleted after the guard's check.
        Err(UpdateError::NotFound) => Err(Problem::unauthorized()),
        Err(error) => Err(error.into()),
    }
}

async fn delete_me<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let cx = request.into_context(Some(&principal));
    match manager.delete(principal.user(), &cx).await {
        Ok(()) => Ok(Outgoing::no_content()),
        // The user was deleted after the guard's check.
        Err(DeleteError::NotFound) => Err(Problem::unauthorized()),
        Err(error) => Err(error.into()),
    }
}
