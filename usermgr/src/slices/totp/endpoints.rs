//! The routes with which a user adds an authenticator app.

use std::sync::Arc;

use ::http::StatusCode;
use serde_json::json;

use super::part::NAME;
use crate::{
    error::Code,
    http::{Fields, Incoming, Outgoing, Problem, Success, Takes, endpoints},
    manager::UserManager,
    session::Principal,
    slices::{
        factors::endpoints::{ADDING, BEGIN_REFUSALS, added},
        index::Factors,
    },
    token::PendingToken,
};

endpoints! {
    parts {
        /// Begins to add an authenticator app.
        begin for ADDING => Route::post("/users/me/factors/totp", BeginTotp, "users:begin_totp")
            .summary("Begin to add an authenticator app")
            .answers(Success::TotpEnrolment)
            .codes(BEGIN_REFUSALS)
            .needs(NAME);
        /// Adds the authenticator app.
        confirm for ADDING => Route::post("/users/me/factors/totp/confirm", ConfirmTotp, "users:confirm_totp")
            .summary("Add an authenticator app with one of its codes")
            .takes(Takes::FieldsAnd(&["pending_token", "code"], &["label"]))
            .answers(Success::AddedFactor)
            .codes(&[
                Code::FactorBadCode,
                Code::FactorNotPending,
                Code::FactorInvalidLabel,
                Code::FactorNotVerified,
                Code::FactorLimit,
                Code::SecondFactorRequired,
                Code::ReauthenticationRequired,
            ])
            .gated()
            .needs(NAME);
    }
}

async fn begin<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let cx = request.into_context(Some(&principal));
    let enrolment = manager.begin_totp(&principal, &cx).await?;
    let shown = json!({
        "pending_token": enrolment.token.expose(),
        "expires_in": enrolment.expires_in.as_secs(),
        "secret": enrolment.secret(),
        "uri": enrolment.uri(),
    });
    Outgoing::json(StatusCode::OK, &shown)
}

async fn confirm<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let mut fields = Fields::json(&request.parts.headers, &request.body)?;
    let (token, code, label) = (fields.text("pending_token"), fields.text("code"), fields.optional_text("label"));
    let (Some(token), Some(code)) = (token, code) else { return Err(fields.refused()) };
    fields.finish()?;
    let cx = request.into_context(Some(&principal));
    added(manager.confirm_totp(&principal, &PendingToken::from(token), &code, label.as_deref(), &cx).await)
}
