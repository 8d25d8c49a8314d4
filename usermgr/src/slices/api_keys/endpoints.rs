//! The routes with which users manage their API keys, and superusers see and revoke those of others. None of them can be
//! called with a key.

use std::{sync::Arc, time::Duration};

use ::http::StatusCode;
use serde::Serialize;

use super::part::NAME;
use crate::{
    admin::Admin,
    api_key::{CreatedApiKey, NewApiKey},
    error::Code,
    http::{Fields, Guard, Incoming, Outgoing, Problem, Success, Takes, endpoints},
    manager::UserManager,
    session::Principal,
    slices::{
        administration::endpoints::{found, id},
        index::ApiKeyring,
    },
    store::{ApiKeyInfo, CredentialId},
};

/// Who makes a key. Who takes one away need not have logged in recently.
const MAKING: Guard = Guard::active().fresh();
const SUPERUSER: Guard = Guard::active().superuser();

endpoints! {
    parts {
        /// Lists the caller's API keys.
        list for Guard::active() => Route::get("/users/me/api-keys", ListApiKeys, "users:list_api_keys")
            .summary("List your API keys")
            .answers(Success::ApiKeys)
            .needs(NAME);
        /// Makes an API key.
        create for MAKING => Route::post("/users/me/api-keys", CreateApiKey, "users:create_api_key")
            .summary("Make an API key")
            .takes(Takes::FieldsAnd(&["scopes"], &["label", "expires_in", "never_expires"]))
            .answers(Success::CreatedApiKey)
            .codes(&[
                Code::ApiKeyScopeNotAllowed,
                Code::ApiKeyInvalidLifetime,
                Code::ApiKeyInvalidLabel,
                Code::ApiKeyLimit,
                Code::ApiKeyNotVerified,
                Code::SecondFactorRequired,
                Code::ReauthenticationRequired,
            ])
            .gated()
            .needs(NAME);
        /// Gives one of the caller's API keys a label.
        rename for Guard::active() => Route::patch("/users/me/api-keys/{id}", RenameApiKey, "users:rename_api_key")
            .summary("Give an API key a label")
            .takes(Takes::Fields(&["label"]))
            .answers(Success::ApiKey)
            .codes(&[Code::ApiKeyInvalidLabel])
            .personal()
            .names_something()
            .needs(NAME);
        /// Revokes one of the caller's API keys.
        revoke for Guard::active() => Route::delete("/users/me/api-keys/{id}", RevokeApiKey, "users:revoke_api_key")
            .summary("Revoke an API key")
            .personal()
            .gated()
            .names_something()
            .needs(NAME);
        /// Makes an API key in place of one of the caller's.
        rotate for MAKING => Route::post("/users/me/api-keys/{id}/rotate", RotateApiKey, "users:rotate_api_key")
            .summary("Replace an API key by a new one")
            .takes(Takes::FieldsAnd(&[], &["overlap"]))
            .answers(Success::CreatedApiKey)
            .codes(&[
                Code::ApiKeyInvalidLifetime,
                Code::ApiKeyLimit,
                Code::ApiKeyNotVerified,
                Code::SecondFactorRequired,
                Code::ReauthenticationRequired,
            ])
            .gated()
            .names_something()
            .needs(NAME);
        /// Lists the API keys of a user.
        list_of_user for SUPERUSER => Route::get("/users/{id}/api-keys", ListUserApiKeys, "users:list_user_api_keys")
            .summary("List the API keys of a user")
            .answers(Success::ApiKeys)
            .names_something()
            .needs(NAME);
        /// Revokes API keys of a user.
        revoke_of_user for SUPERUSER.fresh() =>
            Route::delete("/users/{id}/api-keys", RevokeUserApiKeys, "users:revoke_user_api_keys")
                .summary("Revoke all API keys of a user, or the one in the query")
                .takes(Takes::Query(&["key"]))
                .codes(&[Code::ReauthenticationRequired])
                .gated()
                .names_something()
                .needs(NAME);
    }
}

/// A key on the wire, in the one answer that has its text.
#[derive(Serialize)]
struct Shown<'a> {
    key: &'a str,
    #[serde(flatten)]
    info: &'a ApiKeyInfo,
}

fn shown(CreatedApiKey { key, info }: &CreatedApiKey) -> Result<Outgoing, Problem> {
    Outgoing::json(StatusCode::CREATED, &Shown { key: key.expose(), info })
}

/// The key in the path.
fn named(request: &Incoming) -> Result<CredentialId, Problem> {
    Ok(CredentialId::new(request.path_text()?))
}

async fn list<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let cx = request.into_context(Some(&principal));
    Outgoing::json(StatusCode::OK, &manager.api_keys(principal.user(), &cx).await?)
}

async fn create<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let mut fields = Fields::json(&request.parts.headers, &request.body)?;
    let (scopes, label, lifetime) =
        (fields.texts("scopes"), fields.optional_text("label"), fields.optional_seconds("expires_in"));
    let never_expires = fields.optional_flag("never_expires").unwrap_or_default();
    let Some(scopes) = scopes else { return Err(fields.refused()) };
    fields.finish()?;
    let mut new = NewApiKey::new(scopes);
    (new.label, new.expires_in, new.never_expires) = (label, lifetime.map(Duration::from_secs), never_expires);
    let cx = request.into_context(Some(&principal));
    shown(&manager.create_api_key(&principal, new, &cx).await?)
}

async fn rename<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let id = named(&request)?;
    let mut fields = Fields::json(&request.parts.headers, &request.body)?;
    let label = fields.text("label");
    fields.finish()?;
    let cx = request.into_context(Some(&principal));
    Outgoing::json(StatusCode::OK, &manager.rename_api_key(principal.user(), &id, label.as_deref(), &cx).await?)
}

async fn revoke<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let id = named(&request)?;
    let cx = request.into_context(Some(&principal));
    manager.revoke_api_key(principal.user(), &id, &cx).await?;
    Ok(Outgoing::no_content())
}

async fn rotate<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let id = named(&request)?;
    // Without a body, the old key ends at once.
    let mut fields = Fields::embedded(&request.parts.headers, &request.body)?;
    let overlap = fields.optional_seconds("overlap").unwrap_or_default();
    fields.finish()?;
    let cx = request.into_context(Some(&principal));
    shown(&manager.rotate_api_key(&principal, &id, Duration::from_secs(overlap), &cx).await?)
}

async fn list_of_user<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let user = found(manager, &request).await?;
    let cx = request.into_context(Some(&principal));
    Outgoing::json(StatusCode::OK, &manager.api_keys(&user, &cx).await?)
}

async fn revoke_of_user<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    principal: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let (id, only) = (id::<M>(&request)?, request.query_text("key")?.map(CredentialId::new));
    let cx = request.into_context(Some(&principal));
    manager.revoke_user_api_keys(&Admin::guarded(&principal), &id, only.as_ref(), &cx).await?;
    Ok(Outgoing::no_content())
}
