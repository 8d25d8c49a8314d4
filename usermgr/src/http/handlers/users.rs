//! The routes under `/users`: one's own account, and for superusers everybody's.

use std::sync::Arc;

use ::http::StatusCode;
use percent_encoding::percent_decode_str;
use serde_json::json;

use super::{IdOf, id};
use crate::{
    admin::Admin,
    change::unreadable::is_unreadable,
    error::{DeleteError, Fault, UpdateError},
    http::{
        Guard, Incoming, Outgoing, Problem,
        body::{Fields, fault},
        identify::{demand, demand_fresh},
    },
    manager::UserManager,
    operations::{Administration, Operations},
    session::Principal,
    store::{Directory, ListQuery, UserStore},
    user::{AdminUpdate, Profile, UpdateMe},
};

type UpdateOf<M> = <<<M as UserManager>::Store as UserStore>::Profile as Profile>::Update;

pub(in crate::http) async fn me<M: UserManager>(manager: &M, request: Incoming) -> Result<Outgoing, Problem> {
    let principal = demand(manager, &request.parts, Guard::active()).await?;
    Outgoing::json(StatusCode::OK, principal.user())
}

pub(in crate::http) async fn update_me<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
) -> Result<Outgoing, Problem> {
    let principal = demand(&**manager, &request.parts, Guard::active()).await?;
    let mut fields = Fields::json(&request.parts.headers, &request.body)?;
    let email = fields.optional_email("email", manager.engine_ref().email_rules(), &principal.user().email);
    let password = fields.optional_password("password");
    let current_password = fields.optional_password("current_password");
    let Some(profile) = fields.profile::<UpdateOf<M>>() else {
        return Err(fields.refused());
    };
    fields.finish()?;
    let cx = request.into_context(Some(&principal));
    let update = UpdateMe { email, password, current_password, profile };
    let updated = match manager.engine_ref().proves_new_addresses() {
        false => manager.update(principal.user(), update, &cx).await,
        true => manager.update_proving_email(principal.user(), update, &cx).await,
    };
    match updated {
        Ok(user) => Outgoing::json(StatusCode::OK, &user),
        // Deleted since the guard let him pass.
        Err(UpdateError::NotFound) => Err(Problem::unauthorized()),
        Err(error) => Err(error.into()),
    }
}

pub(in crate::http) async fn delete_me<M: UserManager>(manager: &M, request: Incoming) -> Result<Outgoing, Problem> {
    let principal = demand_fresh(manager, &request.parts).await?;
    let cx = request.into_context(Some(&principal));
    match manager.delete(principal.user(), &cx).await {
        Ok(()) => Ok(Outgoing::no_content()),
        // Deleted since the guard let him pass.
        Err(DeleteError::NotFound) => Err(Problem::unauthorized()),
        Err(error) => Err(error.into()),
    }
}

pub(in crate::http) async fn user<M: UserManager>(manager: &M, request: Incoming) -> Result<Outgoing, Problem> {
    superuser(manager, &request).await?;
    let user = manager.get(&id::<M>(request.param.as_deref())?).await?.ok_or_else(Problem::not_found)?;
    Outgoing::json(StatusCode::OK, &user)
}

pub(in crate::http) async fn update_user<M: UserManager>(manager: &M, request: Incoming) -> Result<Outgoing, Problem> {
    let (principal, admin) = superuser(manager, &request).await?;
    let id = id::<M>(request.param.as_deref())?;
    // An unknown user is 404 before a bad body is 422.
    let user = match manager.get(&id).await {
        Err(fault) if is_unreadable(&fault) => {
            return update_unreadable(manager, request, &principal, &id, fault).await;
        }
        found => found?.ok_or_else(Problem::not_found)?,
    };
    let mut fields = Fields::json(&request.parts.headers, &request.body)?;
    let email = fields.optional_email("email", manager.engine_ref().email_rules(), &user.email);
    let password = fields.optional_password("password");
    let [is_active, is_superuser, is_verified] =
        ["is_active", "is_superuser", "is_verified"].map(|name| fields.optional_flag(name));
    let Some(profile) = fields.profile::<UpdateOf<M>>() else {
        return Err(fields.refused());
    };
    fields.finish()?;
    let cx = request.into_context(Some(&principal));
    let update = AdminUpdate { email, password, is_active, is_superuser, is_verified, profile };
    let user = manager.update_user(&admin, &id, update, &cx).await?;
    Outgoing::json(StatusCode::OK, &user)
}

/// Where the profile cannot be read, `is_active` alone can be changed. Whatever is asked beside it is answered as the fault that it is.
async fn update_unreadable<M: UserManager>(
    manager: &M,
    request: Incoming,
    principal: &Principal<M::Store>,
    id: &IdOf<M>,
    fault: Fault,
) -> Result<Outgoing, Problem> {
    let mut fields = Fields::json(&request.parts.headers, &request.body)?;
    let active = fields.optional_flag("is_active");
    let alone = fields.is_empty();
    fields.finish()?;
    let Some(active) = active.filter(|_| alone) else { return Err(fault.into()) };
    let cx = request.into_context(Some(principal));
    let user = manager.set_active(&Admin::guarded(principal), id, active, &cx).await?;
    Outgoing::json(StatusCode::OK, &user)
}

pub(in crate::http) async fn delete_user<M: UserManager>(manager: &M, request: Incoming) -> Result<Outgoing, Problem> {
    let (principal, admin) = superuser(manager, &request).await?;
    let id = id::<M>(request.param.as_deref())?;
    let cx = request.into_context(Some(&principal));
    manager.delete_user(&admin, &id, &cx).await?;
    Ok(Outgoing::no_content())
}

pub(in crate::http) async fn list_users<M: UserManager<Store: Directory>>(
    manager: &M,
    request: Incoming,
) -> Result<Outgoing, Problem> {
    let (_, admin) = superuser(manager, &request).await?;
    let query = list_query(&request, |text| text.parse::<IdOf<M>>().ok())?;
    Outgoing::json(StatusCode::OK, &manager.list_users(&admin, query).await?)
}

async fn superuser<M: UserManager>(manager: &M, request: &Incoming) -> Result<(Principal<M::Store>, Admin), Problem> {
    let principal = demand(manager, &request.parts, Guard::active().superuser()).await?;
    let admin = Admin::guarded(&principal);
    Ok((principal, admin))
}

/// Which page of a list is wanted; the second says what may be a cursor.
pub(super) fn list_query<I>(request: &Incoming, read: impl Fn(&str) -> Option<I>) -> Result<ListQuery<I>, Problem> {
    let query = request.parts.uri.query().unwrap_or_default();
    let value = |name: &str| {
        let pair = query.split('&').find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name));
        pair.map(|(_, value)| percent_decode_str(value).decode_utf8_lossy().into_owned())
    };
    let refuse =
        |name: &str, message: String| Problem::invalid(vec![fault("value_error", json!(["query", name]), &message)]);
    let after = match value("cursor") {
        Some(text) => {
            Some(read(&text).ok_or_else(|| refuse("cursor", "Input should be a cursor of an earlier page".into()))?)
        }
        None => None,
    };
    let most = ListQuery::<I>::MAX_LIMIT;
    let limit = match value("limit") {
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=most).contains(limit))
            .ok_or_else(|| refuse("limit", format!("Input should be a number from 1 to {most}")))?,
        None => ListQuery::<I>::default().limit,
    };
    Ok(ListQuery { after, limit })
}
