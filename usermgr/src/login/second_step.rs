//! The second step: the answer is judged and used up together with what waits for it, and the methods of both steps are
//! joined.

use std::time::Duration;

use jiff::Timestamp;

use crate::{
    amr::{Amr, Method},
    audit::EventKind,
    context::Context,
    engine::{Credentials, Factor, FactorContext, Proof},
    error::{Fault, PendingLogin},
    hook::raise,
    limits::{Judgement, Subject},
    login::{
        LoggedIn, LoginError,
        establish::{complete, login_backend},
        note_failure, note_suspicion, notifications,
        pending::{Step, Waiting},
    },
    manager::{IdOf, ManagedUser, UserManager},
    notification::{
        enqueue::{enqueue_alone, notify_about},
        notice::{About, Recipient},
        row::Notification,
    },
    seal::SealError,
    session::{Authenticated, FailedLoginReason},
    store::{CredentialDigest, Lookup, RecordOf, UserStore},
    token::PendingToken,
};

/// The number of answers that are judged for one pending step (NIST SP 800-63B-4, 3.2.2 allows a hundred in a row for
/// a user; ASVS 5.0, 6.6.3).
const MOST_ATTEMPTS: u32 = 5;

pub(crate) async fn finish_login<M: UserManager + ?Sized>(
    manager: &M,
    token: &PendingToken,
    proof: &Proof,
    backend: &str,
    cx: &Context,
) -> Result<LoggedIn<M::Store>, LoginError> {
    let backend = login_backend(manager.engine_ref(), backend)?;
    let who = prove(manager, token, proof, Step::Login(Some(backend.name())), cx).await?;
    let username = who.user().email.to_string();
    complete(manager, who, backend, &username, cx).await
}

pub(crate) async fn finish_authentication<M: UserManager + ?Sized>(
    manager: &M,
    token: &PendingToken,
    proof: &Proof,
    cx: &Context,
) -> Result<ManagedUser<M>, LoginError> {
    Ok(prove(manager, token, proof, Step::Login(None), cx).await?.into_user())
}

/// A pending step that was found, before an attempt is counted.
struct Found<'a, M: UserManager + ?Sized> {
    credentials: &'a dyn Credentials<M::Store>,
    digest: CredentialDigest,
    user_id: IdOf<M>,
    expires_at: Timestamp,
    waiting: Waiting,
    step: Step<'a>,
}

/// Returns a login that waits for its second step once more. Neither its attempts nor its lifetime change.
pub(crate) async fn pending_login<M: UserManager + ?Sized>(
    manager: &M,
    token: &PendingToken,
    backend: &str,
) -> Result<PendingLogin, LoginError> {
    let engine = manager.engine_ref();
    let step = Step::Login(Some(login_backend(engine, backend)?.name()));
    let Found { waiting, expires_at, .. } = find(manager, token, step).await?.ok_or(LoginError::NotPending)?;
    let expires_in = Duration::try_from(expires_at.duration_since(engine.now())).unwrap_or_default();
    let factors = waiting.offered.into_iter().map(Into::into).collect();
    Ok(PendingLogin { token: token.clone(), expires_in, factors })
}

/// Verifies a second factor, within the limits of the client and of the user.
pub(super) async fn prove<M: UserManager + ?Sized>(
    manager: &M,
    token: &PendingToken,
    proof: &Proof,
    step: Step<'_>,
    cx: &Context,
) -> Result<Authenticated<M::Store>, LoginError> {
    let engine = manager.engine_ref();
    let found = find(manager, token, step).await?;
    let user = found.as_ref().map(|found| found.user_id.to_string());
    let subjects = [
        Some(Subject::Network(cx.ip)),
        user.as_deref().map(|user| match step {
            Step::Login(_) => Subject::SecondFactor(user),
            Step::StepUp(_) => Subject::StepUp(user),
        }),
    ];
    let subjects: Vec<_> = subjects.into_iter().flatten().collect();
    let work = async {
        match &found {
            Some(found) => answer(manager, found, proof, cx).await,
            None => Err(LoginError::NotPending),
        }
    };
    let judge = |outcome: &Result<_, LoginError>| match outcome {
        Ok(_) => Judgement::Succeeded,
        Err(LoginError::BadSecondFactor | LoginError::NotPending) => Judgement::Counts,
        // A guess beside a factor that cannot be read is a guess too.
        Err(LoginError::Fault(Fault::Crypto(_))) => Judgement::Counts,
        Err(_) => Judgement::Unjudged,
    };
    engine.limiter().attempt(&subjects, engine.now(), work, judge).await?.0
}

async fn find<'a, M: UserManager + ?Sized>(
    manager: &'a M,
    token: &PendingToken,
    step: Step<'a>,
) -> Result<Option<Found<'a, M>>, LoginError> {
    let engine = manager.engine_ref();
    let Some(credentials) = engine.credentials() else { return Ok(None) };
    let digest = CredentialDigest::of(token.expose());
    let pending = credentials.find_pending(engine.store(), &digest, &step.purpose(), engine.now()).await?;
    Ok(pending.and_then(|pending| {
        let waiting = Waiting::of::<M::Store>(&pending, step)?;
        let (user_id, expires_at) = (pending.user_id?, pending.expires_at);
        Some(Found { credentials, digest, user_id, expires_at, waiting, step })
    }))
}

/// Judges an answer: one attempt of the pending step, one use of the factor, and then the end of the pending step.
async fn answer<M: UserManager + ?Sized>(
    manager: &M,
    found: &Found<'_, M>,
    proof: &Proof,
    cx: &Context,
) -> Result<Authenticated<M::Store>, LoginError> {
    let engine = manager.engine_ref();
    let (store, now) = (engine.store(), engine.now());
    let Found { credentials, digest, user_id, waiting, step, .. } = found;
    let purpose = step.purpose();
    let tried = credentials.try_pending(store, digest, &purpose, MOST_ATTEMPTS, now).await?;
    let attempt = tried.ok_or(LoginError::NotPending)?.attempts;
    let fits = |record: &RecordOf<M::Store>| {
        let user = &record.user;
        user.is_active && (user.is_verified || !engine.requires_verified()) && record.stamp.has_prefix(&waiting.stamp)
    };
    let record = store.find(Lookup::Id(user_id)).await?.filter(fits).ok_or(LoginError::NotPending)?;
    let rows = credentials.of_user(store, user_id, now).await?;
    let state = waiting.states.get(proof.kind.as_str()).map(String::as_str);
    let keys = &*engine.configured(|| manager.settings())?;
    let context = FactorContext::new(store, &record.user, &rows, now, state, keys);
    let factor = engine.factors().iter().find(|factor| factor.kind() == proof.kind);
    let is_right = match factor {
        Some(factor) if factor.is_enrolled(&context).await? => factor
            .prove(&context, proof)
            .await
            .inspect_err(|fault| unreadable(manager, &record.user, proof, fault, cx))?,
        _ => false,
    };
    let factor = match factor {
        Some(factor) if is_right => factor,
        _ => {
            if let Some(suspected) = context.suspected() {
                // The pending step is used up first: an answer that a client sends twice is no copy of its passkey.
                let taken = credentials.take_pending(store, digest, &purpose, now).await?;
                taken.ok_or(LoginError::NotPending)?;
                note_suspicion(manager, &record.user, suspected, cx).await;
            }
            wrong(manager, &record.user, *step, attempt, cx).await;
            return Err(LoginError::BadSecondFactor);
        }
    };
    let taken = credentials.take_pending(store, digest, &purpose, now).await?;
    taken.ok_or(LoginError::NotPending)?;
    if factor.is_backup() {
        used_backup(manager, *credentials, &**factor, &record.user, cx).await;
    }
    let at = proved_at(waiting.at, &factor.methods(), now);
    let methods = joined(&waiting.methods, &factor.methods());
    Ok(Authenticated::new(record, methods, at).counted(waiting.counted))
}

/// Reports a factor whose sealed data cannot be opened.
fn unreadable<M: UserManager + ?Sized>(manager: &M, user: &ManagedUser<M>, proof: &Proof, fault: &Fault, cx: &Context) {
    if let Fault::Crypto(error) = fault
        && error.is::<SealError>()
    {
        let detail = Some(proof.kind.to_string().into());
        raise(manager.engine_ref(), EventKind::SealUnreadable, Some(&user.id), detail, cx);
    }
}

/// Reports a wrong answer. The first one of a login tells the user that another person may know their password.
async fn wrong<M: UserManager + ?Sized>(
    manager: &M,
    user: &ManagedUser<M>,
    step: Step<'_>,
    attempt: u32,
    cx: &Context,
) {
    match step {
        Step::Login(_) => {
            note_failure(manager, user.email.as_str(), Some(user), FailedLoginReason::WrongSecondFactor, cx).await;
            if attempt == 1 {
                report(manager, &notifications::second_factor_failed(), user, About::Nothing, cx).await;
            }
        }
        Step::StepUp(_) => raise(manager.engine_ref(), EventKind::ReauthenticationFailed, Some(&user.id), None, cx),
    }
}

/// Reports the use of a factor that replaces a lost one, with what is left of it.
async fn used_backup<M: UserManager + ?Sized>(
    manager: &M,
    credentials: &dyn Credentials<M::Store>,
    factor: &dyn Factor<M::Store>,
    user: &ManagedUser<M>,
    cx: &Context,
) {
    let engine = manager.engine_ref();
    raise(engine, EventKind::RecoveryCodeUsed, Some(&user.id), None, cx);
    let rows = match credentials.of_user(engine.store(), &user.id, engine.now()).await {
        Ok(rows) => rows,
        Err(error) => {
            tracing::error!(target: "usermgr", %error, "a notification about a recovery code is lost");
            return;
        }
    };
    if let Some(row) = rows.iter().find(|row| row.kind == factor.kind()) {
        let info = factor.describe(row);
        report(manager, &notifications::recovery_code_used(), user, About::Factor(&info), cx).await;
    }
}

/// Notifies a user. The outcome of the login does not depend on whether the notification can be written.
async fn report<M: UserManager + ?Sized>(
    manager: &M,
    notification: &Notification<M>,
    user: &ManagedUser<M>,
    about: About<'_>,
    cx: &Context,
) {
    let mut notice = notification.notice();
    if let About::Factor(factor) = about {
        notice = notice.about_factor(factor);
    }
    match enqueue_alone(manager.engine_ref(), Recipient::User(&user.id), &notice, cx).await {
        Ok(true) => {}
        Ok(false) => notify_about(manager, notification, user, about, cx).await,
        Err(error) => tracing::error!(target: "usermgr", %error, "a notification about a second factor is lost"),
    }
}

/// Returns when a user was authenticated: now, unless the first step was proved earlier and the second one is not two
/// factors by itself.
fn proved_at(first: Option<Timestamp>, second: &Amr, now: Timestamp) -> Timestamp {
    if second.is_multi_factor() { now } else { first.unwrap_or(now) }
}

/// Returns the methods of both steps. Two uses of the same channel are one factor.
fn joined(first: &Amr, second: &Amr) -> Amr {
    let both = first.and(second);
    if second.adds_to(first) { both.and(&Method::MULTI_FACTOR.into()) } else { both }
}
