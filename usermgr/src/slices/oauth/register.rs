//! A new account for a user that a provider has named. It has no password; a reset gives it one.

use super::{OAuthError, found::Entered, linking};
use crate::{
    change::{
        join::{join, kept},
        written::Unwritten,
    },
    config_error::ConfigError,
    error::Fault,
    federation::{Installed, Provider},
    hook::{hook, new_stamp},
    limits::{Judgement, Subject},
    manager::UserManager,
    notification::enqueue::enqueue,
    op::Op,
    slices::registration,
    store::{RecordOf, StoreError, UserStore},
    user::{Draft, EmailAddress, NewRecord, OAuthClaims, StoredProfile, UserChange},
};

/// What of the part does not fit its manager: a backend that does not exist, and profiles by a hook that is not written.
pub(crate) fn faults<M: UserManager + ?Sized>(manager: &M) -> Vec<ConfigError> {
    let engine = manager.engine_ref();
    let Some(installed) = engine.kept::<Installed<M::Store>>() else { return Vec::new() };
    let backend = installed.backend.as_ref().filter(|name| engine.backend(name).is_none());
    let backend = backend.map(|name| format!("`OAuth`: no backend is named `{name}`"));
    let hookless = installed.profile.is_none() && !manager.makes_profiles();
    let hookless = hookless.then(|| "`OAuth`: `profile_by_hook` needs the hook `oauth_profile`".to_owned());
    backend.into_iter().chain(hookless).map(ConfigError::new).collect()
}

/// Makes the profile, asks the gate, and writes the account with its identity.
pub(super) async fn register<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    installed: &Installed<M::Store>,
    provider: &Provider,
    claims: &OAuthClaims,
    email: EmailAddress,
) -> Result<Entered<M::Store>, Unwritten<OAuthError>> {
    let Op { engine, cx, .. } = op;
    if !provider.is_open() || engine.has_closed_registration() {
        return Err(Unwritten::Because(OAuthError::RegistrationClosed));
    }
    let work = write(op, installed, provider, claims, email);
    let subjects = [Subject::Registration(cx.ip)];
    let (written, _) = engine.limiter().attempt(&subjects, engine.now(), work, Judgement::of_deed).await?;
    match written {
        Ok(record) => Ok(Entered::Registered(record)),
        // Another sign-in or a registration has taken the identity or the address: look again.
        Err(Unwritten::Because(OAuthError::Fault(Fault::Store(StoreError::Conflict)))) => Err(Unwritten::Stale),
        Err(error) => Err(error),
    }
}

async fn write<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    installed: &Installed<M::Store>,
    provider: &Provider,
    claims: &OAuthClaims,
    email: EmailAddress,
) -> Result<RecordOf<M::Store>, Unwritten<OAuthError>> {
    let Op { manager, engine, cx, .. } = op;
    let incomplete = || Unwritten::Because(OAuthError::IncompleteProfile);
    let made = hook!(gate(manager, None, cx): oauth_profile(claims)).await??;
    let profile = match (made, installed.profile) {
        (Some(profile), _) => profile,
        (None, Some(from_claims)) => from_claims(claims).map_err(|_| incomplete())?,
        (None, None) => return Err(incomplete()),
    };
    let mut draft = Draft { email, username: None, profile };
    hook!(gate(manager, None, cx): on_before_register(&mut draft)).await??;
    StoredProfile::of(&draft.profile).map_err(|_| incomplete())?;
    let Draft { email, username, profile } = draft;
    let record = NewRecord {
        email,
        username,
        is_active: true,
        is_superuser: false,
        is_verified: claims.proves_email() || provider.is_verified_by_default(),
        created_at: engine.now(),
        profile,
        password_hash: None,
        stamp: new_stamp()?,
    };
    let store = engine.store();
    let mut tx = store.begin().await?;
    let written = record.with_id(store.insert(&mut tx, &record).await?);
    linking::insert(op, &mut tx, &written.user.id, claims).await?;
    enqueue(engine, &mut tx, &written.user.id, &registration::notifications::registered::<M>().notice(), cx).await?;
    join(manager, &UserChange::Registered(&written.user), &mut tx, cx).await?;
    kept(engine, store.commit(tx).await, &written.user.id, cx)?;
    Ok(written)
}
