//! The routes that request the mail to reset a password, and that accept its token.

use std::sync::Arc;

use ::http::StatusCode;

use crate::{
    captcha::Action,
    error::Code,
    http::{Fields, Incoming, Outgoing, Problem, Success, Takes, endpoints},
    manager::UserManager,
    slices::index::Operations,
};

endpoints! {
    every_store {
        /// Requests the mail that resets a password.
        forgot_password => Route::post("/auth/forgot-password", ForgotPassword, "reset:forgot_password")
            .summary("Request the mail that resets a password")
            .takes(Takes::Fields(&["email"]))
            .answers(Success::Requested)
            .codes(&[Code::TooManyRequests])
            .asks_captcha(Action::ForgotPassword);
        /// Resets a password.
        reset_password => Route::post("/auth/reset-password", ResetPassword, "reset:reset_password")
            .summary("Reset a password")
            .takes(Takes::Fields(&["token", "password"]))
            .answers(Success::Null)
            .codes(&[Code::ResetPasswordBadToken, Code::ResetPasswordInvalidPassword, Code::TooManyRequests])
            .gated();
    }
}

async fn forgot_password<M: UserManager>(manager: &Arc<M>, request: Incoming) -> Result<Outgoing, Problem> {
    let (email, cx) = request.into_mail_request(&**manager, Action::ForgotPassword).await?;
    manager.request_reset_for(&email, &cx).await?;
    Outgoing::null(StatusCode::ACCEPTED)
}

async fn reset_password<M: UserManager>(manager: &Arc<M>, request: Incoming) -> Result<Outgoing, Problem> {
    let mut fields = Fields::embedded(&request.parts.headers, &request.body)?;
    let (Some(token), Some(password)) = (fields.text("token"), fields.password("password")) else {
        return Err(fields.refused());
    };
    let cx = request.into_context::<M::Store>(None);
    manager.reset_password(&token.into(), password, &cx).await?;
    Outgoing::null(StatusCode::OK)
}
