//! The routes that request the mail to verify an address, and that accept its token.

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
        /// Requests the mail that verifies an address.
        request_verify => Route::post("/auth/request-verify-token", RequestVerify, "verify:request-token")
            .summary("Request the mail that verifies an address")
            .takes(Takes::Fields(&["email"]))
            .answers(Success::Requested)
            .codes(&[Code::TooManyRequests])
            .asks_captcha(Action::RequestVerify);
        /// Verifies an address.
        verify => Route::post("/auth/verify", Verify, "verify:verify")
            .summary("Verify an address")
            .takes(Takes::Fields(&["token"]))
            .answers(Success::User)
            .codes(&[Code::VerifyUserBadToken, Code::VerifyUserAlreadyVerified, Code::TooManyRequests])
            .gated();
    }
}

async fn request_verify<M: UserManager>(manager: &Arc<M>, request: Incoming) -> Result<Outgoing, Problem> {
    let (email, cx) = request.into_mail_request(&**manager, Action::RequestVerify).await?;
    manager.request_verify_for(&email, &cx).await?;
    Outgoing::null(StatusCode::ACCEPTED)
}

async fn verify<M: UserManager>(manager: &Arc<M>, request: Incoming) -> Result<Outgoing, Problem> {
    let mut fields = Fields::embedded(&request.parts.headers, &request.body)?;
    let Some(token) = fields.text("token") else {
        return Err(fields.refused());
    };
    let cx = request.into_context::<M::Store>(None);
    let user = manager.verify(&token.into(), &cx).await?;
    Outgoing::user(StatusCode::OK, manager.engine_ref(), &user)
}
