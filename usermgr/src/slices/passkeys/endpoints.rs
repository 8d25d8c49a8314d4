//! The routes of passkeys.

use std::{sync::Arc, time::Duration};

use ::http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};

use super::part::NAME;
use crate::{
    error::Code,
    http::{
        Fields, Guard, Incoming, Outgoing, Problem, Success, Takes, endpoints, invalid_parameter, login_backend_of,
    },
    manager::UserManager,
    passkey::PasskeyChallenge,
    session::Principal,
    slices::{
        factors::endpoints::{ADDING, BEGIN_REFUSALS, added},
        index::{Factors, Invite, Operations},
        invitations::NAME as INVITATIONS,
    },
    token::PasskeyToken,
};

endpoints! {
    parts {
        /// Lists the caller's passkeys.
        list for Guard::active() => Route::get("/users/me/factors/passkeys", ListPasskeys, "users:list_passkeys")
            .summary("List your passkeys")
            .answers(Success::Passkeys)
            .needs(NAME);
        /// Begins adding a passkey to the caller's account.
        begin for ADDING => Route::post("/users/me/factors/passkeys", BeginPasskey, "users:begin_passkey")
            .summary("Get the options for a new passkey")
            .answers(Success::PasskeyOptions)
            .codes(BEGIN_REFUSALS)
            .needs(NAME);
        /// Adds a passkey to the caller's account.
        confirm for ADDING =>
            Route::post("/users/me/factors/passkeys/confirm", AddPasskey, "users:add_passkey")
                .summary("Add a passkey to your account")
                .takes(Takes::FieldsAnd(&["pending_token", "credential"], &["label"]))
                .answers(Success::AddedFactor)
                .codes(&[
                    Code::FactorBadCode,
                    Code::FactorNotPending,
                    Code::FactorInvalidLabel,
                    Code::FactorNotVerified,
                    Code::FactorAlreadyAdded,
                    Code::FactorLimit,
                    Code::SecondFactorRequired,
                    Code::ReauthenticationRequired,
                ])
                .gated()
                .needs(NAME);
        /// Begins to accept an invitation with a passkey.
        begin_invitation =>
            Route::post("/auth/accept-invitation/passkey-options", BeginInvitationPasskey, "invitations:passkey_options")
                .summary("Get the options for the passkey of an invited user")
                .takes(Takes::Fields(&["token"]))
                .answers(Success::PasskeyOptions)
                .codes(&[Code::AcceptInvitationBadToken, Code::TooManyRequests])
                .needs(NAME)
                .needs(INVITATIONS);
        /// Accepts an invitation with a passkey.
        accept_invitation =>
            Route::post("/auth/accept-invitation/passkey", AcceptInvitationWithPasskey, "invitations:accept_with_passkey")
                .summary("Accept an invitation with a passkey")
                .takes(Takes::FieldsAnd(&["token", "pending_token", "credential"], &["label"]))
                .answers(Success::AddedFactor)
                .codes(&[
                    Code::AcceptInvitationBadToken,
                    Code::FactorBadCode,
                    Code::FactorNotPending,
                    Code::FactorInvalidLabel,
                    Code::FactorAlreadyAdded,
                    Code::TooManyRequests,
                ])
                .gated()
                .needs(NAME)
                .needs(INVITATIONS);
        /// Begins a login with a passkey.
        begin_login => Route::post("/auth/{backend}/login/passkey-options", BeginPasskeyLogin, "auth:{}.passkey_options")
            .summary("Get the options for a login with a passkey")
            .takes(Takes::Query(&["mediation"]))
            .answers(Success::PasskeyOptions)
            .needs(NAME);
        /// Logs in with a passkey.
        log_in => Route::post("/auth/{backend}/login/passkey", LoginWithPasskey, "auth:{}.login_with_passkey")
            .summary("Log in with a passkey")
            .takes(Takes::Fields(&["pending_token", "credential"]))
            .answers(Success::Login)
            .codes(&[
                Code::LoginBadCredentials,
                Code::LoginNotPending,
                Code::LoginUserNotVerified,
                Code::TooManyRequests,
            ])
            .gated()
            .needs(NAME);
    }
}

/// A challenge on the wire.
#[derive(Serialize)]
struct Begun<'a> {
    options: &'a Value,
    pending_token: &'a str,
    expires_in: u64,
}

fn begun(challenge: &PasskeyChallenge) -> Result<Outgoing, Problem> {
    let PasskeyChallenge { options, token, expires_in } = challenge;
    let expires_in = Duration::as_secs(expires_in);
    Outgoing::json(StatusCode::OK, &Begun { options, pending_token: token.expose(), expires_in })
}

/// An answer of an authenticator, with the token of its challenge and the other text of the route.
fn answered(
    request: &Incoming,
    more: impl FnOnce(&mut Fields) -> Option<String>,
) -> Result<(PasskeyToken, Value, Option<String>), Problem> {
    let mut fields = Fields::json(&request.parts.headers, &request.body)?;
    let (token, answer, more) = (fields.text("pending_token"), fields.object("credential"), more(&mut fields));
    let (Some(token), Some(answer)) = (token, answer) else { return Err(fields.refused()) };
    fields.finish()?;
    Ok((token.into(), answer, more))
}

async fn list<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let cx = request.into_context(Some(&principal));
    let passkeys = manager.passkeys(principal.user(), &cx).await?;
    Outgoing::json(StatusCode::OK, &passkeys)
}

async fn begin<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let cx = request.into_context(Some(&principal));
    begun(&manager.begin_passkey(&principal, &cx).await?)
}

async fn confirm<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let (token, answer, label) = answered(&request, |fields| fields.optional_text("label"))?;
    let cx = request.into_context(Some(&principal));
    added(manager.add_passkey(&principal, &token, &answer, label.as_deref(), &cx).await)
}

async fn begin_invitation<M: UserManager>(manager: &Arc<M>, request: Incoming) -> Result<Outgoing, Problem> {
    let mut fields = Fields::json(&request.parts.headers, &request.body)?;
    let Some(token) = fields.text("token") else { return Err(fields.refused()) };
    let cx = request.into_context::<M::Store>(None);
    begun(&manager.begin_invitation_passkey(&token.into(), &cx).await?)
}

async fn accept_invitation<M: UserManager>(manager: &Arc<M>, request: Incoming) -> Result<Outgoing, Problem> {
    let mut fields = Fields::json(&request.parts.headers, &request.body)?;
    let (token, pending) = (fields.text("token"), fields.text("pending_token"));
    let (answer, label) = (fields.object("credential"), fields.optional_text("label"));
    let (Some(token), Some(pending), Some(answer)) = (token, pending, answer) else { return Err(fields.refused()) };
    fields.finish()?;
    let (cx, token, pending) = (request.into_context::<M::Store>(None), token.into(), pending.into());
    added(manager.accept_invitation_with_passkey(&token, &pending, &answer, label.as_deref(), &cx).await)
}

async fn begin_login<M: UserManager>(manager: &Arc<M>, request: Incoming) -> Result<Outgoing, Problem> {
    let backend = login_backend_of(&**manager, &request)?.name();
    let is_conditional = match request.query_text("mediation")?.as_deref() {
        None => false,
        Some("conditional") => true,
        Some(_) => return Err(invalid_parameter("query", "mediation", "Input should be 'conditional'")),
    };
    let cx = request.into_context::<M::Store>(None);
    let mut challenge = manager.begin_passkey_login(backend, &cx).await?;
    if is_conditional {
        challenge.options["mediation"] = json!("conditional");
    }
    begun(&challenge)
}

async fn log_in<M: UserManager>(manager: &Arc<M>, request: Incoming) -> Result<Outgoing, Problem> {
    let backend = login_backend_of(&**manager, &request)?.name();
    let (token, answer, _) = answered(&request, |_| None)?;
    let cx = request.into_context::<M::Store>(None);
    let logged_in = manager.login_with_passkey(&token, &answer, backend, &cx).await?;
    Outgoing::logged_in(&**manager, logged_in, &cx)
}
