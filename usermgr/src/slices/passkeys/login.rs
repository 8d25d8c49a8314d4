//! A login with a passkey and nothing else. The passkey itself names its user, so the challenge of a stranger says nothing
//! about any account, and is stored nowhere.

use serde_json::Value;

use super::part::InstalledPasskeys;
use crate::{
    amr::{Amr, Method},
    attempts::Attempts,
    engine::Engine,
    error::Fault,
    limits::{Judgement, Subject},
    login::{LoggedIn, LoginError, establish, login_backend, note_failure, note_suspicion, use_up},
    manager::{ManagedUser, UserManager},
    op::Op,
    passkey::{Judged, KIND, KeptPasskey, Named, PasskeyChallenge, PasskeyRefused, is_of_user, judge, named},
    session::{Authenticated, FailedLoginReason},
    store::{Credential, FactorInfo, RecordOf, UserStore},
    token::{Passkey, PasskeyClaims, PasskeyToken, used_up},
};

/// The methods that a passkey proves which has verified its user: it is two factors in one.
fn methods() -> Amr {
    Amr::of([Method::KEY, Method::USER_PRESENCE, Method::MULTI_FACTOR])
}

/// Begins a login. Nothing is written.
pub(crate) fn begin<M: UserManager + ?Sized>(op: Op<'_, M>, backend: &str) -> Result<PasskeyChallenge, LoginError> {
    let Op { engine, configured, .. } = op;
    let backend = login_backend(engine, backend)?.name();
    let InstalledPasskeys { verifier } = engine.kept().ok_or(LoginError::UnknownBackend)?;
    let begun = verifier.authenticate(&[])?;
    let issuer = configured.issuer::<Passkey>();
    let (audience, expires_in) = (issuer.audience(), issuer.lifetime());
    let claims = PasskeyClaims::issue(backend.to_owned(), audience, expires_in, engine.now(), begun.state);
    let token = issuer.issue(&claims.map_err(Fault::from)?).map_err(Fault::from)?;
    Ok(PasskeyChallenge { options: begun.options, token, expires_in })
}

/// Logs in the user of a passkey.
pub(crate) async fn log_in<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    token: &PasskeyToken,
    answer: &Value,
    backend: &str,
) -> Result<LoggedIn<M::Store>, LoginError> {
    let Op { manager, engine, cx, .. } = op;
    let backend = login_backend(engine, backend)?;
    let work = prove(op, token, answer, backend.name());
    let judge = |outcome: &Result<_, LoginError>| match outcome {
        Ok(_) => Judgement::Succeeded,
        Err(LoginError::BadCredentials | LoginError::NotPending) => Judgement::Counts,
        Err(_) => Judgement::Unjudged,
    };
    let (who, _) = engine.limiter().attempt(&[Subject::Network(cx.ip)], engine.now(), work, judge).await?;
    let who = who?;
    let username = who.user().email.to_string();
    establish(manager, who, backend, &username, cx).await
}

/// Verifies an answer and uses it up.
async fn prove<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    token: &PasskeyToken,
    answer: &Value,
    backend: &str,
) -> Result<Authenticated<M::Store>, LoginError> {
    let Op { engine, configured, .. } = op;
    let InstalledPasskeys { verifier } = engine.kept().ok_or(LoginError::UnknownBackend)?;
    let claims = configured.issuer::<Passkey>().open(token, engine.now());
    let claims = claims.filter(|claims| claims.sub == backend).ok_or(LoginError::NotPending)?;
    let (mut attempts, mut is_used) = (Attempts::default(), false);
    loop {
        let (row, record) = match find(engine, answer).await? {
            Some(found) => found,
            None => return refused(op, None).await,
        };
        let judged = judge(&**verifier, &claims.st, answer, &row, engine.now())?;
        let right = match judged {
            Ok(Judged { is_user_verified: true, row: used }) => Some(used),
            Err(PasskeyRefused::CounterSetBack) => None,
            Ok(_) | Err(_) => return refused(op, Some(&record.user)).await,
        };
        // Only an answer that is signed is worth a row. It comes before everything else is believed: an answer that a
        // client sends twice is no copy of its passkey.
        if !is_used && !use_up(engine, &used_up(&claims.jti, claims.exp)).await? {
            return Err(LoginError::NotPending);
        }
        is_used = true;
        let Some(used) = right else {
            note_suspicion(op.manager, &record.user, &FactorInfo::of(&row), op.cx).await;
            return refused(op, Some(&record.user)).await;
        };
        let credentials = engine.credentials().ok_or(LoginError::UnknownBackend)?;
        if credentials.swap(engine.store(), &used).await? {
            return Ok(Authenticated::new(record, methods(), engine.now()));
        }
        // Its label has changed meanwhile, or another answer of it was used.
        attempts.another_or_busy().await?;
    }
}

/// A passkey with its user.
type Found<S> = (Credential<<S as UserStore>::Id>, RecordOf<S>);

/// Finds the passkey of an answer with its user, whose handle the authenticator must have returned.
async fn find<S: UserStore>(engine: &Engine<S>, answer: &Value) -> Result<Option<Found<S>>, Fault> {
    let Some(Named { id, handle }) = named(answer) else { return Ok(None) };
    let Some(credentials) = engine.credentials() else { return Ok(None) };
    let lookup = KeptPasskey::lookup(&id);
    let found = credentials.find(engine.store(), &KIND, &lookup, engine.now()).await?;
    match found {
        Some((row, record)) if is_of_user(&row, handle.as_deref(), true)? => Ok(Some((row, record))),
        Some(_) | None => Ok(None),
    }
}

async fn refused<M: UserManager + ?Sized, T>(op: Op<'_, M>, user: Option<&ManagedUser<M>>) -> Result<T, LoginError> {
    let username = user.map_or("", |user| user.email.as_str());
    note_failure(op.manager, username, user, FailedLoginReason::WrongPasskey, op.cx).await;
    Err(LoginError::BadCredentials)
}
