//! Mails from messages: languages, links, facts, overrides, and what is refused at the start.

use std::path::Path;

use uuid::Uuid;

use super::*;
use crate::{
    Engine, Mail,
    context::{Actor, Context, RequestedAt},
    engine::DeliveryAttempt,
    mail::LoginMail,
    mailer::{MailError, Message},
    session::SessionInfo,
    store::{
        ApiKeyInfo, Credential, CredentialKind, FactorInfo, Identity, MemoryStore, NewCredential, OutboxId, SessionId,
    },
    testing::Mailbox,
    token::{ResetToken, VerifyToken},
    user::{EmailAddress, NoProfile, User},
};

/// A token whose claims are `{"exp":1800000000}`.
const TOKEN: &str = "e30.eyJleHAiOjE4MDAwMDAwMDB9.c2ln";

type Store = MemoryStore<NoProfile>;

fn mails() -> Mails {
    Mails::new("https://shop.example/", Mailbox::default()).brand(Brand::new("Shop & Co"))
}

fn user<P>(profile: P) -> User<P> {
    User::new(Uuid::from_u128(7), EmailAddress::parse("ada@example.com").unwrap(), jiff::Timestamp::UNIX_EPOCH, profile)
}

fn composed<U>(mails: &Mails<U>, message: &Message<'_, Store>, cx: &Context) -> Mail
where
    Mails<U>: locale::ForStore<Store>,
{
    mails.compose(message, cx).unwrap().unwrap()
}

fn verify(mails: &Mails, cx: &Context) -> Mail {
    let (user, token) = (user(NoProfile), VerifyToken::from(TOKEN));
    composed(mails, &Message::Verify { user: &user, token: &token }, cx)
}

/// HTML in which a slash is a slash.
fn unescaped(html: &str) -> String {
    html.replace("&#x2f;", "/")
}

fn faults(mails: Mails) -> String {
    Engine::new(Store::new()).with(mails).unwrap_err().to_string()
}

#[test]
fn a_mail_with_a_token_has_it_in_its_link_and_says_until_when_it_works() {
    let mail = verify(&mails(), &Context::default());
    let link = format!("https://shop.example/account/verify?token={TOKEN}");
    assert_eq!(mail.link.as_deref(), Some(link.as_str()));
    assert_eq!(mail.subject, "Confirm your address for Shop & Co");
    let html = unescaped(&mail.html.unwrap());
    for body in [&mail.text, &html] {
        assert!(body.contains(&link) && body.contains("until 15 January 2027, 08:00 UTC"), "{body}");
    }
    assert!(html.contains("Shop &amp; Co") && !html.contains("Shop & Co"), "{html}");
    assert_eq!((mail.language.as_deref(), mail.to.as_str()), (Some("en"), "ada@example.com"));
}

#[test]
fn nm4_the_id_is_that_of_the_outbox_row_or_a_new_one() {
    let mut cx = Context::default();
    let ids = [verify(&mails(), &cx).id, verify(&mails(), &cx).id];
    assert!(ids[0].as_ref().is_some_and(|id| id.len() == 43) && ids[0] != ids[1]);
    cx.extensions.insert(DeliveryAttempt { id: OutboxId::new("018f2d9c"), number: 2 });
    assert_eq!(verify(&mails(), &cx).id.as_deref(), Some("018f2d9c"));
}

#[test]
fn nm7_the_language_is_the_readers_own_then_that_of_their_request_then_the_default() {
    let session = |id: Uuid| {
        let (at, until) = (jiff::Timestamp::UNIX_EPOCH, jiff::Timestamp::MAX);
        Actor::User { id: id.to_string(), session: SessionInfo::new(SessionId::new("s"), "b", at, until) }
    };
    let (own, other) = (session(Uuid::from_u128(7)), session(Uuid::from_u128(8)));
    let system = Actor::System("a command".into());
    for (locale, languages, actor, expected) in [
        (Some("fr"), Some("de"), None, "fr"),
        (Some("fr-CA"), None, None, "fr"),
        (Some("xx"), Some("de"), None, "de"),
        (None, Some("de-AT, en"), None, "de"),
        (None, Some("de"), Some(&own), "de"),
        (None, Some("de"), Some(&other), "es"),
        (Some("fr"), Some("de"), Some(&other), "fr"),
        (None, Some("de"), Some(&system), "es"),
        (None, Some("xx"), None, "es"),
        (None, None, None, "es"),
    ] {
        let user = user(NoProfile);
        let mails = mails().language("es").locale(move |_: &User| locale.map(str::to_owned));
        let cx = Context { languages: languages.map(str::to_owned), actor: actor.cloned(), ..Context::default() };
        let mail = composed(&mails, &Message::AlreadyRegistered { user: &user }, &cx);
        assert_eq!(mail.language.as_deref(), Some(expected), "{locale:?} {languages:?} {actor:?}");
    }
    // A language that the application does not offer is passed over.
    let mail = verify(&mails().languages(["en", "fr"]), &Context::default().languages("de, fr;q=0.5"));
    assert_eq!(mail.language.as_deref(), Some("fr"));
}

#[test]
fn a_notice_says_when_and_from_where_but_not_what_an_administrator_uses() {
    let user = user(NoProfile);
    let mut cx = Context::default().ip([192, 0, 2, 7].into()).user_agent("Mozilla/5.0 (X11; Linux) Firefox/133.0");
    cx.extensions.insert(RequestedAt("2026-11-29T15:00:00Z".parse().unwrap()));
    let changed = Message::PasswordChanged { user: &user };
    let text = composed(&mails(), &changed, &cx).text;
    assert!(
        text.contains("When: 29 November 2026, 15:00 UTC\nNetwork address: 192.0.2.7\nBrowser: Firefox on Linux\n"),
        "{text}"
    );
    let text = composed(&mails(), &changed, &cx.actor(Actor::System("support".into()))).text;
    assert!(
        text.contains("When: 29 November 2026") && !text.contains("192.0.2.7") && !text.contains("Firefox"),
        "{text}"
    );
}

#[test]
fn every_message_has_a_mail_to_its_recipient_without_what_a_stranger_wrote() {
    let user = user(NoProfile);
    let (verify, reset, change) = (TOKEN.into(), ResetToken::from(TOKEN), TOKEN.into());
    let (new, old) = (EmailAddress::from_stored("new@example.com"), EmailAddress::from_stored("old@example.com"));
    let identity = Identity::new("google", "a subject");
    let user = &user;
    let login =
        LoginMail { link_token: Some(TOKEN.into()), code: Some("12345678".into()), expires_at: jiff::Timestamp::MAX };
    let factor = FactorInfo::of(&Credential::from(NewCredential::new(
        0,
        CredentialKind::new("totp"),
        "",
        jiff::Timestamp::UNIX_EPOCH,
    )));
    let data = r#"{"hint":"EqtI","scopes":[]}"#;
    let row = NewCredential::new(0, ApiKeyInfo::KIND, data, jiff::Timestamp::UNIX_EPOCH).label("http://evil.example");
    let key = ApiKeyInfo::read(&Credential::from(row)).unwrap();
    let invitation = TOKEN.into();
    let messages: [Message<'_, Store>; 19] = [
        Message::Verify { user, token: &verify },
        Message::Reset { user, token: &reset },
        Message::Invitation { user, token: &invitation },
        Message::Login { user, mail: &login },
        Message::ChangeEmail { user, new: &new, token: &change },
        Message::AlreadyRegistered { user },
        Message::PasswordChanged { user },
        Message::EmailChanged { user, old: &old },
        Message::UsernameChanged { user },
        Message::TokenTheft { user },
        Message::Impersonated { user },
        Message::LockedOut { user },
        Message::IdentityLinked { user, identity: &identity },
        Message::IdentityUnlinked { user, identity: &identity },
        Message::FactorAdded { user, factor: &factor },
        Message::FactorRemoved { user, factor: &factor },
        Message::ApiKeyCreated { user, key: &key },
        Message::SecondFactorFailed { user },
        Message::RecoveryCodeUsed { user, codes: &factor },
    ];
    let cx = Context::default().user_agent("http://evil.example/prize").request_id("http://evil.example/prize");
    assert_eq!(messages.each_ref().map(Message::name), kind::KINDS.map(|kind| kind.name));
    for message in &messages {
        let mail = composed(&mails(), message, &cx);
        assert_eq!(mail.to, *message.recipient(), "{message:?}");
        assert_eq!(mail.link.is_some(), mail.text.contains(TOKEN), "{message:?}");
        for text in [&mail.subject, &mail.text, mail.html.as_ref().unwrap()] {
            assert!(!text.contains("evil") && !text.contains("a subject"), "{text}");
        }
    }
}

#[test]
fn each_part_can_be_replaced_alone() {
    let own = mails()
        .texts("en", r#"{ "verify.button": "Yes, it is me" }"#)
        .texts("nl", r#"{ "verify.subject": "Bevestig je adres voor {brand}" }"#)
        .template("verify.txt", "{{ brand.name }}: {{ link }}")
        .template("reset.html", "<p>Hello {{ recipient }}</p>{% include \"mail.html\" %}{% include \"_footer.html\" %}")
        .template("_footer.html", "<p>{{ brand.home }}</p>")
        .link("reset", "/#/reset/{token}");
    let mail = verify(&own, &Context::default());
    assert_eq!(mail.text, format!("Shop & Co: https://shop.example/account/verify?token={TOKEN}"));
    assert!(mail.html.unwrap().contains("Yes, it is me"));
    let mail = verify(&own, &Context::default().languages("nl"));
    assert_eq!((mail.subject.as_str(), mail.language.as_deref()), ("Bevestig je adres voor Shop & Co", Some("nl")));

    let (user, token) = (user(NoProfile), ResetToken::from(TOKEN));
    let mail = composed(&own, &Message::Reset { user: &user, token: &token }, &Context::default());
    let html = unescaped(&mail.html.unwrap());
    assert!(html.starts_with("<p>Hello ada@example.com</p><!doctype html>"), "{html}");
    assert!(html.ends_with("<p>https://shop.example</p>"), "{html}");
    assert_eq!(mail.link.unwrap(), format!("https://shop.example/#/reset/{TOKEN}"));

    struct Short;
    impl MailRenderer for Short {
        fn render(&self, view: &MailView) -> Result<MailBody, MailError> {
            Ok(MailBody::new(view.message))
        }
    }
    let mail = verify(&mails().renderer(Short), &Context::default());
    assert_eq!((mail.text.as_str(), mail.html), ("verify", None));
}

#[test]
fn pg11_an_override_that_would_not_be_used_or_cannot_be_rendered_does_not_start() {
    struct Plain;
    impl MailRenderer for Plain {
        fn render(&self, view: &MailView) -> Result<MailBody, MailError> {
            Ok(MailBody::new(view.message))
        }
    }
    let engine = |mails| Engine::new(Store::new()).with(mails);
    assert!(engine(mails()).is_ok_and(|engine| engine.has_part("mails")));
    for (mails, expected) in [
        (mails().template("verfy.html", ""), "no mail takes the template `verfy.html`"),
        (mails().template("verify.mjml", ""), "no mail takes the template `verify.mjml`"),
        (mails().template("verify.html", "{% if %}"), "the template `verify.html` cannot be read"),
        (mails().template("verify.html", "{{ lnik }}"), "the mail `verify` cannot be made in the language `de`"),
        (mails().template("mail.txt", "{% include \"gone.txt\" %}"), "the mail `reset` cannot be made"),
        (
            mails().template("password_changed.txt", "{{ facts[0].lable }}"),
            "the mail `password_changed` cannot be made",
        ),
        (mails().texts("de", r#"{ "verify.subjct": "" }"#), "no text is named `verify.subjct`"),
        (mails().texts("de", r#"{ "verify.subject": " " }"#), "the mail `verify` has no subject in the language `de`"),
        (mails().link("welcome", "/x?token={token}"), "the mail `welcome` does not exist"),
        (mails().languages(["en", "it"]), "no texts are in the language `it`"),
        (mails().language("it"), "no texts are in the language `it`"),
        (mails().brand(Brand::new(" ")), "the name is empty"),
        (mails().brand(Brand::new("Shop").accent("blue")), "`blue` is not a colour"),
        (mails().brand(Brand::new("Shop").logo("http://shop.example/a.png")), "the logo must be an `https` URL"),
        (Mails::new("http://shop.example", Mailbox::default()), "is not where users find the application"),
        (mails().renderer(Plain).template("verify.html", "x"), "the templates are not used, since there is a renderer"),
        (mails().folder("/no/such/folder"), "cannot be read"),
    ] {
        let fault = faults(mails);
        assert!(fault.contains(expected), "{expected}: {fault}");
    }
    let two = Engine::builder(Store::new()).messenger(mails()).with(mails()).build().unwrap_err();
    assert!(two.to_string().contains("two messengers"), "{two}");
}

#[test]
fn a_folder_has_templates_and_texts() {
    let folder = std::env::temp_dir().join(format!("usermgr-templates-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    write("verify.txt", "{{ button }}");
    write("de.json", r#"{ "verify.button": "Ja" }"#);
    write(".hidden", "");
    let mail = verify(&mails().folder(&folder), &Context::default().languages("de"));
    assert_eq!(mail.text, "Ja");
    write("notes.md", "");
    assert!(faults(mails().folder(&folder)).contains("`notes.md` in the folder"));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn values_are_escaped_in_html_and_shown_as_they_are_in_text() {
    let mut user = user(NoProfile);
    user.email = EmailAddress::from_stored("{brand}<script>\"x@example.com");
    let mail = composed(&mails(), &Message::PasswordChanged { user: &user }, &Context::default());
    assert!(mail.text.contains("{brand}<script>\"x@example.com"), "{}", mail.text);
    let html = mail.html.unwrap();
    assert!(html.contains("{brand}&lt;script&gt;&quot;x@example.com") && !html.contains("<script"), "{html}");
}

/// Pseudo-languages: longer words with accents, and one that is read from the right.
#[test]
fn a_language_that_is_read_from_the_right_has_its_direction() {
    let own = mails().texts("qps-rtl", r#"{ "language.direction": "rtl", "verify.button": "[Çöñƒîŕɱ åððŕéšš ~~~~]" }"#);
    let html = verify(&own, &Context::default().languages("qps-rtl")).html.unwrap();
    assert!(html.contains("<html lang=\"qps-rtl\" dir=\"rtl\">"), "{html}");
}

/// Every word of every mail, so that a review sees what has changed. `UPDATE_EXPECT=1` writes them.
#[test]
fn the_words_of_all_mails_are_those_that_were_reviewed() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src/mails/reviewed"));
    let own = Mails::new("https://shop.example", Mailbox::default()).brand(Brand::new("Shop"));
    for language in ["de", "en", "es", "fr"] {
        let mut all = String::new();
        for (name, mail) in own.previews().unwrap() {
            if mail.language.as_deref() == Some(language) {
                all.push_str(&format!("=== {name}: {}\n\n{}\n", mail.subject, mail.text));
            }
        }
        let file = folder.join(format!("{language}.txt"));
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::create_dir_all(folder).unwrap();
            std::fs::write(&file, &all).unwrap();
        }
        let expected = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(
            all == expected,
            "the mails in {} differ from {}: see them with UPDATE_EXPECT=1",
            language,
            file.display()
        );
    }
}

#[test]
fn nm8_what_is_wrong_with_a_template_is_said_without_a_token() {
    let own = mails().template(
        "verify.txt",
        "{% if until == \"15 January 2027, 08:00 UTC\" %}{{ link.nothing.at_all }}{% endif %}x",
    );
    let (user, token) = (user(NoProfile), VerifyToken::from(TOKEN));
    let error = own.compose::<Store>(&Message::Verify { user: &user, token: &token }, &Context::default()).unwrap_err();
    let (shown, debug) = (error.to_string(), format!("{error:?}"));
    assert!(!shown.contains(TOKEN) && !debug.contains(TOKEN), "{shown} {debug}");

    struct Spy;
    impl MailRenderer for Spy {
        fn render(&self, view: &MailView) -> Result<MailBody, MailError> {
            Ok(MailBody::new(format!("{view:?}")))
        }
    }
    let text = verify(&mails().renderer(Spy), &Context::default()).text;
    assert!(text.contains("ada@example.com") && !text.contains(TOKEN), "{text}");
}
