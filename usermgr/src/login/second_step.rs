//! The second step of a login: the answer is judged and used up together with the pending login, and the methods of
//! both steps become a session.

use crate::{
    amr::{Amr, Method},
    context::Context,
    engine::{Credentials, FactorContext, Proof},
    limits::{Judgement, Subject},
    login::{
        LoggedIn, LoginError,
        establish::{complete, login_backend},
        note_failure,
        pending::{PURPOSE, Waiting},
    },
    manager::{IdOf, ManagedUser, UserManager},
    session::{Authenticated, FailedLoginReason},
    store::{CredentialDigest, Lookup, UserStore},
    token::PendingToken,
};

/// The number of answers that are judged for one pending login (NIST SP 800-63B-4, 3.2.2 allows a hundred in a row for
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
    let who = prove(manager, token, proof, Some(backend.name()), cx).await?;
    let username = who.user().email.to_string();
    complete(manager, who, backend, &username, cx).await
}

pub(crate) async fn finish_authentication<M: UserManager + ?Sized>(
    manager: &M,
    token: &PendingToken,
    proof: &Proof,
    cx: &Context,
) -> Result<ManagedUser<M>, LoginError> {
    Ok(prove(manager, token, proof, None, cx).await?.into_user())
}

/// A pending login that was found, before an attempt is counted.
struct Found<'a, M: UserManager + ?Sized> {
    credentials: &'a dyn Credentials<M::Store>,
    digest: CredentialDigest,
    user_id: IdOf<M>,
    waiting: Waiting,
}

/// Verifies a second factor, within the limits of the client and of the user.
async fn prove<M: UserManager + ?Sized>(
    manager: &M,
    token: &PendingToken,
    proof: &Proof,
    backend: Option<&str>,
    cx: &Context,
) -> Result<Authenticated<M::Store>, LoginError> {
    let engine = manager.engine_ref();
    let found = find(manager, token, backend).await?;
    let user = found.as_ref().map(|found| found.user_id.to_string());
    let subjects = [Some(Subject::Network(cx.ip)), user.as_deref().map(Subject::SecondFactor)];
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
        Err(_) => Judgement::Unjudged,
    };
    engine.limiter().attempt(&subjects, engine.now(), work, judge).await?.0
}

async fn find<'a, M: UserManager + ?Sized>(
    manager: &'a M,
    token: &PendingToken,
    backend: Option<&str>,
) -> Result<Option<Found<'a, M>>, LoginError> {
    let engine = manager.engine_ref();
    let Some(credentials) = engine.credentials() else { return Ok(None) };
    let digest = CredentialDigest::of(token.expose());
    let pending = credentials.find_pending(engine.store(), &digest, &PURPOSE, engine.now()).await?;
    Ok(pending.and_then(|pending| {
        let waiting = Waiting::of::<M::Store>(&pending, backend)?;
        Some(Found { credentials, digest, user_id: pending.user_id?, waiting })
    }))
}

/// Judges an answer: one attempt of the pending login, one use of the factor, and then the end of the pending login.
async fn answer<M: UserManager + ?Sized>(
    manager: &M,
    found: &Found<'_, M>,
    proof: &Proof,
    cx: &Context,
) -> Result<Authenticated<M::Store>, LoginError> {
    let engine = manager.engine_ref();
    let (store, now) = (engine.store(), engine.now());
    let Found { credentials, digest, user_id, waiting } = found;
    let tried = credentials.try_pending(store, digest, &PURPOSE, MOST_ATTEMPTS, now).await?;
    tried.ok_or(LoginError::NotPending)?;
    let fits = |record: &crate::store::RecordOf<M::Store>| {
        let user = &record.user;
        user.is_active && (user.is_verified || !engine.requires_verified()) && record.stamp.has_prefix(&waiting.stamp)
    };
    let record = store.find(Lookup::Id(user_id)).await?.filter(fits).ok_or(LoginError::NotPending)?;
    let rows = credentials.of_user(store, user_id, now).await?;
    let state = waiting.states.get(proof.kind.as_str()).map(String::as_str);
    let context = FactorContext { store, user: &record.user, credentials: &rows, now, state };
    let factor = engine.factors().iter().find(|factor| factor.kind() == proof.kind);
    let proved = match factor {
        Some(factor) if factor.is_enrolled(&context).await? && factor.prove(&context, proof).await? => factor.methods(),
        _ => {
            let (username, user) = (record.user.email.as_str(), Some(&record.user));
            note_failure(manager, username, user, FailedLoginReason::WrongSecondFactor, cx).await;
            return Err(LoginError::BadSecondFactor);
        }
    };
    let taken = credentials.take_pending(store, digest, &PURPOSE, now).await?;
    taken.ok_or(LoginError::NotPending)?;
    Ok(Authenticated::new(record, joined(&waiting.methods, &proved), engine.now()))
}

/// Returns the methods of both steps. Two uses of the same channel are one factor.
fn joined(first: &Amr, second: &Amr) -> Amr {
    let both = first.and(second);
    if second.adds_to(first) { both.and(&Method::MULTI_FACTOR.into()) } else { both }
}
