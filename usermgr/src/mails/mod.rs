//! [`Mails`]: the messenger that mails every message in the language of the reader, from texts and templates of which each can be replaced
//! alone.

mod compose;
mod facts;
mod folder;
mod kind;
mod links;
mod locale;
mod part;
mod settings;
mod templates;
#[cfg(test)]
mod tests;
mod view;

use std::{
    fmt,
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use compose::Composer;
pub use folder::MailFolder;
pub use locale::AnyUser;
use locale::LocaleOf;
use settings::Settings;
pub use view::{Fact, MailBody, MailRenderer, MailView};

use crate::{
    config_error::ConfigError,
    mailer::{Mail, Mailer},
    presentation::Brand,
    user::User,
};

/// Mails every [`Message`](crate::mail::Message) of the manager, in the language of its reader: a part of the engine, added with
/// [`Engine::with`](crate::Engine::with) (feature `mail`). A manager without any hook then sends all mails of the guide's page
/// [mail](crate::guide::mail).
///
/// What it is given is checked when it is added to the engine: an unknown name of a text, a template or a mail, a value that a text cannot
/// have, a template that cannot be rendered. So an override that would not be used does not start.
///
/// ```
/// use usermgr::{mail::{Brand, Mails}, prelude::*, testing::Mailbox};
///
/// struct Accounts { engine: Engine<MemoryStore> }
///
/// #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
/// impl Accounts {}
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mailbox = Mailbox::default();
/// let mails = Mails::new("https://shop.example", mailbox.clone())
///     .brand(Brand::new("Shop").accent("#7a4b00"))
///     .texts("de", r#"{ "verify.button": "Ja, das bin ich" }"#);
/// let accounts = Accounts { engine: Engine::new(MemoryStore::new()).with(mails)? };
///
/// let cx = Context::default().languages("de-CH, en;q=0.5");
/// accounts.register(Register::new("ada@example.com", "correct horse battery"), &cx).await?;
/// let mail = mailbox.next("ada@example.com").await;
/// assert_eq!(mail.subject, "Bestätigen Sie Ihre Adresse für Shop");
/// assert!(mail.link.unwrap().starts_with("https://shop.example/account/verify?token="));
/// # Ok(()) }
/// ```
#[must_use]
pub struct Mails<U = AnyUser> {
    settings: Settings,
    mailer: Arc<dyn Mailer>,
    locale: Option<LocaleOf<U>>,
    /// Made from the settings, once.
    composer: OnceLock<Result<Arc<Composer>, ConfigError>>,
}

impl Mails {
    /// Creates the messenger. `base` is where users find the application, the prefix of its routes included: `https`, or `http` of the own
    /// machine. Links are made from it, and never from a request. The mailer passes mails to a mail service, such as
    /// [`Smtp`](crate::mail::Smtp) of the feature `smtp`.
    pub fn new(base: impl Into<String>, mailer: impl Mailer) -> Self {
        let (settings, composer) = (Settings::new(base.into().trim_end_matches('/')), OnceLock::new());
        Self { settings, mailer: Arc::new(mailer), locale: None, composer }
    }

    /// Sets how the application knows the language of a user, as a tag such as `de` or `pt-BR`. It comes before the languages of the
    /// request. Without it, or when it returns `None`, mails have the language of the request, if the reader may have made it: the browser
    /// of an administrator does not choose the language of others.
    ///
    /// ```
    /// use serde::{Deserialize, Serialize};
    /// use usermgr::{mail::Mails, prelude::*, testing::Mailbox};
    ///
    /// #[derive(Clone, Debug, Default, Serialize, Deserialize, Profile)]
    /// struct Customer {
    ///     locale: Option<String>,
    /// }
    ///
    /// let mails = Mails::new("https://shop.example", Mailbox::default())
    ///     .locale(|user: &User<Customer>| user.profile.locale.clone());
    /// let engine = Engine::new(MemoryStore::<Customer>::default()).with(mails)?;
    /// # let _ = engine;
    /// # Ok::<(), usermgr::ConfigError>(())
    /// ```
    pub fn locale<P, I>(
        self,
        locale: impl Fn(&User<P, I>) -> Option<String> + Send + Sync + 'static,
    ) -> Mails<User<P, I>> {
        let Self { settings, mailer, composer, .. } = self;
        Mails { settings, mailer, locale: Some(Arc::new(locale)), composer }
    }
}

impl<U> Mails<U> {
    /// Sets the brand. Default: the host of the base URL as the name.
    pub fn brand(self, brand: Brand) -> Self {
        self.set(|settings| settings.brand = brand)
    }

    /// Sets the link of a mail: a path below the base URL, or an `https` URL, with `{token}` in it. Default: `/account/verify?token={token}`
    /// for `verify`, `/account/reset?token={token}` for `reset`, `/account/confirm-email?token={token}` for `change_email` and
    /// `/account/mail-login?token={token}` for `login`.
    ///
    /// The page behind it must not use the token when it is merely opened, because programs that look for harmful mails open all links:
    /// it shows a button, whose POST passes the token to the route.
    ///
    /// ```
    /// use usermgr::{mail::Mails, testing::Mailbox};
    /// let mails = Mails::new("https://api.shop.example", Mailbox::default())
    ///     .link("verify", "https://shop.example/#/verify/{token}")
    ///     .link("reset", "https://shop.example/#/reset/{token}");
    /// # let _ = mails;
    /// ```
    pub fn link(self, mail: impl Into<String>, link: impl Into<String>) -> Self {
        self.set(|settings| settings.links.push((mail.into(), link.into())))
    }

    /// Adds texts of a language, as one JSON object from keys to texts: some keys of a shipped language (`de`, `en`, `es`, `fr`), or a
    /// language of the application. A key that is missing is taken from a more general language (`de` for `de-CH`), then from the
    /// [default language](Self::language), then from English. The guide lists the [keys](crate::guide::mail).
    pub fn texts(self, language: impl Into<String>, json: impl Into<String>) -> Self {
        self.set(|settings| settings.overrides.texts.push((language.into(), json.into())))
    }

    /// Replaces a template: `mail.html` and `mail.txt` serve all mails, `verify.html` or `verify.txt` only that mail. It is a template of
    /// [minijinja](https://docs.rs/minijinja) over the fields of [`MailView`], and may `{% include "mail.html" %}`. HTML is escaped.
    ///
    /// ```
    /// use usermgr::{mail::Mails, prelude::*, testing::Mailbox};
    /// let mails = || Mails::new("https://shop.example", Mailbox::default());
    /// let engine = || Engine::new(MemoryStore::<NoProfile>::new());
    /// assert!(engine().with(mails().template("verify.txt", "{{ link }}")).is_ok());
    /// // A name that no field has is found at the start.
    /// assert!(engine().with(mails().template("verify.txt", "{{ lnik }}")).is_err());
    /// ```
    pub fn template(self, name: impl Into<String>, source: impl Into<String>) -> Self {
        self.set(|settings| settings.overrides.templates.push((name.into(), source.into())))
    }

    /// Reads a folder: each `*.html` and `*.txt` is a [template](Self::template), and each `*.json` has the [texts](Self::texts) of the
    /// language in its name. Any other file is an error, apart from those whose name begins with a period.
    pub fn folder(self, path: impl Into<PathBuf>) -> Self {
        self.set(|settings| settings.overrides.folders.push(path.into()))
    }

    /// Limits the languages, to those in which the application is used. Default: all that have texts.
    pub fn languages<L: Into<String>>(self, languages: impl IntoIterator<Item = L>) -> Self {
        self.set(|settings| settings.overrides.languages = Some(languages.into_iter().map(Into::into).collect()))
    }

    /// Sets the language for readers who are not known to understand another one. Default: `en`.
    pub fn language(self, language: impl Into<String>) -> Self {
        self.set(|settings| settings.overrides.language = language.into())
    }

    /// Makes the bodies of mails in another way than by templates.
    pub fn renderer(self, renderer: impl MailRenderer) -> Self {
        self.set(|settings| settings.renderer = Some(Arc::new(renderer)))
    }

    /// Makes every mail in every language from sample values, to look at them: pairs of the name of the mail and the mail, whose
    /// [language](crate::Mail::language) is set.
    ///
    /// # Errors
    /// What is wrong with the settings.
    ///
    /// ```
    /// use usermgr::{mail::Mails, testing::Mailbox};
    /// let mails = Mails::new("https://shop.example", Mailbox::default()).languages(["en", "fr"]);
    /// let all = mails.previews()?;
    /// assert!(all.iter().any(|(name, mail)| *name == "reset" && mail.language.as_deref() == Some("fr")));
    /// # Ok::<(), usermgr::ConfigError>(())
    /// ```
    pub fn previews(&self) -> Result<Vec<(&'static str, Mail)>, ConfigError> {
        let mut all = Vec::new();
        self.composer()?.samples(|name, _, mail| all.extend(mail.ok().map(|mail| (name, mail))));
        Ok(all)
    }

    /// Finds what is wrong with the settings. Adding the mails to an engine does it too.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn check(&self) -> Result<(), ConfigError> {
        self.composer().map(drop)
    }

    /// What the settings have become, or what is wrong with them.
    fn composer(&self) -> Result<&Arc<Composer>, ConfigError> {
        let made = self.composer.get_or_init(|| Composer::new(&self.settings).map(Arc::new));
        made.as_ref().map_err(Clone::clone)
    }

    /// Changes the settings.
    fn set(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        Self { composer: OnceLock::new(), ..self }
    }
}

impl<U> Clone for Mails<U> {
    fn clone(&self) -> Self {
        Self {
            settings: self.settings.clone(),
            mailer: self.mailer.clone(),
            locale: self.locale.clone(),
            composer: self.composer.clone(),
        }
    }
}

impl<U> fmt::Debug for Mails<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Settings { base, brand, .. } = &self.settings;
        f.debug_struct("Mails").field("base", base).field("brand", brand).finish_non_exhaustive()
    }
}
