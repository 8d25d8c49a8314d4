//! From a message to a mail: the language, the texts, the link, the facts, the templates.

use std::sync::Arc;

use jiff::Timestamp;

use super::{
    facts::facts,
    kind::{KINDS, Kind},
    links::Links,
    settings::Settings,
    templates::MailTemplates,
    view::{Fact, MailRenderer, MailView},
};
use crate::{
    config_error::ConfigError,
    context::{Actor, Context, RequestedAt},
    engine::DeliveryAttempt,
    mailer::{Mail, MailError, Message},
    presentation::{BrandView, Texts},
    store::{Credential, CredentialKind, FactorInfo, NewCredential, UserStore},
    token,
    user::EmailAddress,
};

/// Everything that mails are made of, checked.
pub(super) struct Composer {
    texts: Texts,
    links: Links,
    renderer: Arc<dyn MailRenderer>,
    brand: BrandView,
}

/// What a message says, without the types of its user.
pub(super) struct Letter<'a> {
    pub(super) kind: &'static Kind,
    pub(super) to: &'a EmailAddress,
    pub(super) token: Option<&'a str>,
    pub(super) code: Option<&'a str>,
    /// Until when the token and the code work.
    pub(super) until: Option<Timestamp>,
    pub(super) provider: Option<&'a str>,
    pub(super) factor: Option<&'a FactorInfo>,
    /// The last characters of an API key.
    pub(super) hint: Option<&'a str>,
    /// Whether the reader may have made the request, as far as is known.
    pub(super) of_reader: bool,
}

impl<'a> Letter<'a> {
    /// The letter of a message. `None` is a message that this version does not know.
    pub(super) fn of<S: UserStore>(message: &Message<'a, S>, cx: &Context) -> Option<Self> {
        let token = message.token();
        let until = match message {
            Message::Login { mail, .. } => Some(mail.expires_at),
            _ => token.and_then(token::expiry),
        };
        let provider = match message {
            Message::IdentityLinked { identity, .. } | Message::IdentityUnlinked { identity, .. } => {
                Some(identity.provider.as_str())
            }
            _ => None,
        };
        let factor = match message {
            Message::FactorAdded { factor, .. } | Message::FactorRemoved { factor, .. } => Some(*factor),
            Message::RecoveryCodeUsed { codes, .. } => Some(*codes),
            _ => None,
        };
        let hint = match message {
            Message::ApiKeyCreated { key, .. } => Some(key.hint.as_str()),
            _ => None,
        };
        let of_reader = match &cx.actor {
            None => true,
            Some(Actor::User { id, .. }) => *id == message.user().id.to_string(),
            Some(Actor::System(_)) => false,
        };
        let kind = Kind::named(message.name())?;
        Some(Self {
            kind,
            to: message.recipient(),
            token,
            code: message.code(),
            until,
            provider,
            factor,
            hint,
            of_reader,
        })
    }
}

impl Composer {
    /// Checks the settings, and makes every mail once in every language.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub(super) fn new(settings: &Settings) -> Result<Self, ConfigError> {
        let faults = &mut Vec::new();
        let (texts, own_templates) = settings.overrides.read(settings.renderer.is_some(), faults);
        let accent = settings.brand.checked(faults);
        let links = Links::new(&settings.base, &settings.links, faults);
        let templates = MailTemplates::new(&own_templates, faults);
        let renderer = match &settings.renderer {
            Some(renderer) => renderer.clone(),
            None => Arc::new(templates),
        };
        let brand = settings.brand.view(accent, &settings.base);
        let composer = Self { texts, links, renderer, brand };
        // Otherwise the same fault would be reported for each mail.
        if faults.is_empty() {
            composer.samples(|kind, language, made| match made {
                Ok(mail) if mail.subject.trim().is_empty() => {
                    faults.push(format!("the mail `{kind}` has no subject in the language `{language}`"));
                }
                Ok(_) => {}
                Err(error) => {
                    faults.push(format!("the mail `{kind}` cannot be made in the language `{language}`: {error}"))
                }
            });
        }
        ConfigError::of_part("Mails", faults).map(|()| composer)
    }

    /// Makes a mail. The reader's own language comes first, then that of the request, if the reader may have made it, then the default.
    pub(super) fn mail(&self, letter: &Letter<'_>, own: Option<&str>, cx: &Context) -> Result<Mail, MailError> {
        let request = cx.languages.as_deref().filter(|_| letter.of_reader);
        let language = self.texts.choose([own, request].into_iter().flatten());
        let facts = match letter.kind.has_facts {
            true => facts(&self.texts, language, cx, letter.of_reader),
            false => Vec::new(),
        };
        let view = self.view(letter, language, facts);
        let body = self.renderer.render(&view)?;
        let mut mail = Mail::to(letter.to).subject(&view.subject).text(body.text).language(language);
        mail.html = body.html;
        mail.link = view.link;
        let id = match cx.extensions.get::<DeliveryAttempt>() {
            Some(attempt) => attempt.id.to_string(),
            None => token::random()?.to_string(),
        };
        Ok(mail.id(&id))
    }

    /// Makes every mail in every language from sample values.
    pub(super) fn samples(&self, mut each: impl FnMut(&'static str, &str, Result<Mail, MailError>)) {
        let (to, known) = (EmailAddress::from_stored("ada@example.com"), sample_context());
        let factor = sample_time(1_799_996_400).map(sample_factor);
        for language in self.texts.offered() {
            for kind in &KINDS {
                let token = kind.path.map(|_| "eyJhbGciOi.eyJzdWIiOi.c2FtcGxl");
                let (code, until) = (kind.has_code.then_some("12345678"), sample_time(1_800_000_000));
                let until = until.filter(|_| token.is_some());
                let (provider, factor) = (Some("example"), factor.as_ref());
                let (hint, of_reader) = (Some("EqtI"), true);
                let letter = Letter { kind, to: &to, token, code, until, provider, factor, hint, of_reader };
                let make = |cx: &Context| self.mail(&letter, Some(language), cx);
                // Without facts it is made to find faults only.
                each(kind.name, language, make(&Context::default()).and_then(|_| make(&known)));
            }
        }
    }

    fn view(&self, letter: &Letter<'_>, language: &str, facts: Vec<Fact>) -> MailView {
        let name = letter.kind.name;
        let until = letter.until.map(|until| self.texts.moment(language, until));
        let kind = letter.factor.map_or("", |factor| factor.kind.as_str());
        let factor = self.texts.get(language, &format!("factor.{kind}"), &[]).unwrap_or_else(|| kind.to_owned());
        let left = letter.factor.and_then(|factor| factor.codes_left).unwrap_or_default().to_string();
        let values = [
            ("factor", factor.as_str()),
            ("left", left.as_str()),
            ("hint", letter.hint.unwrap_or_default()),
            ("brand", self.brand.name.as_str()),
            ("address", letter.to.as_str()),
            ("until", until.as_deref().unwrap_or_default()),
            ("provider", letter.provider.unwrap_or_default()),
        ];
        let text = |key: &str| self.texts.get(language, key, &values);
        let of_kind = |part: &str| text(&format!("{name}.{part}"));
        let lines = |part: &str| -> Vec<String> {
            let text = of_kind(part).unwrap_or_default();
            text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect()
        };
        MailView {
            message: name,
            language: language.to_owned(),
            direction: text("language.direction").unwrap_or_default(),
            subject: of_kind("subject").unwrap_or_default(),
            recipient: letter.to.to_string(),
            before: lines("before"),
            button: letter.token.and_then(|_| of_kind("button")),
            link: letter.token.and_then(|token| self.links.with(name, token)),
            or_copy: text("mail.or_copy").unwrap_or_default(),
            code: letter.code.map(str::to_owned),
            code_label: letter.code.and_then(|_| text("mail.code")),
            until: until.clone(),
            facts,
            after: lines("after"),
            brand: self.brand.clone(),
        }
    }
}

/// A request of which everything is known.
fn sample_context() -> Context {
    let mut cx =
        Context::default().ip([192, 0, 2, 7].into()).user_agent("Mozilla/5.0 (X11; Linux x86_64) Firefox/133.0");
    if let Some(at) = sample_time(1_799_996_400) {
        cx.extensions.insert(RequestedAt(at));
    }
    cx
}

/// A factor with a name and with codes that are left.
fn sample_factor(at: Timestamp) -> FactorInfo {
    let row = Credential::from(NewCredential::new((), CredentialKind::new("totp"), "", at));
    let mut factor = FactorInfo::of(&row);
    factor.codes_left = Some(9);
    factor
}

/// A moment that never changes, so that mails can be compared.
fn sample_time(second: i64) -> Option<Timestamp> {
    Timestamp::from_second(second).ok()
}
