//! What superusers do with other users' accounts: changing and deleting them, and ending their sessions.

use crate::{
    admin::Admin,
    change::{
        delete,
        errors::{DeleteError, UpdateError},
        patch::{Patch, ProfilePatch, judged},
        proof::Proof,
        right::Right,
        unreadable,
        update::apply,
    },
    manager::{IdOf, ManagedUser, ProfileOf, UserManager},
    op::Op,
    slices::{SessionError, sessions},
    store::{Lookup, SessionStore, UserStore},
    user::{AdminUpdate, NoProfile, User},
};

pub(crate) async fn update_user<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    admin: &Admin,
    id: &IdOf<M>,
    update: AdminUpdate<ProfileOf<M>>,
) -> Result<ManagedUser<M>, UpdateError> {
    let Op { manager, engine, .. } = op;
    let AdminUpdate { email, username, password, is_active, is_superuser, is_verified, profile } = update;
    let email = match email.map(|text| (engine.email_rules().parse(&text), text)) {
        None => None,
        Some((Ok(email), _)) => Some(email),
        Some((Err(_), text)) => {
            let record = engine.store().find(Lookup::Id(id)).await?.ok_or(UpdateError::NotFound)?;
            Some(judged(manager, &text, &record.user.email)?)
        }
    };
    let username = match username.map(|text| (engine.new_username::<UpdateError>(&text, None, true), text)) {
        Some((Err(UpdateError::InvalidUsername(_)), text)) => {
            let record = engine.store().find(Lookup::Id(id)).await?.ok_or(UpdateError::NotFound)?;
            Some(engine.new_username::<UpdateError>(&text, record.user.username.as_ref(), true)?)
        }
        judged => judged.map(|(name, _)| name).transpose()?,
    };
    let patch = Patch {
        email,
        pending: None,
        username,
        password,
        is_active,
        is_superuser,
        is_verified,
        profile: Some(ProfilePatch::Administration(profile)),
    };
    let cx = admin.acting(op.cx);
    let op = Op { cx: &cx, ..op };
    Ok(apply(op, id, patch, Proof::Administrator, Right::to_administer(&cx)).await?.user)
}

pub(crate) async fn update_profile<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    admin: &Admin,
    id: &IdOf<M>,
    change: &(dyn Fn(&mut ProfileOf<M>) + Send + Sync),
) -> Result<ManagedUser<M>, UpdateError> {
    let patch = Patch { profile: Some(ProfilePatch::Closure(change)), ..Patch::nothing() };
    let cx = admin.acting(op.cx);
    let op = Op { cx: &cx, ..op };
    Ok(apply(op, id, patch, Proof::Given, Right::to_administer(&cx)).await?.user)
}

pub(crate) async fn set_active<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    admin: &Admin,
    id: &IdOf<M>,
    active: bool,
) -> Result<User<NoProfile, IdOf<M>>, UpdateError> {
    let (patch, cx) = (Patch { is_active: Some(active), ..Patch::nothing() }, admin.acting(op.cx));
    let op = Op { cx: &cx, ..op };
    match apply(op, id, patch, Proof::Given, Right::to_administer(&cx)).await {
        Ok(record) => Ok(record.user.without_profile()),
        Err(UpdateError::Fault(fault)) if unreadable::is_unreadable(&fault) => {
            unreadable::set_active(op, id, active, Right::to_administer(&cx)).await
        }
        Err(error) => Err(error),
    }
}

pub(crate) async fn set_superuser<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    admin: &Admin,
    id: &IdOf<M>,
    superuser: bool,
) -> Result<ManagedUser<M>, UpdateError> {
    let (patch, cx) = (Patch { is_superuser: Some(superuser), ..Patch::nothing() }, admin.acting(op.cx));
    let op = Op { cx: &cx, ..op };
    Ok(apply(op, id, patch, Proof::Given, Right::to_administer(&cx)).await?.user)
}

pub(crate) async fn delete_user<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    admin: &Admin,
    id: &IdOf<M>,
) -> Result<(), DeleteError> {
    let cx = admin.acting(op.cx);
    let op = Op { cx: &cx, ..op };
    match delete::by_id(op, id, Right::to_administer(&cx)).await {
        Err(DeleteError::Fault(fault)) if unreadable::is_unreadable(&fault) => {
            unreadable::delete(op, id, Right::to_administer(&cx)).await
        }
        outcome => outcome,
    }
}

pub(crate) async fn revoke_user_sessions<M: UserManager<Store: SessionStore> + ?Sized>(
    op: Op<'_, M>,
    admin: &Admin,
    id: &IdOf<M>,
) -> Result<(), SessionError> {
    let cx = admin.acting(op.cx);
    let op = Op { cx: &cx, ..op };
    sessions::revoke_all(op, id, sessions::Extent::Every, Right::to_administer(&cx)).await
}
