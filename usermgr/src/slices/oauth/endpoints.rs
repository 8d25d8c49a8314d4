//! The routes for sign-ins through other providers, and for a user's identities.

use std::sync::Arc;

use ::http::StatusCode;
use serde::Serialize;

use super::{
    LinkedIdentity,
    browser::{Begin, Ended, begin, ended, parameters, passed_on, wanted},
    callback::{Arrived, Place, counted},
};
use crate::{
    error::Code,
    federation::{FlowKind, Installed, NAME},
    http::{
        Guard, Incoming, Outgoing, Problem, Success, Takes, check_origin, check_reader, cookies, endpoints, pairs_of,
        query_pairs,
    },
    manager::UserManager,
    op::Begun,
    session::Principal,
    store::CredentialId,
};

/// What a sign-in may refuse with.
pub(crate) const REFUSALS: &[Code] = &[
    Code::AccessTokenDecodeError,
    Code::AccessTokenAlreadyExpired,
    Code::OAuthInvalidState,
    Code::OAuthNotAvailableEmail,
    Code::OAuthUserAlreadyExists,
    Code::OAuthRefused,
    Code::OAuthRegistrationClosed,
    Code::OAuthProfileIncomplete,
    Code::LoginBadCredentials,
    Code::LoginUserNotVerified,
    Code::LoginSecondFactorRequired,
    Code::OAuthProviderUnavailable,
    Code::TooManyRequests,
];
/// What the callback of a link may refuse with.
const LINK_REFUSALS: &[Code] = &[
    Code::AccessTokenDecodeError,
    Code::AccessTokenAlreadyExpired,
    Code::OAuthInvalidState,
    Code::OAuthRefused,
    Code::OAuthAlreadyLinked,
    Code::OAuthProviderUnavailable,
    Code::TooManyRequests,
];
/// The parameters of a callback.
const ANSWER: Takes = Takes::Query(&["code", "state", "iss", "error", "user"]);
/// The same in a form, as Apple sends them.
const FORM_ANSWER: Takes = Takes::OptionalForm(&["code", "state", "iss", "error", "user"]);
const WANTED: Takes = Takes::Query(&["scopes", "backend"]);
const START: Takes = Takes::OptionalForm(&["return_to", "backend", "scopes"]);

endpoints! {
    parts {
        /// Lists the providers, for buttons.
        providers => Route::get("/auth/providers", ListProviders, "oauth:list_providers")
            .summary("List the providers with which users sign in")
            .answers(Success::Providers)
            .needs(NAME);
        /// Begins linking an account at a provider.
        authorize_link for Guard::active().fresh() =>
            Route::get("/auth/associate/{provider}/authorize", AuthorizeAssociation, "oauth-associate:authorize")
                .summary("Get the URL at a provider, to link an account there")
                .takes(WANTED)
                .answers(Success::AuthorizationUrl)
                .codes(&[Code::ReauthenticationRequired, Code::OAuthProviderUnavailable])
                .names_something()
                .needs(NAME);
        /// Begins linking an account at a provider with a redirect.
        start_link for Guard::active().fresh() =>
            Route::post("/auth/associate/{provider}/start", StartAssociation, "oauth-associate:start")
                .summary("Go to a provider, to link an account there")
                .takes(START)
                .answers(Success::Redirect)
                .codes(&[Code::ReauthenticationRequired, Code::OAuthProviderUnavailable])
                .names_something()
                .needs(NAME);
        /// Links an account at a provider.
        link for Guard::active() =>
            Route::get("/auth/associate/{provider}/callback", AssociationCallback, "oauth-associate:callback")
                .summary("Link the account with which you come back from a provider")
                .takes(ANSWER)
                .answers(Success::User)
                .codes(LINK_REFUSALS)
                .gated()
                .names_something()
                .needs(NAME);
        /// Passes the form of a provider on as a GET.
        link_form => Route::post("/auth/associate/{provider}/callback", AssociationCallbackForm, "oauth-associate:callback_form")
            .summary("Come back from a provider that answers with a form, to link an account")
            .takes(FORM_ANSWER)
            .answers(Success::Redirect)
            .codes(&[Code::OAuthInvalidState])
            .names_something()
            .needs(NAME);
        /// Begins a sign-in.
        authorize => Route::get("/auth/{provider}/authorize", AuthorizeOAuth, "oauth:authorize")
            .summary("Get the URL at a provider, to sign in")
            .takes(WANTED)
            .answers(Success::AuthorizationUrl)
            .codes(&[Code::OAuthProviderUnavailable])
            .names_something()
            .needs(NAME);
        /// Begins a sign-in with a redirect.
        start => Route::post("/auth/{provider}/start", StartOAuth, "oauth:start")
            .summary("Go to a provider, to sign in")
            .takes(START)
            .answers(Success::Redirect)
            .codes(&[Code::CrossOriginRequest, Code::OAuthProviderUnavailable])
            .names_something()
            .needs(NAME);
        /// Signs in.
        callback => Route::get("/auth/{provider}/callback", OAuthCallback, "oauth:callback")
            .summary("Come back from a provider and sign in")
            .takes(ANSWER)
            .answers(Success::Login)
            .codes(REFUSALS)
            .gated()
            .names_something()
            .needs(NAME);
        /// Passes the form of a provider on as a GET.
        callback_form => Route::post("/auth/{provider}/callback", OAuthCallbackForm, "oauth:callback_form")
            .summary("Come back from a provider that answers with a form")
            .takes(FORM_ANSWER)
            .answers(Success::Redirect)
            .codes(&[Code::OAuthInvalidState])
            .names_something()
            .needs(NAME);
        /// Lists the caller's accounts at providers.
        identities for Guard::active() => Route::get("/users/me/identities", ListIdentities, "users:list_identities")
            .summary("List your accounts at providers")
            .answers(Success::Identities)
            .needs(NAME);
        /// Unlinks one of the caller's accounts at providers.
        unlink for Guard::active().fresh() =>
            Route::delete("/users/me/identities/{id}", UnlinkIdentity, "users:unlink_identity")
                .summary("Unlink one of your accounts at providers")
                .codes(&[Code::OAuthLastLoginMethod, Code::ReauthenticationRequired])
                .gated()
                .names_something()
                .needs(NAME);
    }
}

/// A provider, for a button.
#[derive(Serialize)]
struct Listed<'a> {
    name: &'a str,
    label: &'a str,
}

/// The installed part. Its routes are mounted only with it.
pub(crate) fn installed<M: UserManager>(manager: &M) -> Result<&Installed<M::Store>, Problem> {
    manager.engine_ref().kept().ok_or_else(Problem::not_found)
}

/// The provider in the path.
pub(crate) fn place<'a, M: UserManager>(
    manager: &'a M,
    request: &Incoming,
    kind: FlowKind,
) -> Result<Place<'a, M::Store>, Problem> {
    let installed = installed(manager)?;
    let remote = request.param.as_deref().and_then(|name| installed.remote(name)).ok_or_else(Problem::not_found)?;
    Ok(Place { installed, remote, kind })
}

async fn providers<M: UserManager>(manager: &Arc<M>, _: Incoming) -> Result<Outgoing, Problem> {
    let providers = installed(&**manager)?.remotes().iter().map(|remote| remote.provider());
    let listed: Vec<_> =
        providers.map(|provider| Listed { name: provider.name(), label: provider.label_text() }).collect();
    Outgoing::json(StatusCode::OK, &listed)
}

/// Begins a flow by a request for its URL.
async fn as_url<M: UserManager>(
    manager: &M,
    request: Incoming,
    kind: FlowKind,
    principal: Option<&Principal<M::Store>>,
) -> Result<Outgoing, Problem> {
    let place = place(manager, &request, kind)?;
    let wanted = wanted(manager, place.installed, query_pairs(&request.parts)?, false)?;
    begin(manager, &place, request, wanted, principal).await.and_then(|begun| begun.as_json())
}

/// Begins a flow by a form that a page of the own origin sends, and redirects.
async fn as_redirect<M: UserManager>(
    manager: &M,
    request: Incoming,
    kind: FlowKind,
    principal: Option<&Principal<M::Store>>,
) -> Result<Outgoing, Problem> {
    check_origin(&request.parts, manager.engine_ref().allowed_origins())?;
    let place = place(manager, &request, kind)?;
    let wanted = wanted(manager, place.installed, pairs_of(&request).await?, true)?;
    begin(manager, &place, request, wanted, principal).await.map(Begin::into_redirect)
}

async fn authorize<M: UserManager>(manager: &Arc<M>, request: Incoming) -> Result<Outgoing, Problem> {
    as_url(&**manager, request, FlowKind::Login, None).await
}

async fn authorize_link<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    // No other site can read the answer, but one could make its visitors begin.
    check_reader(&request.parts, manager.engine_ref().allowed_origins())?;
    as_url(&**manager, request, FlowKind::Link, Some(&principal)).await
}

async fn start<M: UserManager>(manager: &Arc<M>, request: Incoming) -> Result<Outgoing, Problem> {
    as_redirect(&**manager, request, FlowKind::Login, None).await
}

async fn start_link<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    as_redirect(&**manager, request, FlowKind::Link, Some(&principal)).await
}

async fn callback<M: UserManager>(manager: &Arc<M>, request: Incoming) -> Result<Outgoing, Problem> {
    let place = place(&**manager, &request, FlowKind::Login)?;
    let (parameters, parts) = (parameters(&request.parts)?, request.parts.clone());
    let cx = request.into_context::<M::Store>(None);
    let begun = Begun::new(&**manager, &cx)?;
    let op = begun.op();
    let mut flow = None;
    let work = async {
        let resumed = place.resume(op, &parameters, |name| cookies(&parts.headers, name))?;
        let resumed = flow.insert(resumed);
        place.sign_in(op, resumed, &parameters).await
    };
    let outcome = match counted(op, work).await {
        Ok(Arrived::Session(logged_in)) => Ok(Ended::Answer(Outgoing::logged_in(&**manager, *logged_in, &cx)?)),
        Ok(Arrived::Code(code)) => Ok(Ended::Code(code)),
        Err(error) => Err(error),
    };
    ended(&place, op, &parts, flow, outcome)
}

async fn link<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let place = place(&**manager, &request, FlowKind::Link)?;
    let (parameters, parts) = (parameters(&request.parts)?, request.parts.clone());
    let cx = request.into_context(Some(&principal));
    let begun = Begun::new(&**manager, &cx)?;
    let op = begun.op();
    let mut flow = None;
    let work = async {
        let resumed = place.resume(op, &parameters, |name| cookies(&parts.headers, name))?;
        let resumed = flow.insert(resumed);
        place.link(op, resumed, &parameters, &principal).await
    };
    let answer = match counted(op, work).await {
        Ok(user) => Ok(Ended::Answer(Outgoing::user(StatusCode::OK, manager.engine_ref(), &user)?)),
        Err(error) => Err(error),
    };
    ended(&place, op, &parts, flow, answer)
}

/// Passes the form of a provider on to the callback.
async fn as_get<M: UserManager>(manager: &M, request: Incoming, kind: FlowKind) -> Result<Outgoing, Problem> {
    let callback = place(manager, &request, kind)?.redirect_uri();
    passed_on(&callback, pairs_of(&request).await?)
}

async fn callback_form<M: UserManager>(manager: &Arc<M>, request: Incoming) -> Result<Outgoing, Problem> {
    as_get(&**manager, request, FlowKind::Login).await
}

async fn link_form<M: UserManager>(manager: &Arc<M>, request: Incoming) -> Result<Outgoing, Problem> {
    as_get(&**manager, request, FlowKind::Link).await
}

async fn identities<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let cx = request.into_context(Some(&principal));
    let linked: Vec<LinkedIdentity> = super::identities(Begun::new(&**manager, &cx)?.op(), principal.user()).await?;
    Outgoing::json(StatusCode::OK, &linked)
}

async fn unlink<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let id = CredentialId::new(request.path_text()?);
    let cx = request.into_context(Some(&principal));
    super::unlink(Begun::new(&**manager, &cx)?.op(), principal.user(), &id).await?;
    Ok(Outgoing::no_content())
}
