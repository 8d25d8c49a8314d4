//! The routes that request the mail to verify a new address, and that accept its token.

use std::sync::Arc;

use ::http::StatusCode;

use crate::{
    error::Code,
    http::{Fields, Guard, Incoming, Outgoing, Problem, Success, Takes, endpoints},
    manager::UserManager,
    session::Principal,
    slices::index::Operations,
};

endpoints! {
    every_store {
        /// Requests the mail that changes the caller's address.
        request_email_change for Guard::active().fresh() =>
            Route::post("/auth/request-email-change", RequestEmailChange, "email:request_change")
                .summary("Request the mail that changes your address")
                .takes(Takes::Fields(&["email"]))
                .answers(Success::Requested)
                .codes(&[Code::ReauthenticationRequired, Code::TooManyRequests])
                .gated();
        /// Changes the address with the token.
        confirm_email_change =>
            Route::post("/auth/confirm-email-change", ConfirmEmailChange, "email:confirm_change")
                .summary("Change your address")
                .takes(Takes::Fields(&["token"]))
                .answers(Success::User)
                .codes(&[Code::ChangeEmailBadToken, Code::UpdateUserEmailAlreadyExists, Code::TooManyRequests])
                .gated();
    }
}

async fn request_email_change<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let mut fields = Fields::json(&request.parts.headers, &request.body)?;
    let Some(email) = fields.email("email", manager.engine_ref().email_rules()) else {
        return Err(fields.refused());
    };
    let cx = request.into_context(Some(&principal));
    manager.request_email_change_discreetly(principal.user(), &email, &cx).await?;
    Outgoing::null(StatusCode::ACCEPTED)
}

async fn confirm_email_change<M: UserManager>(manager: &Arc<M>, request: Incoming) -> Result<Outgoing, Problem> {
    let mut fields = Fields::json(&request.parts.headers, &request.body)?;
    let Some(token) = fields.text("token") else {
        return Err(fields.refused());
    };
    let cx = request.into_context::<M::Store>(None);
    let user = manager.confirm_email_change(&token.into(), &cx).await?;
    Outgoing::user(StatusCode::OK, manager.engine_ref(), &user)
}
