//! Changing accounts: by the user himself, or by a superuser.

use std::borrow::Cow;

use jiff::Timestamp;

use crate::{
    admin::Admin,
    attempts::Attempts,
    change::{
        notifications,
        password::{proves, with_password},
        right::Right,
        transaction::{Swap, Written, hold, is_acting_superuser, settled},
        unreadable,
    },
    context::{Actor, Context},
    engine::Engine,
    error::{Fault, Rejection, UpdateError},
    event::EventKind,
    hook::{after, gate, judge, new_stamp, raise},
    manager::{IdOf, ManagedUser, ProfileOf, UserManager},
    notification::enqueue::{Notice, Recipient, enqueue_alone, notify},
    password::Claim,
    store::{ChangesOf, Lookup, RecordOf, SessionDigest, UserStore},
    user::{
        AdminUpdate, Change, Changes, EmailAddress, InvalidEmail, Password, PasswordHash, PasswordSubject, Profile,
        Record, Stamp, StoredProfile, UpdateMe, UserChange,
    },
};

/// What shall be different. The profile's part is the request's own, since only the profile knows how to apply it.
struct Patch<U> {
    email: Option<EmailAddress>,
    /// A new address that the account does not get before a token comes back from it, and the notification that asks for the token.
    pending: Option<(EmailAddress, Notice<'static>)>,
    password: Option<Password>,
    is_active: Option<bool>,
    is_superuser: Option<bool>,
    is_verified: Option<bool>,
    profile: Option<U>,
}

impl<U> Patch<U> {
    fn nothing() -> Self {
        Self {
            email: None,
            pending: None,
            password: None,
            is_active: None,
            is_superuser: None,
            is_verified: None,
            profile: None,
        }
    }

    /// Whether the address becomes another, be it by its spelling.
    fn has_new_email<P, I>(&self, user: &crate::User<P, I>) -> bool {
        self.email.as_ref().is_some_and(|email| email.as_str() != user.email.as_str())
    }

    /// Whether the user must show that it is he.
    fn needs_proof<P, I>(&self, user: &crate::User<P, I>) -> bool {
        // Another spelling too: whoever shows nothing must not write what others have judged.
        self.has_new_email(user) || self.pending.is_some() || self.password.is_some()
    }
}

type UpdateOf<M> = <ProfileOf<M> as Profile>::Update;

pub(crate) async fn update<M: UserManager + ?Sized>(
    manager: &M,
    user: &ManagedUser<M>,
    update: UpdateMe<ProfileOf<M>>,
    cx: &Context,
) -> Result<ManagedUser<M>, UpdateError> {
    let UpdateMe { email, password, current_password, profile } = update;
    let patch = Patch {
        email: email.map(|text| judged(manager, &text, &user.email)).transpose()?,
        password,
        profile: Some(profile),
        ..Patch::nothing()
    };
    let proof = Proof::User { current_password };
    Ok(apply(manager, &user.id, patch, proof, Right::of(cx), cx).await?.user)
}

/// A user's change of his own account that he has shown he may make, and that is not written yet.
pub(crate) struct Proved<U> {
    patch: Patch<U>,
    proof: Proof,
}

impl<U> Proved<U> {
    /// The new address, which must be proved before the account gets it.
    pub(crate) fn pending(&self) -> Option<&EmailAddress> {
        self.patch.pending.as_ref().map(|(email, _)| email)
    }
}

/// The first half of a change in which a new address is proved first: everything that is to be shown for it.
pub(crate) async fn prove<M: UserManager + ?Sized>(
    manager: &M,
    user: &ManagedUser<M>,
    update: UpdateMe<ProfileOf<M>>,
    request: Notice<'static>,
    cx: &Context,
) -> Result<Proved<UpdateOf<M>>, UpdateError> {
    let UpdateMe { email, password, current_password, profile } = update;
    let email = email.map(|text| judged(manager, &text, &user.email)).transpose()?;
    let mut patch = Patch { email, password, profile: Some(profile), ..Patch::nothing() };
    let record = manager.engine_ref().store().find(Lookup::Id(&user.id)).await?.ok_or(UpdateError::NotFound)?;
    let proved = demand_proof(manager, &patch, &Proof::User { current_password }, &record, cx).await?;
    // Another spelling of one's own is none to be proved.
    patch.pending = patch.email.take_if(|email| *email != record.user.email).map(|email| (email, request));
    Ok(Proved { patch, proof: proved.map_or(Proof::Given, Proof::Stamp) })
}

/// The second half: everything is written but the new address, which is asked about in the same transaction where there is an outbox.
pub(crate) async fn finish<M: UserManager + ?Sized>(
    manager: &M,
    user: &ManagedUser<M>,
    Proved { patch, proof }: Proved<UpdateOf<M>>,
    cx: &Context,
) -> Result<RecordOf<M::Store>, UpdateError> {
    apply(manager, &user.id, patch, proof, Right::of(cx), cx).await
}

/// Asks the gate about an address that is only asked for yet, as it will be asked when the address has been proved: what it would refuse
/// then gets no mail now.
pub(crate) async fn admit<M: UserManager + ?Sized, E: From<Fault> + From<Rejection>>(
    manager: &M,
    user: &ManagedUser<M>,
    new: &EmailAddress,
    cx: &Context,
) -> Result<(), E> {
    let changes = Changes {
        email: Some(Change { old: user.email.clone(), new: new.clone() }),
        password: false,
        is_active: None,
        is_superuser: None,
        is_verified: Change::between(&user.is_verified, &true),
        profile: None,
    };
    let call = manager.on_before_update(user, &changes, cx);
    gate(manager.engine_ref(), "on_before_update", Some(&user.id), cx, call).await
}

pub(crate) async fn update_user<M: UserManager + ?Sized>(
    manager: &M,
    admin: &Admin,
    id: &IdOf<M>,
    update: AdminUpdate<ProfileOf<M>>,
    cx: &Context,
) -> Result<ManagedUser<M>, UpdateError> {
    let AdminUpdate { email, password, is_active, is_superuser, is_verified, profile } = update;
    let email = match email.map(|text| (manager.engine_ref().email_rules().parse(&text), text)) {
        None => None,
        Some((Ok(email), _)) => Some(email),
        Some((Err(_), text)) => {
            let record = manager.engine_ref().store().find(Lookup::Id(id)).await?.ok_or(UpdateError::NotFound)?;
            Some(judged(manager, &text, &record.user.email)?)
        }
    };
    let patch = Patch { email, pending: None, password, is_active, is_superuser, is_verified, profile: Some(profile) };
    let cx = admin.acting(cx);
    Ok(apply(manager, id, patch, Proof::Administrator, Right::to_administer(&cx), &cx).await?.user)
}

pub(crate) async fn set_active<M: UserManager + ?Sized>(
    manager: &M,
    admin: &Admin,
    id: &IdOf<M>,
    active: bool,
    cx: &Context,
) -> Result<crate::User<crate::NoProfile, IdOf<M>>, UpdateError> {
    let (patch, cx) = (Patch { is_active: Some(active), ..Patch::nothing() }, admin.acting(cx));
    match apply(manager, id, patch, Proof::Given, Right::to_administer(&cx), &cx).await {
        Ok(record) => Ok(record.user.without_profile()),
        Err(UpdateError::Fault(fault)) if unreadable::is_unreadable(&fault) => {
            unreadable::set_active(manager, id, active, Right::to_administer(&cx), &cx).await
        }
        Err(error) => Err(error),
    }
}

pub(crate) async fn set_superuser<M: UserManager + ?Sized>(
    manager: &M,
    admin: &Admin,
    id: &IdOf<M>,
    superuser: bool,
    cx: &Context,
) -> Result<ManagedUser<M>, UpdateError> {
    let (patch, cx) = (Patch { is_superuser: Some(superuser), ..Patch::nothing() }, admin.acting(cx));
    Ok(apply(manager, id, patch, Proof::Given, Right::to_administer(&cx), &cx).await?.user)
}

/// A new address, which the rules of the engine judge. The one that the account has is none.
fn judged<M: UserManager + ?Sized>(
    manager: &M,
    text: &str,
    current: &EmailAddress,
) -> Result<EmailAddress, InvalidEmail> {
    if text.trim() == current.as_str() {
        return Ok(current.clone());
    }
    manager.engine_ref().email_rules().parse(text)
}

/// Sets an address that a token has proved.
pub(crate) async fn set_email<M: UserManager + ?Sized>(
    manager: &M,
    id: &IdOf<M>,
    email: EmailAddress,
    proof: AddressProof,
    right: Right<'_>,
    cx: &Context,
) -> Result<ManagedUser<M>, UpdateError> {
    let patch = Patch { email: Some(email), is_verified: Some(true), ..Patch::nothing() };
    Ok(apply(manager, id, patch, Proof::Token(proof), right, cx).await?.user)
}

/// What an account must still be for a token to change its address.
pub(crate) struct AddressProof {
    /// Its address when the token was made.
    pub(crate) old: EmailAddress,
    /// The part of its stamp that tokens carry.
    pub(crate) stamp: String,
    /// What notes that the token is used up.
    pub(crate) once: (SessionDigest, Timestamp),
}

impl Proof {
    /// Whether the user himself asks.
    fn is_the_users(&self) -> bool {
        matches!(self, Self::User { .. } | Self::Stamp(_))
    }

    /// What an administrator must show for the account that was found. The row decides whose it is: what it was found by may be another
    /// spelling of its id.
    fn settled<M: UserManager + ?Sized>(
        self,
        manager: &M,
        patch: &Patch<UpdateOf<M>>,
        record: &RecordOf<M::Store>,
        cx: &Context,
    ) -> Result<Self, UpdateError> {
        match (&self, &cx.actor) {
            (Self::Administrator, Some(Actor::User { id, .. })) if *id == record.user.id.to_string() => {
                Ok(Self::User { current_password: None })
            }
            (Self::Administrator, Some(Actor::User { .. })) if !manager.engine_ref().superusers_set_passwords() => {
                match (patch.password.is_some(), patch.has_new_email(&record.user)) {
                    (true, _) => Err(UpdateError::PasswordForbidden),
                    // Whoever gets the mail that sets a password chooses the password.
                    (_, true) => Err(UpdateError::EmailForbidden),
                    _ => Ok(Self::Given),
                }
            }
            (Self::Administrator, _) => Ok(Self::Given),
            _ => Ok(self),
        }
    }
}

impl AddressProof {
    fn holds<P, I>(&self, record: &Record<P, I>) -> bool {
        record.user.is_active && record.user.email.as_str() == self.old.as_str() && record.stamp.has_prefix(&self.stamp)
    }
}

/// Why a new address or password is to be believed.
enum Proof {
    /// The new address has received a token. Looked at again before each write, so that a token works once.
    Token(AddressProof),
    /// Nobody need show anything.
    Given,
    /// A superuser asks: for the account of another, or for their own, which is no other than that of any user.
    Administrator,
    /// The user must show that it is he.
    User { current_password: Option<Password> },
    /// He has shown it, when the stamp was this.
    Stamp(Stamp),
}

/// The account as it is, unless a token does not fit it.
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

async fn apply<M: UserManager + ?Sized>(
    manager: &M,
    id: &IdOf<M>,
    patch: Patch<UpdateOf<M>>,
    proof: Proof,
    right: Right<'_>,
    cx: &Context,
) -> Result<RecordOf<M::Store>, UpdateError> {
    let engine = manager.engine_ref();
    let mut old = read(manager, id, &proof).await?;
    let proof = proof.settled(manager, &patch, &old, cx)?;
    let proved = demand_proof(manager, &patch, &proof, &old, cx).await?;
    if let Some(password) = &patch.password {
        judge::<_, UpdateError>(manager, password, PasswordSubject::Existing(&old.user), cx).await?;
    }
    let asked = |stamp: &Stamp| {
        let asked = patch.pending.as_ref();
        asked.map(|(new, request)| Notice::clone(request).about(new).bound_to(stamp.prefix()))
    };
    let mut hash = None;
    let mut attempts = Attempts::default();
    loop {
        let new = patched::<M>(&old, &patch, None)?;
        let changes = compare(&old.user, &new.user, patch.password.is_some());
        if changes.profile.is_some() {
            StoredProfile::of(&new.user.profile)?;
        }
        // The gate hears of an address that is only asked for too.
        let pending = patch.pending.as_ref().map(|(new, _)| Change { old: old.user.email.clone(), new: new.clone() });
        let wanted = Changes { email: changes.email.clone().or(pending), ..changes.clone() };
        if !wanted.is_empty() {
            let call = manager.on_before_update(&old.user, &wanted, cx);
            gate::<_, UpdateError>(engine, "on_before_update", Some(&old.user.id), cx, call).await?;
        }
        if changes.is_empty() {
            // A token that has nothing left to do is used up all the same, and only for who may use it.
            if let Proof::Token(AddressProof { once, .. }) = &proof {
                let spent = async {
                    let (mut held, _) = hold(engine, &old, right, false).await?;
                    if !held.uses(once).await? {
                        return Ok(Written::Used);
                    }
                    engine.store().commit(held.tx).await?;
                    Ok(Written::Done(()))
                };
                match settled(spent.await)? {
                    Written::Done(()) => {}
                    Written::Stale => {
                        attempts.another_or_busy().await?;
                        old = read(manager, id, &proof).await?;
                        continue;
                    }
                    _ => return Err(UpdateError::NotFound),
                }
            }
            if let Some(notice) = asked(&old.stamp) {
                enqueue_alone(engine, Recipient::User(&old.user.id), &notice, cx).await?;
            }
            return Ok(old);
        }
        let hash = match &patch.password {
            Some(password) => {
                let claim = Claim::of(cx.ip, old.user.email.canonical());
                Some(claim.scope(hash_once::<M>(engine, password, &mut hash)).await?)
            }
            None => None,
        };
        let counts = is_acting_superuser(&old.user) && !is_acting_superuser(&new.user);
        let written = async {
            let (mut held, now) = hold(engine, &old, right, counts).await?;
            if let Proof::Token(token) = &proof {
                // The end of all sessions is its end, and is no change of what was judged.
                if !token.holds(&now) {
                    return Ok(Written::Stale);
                }
                if !held.uses(&token.once).await? {
                    return Ok(Written::Used);
                }
            }
            let new = patched::<M>(&now, &patch, hash)?;
            let changes = compare(&now.user, &new.user, patch.password.is_some());
            // What is written into a profile was judged together with the profile.
            if changes.profile.is_some() && now.version != old.version {
                return Ok(Written::Stale);
            }
            let moved = moved(&changes).map(|email| notifications::email_changed::<M>().notice().about(&email.old));
            let password = patch.password.as_ref().map(|_| notifications::password_changed::<M>().notice());
            let notices: Vec<_> = [password, moved, asked(&new.stamp)].into_iter().flatten().collect();
            let (user, swap) = (&new.user, Swap { old: &now, new: &new });
            let change = match &proof {
                Proof::Token(_) => UserChange::EmailChanged { user, old: &now.user.email },
                _ => UserChange::Updated { user, changes: &changes },
            };
            let written = held.commit(manager, swap, &change, &notices, cx).await?;
            drop(notices);
            Ok(written.with((new, changes)))
        };
        match settled(written.await)? {
            Written::Done((mut new, changes)) => {
                tell(manager, &new.user, &changes, cx).await;
                new.version += 1;
                return Ok(new);
            }
            Written::Stale => attempts.another_or_busy().await?,
            Written::Conflict => return Err(UpdateError::EmailAlreadyExists),
            Written::LastSuperuser => return Err(UpdateError::LastSuperuser),
            Written::Used => return Err(UpdateError::NotFound),
            Written::Rejected(rejection) => return Err(rejection.into()),
        }
        old = read(manager, id, &proof).await?;
        // What was shown was shown of the row as it was: a reset has ended it.
        if proof.is_the_users() && patch.needs_proof(&old.user) && proved != Some(old.stamp) {
            return Err(UpdateError::ReauthenticationRequired);
        }
    }
}

/// A user's own new address or password needs more than a session that lies about: the current password, or a login made just now, by
/// which no password was known that is not the password any more. The stamp at which that was shown, where it was needed.
async fn demand_proof<M: UserManager + ?Sized>(
    manager: &M,
    patch: &Patch<UpdateOf<M>>,
    proof: &Proof,
    record: &RecordOf<M::Store>,
    cx: &Context,
) -> Result<Option<Stamp>, UpdateError> {
    if !proof.is_the_users() || !patch.needs_proof(&record.user) {
        return Ok(None);
    }
    let proved = match (proof, &cx.actor) {
        (Proof::Stamp(stamp), _) => *stamp == record.stamp,
        (Proof::User { current_password: Some(password) }, _) => proves::<M>(manager, password, record, cx).await?,
        (_, Some(Actor::User { id, session })) => {
            let is_his = *id == record.user.id.to_string();
            is_his && session.is_of(&record.stamp) && manager.engine_ref().is_fresh(session.authenticated_at)
        }
        (_, Some(Actor::System(_))) => true,
        (_, None) => false,
    };
    if proved { Ok(Some(record.stamp)) } else { Err(UpdateError::ReauthenticationRequired) }
}

/// The record as it shall be, with this hash where the password is a new one.
fn patched<M: UserManager + ?Sized>(
    old: &RecordOf<M::Store>,
    patch: &Patch<UpdateOf<M>>,
    hash: Option<&PasswordHash>,
) -> Result<RecordOf<M::Store>, Fault> {
    let Patch { email, pending: _, password: _, is_active, is_superuser, is_verified, profile } = patch;
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
    match hash {
        Some(hash) => with_password::<M>(&new, hash),
        None => Ok(new),
    }
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
    if *password {
        notify(manager, &notifications::password_changed(), user, None, cx).await;
    }
    if let Some(Change { old, .. }) = moved {
        notify(manager, &notifications::email_changed(), user, Some(old), cx).await;
    }
}
