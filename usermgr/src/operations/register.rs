//! Making accounts: a registration by anybody, a creation by the application.

use super::{
    ManagedUser, ProfileOf,
    notice::{Matter, Notice, Whom, keep, owe, tell},
    run::{gate, judge, new_stamp, raise},
    transaction::{Attempts, join, kept},
};
use crate::{
    context::Context,
    engine::Engine,
    error::{Fault, RegisterError},
    event::EventKind,
    limit::{Attempt, Subject},
    manager::UserManager,
    store::{Lookup, StoreError, UserStore},
    user::{Draft, EmailAddress, NewRecord, NewUser, Password, PasswordSubject, Profile, Register, UserChange},
};

pub(super) async fn register<M: UserManager + ?Sized>(
    manager: &M,
    register: Register<ProfileOf<M>>,
    cx: &Context,
) -> Result<ManagedUser<M>, RegisterError> {
    let engine = manager.engine_ref();
    let new = newcomer::<M>(register)?;
    let attempt = count(engine, &new.email, cx).await?;
    let registered = match draw_up(manager, new, cx).await {
        Ok(record) => enter(manager, &record, EventKind::Registered, cx).await,
        Err(error) => Err(error),
    };
    // What counts is what makes an account, or a mail to the owner of one.
    if !matches!(registered, Ok(_) | Err(RegisterError::AlreadyExists)) {
        attempt.succeed().await;
    }
    registered
}

/// The first half of a registration: everything that may be refused before anybody has looked whether the address is taken.
#[cfg(feature = "http")]
pub(crate) async fn prepare<M: UserManager + ?Sized>(
    manager: &M,
    register: Register<ProfileOf<M>>,
    cx: &Context,
) -> Result<NewRecord<ProfileOf<M>>, RegisterError> {
    let engine = manager.engine_ref();
    let new = newcomer::<M>(register)?;
    let attempt = count(engine, &new.email, cx).await?;
    let record = draw_up(manager, new, cx).await;
    if record.is_err() {
        attempt.succeed().await;
    }
    record
}

/// The second half: the account is written, or its owner told.
#[cfg(feature = "http")]
pub(crate) async fn finish<M: UserManager + ?Sized>(
    manager: &M,
    record: &NewRecord<ProfileOf<M>>,
    cx: &Context,
) -> Result<(), Fault> {
    match enter(manager, record, EventKind::Registered, cx).await {
        Err(RegisterError::Fault(fault)) => Err(fault),
        _ => Ok(()),
    }
}

pub(super) async fn create<M: UserManager + ?Sized>(
    manager: &M,
    new: NewUser<ProfileOf<M>>,
    cx: &Context,
) -> Result<ManagedUser<M>, RegisterError> {
    let record = draw_up(manager, new, cx).await?;
    enter(manager, &record, EventKind::UserCreated, cx).await
}

/// Counts a registration, and the mail that comes of it: to the new user, or to the owner of the address.
async fn count<'a, S: UserStore>(
    engine: &'a Engine<S>,
    email: &EmailAddress,
    cx: &Context,
) -> Result<Attempt<'a>, Fault> {
    let subjects = [Subject::Registration(cx.ip), Subject::MailTo(email.canonical())];
    engine.limiter().attempt(&subjects, engine.now()).await
}

fn newcomer<M: UserManager + ?Sized>(
    Register { email, password, profile }: Register<ProfileOf<M>>,
) -> Result<NewUser<ProfileOf<M>>, RegisterError> {
    Ok(NewUser {
        email: EmailAddress::parse(&email)?,
        password: Some(password),
        is_active: true,
        is_superuser: false,
        is_verified: false,
        profile: Profile::create(profile),
    })
}

/// Judges, asks the gate and hashes, all before the address is looked at, so that a taken address costs the same time as a free one.
async fn draw_up<M: UserManager + ?Sized>(
    manager: &M,
    new: NewUser<ProfileOf<M>>,
    cx: &Context,
) -> Result<NewRecord<ProfileOf<M>>, RegisterError> {
    let engine = manager.engine_ref();
    let NewUser { email, password, is_active, is_superuser, is_verified, profile } = new;
    let draft = Draft { email, profile };
    if let Some(password) = &password {
        judge::<_, RegisterError>(manager, password, PasswordSubject::New(&draft), cx).await?;
    }
    gate::<_, RegisterError>(engine, "on_before_register", cx, manager.on_before_register(&draft, cx)).await?;
    let password_hash = hash(manager, password).await?;
    let Draft { email, profile } = draft;
    let (created_at, stamp) = (engine.now(), new_stamp()?);
    Ok(NewRecord { email, is_active, is_superuser, is_verified, created_at, profile, password_hash, stamp })
}

async fn enter<M: UserManager + ?Sized>(
    manager: &M,
    record: &NewRecord<ProfileOf<M>>,
    kind: EventKind,
    cx: &Context,
) -> Result<ManagedUser<M>, RegisterError> {
    let engine = manager.engine_ref();
    let mut attempts = Attempts::default();
    let user = loop {
        match write(manager, record, cx).await {
            Ok(user) => break user,
            Err(RegisterError::Fault(Fault::Store(StoreError::Conflict))) => {
                return refuse_duplicate(manager, &record.email, cx).await;
            }
            Err(RegisterError::Fault(Fault::Store(StoreError::Stale))) => attempts.another()?,
            Err(error) => return Err(error),
        }
    };
    raise(engine, kind, Some(&user.id), None, cx);
    tell(engine, "on_after_register", &user.id, cx, || manager.on_after_register(&user, cx)).await;
    Ok(user)
}

async fn write<M: UserManager + ?Sized>(
    manager: &M,
    record: &NewRecord<ProfileOf<M>>,
    cx: &Context,
) -> Result<ManagedUser<M>, RegisterError> {
    let engine = manager.engine_ref();
    let store = engine.store();
    let mut tx = store.begin().await?;
    let user = record.with_id(store.insert(&mut tx, record).await?).user;
    keep(engine, &mut tx, Whom::User(&user.id), &Notice::of(Matter::Registered), cx).await?;
    join(manager, &UserChange::Registered(&user), &mut tx, cx).await??;
    kept(engine, store.commit(tx).await, &user.id, cx)?;
    Ok(user)
}

async fn hash<M: UserManager + ?Sized>(
    manager: &M,
    password: Option<Password>,
) -> Result<Option<crate::PasswordHash>, RegisterError> {
    Ok(match password {
        Some(password) => Some(manager.engine_ref().hasher().hash(&password).await?),
        None => None,
    })
}

/// Tells the owner of a taken address, and the caller that it is taken.
async fn refuse_duplicate<M: UserManager + ?Sized>(
    manager: &M,
    email: &EmailAddress,
    cx: &Context,
) -> Result<ManagedUser<M>, RegisterError> {
    let engine = manager.engine_ref();
    // Gone again in the meantime: the registration has failed all the same.
    if let Some(owner) = engine.store().find(Lookup::Email(email)).await? {
        let user = owner.user;
        raise(engine, EventKind::DuplicateRegistration, Some(&user.id), None, cx);
        owe(engine, Whom::User(&user.id), &Notice::of(Matter::DuplicateRegistration), cx).await?;
        let call = || manager.on_after_duplicate_register(&user, cx);
        tell(engine, "on_after_duplicate_register", &user.id, cx, call).await;
    }
    Err(RegisterError::AlreadyExists)
}
