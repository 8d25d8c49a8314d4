//! A route as one engine has it: a row goes in, and its description in the document comes out, by the engine's options and the backend.

use crate::{
    engine::{Answers, Engine},
    error::Code,
    http::{Caller, Route, Success, Takes},
    session::Transport,
    store::UserStore,
};

/// What a captcha refuses with.
const OF_CAPTCHA: [Code; 3] = [Code::CaptchaRequired, Code::CaptchaWrong, Code::CaptchaUnavailable];

/// Who may.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    Anybody,
    /// Any caller, with or without a credential: a client must know that a credential is read.
    Visitor,
    User,
    Superuser,
}

/// The description of a route.
pub(super) struct Described {
    pub(super) route: &'static Route,
    pub(super) who: Who,
    pub(super) answer: Success,
    /// The codes it may refuse with.
    pub(super) codes: Vec<Code>,
    /// The field with the answer to a captcha, if the engine asks for one, and whether it is always asked for.
    pub(super) captcha: Option<(String, bool)>,
}

impl Described {
    pub(super) fn of<S: UserStore>(route: &'static Route, engine: &Engine<S>, transport: Option<&Transport>) -> Self {
        let discreet = engine.answers() == Answers::Discreet;
        let never = |code: &Code| {
            discreet && route.revealing.contains(code)
                || code.is_about_usernames() && engine.usernames().is_none()
                || *code == Code::LoginSecondFactorRequired && engine.factors().is_empty()
                || *code == Code::RegisterClosed && !engine.has_closed_registration()
                || engine.superusers_set_passwords() && route.restraining.contains(code)
        };
        let who = match (route.caller, transport) {
            (Caller::Anybody, _) => Who::Anybody,
            (Caller::Holder, Some(Transport::Cookie(_))) => Who::Visitor,
            (Caller::Guarded(guard), _) if guard.demands_superuser() => Who::Superuser,
            (Caller::Holder | Caller::Guarded(_), _) => Who::User,
        };
        let captcha = route.action.and_then(|action| engine.captcha_for(action));
        let of_captcha = captcha.map_or(&[][..], |_| &OF_CAPTCHA);
        Self {
            route,
            who,
            answer: route.discreet_answer.filter(|_| discreet).unwrap_or(route.answer),
            codes: route.codes.iter().chain(of_captcha).copied().filter(|code| !never(code)).collect(),
            captcha: captcha.map(|captcha| (captcha.name().to_owned(), captcha.threshold().is_none())),
        }
    }

    /// Whether it refuses a user who must have a second factor and has proved none.
    pub(super) fn refuses_during_setup(&self) -> bool {
        matches!(self.route.caller, Caller::Guarded(guard) if !guard.is_for_setup())
    }

    /// Whether it refuses an administrator who acts as the user.
    pub(super) fn is_for_users_themselves(&self) -> bool {
        let demands = matches!(self.route.caller, Caller::Guarded(guard) if guard.demands_user());
        self.who == Who::User && (demands || self.route.personal)
    }

    /// Whether its body can be invalid.
    pub(super) fn reads_body(&self) -> bool {
        !matches!(self.route.takes, Takes::Nothing | Takes::Page | Takes::Search | Takes::Query(_))
    }

    /// Whether the input can be refused field by field.
    pub(super) fn can_be_invalid(&self) -> bool {
        self.route.takes != Takes::Nothing
    }
}
