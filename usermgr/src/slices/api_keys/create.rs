//! Making a key, for the user of a session or for a service account. Whose key it is, the session or the path says, and
//! never what a client sends.

use std::{borrow::Cow, collections::HashSet, time::Duration};

use super::{
    ApiKeyError,
    list::{Own, parts},
    notifications,
};
use jiff::Timestamp;

use crate::{
    admin::Admin,
    api_key::{ApiKey, CreatedApiKey, Keyring, NewApiKey},
    audit::EventKind,
    change::{
        right::Right,
        transaction::{Swap, hold},
        written::{Unwritten, until_written},
    },
    error::{Fault, RightLost},
    hook::{hook, raise},
    manager::{IdOf, ManagedUser, UserManager},
    notification::{enqueue::notify_about, notice::About},
    op::Op,
    session::Principal,
    slices::factors::acting,
    span::later,
    store::{ApiKeyInfo, CredentialDigest, FactorInfo, NewCredential},
    user::{Record, UserChange},
};

/// Makes a key of the user of a session.
pub(crate) async fn create<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    principal: &Principal<M::Store>,
    new: NewApiKey,
) -> Result<CreatedApiKey, ApiKeyError> {
    let cx = &acting(op.cx, principal);
    let op = Op { cx, ..op };
    let made = make(op, &principal.user().id, new, Right::of(cx), |_| Ok(())).await;
    made.map_err(|error| match error {
        // The account is gone, and the session with it.
        ApiKeyError::NotFound => Fault::RightLost(RightLost::Session).into(),
        error => error,
    })
}

/// Makes a key of a service account, on behalf of a superuser.
pub(crate) async fn create_for_service<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    admin: &Admin,
    user_id: &IdOf<M>,
    new: NewApiKey,
) -> Result<CreatedApiKey, ApiKeyError> {
    let cx = &admin.acting(op.cx);
    let op = Op { cx, ..op };
    let is_service =
        |user: &ManagedUser<M>| if user.is_service_account() { Ok(()) } else { Err(ApiKeyError::NoServiceAccount) };
    make(op, user_id, new, Right::to_administer(cx), is_service).await
}

async fn make<'a, M: UserManager + ?Sized>(
    op: Op<'a, M>,
    user_id: &IdOf<M>,
    new: NewApiKey,
    right: Right<'a>,
    fits: impl Fn(&ManagedUser<M>) -> Result<(), ApiKeyError>,
) -> Result<CreatedApiKey, ApiKeyError> {
    let Op { manager, engine, cx, .. } = op;
    let (keyring, credentials) = parts(op)?;
    let new = &settled(keyring, new)?;
    let (made, fits) = (Made::generate(keyring, user_id, new, engine.now())?, &fits);
    let (row, info) = (&made.row, &made.info);
    let read = || Own::read(op, user_id);
    let write = |own: Own<M::Store>| async move {
        let old = &own.record;
        fits(&old.user).map_err(Unwritten::Because)?;
        own.admit(op, 1).await.map_err(Unwritten::Because)?;
        may_have(op, &own, new).map_err(Unwritten::Because)?;
        hook!(gate(manager, Some(&old.user.id), cx): on_before_create_api_key(&old.user, new)).await??;
        let (mut held, now) = hold(engine, old, right, false).await?;
        if now.version != old.version {
            return Err(Unwritten::Stale);
        }
        credentials.insert(engine.store(), &mut held.tx, row).await?;
        let record = Record::clone(&now);
        let change = UserChange::ApiKeyCreated(&record.user);
        let notices = [notifications::created::<M>().notice().about_key(info)];
        held.commit(manager, Swap { old: &now, new: &record }, &change, &notices, cx).await?;
        Ok(record.user)
    };
    let user = until_written(None, read, write).await?;
    report(op, &user, &made.info, EventKind::ApiKeyCreated).await;
    Ok(made.shown())
}

/// A key with the row that is about to be written.
pub(super) struct Made<I> {
    key: ApiKey,
    pub(super) row: NewCredential<I>,
    pub(super) info: ApiKeyInfo,
}

impl<I: Clone> Made<I> {
    pub(super) fn generate(keyring: &Keyring, user_id: &I, new: &NewApiKey, now: Timestamp) -> Result<Self, Fault> {
        let key = ApiKey::generate(&keyring.prefix)?;
        let mut row = NewCredential::new(user_id.clone(), ApiKeyInfo::KIND, "", now);
        row.lookup = Some(CredentialDigest::of(key.expose()));
        row.label.clone_from(&new.label);
        row.expires_at = new.expires_in.map(|lifetime| later(now, lifetime));
        let info = ApiKeyInfo {
            id: row.id.clone(),
            label: row.label.clone(),
            hint: key.hint().to_owned(),
            scopes: new.scopes.clone(),
            created_at: row.created_at,
            expires_at: row.expires_at,
            used_at: None,
            used_from: None,
        };
        row.data = info.data()?;
        Ok(Self { key, row, info })
    }

    /// The key for its owner.
    pub(super) fn shown(self) -> CreatedApiKey {
        CreatedApiKey { key: self.key, info: self.info }
    }
}

/// What was asked for, with the lifetime that it gets.
fn settled(keyring: &Keyring, new: NewApiKey) -> Result<NewApiKey, ApiKeyError> {
    let label = FactorInfo::read_label(new.label.as_deref()).map_err(|()| ApiKeyError::InvalidLabel)?;
    let is_allowed = |lifetime: &Duration| (1..=keyring.longest.as_secs()).contains(&lifetime.as_secs());
    let expires_in = match (new.expires_in, new.never_expires) {
        (None, true) if keyring.never_expires => None,
        (None, false) => Some(keyring.lifetime),
        (Some(lifetime), false) if is_allowed(&lifetime) => Some(lifetime),
        _ => return Err(ApiKeyError::InvalidLifetime),
    };
    let mut known = HashSet::new();
    let scopes = new.scopes.into_iter().filter(|scope| known.insert(scope.clone())).collect();
    Ok(NewApiKey { label, scopes, expires_in, ..new })
}

/// Refuses scopes that the owner does not have: a key shows what it may do.
fn may_have<M: UserManager + ?Sized>(op: Op<'_, M>, own: &Own<M::Store>, new: &NewApiKey) -> Result<(), ApiKeyError> {
    let permitted = op.manager.permissions_by_name().map(|by_name| by_name.permitted(&own.record.user));
    let permitted = permitted.unwrap_or_default();
    let is_permitted = |scope: &String| permitted.contains(&scope.as_str());
    let is_good = !new.scopes.is_empty() && new.scopes.iter().all(is_permitted);
    if is_good { Ok(()) } else { Err(ApiKeyError::ScopeNotAllowed) }
}

/// Raises the event of a key that is written, and tells its owner.
pub(super) async fn report<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    user: &ManagedUser<M>,
    info: &ApiKeyInfo,
    kind: EventKind,
) {
    raise(op.engine, kind, Some(&user.id), Some(named(info)), op.cx);
    notify_about(op.manager, &notifications::created(), user, About::Key(info), op.cx).await;
}

/// A key in the detail of an event.
pub(super) fn named(info: &ApiKeyInfo) -> Cow<'static, str> {
    format!("key {}", info.id).into()
}
