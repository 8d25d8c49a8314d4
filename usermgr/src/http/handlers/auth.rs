//! The routes under `/auth`: registration, login, verification, passwords.

use std::sync::Arc;

use ::http::StatusCode;
use serde_json::Value;

use crate::{
    answers::Answers,
    context::Context,
    error::{ChangePasswordError, LoginError},
    http::{
        Guard, Incoming, Outgoing, Problem,
        body::Fields,
        csrf,
        identify::{demand, demand_fresh, recognise},
    },
    manager::UserManager,
    operations::Operations,
    session::{Backend, Transport},
    store::UserStore,
    user::{Credentials, EmailAddress, Profile, Register},
};

pub(in crate::http) async fn login<M: UserManager>(manager: &M, request: Incoming) -> Result<Outgoing, Problem> {
    let name = request.param.clone().ok_or_else(Problem::not_found)?;
    let engine = manager.engine_ref();
    let backend = engine.backend(&name).ok_or_else(Problem::not_found)?;
    if let Transport::Cookie(_) = backend.transport() {
        // A forged login would put a person into somebody else's account.
        csrf::check(&request.parts, engine.allowed_origins())?;
    }
    let mut fields = Fields::form(&request.parts.headers, &request.body).await?;
    fields.constant("grant_type", "password");
    let (username, password) = (fields.filled("username"), fields.filled("password"));
    fields.finish()?;
    let credentials = Credentials::new(username.unwrap_or_default(), password.unwrap_or_default());
    let cx = request.into_context::<M::Store>(None);
    let logged_in = match manager.login(credentials, &name, &cx).await {
        // He knows the password, since he has registered; that it was he tells him that the address was free.
        Err(LoginError::NotVerified) if engine.answers() == Answers::Discreet => Err(LoginError::BadCredentials),
        outcome => outcome,
    }?;
    Outgoing::logged_in(manager, logged_in, &cx)
}

/// Ends the sessions of all credentials of the request. A cookie is taken away whoever asks, since no script of a page can: also one that
/// names nobody any more, that names somebody else than another credential, or that cannot be read.
pub(in crate::http) async fn logout<M: UserManager>(manager: &M, request: Incoming) -> Result<Outgoing, Problem> {
    let name = request.param.as_deref().ok_or_else(Problem::not_found)?;
    let engine = manager.engine_ref();
    let named = engine.backend(name).ok_or_else(Problem::not_found)?;
    let (answer, principals) = match named.transport() {
        Transport::Cookie(cookie) => {
            csrf::check(&request.parts, engine.allowed_origins())?;
            let principals = recognise(manager, &request.parts).await?.principals;
            (Outgoing::no_content().with_cookie(&cookie.clear()), principals)
        }
        Transport::Bearer | Transport::Header(_) => {
            let principals = recognise(manager, &request.parts).await?.agreed();
            Guard::active().admit(engine, principals.first().cloned())?;
            (Outgoing::no_content(), principals)
        }
    };
    let mut cx = request.into_context::<M::Store>(None);
    let mut answer = answer;
    // Whoever logs out while holding two keys to the house wants neither to open it any more.
    for principal in principals {
        cx.actor = Some(Incoming::actor(&principal));
        manager.logout(&principal, &cx).await?;
        if let Some(Transport::Cookie(cookie)) = engine.backend(&principal.session.backend).map(Backend::transport) {
            answer = answer.with_cookie(&cookie.clear());
        }
    }
    Ok(answer)
}

pub(in crate::http) async fn register<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
) -> Result<Outgoing, Problem> {
    let mut fields = Fields::json(&request.parts.headers, &request.body)?;
    let (email, password) = (fields.email("email", manager.engine_ref().email_rules()), fields.password("password"));
    let profile = fields.profile::<<<M::Store as UserStore>::Profile as Profile>::Register>();
    let (Some(email), Some(password), Some(profile)) = (email, password, profile) else {
        return Err(fields.refused());
    };
    let cx = request.into_context::<M::Store>(None);
    let register = Register { email: email.to_string(), password, profile };
    match manager.engine_ref().answers() {
        Answers::Explicit => Outgoing::json(StatusCode::CREATED, &manager.register(register, &cx).await?),
        Answers::Discreet => {
            manager.register_discreetly(register, &cx).await?;
            Ok(Outgoing::accepted())
        }
    }
}

pub(in crate::http) async fn verify<M: UserManager>(manager: &M, request: Incoming) -> Result<Outgoing, Problem> {
    let mut fields = Fields::embedded(&request.parts.headers, &request.body)?;
    let Some(token) = fields.text("token") else {
        return Err(fields.refused());
    };
    let cx = request.into_context::<M::Store>(None);
    let user = manager.verify(&token.into(), &cx).await?;
    Outgoing::json(StatusCode::OK, &user)
}

pub(in crate::http) async fn reset_password<M: UserManager>(
    manager: &M,
    request: Incoming,
) -> Result<Outgoing, Problem> {
    let mut fields = Fields::embedded(&request.parts.headers, &request.body)?;
    let (Some(token), Some(password)) = (fields.text("token"), fields.password("password")) else {
        return Err(fields.refused());
    };
    let cx = request.into_context::<M::Store>(None);
    manager.reset_password(&token.into(), password, &cx).await?;
    Outgoing::json(StatusCode::OK, &Value::Null)
}

pub(in crate::http) async fn change_password<M: UserManager>(
    manager: &M,
    request: Incoming,
) -> Result<Outgoing, Problem> {
    let principal = demand(manager, &request.parts, Guard::active()).await?;
    let mut fields = Fields::json(&request.parts.headers, &request.body)?;
    let (Some(current), Some(new)) = (fields.password("current_password"), fields.password("password")) else {
        return Err(fields.refused());
    };
    let cx = request.into_context(Some(&principal));
    match manager.change_password(principal.user(), current, new, &cx).await {
        Ok(_) => Ok(Outgoing::no_content()),
        // Deleted since the guard let him pass.
        Err(ChangePasswordError::NotFound) => Err(Problem::unauthorized()),
        Err(error) => Err(error.into()),
    }
}

pub(in crate::http) async fn request_email_change<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
) -> Result<Outgoing, Problem> {
    let principal = demand_fresh(&**manager, &request.parts).await?;
    let mut fields = Fields::json(&request.parts.headers, &request.body)?;
    let Some(email) = fields.email("email", manager.engine_ref().email_rules()) else {
        return Err(fields.refused());
    };
    let cx = request.into_context(Some(&principal));
    manager.request_email_change_discreetly(principal.user(), &email, &cx).await?;
    accepted()
}

pub(in crate::http) async fn confirm_email_change<M: UserManager>(
    manager: &M,
    request: Incoming,
) -> Result<Outgoing, Problem> {
    let mut fields = Fields::json(&request.parts.headers, &request.body)?;
    let Some(token) = fields.text("token") else {
        return Err(fields.refused());
    };
    let cx = request.into_context::<M::Store>(None);
    let user = manager.confirm_email_change(&token.into(), &cx).await?;
    Outgoing::json(StatusCode::OK, &user)
}

pub(in crate::http) async fn request_verify<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
) -> Result<Outgoing, Problem> {
    let (email, cx) = sought(manager, request)?;
    manager.request_verify_for(&email, &cx).await?;
    accepted()
}

pub(in crate::http) async fn forgot_password<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
) -> Result<Outgoing, Problem> {
    let (email, cx) = sought(manager, request)?;
    manager.request_reset_for(&email, &cx).await?;
    accepted()
}

/// The address for which a mail is asked, and who asks.
fn sought<M: UserManager>(_: &Arc<M>, request: Incoming) -> Result<(EmailAddress, Context), Problem> {
    let mut fields = Fields::embedded(&request.parts.headers, &request.body)?;
    let email = fields.sought_email("email").ok_or_else(|| fields.refused())?;
    Ok((email, request.into_context::<M::Store>(None)))
}

fn accepted() -> Result<Outgoing, Problem> {
    Outgoing::json(StatusCode::ACCEPTED, &Value::Null)
}
