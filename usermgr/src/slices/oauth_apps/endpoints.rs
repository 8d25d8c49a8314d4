//! The routes for sign-ins of applications on devices.

use std::sync::Arc;

use ::http::StatusCode;
use serde_json::json;

use super::native;
use crate::{
    error::Code,
    federation::{Ending, FlowKind, NAME},
    http::{
        Fields, Incoming, Outgoing, Problem, Success, Takes, endpoints, invalid_parameter, login_backend_of,
        query_pairs,
    },
    manager::UserManager,
    op::Begun,
    slices::oauth::{self, Asked, Wanted, counted, endpoints as browser, is_challenge, redeem, wanted_backend},
    token::OAuthStateToken,
};

/// The longest name of a user, in bytes.
const LONGEST_NAME: usize = 255;

endpoints! {
    parts {
        /// Begins a sign-in of an application in the browser of the system.
        start => Route::get("/auth/{provider}/start", StartAppOAuth, "oauth:start_app")
            .summary("Go to a provider, to sign in to an application")
            .takes(Takes::Query(&["return_to", "code_challenge", "backend", "scopes"]))
            .answers(Success::Redirect)
            .codes(&[Code::OAuthProviderUnavailable])
            .names_something()
            .needs(NAME);
        /// Exchanges the one-time code of an application.
        exchange => Route::post("/auth/{backend}/exchange", ExchangeOAuthCode, "auth:{}.exchange")
            .summary("Exchange the code of a sign-in")
            .takes(Takes::Fields(&["code", "code_verifier"]))
            .answers(Success::Login)
            .codes(&[
                Code::OAuthInvalidCode,
                Code::LoginBadCredentials,
                Code::LoginUserNotVerified,
                Code::LoginSecondFactorRequired,
                Code::TooManyRequests,
            ])
            .gated()
            .needs(NAME);
        /// Makes a nonce for an ID token.
        nonce => Route::post("/auth/{provider}/nonce", OAuthNonce, "oauth:nonce")
            .summary("Get a nonce for an ID token of a provider")
            .answers(Success::Nonce)
            .names_something()
            .needs(NAME);
        /// Signs in with an ID token.
        native => Route::post("/auth/{backend}/native", NativeOAuth, "auth:{}.native")
            .summary("Sign in with an ID token of a provider")
            .takes(Takes::FieldsAnd(&["state", "id_token"], &["name"]))
            .answers(Success::Login)
            .codes(browser::REFUSALS)
            .gated()
            .needs(NAME);
    }
}

/// No page is needed to begin, since no session comes of it in this browser: only the application that has made the
/// challenge can use what comes back.
async fn start<M: UserManager>(manager: &Arc<M>, request: Incoming) -> Result<Outgoing, Problem> {
    let place = browser::place(&**manager, &request, FlowKind::Login)?;
    let Asked { backend, return_to, challenge, scopes } = Asked::of(query_pairs(&request.parts)?);
    let invalid = |name: &str, message: &str| invalid_parameter("query", name, message);
    let return_to = return_to.filter(|uri| place.installed.apps.has(uri));
    let return_to = return_to.ok_or_else(|| invalid("return_to", "Input should be a listed URI of an application"))?;
    let challenge = challenge.filter(|challenge| is_challenge(challenge));
    let challenge =
        challenge.ok_or_else(|| invalid("code_challenge", "Input should be a challenge of the method S256"))?;
    let backend = wanted_backend(&**manager, place.installed, backend, "query")?.name().to_owned();
    let ending = Ending { backend, return_to: Some(return_to), challenge: Some(challenge) };
    let wanted = Wanted { place: "query", ending, scopes };
    oauth::begin(&**manager, &place, request, wanted, None).await.map(oauth::Begin::into_redirect)
}

async fn exchange<M: UserManager>(manager: &Arc<M>, request: Incoming) -> Result<Outgoing, Problem> {
    let backend = login_backend_of(&**manager, &request)?.name();
    let mut fields = Fields::json(&request.parts.headers, &request.body)?;
    let (Some(code), Some(verifier)) = (fields.text("code"), fields.text("code_verifier")) else {
        return Err(fields.refused());
    };
    let cx = request.into_context::<M::Store>(None);
    let begun = Begun::new(&**manager, &cx)?;
    let logged_in = counted(begun.op(), redeem(begun.op(), &code, &verifier, backend)).await?;
    Outgoing::logged_in(&**manager, logged_in, &cx)
}

async fn nonce<M: UserManager>(manager: &Arc<M>, request: Incoming) -> Result<Outgoing, Problem> {
    let installed = browser::installed(&**manager)?;
    let place = request.param.as_deref().and_then(|name| native::place(installed, name));
    let place = place.ok_or_else(Problem::not_found)?;
    let cx = request.into_context::<M::Store>(None);
    let begun = native::begin(Begun::new(&**manager, &cx)?.op(), &place)?;
    Outgoing::json(StatusCode::OK, &json!({ "nonce": begun.nonce.as_str(), "state": begun.state.expose() }))
}

async fn native<M: UserManager>(manager: &Arc<M>, request: Incoming) -> Result<Outgoing, Problem> {
    let backend = login_backend_of(&**manager, &request)?.name();
    let mut fields = Fields::json(&request.parts.headers, &request.body)?;
    let (state, id_token, name) = (fields.text("state"), fields.text("id_token"), fields.optional_text("name"));
    let (Some(state), Some(id_token)) = (state, id_token) else { return Err(fields.refused()) };
    fields.finish()?;
    if name.as_ref().is_some_and(|name| name.len() > LONGEST_NAME || name.contains('\0')) {
        return Err(invalid_parameter("body", "name", "Input should be a name of at most 255 bytes"));
    }
    let received = native::Received { state: OAuthStateToken::from(state), id_token, name };
    let cx = request.into_context::<M::Store>(None);
    let begun = Begun::new(&**manager, &cx)?;
    let installed = browser::installed(&**manager)?;
    let logged_in = native::log_in(begun.op(), installed, &received, backend).await?;
    Outgoing::logged_in(&**manager, logged_in, &cx)
}
