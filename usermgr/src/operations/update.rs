//! Changing accounts: by the user himself, or by a superuser.

use std::borrow::Cow;

use super::{
    Admin, IdOf, ManagedUser, ProfileOf,
    notice::{Matter, Notice, tell as tell_of},
    password::{proves, with_password},
    run::{after, gate, judge, new_stamp, raise},
    transaction::{Attempts, Swap, Written},
};
use crate::{
    context::{Actor, Context},
    engine::Engine,
    error::UpdateError,
    event::EventKind,
    manager::UserManager,
    store::{ChangesOf, Lookup, RecordOf, UserStore},
    user::{
        AdminUpdate, Change, Changes, EmailAddress, Password, PasswordHash, PasswordSubject, Profile, Record, UpdateMe,
        UserChange,
    },
};

/// What shall be different. The profile's part is the request's own, since only the profile knows how to apply it.
struct Patch<U> {
    email: Option<EmailAddress>,
    password: Option<Password>,
    is_active: Option<bool>,
    is_superuser: Option<bool>,
    is_verified: Option<bool>,
    profile: Option<U>,
}

impl<U> Patch<U> {
    fn nothing() -> Self {
        Self { email: None, password: None, is_active: None, is_superuser: None, is_verified: None, profile: None }
    }
}

type UpdateOf<M> = <ProfileOf<M> as Profile>::Update;

pub(super) async fn update<M: UserManager + ?Sized>(
    manager: &M,
    user: &ManagedUser<M>,
    update: UpdateMe<ProfileOf<M>>,
    cx: &Context,
) -> Result<ManagedUser<M>, UpdateError> {
    let UpdateMe { email, password, current_password, profile } = update;
    let patch = Patch {
        email: email.as_deref().map(EmailAddress::parse).transpose()?,
        password,
        profile: Some(profile),
        ..Patch::nothing()
    };
    let proof = Proof::User { current_password };
    apply(manager, &user.id, patch, proof, cx).await
}

/// Changes everything but the address, and gives a new address back that the user has shown he may want.
#[cfg(feature = "http")]
pub(crate) async fn update_all_but_address<M: UserManager + ?Sized>(
    manager: &M,
    user: &ManagedUser<M>,
    update: UpdateMe<ProfileOf<M>>,
    cx: &Context,
) -> Result<(ManagedUser<M>, Option<EmailAddress>), UpdateError> {
    let UpdateMe { email, password, current_password, profile } = update;
    let email = email.as_deref().map(EmailAddress::parse).transpose()?;
    let mut patch = Patch { email, password, profile: Some(profile), ..Patch::nothing() };
    let record = manager.engine_ref().store().find(Lookup::Id(&user.id)).await?.ok_or(UpdateError::NotFound)?;
    demand_proof(manager, &patch, &Proof::User { current_password }, &record, cx).await?;
    // Another spelling of one's own is none to be proved.
    let wanted = patch.email.take_if(|email| *email != record.user.email);
    Ok((apply(manager, &user.id, patch, Proof::Given, cx).await?, wanted))
}

pub(super) async fn update_user<M: UserManager + ?Sized>(
    manager: &M,
    admin: &Admin,
    id: &IdOf<M>,
    update: AdminUpdate<ProfileOf<M>>,
    cx: &Context,
) -> Result<ManagedUser<M>, UpdateError> {
    let AdminUpdate { email, password, is_active, is_superuser, is_verified, profile } = update;
    let email = email.as_deref().map(EmailAddress::parse).transpose()?;
    let patch = Patch { email, password, is_active, is_superuser, is_verified, profile: Some(profile) };
    apply(manager, id, patch, Proof::Given, &admin.acting(cx)).await
}

pub(super) async fn set_active<M: UserManager + ?Sized>(
    manager: &M,
    admin: &Admin,
    id: &IdOf<M>,
    active: bool,
    cx: &Context,
) -> Result<ManagedUser<M>, UpdateError> {
    let patch = Patch { is_active: Some(active), ..Patch::nothing() };
    apply(manager, id, patch, Proof::Given, &admin.acting(cx)).await
}

pub(super) async fn set_superuser<M: UserManager + ?Sized>(
    manager: &M,
    admin: &Admin,
    id: &IdOf<M>,
    superuser: bool,
    cx: &Context,
) -> Result<ManagedUser<M>, UpdateError> {
    let patch = Patch { is_superuser: Some(superuser), ..Patch::nothing() };
    apply(manager, id, patch, Proof::Given, &admin.acting(cx)).await
}

/// Sets an address that a token has proved.
pub(super) async fn set_email<M: UserManager + ?Sized>(
    manager: &M,
    id: &IdOf<M>,
    email: EmailAddress,
    proof: AddressProof,
    cx: &Context,
) -> Result<ManagedUser<M>, UpdateError> {
    let patch = Patch { email: Some(email), is_verified: Some(true), ..Patch::nothing() };
    apply(manager, id, patch, Proof::Token(proof), cx).await
}

/// What an account must still be for a token to change its address.
pub(super) struct AddressProof {
    /// Its address when the token was made.
    pub(super) old: EmailAddress,
    /// The part of its stamp that tokens carry.
    pub(super) stamp: String,
}

impl AddressProof {
    fn holds<P, I>(&self, record: &Record<P, I>) -> bool {
        record.user.is_active && record.user.email.as_str() == self.old.as_str() && record.stamp.prefix() == self.stamp
    }
}

/// Why a new address or password is to be believed.
enum Proof {
    /// The new address has received a token. Looked at again before each write, so that a token works once.
    Token(AddressProof),
    /// It was asked for before.
    Given,
    /// The user must show that it is he.
    User { current_password: Option<Password> },
}

async fn apply<M: UserManager + ?Sized>(
    manager: &M,
    id: &IdOf<M>,
    patch: Patch<UpdateOf<M>>,
    proof: Proof,
    cx: &Context,
) -> Result<ManagedUser<M>, UpdateError> {
    let engine = manager.engine_ref();
    let read = async || {
        let record = engine.store().find(Lookup::Id(id)).await?.ok_or(UpdateError::NotFound)?;
        match &proof {
            Proof::Token(token) if !token.holds(&record) => Err(UpdateError::NotFound),
            _ => Ok(record),
        }
    };
    let mut old = read().await?;
    demand_proof(manager, &patch, &proof, &old, cx).await?;
    if let Some(password) = &patch.password {
        judge::<_, UpdateError>(manager, password, PasswordSubject::Existing(&old.user), cx).await?;
    }
    let mut hash = None;
    let mut attempts = Attempts::default();
    loop {
        let mut new = patched::<M>(&old, &patch)?;
        let changes = compare(&old.user, &new.user, patch.password.is_some());
        if changes.is_empty() {
            return Ok(old.user);
        }
        let call = manager.on_before_update(&old.user, &changes, cx);
        gate::<_, UpdateError>(engine, "on_before_update", cx, call).await?;
        if let Some(password) = &patch.password {
            let hash = hash_once::<M>(engine, password, &mut hash).await?;
            new = with_password::<M>(&new, hash)?;
        }
        let notice = moved(&changes).map(|email| Notice::of(Matter::EmailChanged).about(&email.old));
        let user = &new.user;
        let change = match &proof {
            Proof::Token(_) => UserChange::EmailChanged { user, old: &old.user.email },
            Proof::Given | Proof::User { .. } => UserChange::Updated { user, changes: &changes },
        };
        match (Swap::<M::Store> { old: &old, new: &new }).commit(manager, &change, notice, cx).await? {
            Written::Done => {
                tell(manager, &new.user, &changes, cx).await;
                return Ok(new.user);
            }
            Written::Stale => attempts.another()?,
            Written::Conflict => return Err(UpdateError::EmailAlreadyExists),
            Written::LastSuperuser => return Err(UpdateError::LastSuperuser),
            Written::Rejected(rejection) => return Err(rejection.into()),
        }
        old = read().await?;
    }
}

/// A user's own new address or password needs more than a session that lies about: the current password, or a login made just now.
async fn demand_proof<M: UserManager + ?Sized>(
    manager: &M,
    patch: &Patch<UpdateOf<M>>,
    proof: &Proof,
    record: &RecordOf<M::Store>,
    cx: &Context,
) -> Result<(), UpdateError> {
    let new_email = patch.email.as_ref().is_some_and(|email| *email != record.user.email);
    let Proof::User { current_password } = proof else {
        return Ok(());
    };
    if !new_email && patch.password.is_none() {
        return Ok(());
    }
    let proved = match (current_password, &cx.actor) {
        (Some(password), _) => proves::<M>(manager, password, record, cx).await?,
        (None, Some(Actor::User { id, session })) => {
            *id == record.user.id.to_string() && manager.engine_ref().is_fresh(session.authenticated_at)
        }
        (None, Some(Actor::System(_))) => true,
        (None, None) => false,
    };
    if proved { Ok(()) } else { Err(UpdateError::ReauthenticationRequired) }
}

/// The record as it shall be.
fn patched<M: UserManager + ?Sized>(
    old: &RecordOf<M::Store>,
    patch: &Patch<UpdateOf<M>>,
) -> Result<RecordOf<M::Store>, UpdateError> {
    let Patch { email, password: _, is_active, is_superuser, is_verified, profile } = patch;
    let mut new = old.clone();
    let user = &mut new.user;
    if let Some(email) = email {
        user.is_verified &= *email == user.email;
        user.email = email.clone();
    }
    for (field, value) in
        [(&mut user.is_active, is_active), (&mut user.is_superuser, is_superuser), (&mut user.is_verified, is_verified)]
    {
        *field = value.unwrap_or(*field);
    }
    if let Some(update) = profile {
        user.profile.apply(update.clone());
    }
    if old.user.is_active && !user.is_active {
        new.stamp = new_stamp()?;
    }
    Ok(new)
}

/// What is different in it.
fn compare<P: Profile, I>(old: &crate::User<P, I>, new: &crate::User<P, I>, password: bool) -> Changes<P> {
    // The shown form counts: a user may correct the case of his address.
    let shown = old.email.as_str() != new.email.as_str();
    // A profile need not be comparable, but it can always be written down.
    let profile = match (serde_json::to_value(&old.profile), serde_json::to_value(&new.profile)) {
        (Ok(old), Ok(new)) => old != new,
        _ => true,
    };
    Changes {
        email: shown.then(|| Change { old: old.email.clone(), new: new.email.clone() }),
        password,
        is_active: Change::between(&old.is_active, &new.is_active),
        is_superuser: Change::between(&old.is_superuser, &new.is_superuser),
        is_verified: Change::between(&old.is_verified, &new.is_verified),
        profile: profile.then(|| Change { old: old.profile.clone(), new: new.profile.clone() }),
    }
}

/// The addresses, where not only the spelling is another.
fn moved<P>(changes: &Changes<P>) -> Option<&Change<EmailAddress>> {
    changes.email.as_ref().filter(|email| email.old != email.new)
}

/// Hashes at the first try and keeps the hash for the others.
async fn hash_once<'a, M: UserManager + ?Sized>(
    engine: &Engine<M::Store>,
    password: &Password,
    hash: &'a mut Option<PasswordHash>,
) -> Result<&'a PasswordHash, UpdateError> {
    match hash {
        Some(hash) => Ok(hash),
        None => Ok(hash.insert(engine.hasher().hash(password).await?)),
    }
}

async fn tell<M: UserManager + ?Sized>(
    manager: &M,
    user: &ManagedUser<M>,
    changes: &ChangesOf<M::Store>,
    cx: &Context,
) {
    let engine = manager.engine_ref();
    let Changes { email, password, is_active, is_superuser, is_verified, profile } = changes;
    let fields = [
        (email.is_some(), "email"),
        (*password, "password"),
        (is_active.is_some(), "is_active"),
        (is_superuser.is_some(), "is_superuser"),
        (is_verified.is_some(), "is_verified"),
        (profile.is_some(), "profile"),
    ];
    let names: Vec<_> = fields.into_iter().filter_map(|(changed, name)| changed.then_some(name)).collect();
    raise(engine, EventKind::Updated, Some(&user.id), Some(Cow::Owned(names.join(", "))), cx);
    if *password {
        raise(engine, EventKind::PasswordChanged, Some(&user.id), None, cx);
    }
    let moved = moved(changes);
    if moved.is_some() {
        raise(engine, EventKind::EmailChanged, Some(&user.id), None, cx);
    }
    after(engine, "on_after_update", Some(&user.id), cx, manager.on_after_update(user, changes, cx)).await;
    if let Some(Change { old, .. }) = moved {
        let call = || manager.on_after_change_email(user, old, cx);
        tell_of(engine, "on_after_change_email", &user.id, cx, call).await;
    }
}
