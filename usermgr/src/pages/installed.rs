//! Everything that pages are made of, checked.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use ::http::HeaderValue;

use super::{
    PageView, ProfileField, Words, address, headers::policy, renderer::PageRenderer, row::Page, settings::Settings,
    table::PAGES, templates::PageTemplates, theme::Asset,
};
use crate::{
    config_error::ConfigError,
    engine::Engine,
    http::{RedirectOrigins, RedirectTarget},
    origin::WebOrigin,
    presentation::{Brand, BrandView, Texts},
    session::{Backend, CookieOptions, SameSite, Transport},
    store::UserStore,
};

/// The beginning of the keys of words.
const WORDS: &str = "pages.word.";

/// The names that fields of the pages have, or that mark a place on them.
const RESERVED: [&str; 10] =
    ["email", "password", "current_password", "username", "token", "code", "sent", "return_to", "main", "errors"];

/// The pages of an engine.
pub(crate) struct Installed {
    /// The name of the backend that they sign users in to.
    pub(super) backend: String,
    pub(super) texts: Texts,
    words: HashMap<String, Words>,
    pub(super) renderer: Arc<dyn PageRenderer>,
    pub(super) brand: BrandView,
    /// The path below which they are, with what stands before it.
    pub(super) base: String,
    /// What stands before the paths of pages.
    pub(super) below: String,
    pub(super) home: RedirectTarget,
    pub(super) origins: RedirectOrigins,
    pub(super) policy: HeaderValue,
    pub(super) style: Asset,
    pub(super) script: Asset,
    pub(super) fields: Vec<ProfileField>,
    pub(super) password_length: String,
    /// The names of the pages that are not left out.
    there: Vec<&'static str>,
}

impl Installed {
    /// Checks the settings.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub(super) fn new(settings: &Settings) -> Result<Self, ConfigError> {
        let faults = &mut Vec::new();
        let (texts, own_templates) = settings.overrides.read(settings.renderer.is_some(), faults);
        let templates = PageTemplates::new(&own_templates, faults);
        let below = settings.below.trim_end_matches('/').to_owned();
        if !below.is_empty() && RedirectTarget::path(&below).is_none() {
            faults.push(format!("`below` must be a path as in `/app`, and not `{below}`"));
        }
        faults.extend(settings.without.iter().filter(|name| Page::named(name).is_none()).map(|name| {
            let names: Vec<_> = PAGES.iter().map(|page| page.name).collect();
            format!("`without`: no page is named `{name}`: the pages are {}", names.join(", "))
        }));
        for (at, ProfileField { name, .. }) in settings.fields.iter().enumerate() {
            let is_twice = settings.fields[..at].iter().any(|earlier| earlier.name == *name);
            if is_twice || RESERVED.contains(&&**name) {
                faults.push(format!("the field `{name}` has the name of another field: leave one of the two out"));
            }
            let key = format!("pages.field.{name}");
            if texts.get(&settings.overrides.language, &key, &[]).is_none() {
                faults.push(format!("the field `{name}` has no label: add the text `{key}` with `texts`"));
            }
        }
        let base = format!("{below}{}", address::BASE);
        let root = format!("{below}/");
        let there = PAGES.iter().map(|page| page.name).filter(|name| {
            let is_empty = *name == "profile" && settings.fields.is_empty();
            !is_empty && !settings.without.iter().any(|without| without == name)
        });
        let there: Vec<_> = there.collect();
        let usual = if there.contains(&"account") { &base } else { &root };
        let home = settings.home.as_deref().unwrap_or(usual);
        let origins = RedirectOrigins::new(settings.origins.iter().cloned());
        let home = origins.as_ref().ok().and_then(|origins| origins.target(home));
        if home.is_none() {
            faults.push("`home` must be a path, or a URL of an origin that `return_to` names".to_owned());
        }
        let brand = settings.brand.clone().unwrap_or_else(|| Brand::new("Account"));
        let accent = brand.checked(faults);
        let logo = brand.logo.as_deref().and_then(WebOrigin::at).map(|(origin, _)| origin);
        let policy = policy(logo, &settings.origins);
        let faults = ConfigError::of_part("Pages", faults).err();
        let Some(home) = home.filter(|_| faults.is_none()) else {
            return Err(ConfigError::join(faults.into_iter().chain(origins.err()).chain(policy.err())));
        };
        let words = texts.offered().iter().map(|language| (language.clone(), words(&texts, language, &brand.name)));
        let brand = brand.view(accent, home.as_str());
        Ok(Self {
            backend: settings.backend.clone(),
            words: words.collect(),
            texts,
            renderer: settings.renderer.clone().unwrap_or_else(|| Arc::new(templates)),
            brand,
            style: Asset::style(&base, accent, &settings.styles),
            script: Asset::script(&base),
            base,
            below,
            home,
            origins: origins?,
            policy: policy?,
            fields: settings.fields.clone(),
            password_length: settings.password_length.to_string(),
            there,
        })
    }

    /// The cookie of the backend of the pages.
    ///
    /// # Errors
    /// The engine has no such backend, or browsers would not send its cookie to the pages alone.
    pub(super) fn cookie<'a, S: UserStore>(&self, engine: &'a Engine<S>) -> Result<&'a CookieOptions, ConfigError> {
        let name = &self.backend;
        let refused = |why: &str| Err(ConfigError::new(format!("`Pages`: the backend `{name}` {why}")));
        let Some(Transport::Cookie(cookie)) = engine.backend(name).map(Backend::transport) else {
            return refused("does not exist or has no cookie: name one that `Backend::cookie` makes");
        };
        if cookie.same_site == SameSite::None {
            return refused("has a cookie that other sites may use: pages need `SameSite=Lax` or `Strict`");
        }
        #[cfg(feature = "oauth-bare")]
        if cookie.same_site == SameSite::Strict && engine.has_part(crate::federation::NAME) {
            return refused(
                "has a cookie with `SameSite=Strict`, which browsers do not send when a provider leads back: use `Lax`",
            );
        }
        // A path covers what is below it, up to a slash (RFC 6265, 5.1.4).
        let path = cookie.path.trim_end_matches('/');
        if !self.base.strip_prefix(path).is_some_and(|rest| rest.starts_with('/') || rest.is_empty()) {
            return refused("has a cookie with a path that does not cover the pages");
        }
        Ok(cookie)
    }

    /// A page with its title, and nothing else.
    pub(super) fn blank(&self, name: &'static str, texts: &str, language: &str) -> PageView {
        PageView {
            page: name,
            pages: self.there.clone(),
            base: self.base.clone(),
            language: language.to_owned(),
            direction: self.text(language, "language.direction"),
            languages: Vec::new(),
            title: self.text(language, &format!("pages.{texts}.title")),
            lead: Vec::new(),
            notice: None,
            errors: Vec::new(),
            form: None,
            passkey_form: None,
            providers: Vec::new(),
            links: Vec::new(),
            goes_to: None,
            skips_to: None,
            menu: None,
            account: None,
            set_up: None,
            codes: None,
            users: None,
            user: None,
            undelivered: None,
            invitations: None,
            words: self.words(language),
            brand: self.brand.clone(),
            style: self.style.href.clone(),
            script: self.script.href.clone(),
        }
    }

    /// Whether a page is not left out.
    pub(super) fn has(&self, page: &Page) -> bool {
        self.there.contains(&page.name)
    }

    /// The page of this name, if it is not left out.
    pub(super) fn page(&self, name: &str) -> Option<&'static Page> {
        Page::named(name).filter(|page| self.has(page))
    }

    /// The address of a page without a parameter.
    pub(super) fn href(&self, page: &str) -> String {
        let path = Page::named(page).map_or(address::BASE, |page| page.path);
        format!("{}{path}", self.below)
    }

    /// The words of a language.
    pub(super) fn words(&self, language: &str) -> Words {
        self.words.get(language).cloned().unwrap_or_else(|| words(&self.texts, language, &self.brand.name))
    }

    /// A text without values.
    pub(super) fn text(&self, language: &str, key: &str) -> String {
        self.filled(language, key, &[])
    }

    /// A text with its values. Each may name the brand.
    pub(super) fn filled(&self, language: &str, key: &str, values: &[(&str, &str)]) -> String {
        self.optional(language, key, values).unwrap_or_default()
    }

    /// A text that there may be.
    pub(super) fn optional(&self, language: &str, key: &str, values: &[(&str, &str)]) -> Option<String> {
        let values: Vec<_> = values.iter().copied().chain([("brand", &*self.brand.name)]).collect();
        self.texts.get(language, key, &values)
    }
}

/// The words that stand in templates, by their names.
fn words(texts: &Texts, language: &str, brand: &str) -> Words {
    let named = texts.keys(WORDS).filter_map(|key| {
        let name = key.strip_prefix(WORDS)?;
        Some((name.to_owned(), texts.get(language, key, &[("brand", brand)])?))
    });
    Words(Arc::new(named.collect::<BTreeMap<_, _>>()))
}
