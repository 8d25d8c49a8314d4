//! Login and logout: verifying a password, reading a session, ending it.

use std::time::Duration;

use crate::{
    amr::Amr,
    audit::EventKind,
    change::{
        right::Right,
        transaction::{Swap, hold},
    },
    engine::{Answers, Engine, messages::Unwritten},
    error::Fault,
    hook::{after, hook, raise},
    limits::Judgement,
    login::{LoggedIn, LoginError, demand, establish, login_backend, note_failure, shortened},
    mailer::Message,
    manager::{ManagedUser, UserManager},
    op::Op,
    password::{Claim, Extent, Verdict},
    session::{Authenticated, FailedLoginReason, Lockout, Principal},
    span::later,
    store::{Lookup, RecordOf, StoreError, UserOf, UserStore},
    user::{Credentials, EmailAddress, Password, Record, Username},
};

pub(crate) async fn authenticate<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    credentials: Credentials,
) -> Result<ManagedUser<M>, LoginError> {
    let Op { manager, engine, cx, .. } = op;
    let Proved { record, outdated } = prove(op, credentials, |_| None).await?;
    // Rehashing takes time, which must not reveal a right password for an inactive account.
    let outdated = outdated.filter(|_| record.user.is_active);
    let record = rehashed(op, record, outdated).await;
    let who = Authenticated::new(record, Amr::PASSWORD, engine.now());
    match demand(manager, &who, None, cx).await? {
        Some(pending) => Err(LoginError::SecondFactorRequired(pending)),
        None => Ok(who.into_user()),
    }
}

pub(crate) async fn login<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    credentials: Credentials,
    backend: &str,
) -> Result<LoggedIn<M::Store>, LoginError> {
    let Op { manager, engine, cx, .. } = op;
    let backend = login_backend(engine, backend)?;
    let username = credentials.username.clone();
    // These refusals count as failures. Otherwise the limit would distinguish a right password from a wrong one: for an
    // inactive account, and, with discreet answers, for an unverified account that the caller has just registered.
    let discreet = engine.answers() == Answers::Discreet;
    let unverified = |user: &ManagedUser<M>| engine.requires_verified() && !user.is_verified;
    let refused = |user: &ManagedUser<M>| match user.is_active {
        false => Some(FailedLoginReason::Inactive),
        true => (discreet && unverified(user)).then_some(FailedLoginReason::NotVerified),
    };
    let Proved { record, outdated } = prove(op, credentials, refused).await?;
    if unverified(&record.user) {
        note_failure(manager, &username, Some(&record.user), FailedLoginReason::NotVerified, cx).await;
        return Err(LoginError::NotVerified);
    }
    // Only after the checks, because the time of another hash reveals that the password was right.
    let record = rehashed(op, record, outdated).await;
    let who = Authenticated::new(record, Amr::PASSWORD, engine.now()).counted(true);
    establish(manager, who, backend, &username, cx).await
}

pub(crate) async fn logout<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    principal: &Principal<M::Store>,
) -> Result<(), Fault> {
    let Op { manager, engine, configured, cx } = op;
    if let Some(backend) = engine.backend(&principal.session.backend) {
        let _changing = engine.cache().changing(&principal.user().id);
        backend.strategy().end(&engine.strategy_context(backend, configured), principal).await?;
    }
    let user = principal.user();
    raise(engine, EventKind::LoggedOut, Some(&user.id), None, cx);
    hook!(after(manager, Some(&user.id), cx): on_after_logout(user, &principal.session)).await;
    Ok(())
}

/// An account whose password was verified.
struct Proved<S: UserStore> {
    record: RecordOf<S>,
    outdated: Option<Outdated>,
}

/// A password whose hash has outdated parameters.
struct Outdated {
    password: Password,
    proved: Extent,
}

/// A login that was judged and failed.
struct Failed<S: UserStore> {
    user: Option<UserOf<S>>,
    reason: FailedLoginReason,
}

/// Verifies a password. It counts as a failed attempt if it is wrong or if `refused` rejects the account.
async fn prove<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    credentials: Credentials,
    refused: impl FnOnce(&ManagedUser<M>) -> Option<FailedLoginReason>,
) -> Result<Proved<M::Store>, LoginError> {
    let Op { manager, engine, configured, cx } = op;
    let Credentials { username, password } = credentials;
    let (email, found) = look_up(engine, &username).await?;
    let pair = configured.pairs.pair(email.canonical(), cx.ip);
    let (limiter, now) = (engine.limiter(), engine.now());
    let subjects = limiter.of_login(pair, now).await?;
    let claim = Claim::of(cx.ip, email.canonical());
    let work = test(manager, (&email, found), password, claim, refused);
    let judge = |outcome: &Result<Result<_, Failed<_>>, LoginError>| match outcome {
        Ok(Ok(_)) => Judgement::Succeeded,
        Ok(Err(_)) => Judgement::Counts,
        Err(_) => Judgement::Unjudged,
    };
    let (outcome, locked_for) = limiter.attempt(&subjects, now, work, judge).await?;
    let Failed { user, reason } = match outcome? {
        Ok(proved) => {
            limiter.know(pair, now).await;
            return Ok(proved);
        }
        Err(failed) => failed,
    };
    if reason == FailedLoginReason::UnusableHash {
        raise(engine, EventKind::HashUnusable, user.as_ref().map(|user| &user.id), None, cx);
    }
    note_failure(manager, &username, user.as_ref(), reason, cx).await;
    if let Some(locked_for) = locked_for {
        note_lockout(op, &username, user.as_ref(), locked_for).await;
    }
    Err(match reason {
        FailedLoginReason::NotVerified => LoginError::NotVerified,
        _ => LoginError::BadCredentials,
    })
}

/// An account that was looked up, if there is one.
type Found<S> = Option<RecordOf<S>>;

/// Returns the address under which an attempt is counted, and the account if it was looked up already. A user name is looked
/// up before the attempt is counted, known or not, because it counts for the account as its address does. One that no
/// account has is counted by itself.
async fn look_up<S: UserStore>(
    engine: &Engine<S>,
    typed: &str,
) -> Result<(EmailAddress, Option<Found<S>>), StoreError> {
    if engine.usernames().is_none() || typed.contains('@') {
        return Ok((EmailAddress::for_lookup(typed), None));
    }
    let found = engine.store().find(Lookup::Username(&Username::for_lookup(typed))).await?;
    let email = found.as_ref().map_or_else(|| EmailAddress::for_lookup(typed), |record| record.user.email.clone());
    Ok((email, Some(found)))
}

/// Tests a password: always one look-up and one hash, whatever the result.
async fn test<M: UserManager + ?Sized>(
    manager: &M,
    (email, found): (&EmailAddress, Option<Found<M::Store>>),
    password: Password,
    claim: Claim,
    refused: impl FnOnce(&ManagedUser<M>) -> Option<FailedLoginReason>,
) -> Result<Result<Proved<M::Store>, Failed<M::Store>>, LoginError> {
    let engine = manager.engine_ref();
    // Above the length limit no address is looked up and nothing is hashed, for known and unknown accounts alike.
    if password.normalized().is_err() {
        return Ok(Err(Failed { user: None, reason: FailedLoginReason::WrongPassword }));
    }
    let record = match found {
        Some(found) => found,
        None => engine.store().find(Lookup::Email(email)).await?,
    };
    let stored = record.as_ref().and_then(|record| record.password_hash.as_ref());
    let verdict = claim.scope(engine.hasher().verify(&password, stored)).await?;
    let Some(record) = record else {
        return Ok(Err(Failed { user: None, reason: FailedLoginReason::UnknownAccount }));
    };
    let reason = match (&record.password_hash, verdict) {
        (None, _) => Some(FailedLoginReason::NoPassword),
        (Some(_), Verdict::Mismatch) => Some(FailedLoginReason::WrongPassword),
        (Some(_), Verdict::Unusable) => Some(FailedLoginReason::UnusableHash),
        (Some(_), Verdict::Match | Verdict::MatchOutdated { .. }) => refused(&record.user),
    };
    Ok(match reason {
        Some(reason) => Err(Failed { user: Some(record.user), reason }),
        None => {
            let outdated = match verdict {
                Verdict::MatchOutdated { proved } => Some(Outdated { password, proved }),
                _ => None,
            };
            Ok(Proved { record, outdated })
        }
    })
}

/// Rehashes a verified password if its hash is outdated. It writes nothing if the row has changed since, so that a new
/// password is kept. It also writes nothing if the old hash covers only a part of the password, because the rest is not
/// verified. A failure here does not fail the login.
async fn rehashed<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    old: RecordOf<M::Store>,
    outdated: Option<Outdated>,
) -> RecordOf<M::Store> {
    let Op { manager, engine, cx, .. } = op;
    let password = match outdated {
        Some(Outdated { password, proved: Extent::Whole }) => password,
        Some(Outdated { proved: Extent::Part, .. }) => {
            raise(engine, EventKind::RehashSkipped, Some(&old.user.id), None, cx);
            return old;
        }
        None => return old,
    };
    let Ok(hash) = Claim::of(cx.ip, old.user.email.canonical()).scope(engine.hasher().hash(&password)).await else {
        return old;
    };
    let mut new = Record { password_hash: Some(hash), ..old.clone() };
    let written = async {
        let (held, now) = hold(engine, &old, Right::default(), false).await?;
        if now.version != old.version {
            return Err(StoreError::Stale.into());
        }
        Ok::<_, Fault>(held.write(Swap { old: &now, new: &new }).await?)
    };
    match written.await {
        Ok(()) => new.version += 1,
        Err(_) => return old,
    }
    raise(engine, EventKind::PasswordRehashed, Some(&new.user.id), None, cx);
    hook!(after(manager, Some(&new.user.id), cx): on_after_rehash_password(&new.user)).await;
    new
}

/// Reports the lockout that a failed attempt has caused.
pub(crate) async fn note_lockout<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    username: &str,
    user: Option<&ManagedUser<M>>,
    locked_for: Duration,
) {
    let Op { manager, engine, cx, .. } = op;
    let until = later(engine.now(), locked_for);
    let lockout = Lockout { username: shortened(username), user: user.map(|user| user.id.to_string()), until };
    let id = user.map(|user| &user.id);
    raise(engine, EventKind::LockedOut, id, None, cx);
    let (watched, unwritten) = Unwritten::watched(cx);
    hook!(after(manager, id, &watched): on_after_lockout(&lockout)).await;
    // The message is sent in the background, so that known and unknown accounts take the same time.
    if let Some(user) = user.filter(|_| engine.sends_lockouts() && unwritten.is_noted()) {
        after(engine, "on_after_lockout", id, cx, engine.send(Message::LockedOut { user }, cx)).await;
    }
}
