//! Pages for people: sign-in, registration, the links of mails, the account and its administration, as HTML that needs no script. A form
//! becomes the request of a route in the same process, and the answer of the route becomes a page or a redirect, so that no rule is
//! written twice. The guide has a [page](crate::guide::pages).

mod act;
mod address;
mod admin;
mod captcha;
mod cookies;
mod factors;
mod failure;
mod fields;
mod front;
mod headers;
mod installed;
mod keys;
mod part;
mod passkeys;
mod renderer;
mod row;
mod samples;
mod screens;
mod second_step;
mod settings;
mod show;
mod table;
mod templates;
#[cfg(all(test, feature = "actix", feature = "axum", feature = "oauth-bare", feature = "testing"))]
mod tests;
mod theme;
mod view;
mod visit;

use std::{fmt, path::PathBuf, sync::Arc};

pub use fields::ProfileField;
pub use front::Front;
pub use renderer::{PageRenderer, RenderError};
pub use row::Page;
use settings::Settings;
pub use view::{
    AccountView, ApiKeyView, ApiKeysView, AttributeView, CaptchaView, ErrorView, FactorView, FactorsView,
    FieldValueView, FieldView, FormView, IdentityView, InvitationRowView, InvitationsView, LanguageView, LinkView,
    LoginView, MenuView, PageView, PasskeyView, PictureView, ProviderView, SessionView, SetUpView, StateView,
    UndeliveredRowView, UndeliveredView, UserRowView, UserView, UsersView, Words,
};

pub use crate::presentation::{Brand, BrandView};

/// Pages for people, as a part of the engine, added with [`Engine::with`](crate::Engine::with) (feature `pages`).
/// [`axum::router`](crate::axum::router) and [`actix::configure`](crate::actix::configure) then serve them under `/account`. An application
/// with a state of its own adds [`axum::pages`](crate::axum::pages) or [`actix::pages`](crate::actix::pages) to its routes.
///
/// What it is given is checked when it is added: an unknown name of a text, a template or a page, a template that cannot be rendered. So an
/// override that would not be used does not start.
///
/// ```
/// use usermgr::{pages::{Brand, Pages}, prelude::*, session::CookieOptions};
///
/// struct Accounts { engine: Engine<MemoryStore> }
///
/// #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
/// impl Accounts {}
///
/// let engine = Engine::builder(MemoryStore::new())
///     .backend(Backend::cookie("cookie", CookieOptions::default(), Database::new()))
///     .with(Pages::new("cookie").brand(Brand::new("Shop").accent("#7a4b00")))
///     .build()?;
/// let app = usermgr::axum::router(Accounts { engine })?;
/// # let _ = app;
/// # Ok::<(), usermgr::ConfigError>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct Pages {
    settings: Settings,
}

impl Pages {
    /// Creates the pages. `backend` is the name of the backend with a cookie that they sign users in to.
    pub fn new(backend: impl Into<String>) -> Self {
        Self { settings: Settings::new(backend.into()) }
    }

    /// Sets the brand. Default: the name `Account`.
    pub fn brand(self, brand: Brand) -> Self {
        self.set(|settings| settings.brand = Some(brand))
    }

    /// Sets the page of the application to which the brand leads, and where a user arrives who came from nowhere: a path, or a URL of an
    /// [allowed origin](Self::return_to). Default: the account page, or `/` without it.
    pub fn home(self, home: impl Into<String>) -> Self {
        self.set(|settings| settings.home = Some(home.into()))
    }

    /// Sets the path below which the application mounts its router, as in `/app` for pages at `/app/account`. The base URL of
    /// [`Mails`](crate::mail::Mails) ends with it too. Default: none.
    pub fn below(self, path: impl Into<String>) -> Self {
        self.set(|settings| settings.below = path.into())
    }

    /// Allows `return_to` to lead to pages of these origins, besides the paths of the own one, as in `https://app.example.com`.
    pub fn return_to<O: Into<String>>(self, origins: impl IntoIterator<Item = O>) -> Self {
        self.set(|settings| settings.origins.extend(origins.into_iter().map(Into::into)))
    }

    /// Adds texts of a language, as [`Mails::texts`](crate::mail::Mails::texts) does; one file may have the texts of both. The texts
    /// `pages.code.NAME` and `pages.password.NAME` are those of the application's own codes.
    ///
    /// ```
    /// use usermgr::pages::Pages;
    /// let pages = Pages::new("cookie").texts("en", r#"{ "pages.sign_up.title": "Join us", "pages.code.TOO_YOUNG": "Come back later." }"#);
    /// # let _ = pages;
    /// ```
    pub fn texts(self, language: impl Into<String>, json: impl Into<String>) -> Self {
        self.set(|settings| settings.overrides.texts.push((language.into(), json.into())))
    }

    /// Replaces a template, or gives a page one of its own under the name of the page, as in `sign-in.html`. It is a template of
    /// [minijinja](https://docs.rs/minijinja) over the fields of [`PageView`], and may extend `layout.html` or `form.html`. HTML is escaped.
    pub fn template(self, name: impl Into<String>, source: impl Into<String>) -> Self {
        self.set(|settings| settings.overrides.templates.push((name.into(), source.into())))
    }

    /// Reads a folder: each `*.html` is a [template](Self::template), and each `*.json` has the [texts](Self::texts) of the language in its
    /// name. Any other file is an error, apart from those whose name begins with a period.
    pub fn folder(self, path: impl Into<PathBuf>) -> Self {
        self.set(|settings| settings.overrides.folders.push(path.into()))
    }

    /// Appends rules to the style sheet. The shipped rules take their values from custom properties, which rules for `:root` change.
    ///
    /// ```
    /// use usermgr::pages::Pages;
    /// let pages = Pages::new("cookie").style(":root { --radius: 0; --font: Georgia, serif }");
    /// # let _ = pages;
    /// ```
    pub fn style(self, css: impl Into<String>) -> Self {
        self.set(|settings| settings.styles.push(css.into()))
    }

    /// Limits the languages, to those in which the application is used. Default: all that have texts.
    pub fn languages<L: Into<String>>(self, languages: impl IntoIterator<Item = L>) -> Self {
        self.set(|settings| settings.overrides.languages = Some(languages.into_iter().map(Into::into).collect()))
    }

    /// Sets the language for readers who are not known to understand another one. Default: `en`.
    pub fn language(self, language: impl Into<String>) -> Self {
        self.set(|settings| settings.overrides.language = language.into())
    }

    /// Sets the least number of characters of a password that the hint names, if the manager has a policy of its own. Default: 15, that of
    /// the built-in policy. It does not change the policy.
    pub fn password_length(self, characters: usize) -> Self {
        self.set(|settings| settings.password_length = characters)
    }

    /// Adds a field of the profile, a text that users enter when they register and change on a page of their own.
    pub fn field(self, field: ProfileField) -> Self {
        self.set(|settings| settings.fields.push(field))
    }

    /// Leaves a page out, with the links to it, as in `sign-up` for an application whose users are invited. It then answers with 404.
    pub fn without(self, page: impl Into<String>) -> Self {
        self.set(|settings| settings.without.push(page.into()))
    }

    /// Makes the HTML in another way than by templates.
    pub fn renderer(self, renderer: impl PageRenderer) -> Self {
        self.set(|settings| settings.renderer = Some(Arc::new(renderer)))
    }

    fn set(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }
}

impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Settings { backend, brand, .. } = &self.settings;
        f.debug_struct("Pages").field("backend", backend).field("brand", brand).finish_non_exhaustive()
    }
}
