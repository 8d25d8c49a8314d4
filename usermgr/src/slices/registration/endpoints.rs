//! The route that registers a user.

use std::sync::Arc;

use ::http::StatusCode;

use crate::{
    captcha::Action,
    engine::Answers,
    error::Code,
    http::{Asked, Fields, Incoming, Outgoing, Problem, Success, Takes, endpoints},
    manager::UserManager,
    slices::index::Operations,
    store::UserStore,
    user::{Profile, Register},
};

endpoints! {
    every_store {
        /// Registers a user.
        register => Route::post("/auth/register", Register, "register:register")
            .summary("Register")
            .takes(Takes::Register)
            .answers(Success::Created)
            .codes(&[
                Code::RegisterUserAlreadyExists,
                Code::RegisterInvalidPassword,
                Code::RegisterInvalidUsername,
                Code::RegisterUsernameAlreadyExists,
                Code::RegisterClosed,
                Code::TooManyRequests,
            ])
            .discreetly(Some(Success::Accepted), &[Code::RegisterUserAlreadyExists, Code::RegisterUsernameAlreadyExists])
            .asks_captcha(Action::Register)
            .gated();
    }
}

async fn register<M: UserManager>(manager: &Arc<M>, request: Incoming) -> Result<Outgoing, Problem> {
    let mut fields = Fields::json(&request.parts.headers, &request.body)?;
    let (email, password) = (fields.email("email", manager.engine_ref().email_rules()), fields.password("password"));
    let asked = Asked::of(manager.engine_ref(), &mut fields, Action::Register);
    let username = fields.registered_username(manager.engine_ref().usernames());
    let profile = fields.profile::<<<M::Store as UserStore>::Profile as Profile>::Register>();
    let (Some(email), Some(password), Some(profile)) = (email, password, profile) else {
        return Err(fields.refused());
    };
    fields.finish()?;
    let cx = request.into_context::<M::Store>(None);
    asked.pass(&**manager, &cx).await?;
    let register = Register { email: email.to_string(), username, password, profile };
    let engine = manager.engine_ref();
    match engine.answers() {
        Answers::Explicit => Outgoing::user(StatusCode::CREATED, engine, &manager.register(register, &cx).await?),
        Answers::Discreet => {
            manager.register_discreetly(register, &cx).await?;
            Ok(Outgoing::empty(StatusCode::ACCEPTED))
        }
    }
}
