//! The routes under `/auth`: registration, login, verification, passwords.

use std::{sync::Arc, time::Duration};

use ::http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value};

use super::IdOf;
use crate::{
    answers::Answers,
    background::Slot,
    change::update,
    context::Context,
    error::{ChangeEmailError, ChangePasswordError, Fault, LoginError, ResetError, VerifyError},
    http::{
        Guard, Incoming, Outgoing, Problem,
        body::Fields,
        csrf,
        identify::{demand, demand_fresh, recognise},
    },
    limit::{Judgement, MailKind, Subject},
    login::Login,
    manager::UserManager,
    notification::notice::{Matter, Notice, Whom, owe},
    operations::Operations,
    session::{Backend, Transport},
    slices::{LoggedIn, email_change, registration},
    store::UserStore,
    token::{AccessToken, RefreshToken},
    user::{Credentials, EmailAddress, Profile, Register, Stamp},
};

pub(in crate::http) async fn login<M: UserManager>(manager: &M, request: Incoming) -> Result<Outgoing, Problem> {
    let name = request.param.clone().ok_or_else(Problem::not_found)?;
    let engine = manager.engine_ref();
    let backend = engine.backend(&name).ok_or_else(Problem::not_found)?;
    if let Transport::Cookie(_) = backend.transport() {
        // A forged login would put a person into somebody else's account.
        csrf::check(&request.parts, engine.allowed_origins())?;
    }
    let mut fields = Fields::form(&request.parts.headers, &request.body).await?;
    fields.constant("grant_type", "password");
    let (username, password) = (fields.filled("username"), fields.filled("password"));
    fields.finish()?;
    let credentials = Credentials::new(username.unwrap_or_default(), password.unwrap_or_default());
    let cx = request.into_context::<M::Store>(None);
    let LoggedIn { token, refresh, expires_in, login, .. } = match manager.login(credentials, &name, &cx).await {
        // He knows the password, since he has registered; that it was he tells him that the address was free.
        Err(LoginError::NotVerified) if engine.answers() == Answers::Discreet => Err(LoginError::BadCredentials),
        outcome => outcome,
    }?;
    let Login { headers, mut fields, .. } = login;
    let mut answer = match backend.transport() {
        Transport::Bearer => {
            add_tokens(&mut fields, &token, refresh.as_ref(), expires_in);
            Outgoing::json(StatusCode::OK, &fields)?
        }
        // A browser would leave it out without a word, and nobody would be logged in.
        Transport::Cookie(cookie) if !cookie.can_carry(token.expose()) => {
            tracing::error!(target: "usermgr", backend = backend.name(), "the token is longer than a cookie can be");
            return Err(Problem::misconfigured());
        }
        Transport::Cookie(cookie) => Outgoing::no_content().with_cookie(&cookie.set(token.expose())),
    };
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            answer.headers.append(name, value);
        }
    }
    Ok(answer)
}

/// The fields of an OAuth 2.0 answer (RFC 6749, 5.1).
pub(super) fn add_tokens(
    fields: &mut Map<String, Value>,
    token: &AccessToken,
    refresh: Option<&RefreshToken>,
    expires_in: Option<Duration>,
) {
    fields.insert("access_token".into(), token.expose().into());
    fields.insert("token_type".into(), "bearer".into());
    if let Some(refresh) = refresh {
        fields.insert("refresh_token".into(), refresh.expose().into());
    }
    if let Some(expires_in) = expires_in {
        fields.insert("expires_in".into(), expires_in.as_secs().into());
    }
}

/// Ends the sessions of all credentials of the request. A cookie is taken away whoever asks, since no script of a page can: also one that
/// names nobody any more, that names somebody else than another credential, or that cannot be read.
pub(in crate::http) async fn logout<M: UserManager>(manager: &M, request: Incoming) -> Result<Outgoing, Problem> {
    let name = request.param.as_deref().ok_or_else(Problem::not_found)?;
    let engine = manager.engine_ref();
    let named = engine.backend(name).ok_or_else(Problem::not_found)?;
    let (answer, principals) = match named.transport() {
        Transport::Cookie(cookie) => {
            csrf::check(&request.parts, engine.allowed_origins())?;
            let principals = recognise(manager, &request.parts).await?.principals;
            (Outgoing::no_content().with_cookie(&cookie.clear()), principals)
        }
        Transport::Bearer => {
            let principals = recognise(manager, &request.parts).await?.agreed();
            Guard::Active.admit(engine, principals.first().cloned())?;
            (Outgoing::no_content(), principals)
        }
    };
    let mut cx = request.into_context::<M::Store>(None);
    let mut answer = answer;
    // Whoever logs out while holding two keys to the house wants neither to open it any more.
    for principal in principals {
        cx.actor = Some(Incoming::actor(&principal));
        manager.logout(&principal, &cx).await?;
        if let Some(Transport::Cookie(cookie)) = engine.backend(&principal.session.backend).map(Backend::transport) {
            answer = answer.with_cookie(&cookie.clear());
        }
    }
    Ok(answer)
}

pub(in crate::http) async fn register<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
) -> Result<Outgoing, Problem> {
    let mut fields = Fields::json(&request.parts.headers, &request.body)?;
    let (email, password) = (fields.email("email", manager.engine_ref().email_rules()), fields.password("password"));
    let profile = fields.profile::<<<M::Store as UserStore>::Profile as Profile>::Register>();
    let (Some(email), Some(password), Some(profile)) = (email, password, profile) else {
        return Err(fields.refused());
    };
    let cx = request.into_context::<M::Store>(None);
    let register = Register { email: email.to_string(), password, profile };
    match manager.engine_ref().answers() {
        Answers::Explicit => Outgoing::json(StatusCode::CREATED, &manager.register(register, &cx).await?),
        Answers::Discreet => {
            let (prepared, slot) = registration::prepare(&**manager, register, &cx).await?;
            let owned = manager.clone();
            in_background(slot, async move { registration::finish(&*owned, &prepared, &cx).await });
            Ok(Outgoing::accepted())
        }
    }
}

pub(in crate::http) async fn verify<M: UserManager>(manager: &M, request: Incoming) -> Result<Outgoing, Problem> {
    let mut fields = Fields::embedded(&request.parts.headers, &request.body)?;
    let Some(token) = fields.text("token") else {
        return Err(fields.refused());
    };
    let cx = request.into_context::<M::Store>(None);
    let user = manager.verify(&token.into(), &cx).await?;
    Outgoing::json(StatusCode::OK, &user)
}

pub(in crate::http) async fn reset_password<M: UserManager>(
    manager: &M,
    request: Incoming,
) -> Result<Outgoing, Problem> {
    let mut fields = Fields::embedded(&request.parts.headers, &request.body)?;
    let (Some(token), Some(password)) = (fields.text("token"), fields.password("password")) else {
        return Err(fields.refused());
    };
    let cx = request.into_context::<M::Store>(None);
    manager.reset_password(&token.into(), password, &cx).await?;
    Outgoing::json(StatusCode::OK, &Value::Null)
}

pub(in crate::http) async fn change_password<M: UserManager>(
    manager: &M,
    request: Incoming,
) -> Result<Outgoing, Problem> {
    let principal = demand(manager, &request.parts, Guard::Active).await?;
    let mut fields = Fields::json(&request.parts.headers, &request.body)?;
    let (Some(current), Some(new)) = (fields.password("current_password"), fields.password("password")) else {
        return Err(fields.refused());
    };
    let cx = request.into_context(Some(&principal));
    match manager.change_password(principal.user(), current, new, &cx).await {
        Ok(_) => Ok(Outgoing::no_content()),
        // Deleted since the guard let him pass.
        Err(ChangePasswordError::NotFound) => Err(Problem::unauthorized()),
        Err(error) => Err(error.into()),
    }
}

/// Answers at once to whoever may ask: whether somebody has the new address is seen neither in the answer nor in its time.
pub(in crate::http) async fn request_email_change<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
) -> Result<Outgoing, Problem> {
    let principal = demand_fresh(&**manager, &request.parts).await?;
    let mut fields = Fields::json(&request.parts.headers, &request.body)?;
    let Some(email) = fields.email("email", manager.engine_ref().email_rules()) else {
        return Err(fields.refused());
    };
    let cx = request.into_context(Some(&principal));
    update::admit::<_, ChangeEmailError>(&**manager, principal.user(), &email, &cx).await?;
    let work = begin_email_change(manager, &principal.user().id, &principal.stamp, &email, &cx);
    count_mail(&**manager, &mail_subjects(MailKind::EmailChange, &email, &cx), work).await?;
    accepted()
}

/// Asks for the mail to a new address, which is looked at later.
async fn begin_email_change<M: UserManager>(
    manager: &Arc<M>,
    id: &IdOf<M>,
    stamp: &Stamp,
    email: &EmailAddress,
    cx: &Context,
) -> Result<(), Fault> {
    let notice = Notice::of(Matter::EmailChangeRequested).about(email).bound_to(stamp.prefix());
    if owe(manager.engine_ref(), Whom::User(id), &notice, cx).await? {
        return Ok(());
    }
    let slot = manager.engine_ref().background().reserve()?;
    begin_in_background(slot, manager, id, stamp, email.clone(), cx.clone());
    Ok(())
}

/// Asks for the mail to a new address later, on behalf of an account as it is now: a reset meanwhile ends the request.
pub(super) fn begin_in_background<M: UserManager>(
    slot: Slot<'_>,
    manager: &Arc<M>,
    id: &IdOf<M>,
    stamp: &Stamp,
    email: EmailAddress,
    cx: Context,
) {
    let (owned, id, stamp) = (manager.clone(), id.clone(), *stamp);
    let counted_at = manager.engine_ref().now();
    in_background(slot, async move {
        match email_change::begin(&*owned, &id, &email, Some(stamp), &cx).await {
            Err(ChangeEmailError::Fault(fault)) => {
                owned
                    .engine_ref()
                    .limiter()
                    .give_back(&mail_subjects(MailKind::EmailChange, &email, &cx), counted_at)
                    .await;
                Err(fault)
            }
            _ => Ok(()),
        }
    });
}

pub(in crate::http) async fn confirm_email_change<M: UserManager>(
    manager: &M,
    request: Incoming,
) -> Result<Outgoing, Problem> {
    let mut fields = Fields::json(&request.parts.headers, &request.body)?;
    let Some(token) = fields.text("token") else {
        return Err(fields.refused());
    };
    let cx = request.into_context::<M::Store>(None);
    let user = manager.confirm_email_change(&token.into(), &cx).await?;
    Outgoing::json(StatusCode::OK, &user)
}

pub(in crate::http) async fn request_verify<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
) -> Result<Outgoing, Problem> {
    mail(manager, request, Mailing::Verify).await
}

pub(in crate::http) async fn forgot_password<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
) -> Result<Outgoing, Problem> {
    mail(manager, request, Mailing::Reset).await
}

/// Which mail is wanted.
#[derive(Clone, Copy)]
enum Mailing {
    Verify,
    Reset,
}

impl Mailing {
    /// What the mail is counted for.
    fn subjects<'a, M: UserManager>(
        self,
        manager: &'a M,
        email: &'a EmailAddress,
        cx: &Context,
    ) -> Result<Vec<Subject<'a>>, Fault> {
        let account = email.canonical();
        Ok(match self {
            Self::Verify => mail_subjects(MailKind::Verify, email, cx).into(),
            Self::Reset => {
                let configured = manager.engine_ref().configured(|| manager.settings())?;
                let pair = Subject::ResetPair(configured.pairs.pair(account, cx.ip));
                vec![Subject::MailFrom(cx.ip), pair, Subject::ResetTo(account, configured.reset.lifetime)]
            }
        })
    }
}

/// Answers at once and leaves everything else, the look-up included, in the background: neither the time nor a failing mailer tells
/// whether somebody has the address.
async fn mail<M: UserManager>(manager: &Arc<M>, request: Incoming, mailing: Mailing) -> Result<Outgoing, Problem> {
    let mut fields = Fields::embedded(&request.parts.headers, &request.body)?;
    let Some(email) = fields.sought_email("email") else {
        return Err(fields.refused());
    };
    let cx = request.into_context::<M::Store>(None);
    let subjects = mailing.subjects(&**manager, &email, &cx)?;
    count_mail(&**manager, &subjects, promise(manager, mailing, &email, &cx)).await?;
    accepted()
}

/// Sees to it that the mail will be sent, if it is to be.
async fn promise<M: UserManager>(
    manager: &Arc<M>,
    mailing: Mailing,
    email: &EmailAddress,
    cx: &Context,
) -> Result<(), Fault> {
    // The same row for every address, written before the answer.
    let matter = match mailing {
        Mailing::Verify => Matter::VerificationRequested,
        Mailing::Reset => Matter::ResetRequested,
    };
    if owe(manager.engine_ref(), Whom::Address(email), &Notice::of(matter), cx).await? {
        return Ok(());
    }
    let slot = manager.engine_ref().background().reserve()?;
    let (owned, email, cx) = (manager.clone(), email.clone(), cx.clone());
    let counted_at = manager.engine_ref().now();
    in_background(slot, async move {
        let asked = ask(&*owned, mailing, &email, &cx).await;
        if asked.is_err() {
            let subjects = mailing.subjects(&*owned, &email, &cx)?;
            owned.engine_ref().limiter().give_back(&subjects, counted_at).await;
        }
        asked
    });
    Ok(())
}

/// Counts a mail that `work` sees to, whether or not somebody has the address. What fails is not counted.
pub(super) async fn count_mail<M: UserManager, T, E: From<Fault>>(
    manager: &M,
    subjects: &[Subject<'_>],
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let engine = manager.engine_ref();
    engine.limiter().attempt(subjects, engine.now(), work, Judgement::of_deed).await?.0
}

pub(super) fn mail_subjects<'a>(kind: MailKind, email: &'a EmailAddress, cx: &Context) -> [Subject<'a>; 2] {
    [Subject::MailFrom(cx.ip), Subject::MailTo(kind, email.canonical())]
}

/// Leaves work to the background, so that the answer tells nothing of it.
fn in_background(slot: Slot<'_>, work: impl Future<Output = Result<(), Fault>> + Send + 'static) {
    slot.spawn(async move {
        if let Err(fault) = work.await {
            tracing::error!(target: "usermgr", error = %fault, "what was asked for could not be done");
        }
    });
}

fn accepted() -> Result<Outgoing, Problem> {
    Outgoing::json(StatusCode::ACCEPTED, &Value::Null)
}

/// Who cannot be verified or reset gets no mail, and nobody learns it.
async fn ask<M: UserManager>(manager: &M, mailing: Mailing, email: &EmailAddress, cx: &Context) -> Result<(), Fault> {
    let Some(user) = manager.get_by_email(email).await? else {
        return Ok(());
    };
    let fault = match mailing {
        Mailing::Verify => match manager.request_verify(&user, cx).await {
            Err(VerifyError::Fault(fault)) => Some(fault),
            _ => None,
        },
        Mailing::Reset => match manager.forgot_password(&user, cx).await {
            Err(ResetError::Fault(fault)) => Some(fault),
            _ => None,
        },
    };
    fault.map_or(Ok(()), Err)
}
