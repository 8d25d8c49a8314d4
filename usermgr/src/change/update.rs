//! Changing an account: asking the gate, writing, and notifying afterwards.

use std::{borrow::Cow, sync::OnceLock};

use crate::{
    audit::EventKind,
    change::{
        errors::UpdateError,
        notifications,
        patch::{Patch, compare, moved, patched},
        proof::{AddressProof, Proof, demand_allowed, demand_proof},
        right::Right,
        transaction::{Swap, hold, is_acting_superuser},
        written::{Uncommitted, Unwritten, until_written},
    },
    engine::Engine,
    error::{Fault, Rejection},
    hook::{hook, judge, raise},
    manager::{IdOf, ManagedUser, ProfileOf, UserManager},
    notification::{
        enqueue::{enqueue_alone, notify},
        notice::{Notice, Recipient},
    },
    op::Op,
    password::Claim,
    store::{ChangesOf, Lookup, RecordOf, StoreError, UserOf, UserStore},
    user::{Change, Changes, EmailAddress, Password, PasswordHash, PasswordSubject, Stamp, StoredProfile, UserChange},
};

/// Asks the gate about an address at the time of the request, as it will be asked again after verification. An address
/// that it would refuse gets no mail.
pub(crate) async fn admit<M: UserManager + ?Sized, E: From<Fault> + From<Rejection>>(
    op: Op<'_, M>,
    user: &ManagedUser<M>,
    new: &EmailAddress,
) -> Result<(), E> {
    let Op { manager, cx, .. } = op;
    let changes = Changes {
        email: Some(Change { old: user.email.clone(), new: new.clone() }),
        username: None,
        password: false,
        is_active: None,
        is_superuser: None,
        is_verified: Change::between(&user.is_verified, &true),
        profile: None,
    };
    Ok(hook!(gate(manager, Some(&user.id), cx): on_before_update(user, &changes)).await??)
}

/// Returns the current account, if the token fits it.
async fn read<M: UserManager + ?Sized>(
    manager: &M,
    id: &IdOf<M>,
    proof: &Proof,
) -> Result<RecordOf<M::Store>, UpdateError> {
    let record = manager.engine_ref().store().find(Lookup::Id(id)).await?.ok_or(UpdateError::NotFound)?;
    match proof {
        Proof::Token(token) if !token.holds(&record) => Err(UpdateError::NotFound),
        _ => Ok(record),
    }
}

/// Changes an account: checks, asks the gate and writes, then raises the events and calls the hooks.
pub(crate) async fn apply<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    id: &IdOf<M>,
    patch: Patch<'_, ProfileOf<M>>,
    proof: Proof,
    right: Right<'_>,
) -> Result<RecordOf<M::Store>, UpdateError> {
    let Op { manager, engine, cx, .. } = op;
    let old = read(manager, id, &proof).await?;
    let proof = proof.settled(&old, cx);
    demand_allowed(op, &patch, &proof, &old).await?;
    let proved = demand_proof(op, &patch, &proof, &old).await?;
    if let Some(password) = &patch.password {
        judge::<_, UpdateError>(manager, password, PasswordSubject::Existing(&old.user), cx).await?;
    }
    let (patch, proof, proved) = (&patch, &proof, &proved);
    let asked = &|stamp: &Stamp| {
        let asked = patch.pending.as_ref();
        asked.map(|(new, request)| Notice::clone(request).about(new).bound_to(stamp.prefix()))
    };
    let read_again = || async move {
        let old = read(manager, id, proof).await?;
        demand_allowed(op, patch, proof, &old).await?;
        // The proof was given for the row as it was. A reset has invalidated it.
        if proof.is_the_users() && patch.needs_proof(&old.user) && *proved != Some(old.stamp) {
            return Err(UpdateError::ReauthenticationRequired);
        }
        Ok(old)
    };
    let hash = &OnceLock::new();
    let write = |old: RecordOf<M::Store>| async move {
        let expected = patched::<M>(&old, patch, None)?;
        let changes = compare(&old.user, &expected.user, patch.password.is_some());
        if changes.profile.is_some() {
            StoredProfile::of(&expected.user.profile).map_err(|error| Unwritten::Because(error.into()))?;
        }
        // The gate is asked about a pending address too.
        let pending = patch.pending.as_ref().map(|(new, _)| Change { old: old.user.email.clone(), new: new.clone() });
        let wanted = Changes { email: changes.email.clone().or(pending), ..changes.clone() };
        if !wanted.is_empty() {
            hook!(gate(manager, Some(&old.user.id), cx): on_before_update(&old.user, &wanted)).await??;
        }
        if changes.is_empty() {
            // A token that changes nothing is used up too, and only by a caller who may use it.
            if let Proof::Token(AddressProof { once, .. }) = proof {
                let (mut held, _) = hold(engine, &old, right, false).await?;
                if !held.uses(once).await? {
                    return Err(Unwritten::Because(UpdateError::NotFound));
                }
                engine.store().commit(held.tx).await?;
            }
            if let Some(notice) = asked(&old.stamp) {
                enqueue_alone(engine, Recipient::User(&old.user.id), &notice, cx).await?;
            }
            return Ok((old, None));
        }
        let hash = match &patch.password {
            Some(password) => {
                let claim = Claim::of(cx.ip, old.user.email.canonical());
                Some(claim.scope(hash_once::<M>(engine, password, hash)).await?)
            }
            None => None,
        };
        let counts = is_acting_superuser(&old.user) && !is_acting_superuser(&expected.user);
        let (mut held, now) = hold(engine, &old, right, counts).await?;
        if let Proof::Token(token) = proof {
            // A concurrent end of all sessions ends the token, but is not a change of what was judged.
            if !token.holds(&now) {
                return Err(Unwritten::Stale);
            }
            if !held.uses(&token.once).await? {
                return Err(Unwritten::Because(UpdateError::NotFound));
            }
        }
        let mut new = patched::<M>(&now, patch, hash)?;
        if now.version == old.version {
            // The gate's profile is written, even if a closure returns something else the second time.
            new.user.profile = expected.user.profile;
        }
        let changes = compare(&now.user, &new.user, patch.password.is_some());
        if now.user.is_active && !new.user.is_active {
            held.end_api_keys(&now.user.id).await?;
        }
        // A change of the profile was judged together with the rest of the profile.
        if changes.profile.is_some() && now.version != old.version {
            return Err(Unwritten::Stale);
        }
        if held.is_last_superuser(&now.user, Some(&new.user))? {
            return Err(Unwritten::Because(UpdateError::LastSuperuser));
        }
        let moved = moved(&changes).map(|email| notifications::email_changed::<M>().notice().about(&email.old));
        let password = patch.password.as_ref().map(|_| notifications::password_changed::<M>().notice());
        let renamed = changes.username.as_ref().map(|_| notifications::username_changed::<M>().notice());
        let notices: Vec<_> = [password, moved, renamed, asked(&new.stamp)].into_iter().flatten().collect();
        let (user, swap) = (&new.user, Swap { old: &now, new: &new });
        let change = match proof {
            Proof::Token(_) => UserChange::EmailChanged { user, old: &now.user.email },
            _ => UserChange::Updated { user, changes: &changes },
        };
        match held.commit(manager, swap, &change, &notices, cx).await {
            Err(Uncommitted::Fault(Fault::Store(StoreError::Conflict))) => {
                return Err(Unwritten::Because(taken(engine, user, &changes).await?));
            }
            committed => committed?,
        }
        drop(notices);
        new.version += 1;
        Ok((new, Some(changes)))
    };
    let (record, changes) = until_written(Some(old), read_again, write).await?;
    if let Some(changes) = changes {
        report(op, &record.user, &changes).await;
    }
    Ok(record)
}

/// Returns which of the new identifiers of an account another one has.
async fn taken<S: UserStore>(
    engine: &Engine<S>,
    user: &UserOf<S>,
    changes: &ChangesOf<S>,
) -> Result<UpdateError, StoreError> {
    let is_named = match (&changes.username, &changes.email) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(_), Some(_)) => {
            let owner = engine.store().find(Lookup::Email(&user.email)).await?;
            owner.is_none_or(|owner| owner.user.id == user.id)
        }
    };
    Ok(if is_named { UpdateError::UsernameAlreadyExists } else { UpdateError::EmailAlreadyExists })
}

/// Hashes at the first try and reuses the hash at the others.
async fn hash_once<'a, M: UserManager + ?Sized>(
    engine: &Engine<M::Store>,
    password: &Password,
    hash: &'a OnceLock<PasswordHash>,
) -> Result<&'a PasswordHash, Fault> {
    match hash.get() {
        Some(hash) => Ok(hash),
        None => {
            let made = engine.hasher().hash(password).await?;
            Ok(hash.get_or_init(|| made))
        }
    }
}

async fn report<M: UserManager + ?Sized>(op: Op<'_, M>, user: &ManagedUser<M>, changes: &ChangesOf<M::Store>) {
    let Op { manager, engine, cx, .. } = op;
    let Changes { email, username, password, is_active, is_superuser, is_verified, profile } = changes;
    let fields = [
        (email.is_some(), "email"),
        (username.is_some(), "username"),
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
    if username.is_some() {
        raise(engine, EventKind::UsernameChanged, Some(&user.id), None, cx);
    }
    hook!(after(manager, Some(&user.id), cx): on_after_update(user, changes)).await;
    if *password {
        notify(manager, &notifications::password_changed(), user, None, cx).await;
    }
    if let Some(Change { old, .. }) = moved {
        notify(manager, &notifications::email_changed(), user, Some(old), cx).await;
    }
    if username.is_some() {
        notify(manager, &notifications::username_changed(), user, None, cx).await;
    }
}
