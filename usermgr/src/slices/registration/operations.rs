//! Creating accounts: a registration by a client, or a creation by the application.

use std::sync::Arc;

use super::notifications;
use crate::{
    audit::EventKind,
    change::{
        join::{join, kept},
        written::{Unwritten, until_written},
    },
    context::Context,
    engine::{Engine, Usernames},
    error::Fault,
    hook::{hook, judge, new_stamp, raise},
    limits::{Judgement, MailKind, Subject},
    manager::{ManagedUser, ProfileOf, UserManager},
    notification::{
        enqueue::{enqueue, enqueue_alone, notify},
        notice::Recipient,
    },
    op::{Begun, Op},
    password::Claim,
    requests::in_background,
    slices::registration::RegisterError,
    store::{Lookup, StoreError, UserStore},
    user::{
        Draft, EmailAddress, NewRecord, NewUser, Password, PasswordSubject, Profile, Register, StoredProfile,
        UserChange, Username,
    },
};

pub(crate) async fn register<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    register: Register<ProfileOf<M>>,
) -> Result<ManagedUser<M>, RegisterError> {
    let Op { manager, engine, cx, .. } = op;
    admit(engine)?;
    let new = newcomer(manager, register)?;
    let email = new.email.clone();
    let work = async {
        let record = draw_up(op, new).await?;
        enter(op, &record, EventKind::Registered).await
    };
    // Only an attempt counts that creates an account or sends a mail to the owner of one.
    let is_mailed = |registered: &Result<_, _>| match registered {
        Ok(_) | Err(RegisterError::AlreadyExists) => Judgement::Counts,
        Err(_) => Judgement::Unjudged,
    };
    // A taken user name costs a hash too. Its attempt counts for the network, so that names are not guessed for free.
    let is_made = |registered: &Result<_, _>| match registered {
        Err(RegisterError::UsernameAlreadyExists) => Judgement::Counts,
        registered => is_mailed(registered),
    };
    let ([network, address], now) = (counted(&email, cx), engine.now());
    // On the heap, because one attempt inside of another would double the future.
    let mailed = Box::pin(async { engine.limiter().attempt(&[address], now, work, is_mailed).await?.0 });
    engine.limiter().attempt(&[network], now, mailed, is_made).await?.0
}

/// The same without revealing whether the address is taken, neither by the response nor by its timing. Every check that
/// can refuse runs before the address is looked up. The account is written, or the owner of the address notified,
/// later.
pub(crate) async fn register_discreetly<M: UserManager + ?Sized>(
    manager: &Arc<M>,
    register: Register<ProfileOf<M>>,
    cx: &Context,
) -> Result<(), RegisterError> {
    let begun = Begun::new(&**manager, cx)?;
    let op = begun.op();
    let engine = op.engine;
    admit(engine)?;
    let new = newcomer(&**manager, register)?;
    let (email, counted_at) = (new.email.clone(), engine.now());
    let subjects = counted(&email, cx);
    let work = async {
        let record = draw_up(op, new).await?;
        Ok::<_, RegisterError>((record, engine.background().reserve()?))
    };
    let (record, slot) = engine.limiter().attempt(&subjects, counted_at, work, Judgement::of_deed).await?.0?;
    let (owned, cx) = (manager.clone(), cx.clone());
    let work = async move {
        let begun = Begun::new(&*owned, &cx)?;
        let op = begun.op();
        match enter(op, &record, EventKind::Registered).await {
            Err(RegisterError::Fault(fault)) => Err(fault),
            _ => Ok(()),
        }
    };
    in_background(manager, slot, engine.limiter().charge(&subjects, counted_at), Box::pin(work));
    Ok(())
}

pub(crate) async fn create<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    new: NewUser<ProfileOf<M>>,
) -> Result<ManagedUser<M>, RegisterError> {
    let record = draw_up(op, new).await?;
    enter(op, &record, EventKind::UserCreated).await
}

/// Refuses if the registration is closed.
fn admit<S: UserStore>(engine: &Engine<S>) -> Result<(), RegisterError> {
    if engine.has_closed_registration() { Err(RegisterError::Closed) } else { Ok(()) }
}

/// What a registration is counted for: itself, and the mail that it causes, to the new user or to the owner of the
/// address.
fn counted<'a>(email: &'a EmailAddress, cx: &Context) -> [Subject<'a>; 2] {
    [Subject::Registration(cx.ip), Subject::MailTo(MailKind::Registration, email.canonical())]
}

fn newcomer<M: UserManager + ?Sized>(
    manager: &M,
    Register { email, username, password, profile }: Register<ProfileOf<M>>,
) -> Result<NewUser<ProfileOf<M>>, RegisterError> {
    let engine = manager.engine_ref();
    Ok(NewUser {
        email: engine.email_rules().parse(&email)?,
        username: engine.registered_username::<RegisterError>(username.as_deref())?,
        password: Some(password),
        is_active: true,
        is_superuser: false,
        is_verified: false,
        profile: Profile::create(profile),
    })
}

/// Checks the password, asks the gate and hashes, all before the look-up of the address, so that a taken address takes
/// the same time as a free one.
pub(crate) async fn draw_up<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    new: NewUser<ProfileOf<M>>,
) -> Result<NewRecord<ProfileOf<M>>, RegisterError> {
    let Op { manager, engine, cx, .. } = op;
    let NewUser { email, username, password, is_active, is_superuser, is_verified, profile } = new;
    if username.is_some() {
        Usernames::of(engine)?;
    }
    let mut draft = Draft { email, username, profile };
    if let Some(password) = &password {
        judge::<_, RegisterError>(manager, password, PasswordSubject::New(&draft), cx).await?;
    }
    hook!(gate(manager, None, cx): on_before_register(&mut draft)).await??;
    // The gate may have changed the profile. The store would refuse it too, but a discreet registration is answered
    // before the store is asked.
    StoredProfile::of(&draft.profile)?;
    let password_hash = hash(manager, Claim::of(cx.ip, draft.email.canonical()), password).await?;
    let Draft { email, username, profile } = draft;
    let (created_at, stamp) = (engine.now(), new_stamp()?);
    Ok(NewRecord { email, username, is_active, is_superuser, is_verified, created_at, profile, password_hash, stamp })
}

async fn enter<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    record: &NewRecord<ProfileOf<M>>,
    kind: EventKind,
) -> Result<ManagedUser<M>, RegisterError> {
    let Op { manager, engine, cx, .. } = op;
    let write = |()| write(op, record);
    let user = match until_written(None, || async { Ok(()) }, write).await {
        Err(RegisterError::Fault(Fault::Store(StoreError::Conflict))) => {
            return refuse_duplicate(op, &record.email, record.username.as_ref()).await;
        }
        written => written?,
    };
    raise(engine, kind, Some(&user.id), None, cx);
    notify(manager, &notifications::registered(), &user, None, cx).await;
    Ok(user)
}

async fn write<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    record: &NewRecord<ProfileOf<M>>,
) -> Result<ManagedUser<M>, Unwritten<RegisterError>> {
    let Op { manager, engine, cx, .. } = op;
    let store = engine.store();
    let mut tx = store.begin().await?;
    let user = record.with_id(store.insert(&mut tx, record).await?).user;
    enqueue(engine, &mut tx, &user.id, &notifications::registered::<M>().notice(), cx).await?;
    join(manager, &UserChange::Registered(&user), &mut tx, cx).await?;
    kept(engine, store.commit(tx).await, &user.id, cx)?;
    Ok(user)
}

async fn hash<M: UserManager + ?Sized>(
    manager: &M,
    claim: Claim,
    password: Option<Password>,
) -> Result<Option<crate::user::PasswordHash>, RegisterError> {
    Ok(match password {
        Some(password) => Some(claim.scope(manager.engine_ref().hasher().hash(&password)).await?),
        None => None,
    })
}

/// Notifies the owner of a taken address, and returns the error for the caller. The owner of a taken user name is not
/// notified: the name is public, and users who want the same one are no danger to them.
async fn refuse_duplicate<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    email: &EmailAddress,
    username: Option<&Username>,
) -> Result<ManagedUser<M>, RegisterError> {
    let Op { manager, engine, cx, .. } = op;
    // The owner may have been deleted in the meantime. The registration has still failed.
    if let Some(owner) = engine.store().find(Lookup::Email(email)).await? {
        let user = owner.user;
        raise(engine, EventKind::DuplicateRegistration, Some(&user.id), None, cx);
        let notification = notifications::duplicate();
        enqueue_alone(engine, Recipient::User(&user.id), &notification.notice(), cx).await?;
        notify(manager, &notification, &user, None, cx).await;
        return Err(RegisterError::AlreadyExists);
    }
    if let Some(username) = username
        && engine.store().find(Lookup::Username(username)).await?.is_some()
    {
        return Err(RegisterError::UsernameAlreadyExists);
    }
    Err(RegisterError::AlreadyExists)
}
