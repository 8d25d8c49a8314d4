//! How a route asks for a captcha: the field is taken out of the body with the others, and verified before any work on an
//! account.

use std::net::IpAddr;

use super::{Fields, Problem};
use crate::{
    audit::EventKind,
    captcha::{Action, Answer, Attempt, Captcha},
    context::Context,
    engine::Engine,
    error::{Code, Fault},
    hook::raise,
    limits::{Judgement, Subject},
    manager::UserManager,
    store::UserStore,
};

/// How long a client is asked to wait for a verifier that has failed, in seconds.
const RETRY_AFTER: u64 = 5;

/// What a body says to the captcha of the engine. Empty if the engine does not ask for one.
#[must_use]
pub(crate) struct Asked<'a>(Option<Given<'a>>);

struct Given<'a> {
    captcha: &'a Captcha,
    action: Action,
    answer: Option<Answer>,
}

impl<'a> Asked<'a> {
    /// Takes the answer out of the fields of a body.
    pub(crate) fn of<S: UserStore>(engine: &'a Engine<S>, fields: &mut Fields, action: Action) -> Self {
        Self(engine.captcha_for(action).map(|captcha| {
            // Widgets post an empty text until they have an answer.
            let answer = fields.optional_text(captcha.name()).filter(|answer| !answer.is_empty()).map(Answer::from);
            Given { captcha, action, answer }
        }))
    }

    /// Lets the request pass, or says why not.
    pub(crate) async fn pass<M: UserManager>(self, manager: &M, cx: &Context) -> Result<(), Problem> {
        match self.0 {
            None => Ok(()),
            // On the heap, because the futures of routes that ask for nothing would be larger too.
            Some(given) => Box::pin(given.judged(manager, cx)).await,
        }
    }
}

impl Given<'_> {
    async fn judged<M: UserManager>(self, manager: &M, cx: &Context) -> Result<(), Problem> {
        let engine = manager.engine_ref();
        let Self { captcha, action, answer } = self;
        if !is_due(engine, captcha, action, cx.ip).await? {
            return Ok(());
        }
        // No event: the body alone says it, and nothing would limit how often.
        let answer = answer.ok_or_else(|| Problem::code(Code::CaptchaRequired))?;
        let attempt = Attempt { answer, action, ip: cx.ip };
        let judge = |verified: &Result<bool, String>| match verified {
            Ok(false) => Judgement::Counts,
            _ => Judgement::Unjudged,
        };
        // Counted before it is verified, so that a flood does not reach the verifier.
        let network = [Subject::Network(cx.ip)];
        match engine.limiter().attempt(&network, engine.now(), captcha.verify(attempt), judge).await?.0 {
            Ok(true) => Ok(()),
            Ok(false) => {
                raise(engine, EventKind::CaptchaRefused, None, Some(action.as_str().into()), cx);
                Err(Problem::code(Code::CaptchaWrong))
            }
            Err(why) => {
                raise(engine, EventKind::CaptchaFailed, None, Some(format!("{action}: {why}").into()), cx);
                match captcha.opens() {
                    true => Ok(()),
                    false => Err(Problem::code(Code::CaptchaUnavailable).retry_after(RETRY_AFTER)),
                }
            }
        }
    }
}

/// Whether a client must send an answer now.
async fn is_due<S: UserStore>(
    engine: &Engine<S>,
    captcha: &Captcha,
    action: Action,
    ip: Option<IpAddr>,
) -> Result<bool, Fault> {
    let Some(free) = captcha.threshold() else { return Ok(true) };
    let subject = match action {
        Action::Login => Subject::Network(ip),
        Action::Register => Subject::Registration(ip),
        Action::ForgotPassword | Action::RequestVerify | Action::RequestLogin => Subject::MailFrom(ip),
    };
    Ok(engine.limiter().counted(subject, engine.now()).await? >= free)
}

/// The captcha that a form must show now, if its action asks for one. A form whose action is refused anyway shows it.
#[cfg(feature = "pages")]
pub(crate) async fn captcha_of<S: UserStore>(
    engine: &Engine<S>,
    action: Option<Action>,
    ip: Option<IpAddr>,
) -> Option<&Captcha> {
    let action = action?;
    let captcha = engine.captcha_for(action)?;
    is_due(engine, captcha, action, ip).await.unwrap_or(true).then_some(captcha)
}

#[cfg(all(test, feature = "axum", feature = "testing"))]
mod tests;
