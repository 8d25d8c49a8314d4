//! The routes that request a mail for a login, and that accept what is in it.

use std::sync::Arc;

use ::http::StatusCode;
use serde_json::json;

use super::{MailProof, part::NAME};
use crate::{
    captcha::Action,
    error::Code,
    http::{Fields, Incoming, Outgoing, Problem, Success, Takes, endpoints, login_backend_of},
    manager::UserManager,
    slices::index::LoginByMail,
};

endpoints! {
    parts {
        /// Requests the mail for a login.
        request_login => Route::post("/auth/request-login", RequestLogin, "mail_login:request")
            .summary("Request the mail for a login")
            .takes(Takes::Fields(&["email"]))
            .answers(Success::LoginRequested)
            .codes(&[Code::TooManyRequests])
            .asks_captcha(Action::RequestLogin)
            .needs(NAME);
        /// Logs in with a link or a code that was sent by mail.
        login_by_mail => Route::post("/auth/{backend}/login/mail", LoginByMail, "auth:{}.login_by_mail")
            .summary("Log in by mail")
            .takes(Takes::FieldsAnd(&[], &["token", "request", "code"]))
            .answers(Success::Login)
            .codes(&[
                Code::LoginBadToken,
                Code::LoginBadCode,
                Code::LoginSecondFactorRequired,
                Code::TooManyRequests,
            ])
            .gated()
            .needs(NAME);
    }
}

async fn request_login<M: UserManager>(manager: &Arc<M>, request: Incoming) -> Result<Outgoing, Problem> {
    let (email, cx) = request.into_mail_request(&**manager, Action::RequestLogin).await?;
    let request = manager.request_login(&email, &cx).await?;
    Outgoing::json(StatusCode::ACCEPTED, &json!({ "request": request.expose() }))
}

async fn login_by_mail<M: UserManager>(manager: &Arc<M>, request: Incoming) -> Result<Outgoing, Problem> {
    let backend = login_backend_of(&**manager, &request)?.name();
    let mut fields = Fields::json(&request.parts.headers, &request.body)?;
    let proof = match fields.optional_text("token") {
        Some(token) => MailProof::link(token),
        None => {
            let (Some(request), Some(code)) = (fields.text("request"), fields.text("code")) else {
                return Err(fields.refused());
            };
            MailProof::code(request, code)
        }
    };
    fields.finish()?;
    let cx = request.into_context::<M::Store>(None);
    let logged_in = manager.login_by_mail(&proof, backend, &cx).await?;
    Outgoing::logged_in(&**manager, logged_in, &cx)
}
