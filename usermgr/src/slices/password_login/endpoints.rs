//! The routes for login, logout and password change.

use std::sync::Arc;

use crate::{
    captcha::Action,
    context::Actor,
    engine::Answers,
    error::Code,
    http::{
        Asked, Caller, Fields, Guard, Incoming, Outgoing, Problem, Success, Takes, check_origin, endpoints,
        login_backend_of, recognize,
    },
    login::LoginError,
    manager::UserManager,
    session::{Backend, Principal, Transport},
    slices::{index::Operations, password_login::ChangePasswordError},
    user::Credentials,
};

endpoints! {
    every_store {
        /// Logs in.
        login => Route::post("/auth/{backend}/login", Login, "auth:{}.login")
            .summary("Log in")
            .takes(Takes::Login)
            .answers(Success::Login)
            .codes(&[
                Code::LoginBadCredentials,
                Code::LoginUserNotVerified,
                Code::LoginSecondFactorRequired,
                Code::TooManyRequests,
            ])
            .discreetly(None, &[Code::LoginUserNotVerified])
            .asks_captcha(Action::Login)
            .gated();
        /// Logs out.
        logout => Route::post("/auth/{backend}/logout", Logout, "auth:{}.logout")
            .summary("Log out")
            .caller(Caller::Holder);
        /// Changes the caller's password.
        change_password for Guard::active() =>
            Route::post("/auth/change-password", ChangePassword, "password:change_password")
                .summary("Change your password")
                .personal()
                .takes(Takes::Fields(&["current_password", "password"]))
                .codes(&[Code::ChangePasswordBadPassword, Code::ChangePasswordInvalidPassword, Code::TooManyRequests])
                .gated();
    }
}

async fn login<M: UserManager>(manager: &Arc<M>, request: Incoming) -> Result<Outgoing, Problem> {
    let backend = login_backend_of(&**manager, &request)?.name();
    let mut fields = Fields::form(&request.parts.headers, &request.body).await?;
    fields.constant("grant_type", "password");
    let (username, password) = (fields.filled("username"), fields.filled("password"));
    let asked = Asked::of(manager.engine_ref(), &mut fields, Action::Login);
    fields.finish()?;
    let credentials = Credentials::new(username.unwrap_or_default(), password.unwrap_or_default());
    let cx = request.into_context::<M::Store>(None);
    asked.pass(&**manager, &cx).await?;
    let logged_in = match manager.login(credentials, backend, &cx).await {
        // A user who has just registered knows the password. The code would reveal that the address was free.
        Err(LoginError::NotVerified) if manager.engine_ref().answers() == Answers::Discreet => {
            Err(LoginError::BadCredentials)
        }
        outcome => outcome,
    }?;
    Outgoing::logged_in(&**manager, logged_in, &cx)
}

/// Ends the sessions of all credentials of the request. The cookie is always removed, because no script of a page can
/// remove it: also if it is no longer valid, belongs to another user than another credential, or cannot be read.
async fn logout<M: UserManager>(manager: &Arc<M>, request: Incoming) -> Result<Outgoing, Problem> {
    let name = request.param.as_deref().ok_or_else(Problem::not_found)?;
    let engine = manager.engine_ref();
    let named = engine.backend(name).ok_or_else(Problem::not_found)?;
    let (mut answer, principals) = match named.transport() {
        Transport::Cookie(cookie) => {
            check_origin(&request.parts, engine.allowed_origins())?;
            let principals = recognize(&**manager, &request.parts).await?.principals;
            (Outgoing::no_content().with_cookie(&cookie.clear()), principals)
        }
        Transport::Bearer | Transport::Header(_) => {
            let principals = recognize(&**manager, &request.parts).await?.agreed();
            Guard::active().during_setup().admit(engine, principals.first().cloned())?;
            (Outgoing::no_content(), principals)
        }
    };
    let mut cx = request.into_context::<M::Store>(None);
    // A request may carry both a cookie and a token. Logging out ends both sessions.
    for principal in principals {
        cx.actor = Some(Actor::of(&principal));
        manager.logout(&principal, &cx).await?;
        if let Some(Transport::Cookie(cookie)) = engine.backend(&principal.session.backend).map(Backend::transport) {
            answer = answer.with_cookie(&cookie.clear());
        }
    }
    Ok(answer)
}

async fn change_password<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let mut fields = Fields::json(&request.parts.headers, &request.body)?;
    let (Some(current), Some(new)) = (fields.password("current_password"), fields.password("password")) else {
        return Err(fields.refused());
    };
    let cx = request.into_context(Some(&principal));
    match manager.change_password(principal.user(), current, new, &cx).await {
        Ok(_) => Ok(Outgoing::no_content()),
        // The user was deleted after the guard's check.
        Err(ChangePasswordError::NotFound) => Err(Problem::unauthorized()),
        Err(error) => Err(error.into()),
    }
}
