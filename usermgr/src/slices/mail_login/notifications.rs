//! The notification about a login by mail.

use super::{MailLogin, request::Request, token::token};
use crate::{
    error::Fault,
    mailer::LoginMail,
    manager::UserManager,
    notification::{
        attempt::Attempt,
        row::{Delivering, notifications},
    },
    store::{CredentialDigest, RecordOf},
};

notifications! {
    /// A mail with a link or a code for a login was requested.
    requested = "request_login": request(LoginRequested, deliver) on_after_request_login, mailed;
}

fn deliver<'a, M: UserManager + ?Sized>(attempt: &'a Attempt<'a, M>) -> Delivering<'a> {
    let (manager, user) = (attempt.manager, attempt.user());
    Box::pin(async move {
        let Some(step) = attempt.step else { return Ok(()) };
        match mail(manager, attempt.record, CredentialDigest::from_stored(step)).await? {
            Some(mail) => attempt.call(manager.on_after_request_login(user, &mail, attempt.cx)).await,
            None => Ok(()),
        }
    })
}

/// Makes the content of a mail. `None` for a user who cannot log in by mail, and if nothing in it would work any more.
///
/// - `digest`: that of the request. The link and the code work from its time on.
pub(super) async fn mail<M: UserManager + ?Sized>(
    manager: &M,
    record: &RecordOf<M::Store>,
    digest: CredentialDigest,
) -> Result<Option<LoginMail>, Fault> {
    let engine = manager.engine_ref();
    let part = MailLogin::of(engine)?;
    let waiting = if part.admits(&record.user) { Request::find(engine, digest).await? } else { None };
    let Some(request) = waiting else { return Ok(None) };
    let (configured, now) = (engine.configured(|| manager.settings())?, engine.now());
    let link_end = request.end_of(part.link_lifetime, now).filter(|_| part.links);
    let code_end = request.end_of(part.code_lifetime, now).filter(|_| part.codes);
    let link_token = link_end.map(|_| token::<M>(&configured, part, record, &request)).transpose()?;
    let code = code_end.and_then(|_| request.code(&configured, record));
    let end = link_end.into_iter().chain(code_end).min();
    Ok(end.map(|expires_at| LoginMail { link_token, code, expires_at }))
}
