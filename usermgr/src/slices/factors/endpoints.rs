//! The routes of the second step, of step-up, and of a user's factors.

use std::sync::Arc;

use ::http::StatusCode;
use serde_json::{Value, json};

use super::{AddedFactor, RecoveryCodes};
use crate::{
    admin::Admin,
    engine::{FACTORS, Proof},
    error::{Code, OfferedFactor},
    http::{Fields, Guard, Incoming, Outgoing, Problem, Success, Takes, endpoints, login_backend_of},
    login::StepUp,
    manager::UserManager,
    session::Principal,
    slices::index::Factors,
    store::{CredentialId, CredentialKind},
    token::PendingToken,
};

/// What a user adds a factor with. A user who must have one comes with a session that does little else.
pub(crate) const ADDING: Guard = Guard::active().fresh().during_setup();
/// What the begin of a factor may refuse with.
pub(crate) const BEGIN_REFUSALS: &[Code] =
    &[Code::FactorNotVerified, Code::FactorLimit, Code::SecondFactorRequired, Code::ReauthenticationRequired];
/// What changes the factors that a user has.
const CHANGING: Guard = Guard::active().strong().fresh();
/// The fields with an answer, and the factor that each answers.
const ANSWERS: [(&str, CredentialKind); 3] = [
    ("code", CredentialKind::new("totp")),
    ("recovery_code", CredentialKind::new("recovery")),
    ("credential", CredentialKind::new("passkey")),
];
/// The fields with which the answer to any other factor is sent.
const OTHER: [&str; 2] = ["factor", "answer"];

endpoints! {
    parts {
        /// Finishes a login with a second factor.
        second_step => Route::post("/auth/{backend}/login/second-factor", SecondFactor, "auth:{}.second_factor")
            .summary("Finish a login with a second factor")
            .takes(Takes::FieldsAnd(&["pending_token"], &["code", "recovery_code", "credential", "factor", "answer"]))
            .answers(Success::Login)
            .codes(&[
                Code::LoginBadSecondFactor,
                Code::LoginNotPending,
                Code::LoginBadCredentials,
                Code::TooManyRequests,
            ])
            .gated()
            .needs(FACTORS);
        /// Says again which second factors a login waits for.
        pending => Route::post("/auth/{backend}/login/pending", PendingLogin, "auth:{}.pending_login")
            .summary("Get the second factors that a login waits for")
            .takes(Takes::Fields(&["pending_token"]))
            .answers(Success::PendingLogin)
            .codes(&[Code::LoginNotPending])
            .needs(FACTORS);
        /// Replaces a session by one that proves more, or that was proved just now.
        step_up for Guard::active().during_setup() =>
            Route::post("/auth/{backend}/step-up", StepUp, "auth:{}.step_up")
                .summary("Prove again who you are")
                .personal()
                .takes(Takes::FieldsAnd(
                    &[],
                    &["password", "pending_token", "code", "recovery_code", "credential", "factor", "answer"],
                ))
                .answers(Success::Login)
                .codes(&[
                    Code::LoginSecondFactorRequired,
                    Code::LoginBadSecondFactor,
                    Code::LoginNotPending,
                    Code::LoginBadCredentials,
                    Code::TooManyRequests,
                ])
                .gated()
                .needs(FACTORS);
        /// Lists the caller's second factors.
        factors for Guard::active().during_setup() =>
            Route::get("/users/me/factors", ListFactors, "users:list_factors")
                .summary("List your second factors")
                .answers(Success::Factors)
                .needs(FACTORS);
        /// Gives one of the caller's second factors a label.
        rename for CHANGING => Route::patch("/users/me/factors/{id}", RenameFactor, "users:rename_factor")
            .summary("Give a second factor a label")
            .takes(Takes::Fields(&["label"]))
            .answers(Success::Factor)
            .codes(&[Code::FactorInvalidLabel, Code::SecondFactorRequired, Code::ReauthenticationRequired])
            .names_something()
            .needs(FACTORS);
        /// Removes one of the caller's second factors.
        remove for CHANGING => Route::delete("/users/me/factors/{id}", RemoveFactor, "users:remove_factor")
            .summary("Remove a second factor")
            .codes(&[Code::SecondFactorRequired, Code::ReauthenticationRequired])
            .gated()
            .names_something()
            .needs(FACTORS);
        /// Replaces the caller's recovery codes.
        recovery_codes for CHANGING =>
            Route::post("/users/me/recovery-codes", ReplaceRecoveryCodes, "users:replace_recovery_codes")
                .summary("Make new recovery codes")
                .answers(Success::RecoveryCodes)
                .codes(&[Code::FactorMissing, Code::SecondFactorRequired, Code::ReauthenticationRequired])
                .gated()
                .needs(FACTORS);
        /// Removes all second factors of a user who has lost them.
        remove_all for Guard::active().superuser().fresh() =>
            Route::delete("/users/{id}/factors", RemoveFactors, "users:remove_all_factors")
                .summary("Remove the second factors of a user, and end their sessions")
                .codes(&[Code::ReauthenticationRequired])
                .gated()
                .names_something()
                .needs(FACTORS);
    }
}

/// The answer in a body: exactly one, or none.
fn answer_of(fields: &mut Fields) -> Result<Option<Proof>, Problem> {
    let mut proofs: Vec<_> =
        ANSWERS.into_iter().filter_map(|(name, kind)| Some(Proof::new(kind, fields.text_or_object(name)?))).collect();
    let [factor, answer] = OTHER.map(|name| fields.text_or_object(name));
    if let (Some(factor), Some(answer)) = (factor, answer) {
        proofs.push(Proof::new(CredentialKind::from_stored(factor), answer));
    }
    match proofs.len() {
        0 | 1 => Ok(proofs.pop()),
        _ => Err(Fields::several("one answer at a time")),
    }
}

async fn second_step<M: UserManager>(manager: &Arc<M>, request: Incoming) -> Result<Outgoing, Problem> {
    let backend = login_backend_of(&**manager, &request)?.name();
    let mut fields = Fields::form(&request.parts.headers, &request.body).await?;
    let token = fields.filled("pending_token").map(PendingToken::from);
    let proof = answer_of(&mut fields)?;
    if proof.is_none() {
        fields.missing("code");
    }
    let (Some(token), Some(proof)) = (token, proof) else { return Err(fields.refused()) };
    let cx = request.into_context::<M::Store>(None);
    let logged_in = crate::slices::index::Operations::finish_login(&**manager, &token, &proof, backend, &cx).await?;
    Outgoing::logged_in(&**manager, logged_in, &cx)
}

async fn pending<M: UserManager>(manager: &Arc<M>, request: Incoming) -> Result<Outgoing, Problem> {
    let backend = login_backend_of(&**manager, &request)?.name();
    let mut fields = Fields::json(&request.parts.headers, &request.body)?;
    let Some(token) = fields.filled("pending_token").map(PendingToken::from) else { return Err(fields.refused()) };
    fields.finish()?;
    let pending = crate::slices::index::Operations::pending_login(&**manager, &token, backend).await?;
    let factors: Vec<_> = pending
        .factors
        .iter()
        .map(|OfferedFactor { kind, options }| json!({ "kind": kind.as_str(), "options": options }))
        .collect();
    Outgoing::json(StatusCode::OK, &json!({ "factors": factors, "expires_in": pending.expires_in.as_secs() }))
}

async fn step_up<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    // A session is replaced by one of its own backend.
    if login_backend_of(&**manager, &request)?.name() != principal.session.backend {
        return Err(Problem::not_found());
    }
    let mut fields = Fields::form(&request.parts.headers, &request.body).await?;
    let mut wanted = StepUp::new();
    wanted.password = fields.optional_password("password");
    wanted.pending = fields.optional_text("pending_token").map(PendingToken::from);
    wanted.proof = answer_of(&mut fields)?;
    fields.finish()?;
    let cx = request.into_context(Some(&principal));
    let logged_in = manager.step_up(&principal, wanted, &cx).await?;
    Outgoing::logged_in(&**manager, logged_in, &cx)
}

async fn factors<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let cx = request.into_context(Some(&principal));
    Outgoing::json(StatusCode::OK, &manager.factors(principal.user(), &cx).await?)
}

async fn rename<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let id = CredentialId::new(request.path_text()?);
    let mut fields = Fields::json(&request.parts.headers, &request.body)?;
    let label = fields.text("label");
    fields.finish()?;
    let cx = request.into_context(Some(&principal));
    Outgoing::json(StatusCode::OK, &manager.rename_factor(principal.user(), &id, label.as_deref(), &cx).await?)
}

async fn remove<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let id = CredentialId::new(request.path_text()?);
    let cx = request.into_context(Some(&principal));
    manager.remove_factor(principal.user(), &id, &cx).await?;
    Ok(Outgoing::no_content())
}

async fn recovery_codes<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let cx = request.into_context(Some(&principal));
    let codes = manager.replace_recovery_codes(principal.user(), &cx).await?;
    Outgoing::json(StatusCode::OK, &json!({ "recovery_codes": shown(Some(&codes)) }))
}

async fn remove_all<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let id = request.param.as_deref().and_then(|id| id.parse().ok()).ok_or_else(Problem::not_found)?;
    let cx = request.into_context(Some(&principal));
    manager.remove_all_factors(&Admin::guarded(&principal), &id, &cx).await?;
    Ok(Outgoing::no_content())
}

/// The codes as they are shown once.
fn shown(codes: Option<&RecoveryCodes>) -> Value {
    codes.map_or(Value::Null, |codes| codes.expose().collect::<Vec<_>>().into())
}

/// The answer to a factor that was added.
pub(crate) fn added<E: Into<Problem>>(outcome: Result<AddedFactor, E>) -> Result<Outgoing, Problem> {
    let AddedFactor { factor, recovery_codes } = outcome.map_err(Into::into)?;
    Outgoing::json(StatusCode::OK, &json!({ "factor": factor, "recovery_codes": shown(recovery_codes.as_ref()) }))
}
