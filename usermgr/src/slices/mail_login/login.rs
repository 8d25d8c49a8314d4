//! The login: a link or a code is judged and used up, and what it proves becomes a session.

use super::{MailLogin, MailProof, enter::enter, request::Request};
use crate::{
    amr::Method,
    audit::EventKind,
    hook::raise,
    limits::{Judgement, Subject},
    login::{LoggedIn, LoginError, establish, login_backend, note_failure},
    manager::UserManager,
    op::Op,
    session::{Authenticated, FailedLoginReason},
    slices::password_login::note_lockout,
    store::{CredentialDigest, Lookup, RecordOf, UserStore},
    token::{LoginCode, LoginRequestToken, MagicLinkToken},
    user::EmailAddress,
};

pub(crate) async fn login_by_mail<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    proof: &MailProof,
    backend: &str,
) -> Result<LoggedIn<M::Store>, LoginError> {
    let Op { manager, engine, configured, cx } = op;
    let part = MailLogin::of(engine)?;
    let backend = login_backend(engine, backend)?;
    let record = match proof {
        MailProof::Link { token } => by_link(op, part, token).await,
        MailProof::Code { request, code } => by_code(op, part, request, code).await,
    }?;
    // A user who has proved the address can log in with a password again, whatever others have tried.
    let username = record.user.email.to_string();
    let pair = configured.pairs.pair(record.user.email.canonical(), cx.ip);
    engine.limiter().open(pair, engine.now()).await;
    // Nor do the mails count that this network has asked for.
    engine.limiter().forget(&[Subject::LoginMailPair(pair, part.shortest())]).await;
    let who = Authenticated::new(record, Method::MAIL.into(), engine.now()).counted(true);
    establish(manager, who, backend, &username, cx).await
}

/// Judges a link. A wrong one counts against its network.
async fn by_link<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    part: &MailLogin,
    token: &MagicLinkToken,
) -> Result<RecordOf<M::Store>, LoginError> {
    let Op { engine, configured, cx, .. } = op;
    let work = async {
        let claims = configured.issuer().open(token, engine.now()).filter(|_| part.links);
        let claims = claims.ok_or(LoginError::BadToken)?;
        let id = claims.sub.parse().map_err(|_| LoginError::BadToken)?;
        let email = EmailAddress::from_stored(claims.email.as_str());
        let fits = |record: &RecordOf<M::Store>| {
            part.admits(&record.user) && record.stamp.has_prefix(&claims.st) && record.user.email == email
        };
        let read = || async { engine.store().find(Lookup::Id(&id)).await?.filter(&fits).ok_or(LoginError::BadToken) };
        // A link that does not fit uses nothing up.
        read().await?;
        let request = Request::find(engine, CredentialDigest::from_stored(claims.req.as_str())).await?;
        match request {
            Some(request) if request.take(engine).await? => enter(op, read).await,
            _ => Err(LoginError::BadToken),
        }
    };
    let is_wrong = |error: &LoginError| matches!(error, LoginError::BadToken);
    let entered = engine.limiter().attempt_by_token(cx.ip, engine.now(), work, is_wrong).await?;
    if let Err(LoginError::BadToken) = entered {
        raise(engine, EventKind::LoginFailed, None, Some("wrong link".into()), cx);
    }
    entered
}

/// Judges a code, within the limits of a password. A request that does not exist counts against its network.
async fn by_code<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    part: &MailLogin,
    request: &LoginRequestToken,
    code: &LoginCode,
) -> Result<RecordOf<M::Store>, LoginError> {
    let Op { engine, configured, cx, .. } = op;
    let (limiter, now) = (engine.limiter(), engine.now());
    let judge = |outcome: &Result<_, LoginError>| match outcome {
        Ok(_) => Judgement::Succeeded,
        Err(LoginError::BadCode) => Judgement::Counts,
        Err(_) => Judgement::Unjudged,
    };
    let found = Request::find(engine, CredentialDigest::of(request.expose())).await?;
    let is_in_time = |request: &Request<'_, _>| part.codes && request.end_of(part.code_lifetime, now).is_some();
    let Some(request) = found.filter(is_in_time) else {
        let unknown = async { Err(LoginError::BadCode) };
        return limiter.attempt(&[Subject::Network(cx.ip)], now, unknown, judge).await?.0;
    };
    let pair = configured.pairs.pair(request.email.canonical(), cx.ip);
    let [network, pair, account, ..] = limiter.of_login(pair, now).await?;
    let work = answer(op, part, &request, code);
    let (entered, locked_for) = limiter.attempt(&[network, pair, account], now, work, judge).await?;
    if let (Err(LoginError::BadCode), Some(locked_for)) = (&entered, locked_for) {
        let user = engine.store().find(Lookup::Email(&request.email)).await?.map(|record| record.user);
        note_lockout(op, request.email.as_str(), user.as_ref(), locked_for).await;
    }
    entered
}

/// Counts an attempt, compares, and ends the request.
async fn answer<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    part: &MailLogin,
    request: &Request<'_, M::Store>,
    code: &LoginCode,
) -> Result<RecordOf<M::Store>, LoginError> {
    let Op { manager, engine, configured, cx } = op;
    let email = &request.email;
    if !request.try_once(engine).await? {
        return Err(LoginError::BadCode);
    }
    let typed: String = code.expose().chars().filter(|c| !c.is_whitespace()).collect();
    let found = engine.store().find(Lookup::Email(email)).await?;
    let admitted = found.as_ref().filter(|record| part.admits(&record.user));
    if !request.is_code(configured, &typed, admitted) {
        let user = found.as_ref().map(|record| &record.user);
        note_failure(manager, email.as_str(), user, FailedLoginReason::WrongMailCode, cx).await;
        return Err(LoginError::BadCode);
    }
    // Of several equal answers one ends the request.
    if !request.take(engine).await? {
        return Err(LoginError::BadCode);
    }
    let read = || async {
        let record = engine.store().find(Lookup::Email(email)).await?;
        let fits = |record: &RecordOf<M::Store>| {
            part.admits(&record.user) && request.is_code(configured, &typed, Some(record))
        };
        record.filter(fits).ok_or(LoginError::BadCode)
    };
    enter(op, read).await
}
