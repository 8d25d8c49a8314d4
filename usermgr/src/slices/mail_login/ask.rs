//! Requesting the mail: the same rows and the same answer for every address.

use std::sync::Arc;

use super::{
    MailLogin,
    notifications::{self, mail},
    request::Request,
};
use crate::{
    context::Context,
    error::Fault,
    limits::Subject,
    manager::UserManager,
    notification::enqueue::request,
    requests::ask_by_address,
    settings::Configured,
    store::{CredentialDigest, RecordOf},
    token::LoginRequestToken,
    user::EmailAddress,
};

/// Requests a mail for the user with an address, if there is one. The account is looked up later.
pub(crate) async fn request_login<M: UserManager + ?Sized>(
    manager: &Arc<M>,
    email: &EmailAddress,
    cx: &Context,
) -> Result<LoginRequestToken, Fault> {
    let engine = manager.engine_ref();
    let configured = engine.configured(|| manager.settings())?;
    let part = *MailLogin::of(engine)?;
    let token = LoginRequestToken::opaque()?;
    let step = CredentialDigest::of(token.expose());
    let notice = notifications::requested::<M>().notice().of_step(step.as_str());
    let subjects = subjects(&configured, &part, email, cx);
    let waiting = Request::write(engine, &part, &token, email);
    let digest = step.clone();
    let send_later = |manager: Arc<M>, cx: Context, record: RecordOf<M::Store>| async move {
        send(&*manager, &cx, &record, digest).await
    };
    ask_by_address(manager, email, notice, &subjects, cx, waiting, send_later).await?;
    Ok(token)
}

/// What a mail is counted for: the network that asks, the network together with the account, and the address.
fn subjects<'a>(
    configured: &'a Configured,
    part: &MailLogin,
    email: &'a EmailAddress,
    cx: &Context,
) -> [Subject<'a>; 3] {
    let (account, lifetime) = (email.canonical(), part.shortest());
    let pair = Subject::LoginMailPair(configured.pairs.pair(account, cx.ip), lifetime);
    [Subject::MailFrom(cx.ip), pair, Subject::LoginMailTo(account, lifetime)]
}

async fn send<M: UserManager + ?Sized>(
    manager: &M,
    cx: &Context,
    record: &RecordOf<M::Store>,
    step: CredentialDigest,
) -> Result<(), Fault> {
    // A user who cannot log in by mail gets none, and the response does not reveal it.
    if let Some(mail) = mail(manager, record, step).await? {
        let user = &record.user;
        request(manager, &notifications::requested(), user, cx, manager.on_after_request_login(user, &mail, cx)).await;
    }
    Ok(())
}
