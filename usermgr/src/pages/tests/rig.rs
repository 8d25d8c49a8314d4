//! An application with pages and mails, and a person with a browser.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    engine::EngineBuilder,
    limits::Limits,
    mail::{Brand, Mails},
    pages::{Pages, ProfileField},
    password::{Argon2Params, Argon2id},
    prelude::*,
    testing::{Application, Calls, Client, Counted, FakeClock, Mailbox, Reply},
    user::PasswordSubject,
};

pub(super) const ADA: &str = "ada@example.com";
pub(super) const PASSWORD: &str = "correct horse battery";
pub(super) const ANOTHER: &str = "a better horse battery";

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
pub(super) struct Customer {
    #[profile(claim = "name")]
    name: String,
    company: Option<String>,
}

pub(super) type Store = Counted<MemoryStore<Customer>>;

pub(super) struct Accounts {
    pub(super) engine: Engine<Store>,
}

#[user_manager(store = Store, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {
    async fn on_before_register(&self, draft: &mut Draft<Customer>) -> Result<(), Rejection> {
        match draft.profile.name.as_str() {
            "young" => Err(Rejection::new("TOO_YOUNG")),
            "tired" => Err(Rejection::new("TOO_TIRED").reason("Sleep <b>first</b>.")),
            _ => Ok(()),
        }
    }

    async fn validate_password(
        &self,
        password: &Password,
        subject: &PasswordSubject<'_, Customer>,
    ) -> Result<(), InvalidPassword> {
        match password.expose() {
            "no dragon, no way" => Err(InvalidPassword::new("at least one dragon")),
            _ => crate::password::policy(password, subject),
        }
    }
}

#[derive(Clone, Copy, Permission)]
pub(super) enum Can {
    #[permission("orders:read")]
    OrdersRead,
    #[permission("refund")]
    Refund,
}

impl Permits for Accounts {
    type Permission = Can;

    fn permits(&self, user: &User<Customer>) -> Permissions<Can> {
        if user.is_superuser { Permissions::all() } else { Can::OrdersRead.into() }
    }
}

pub(super) struct Rig {
    pub(super) accounts: Arc<Accounts>,
    pub(super) mailbox: Mailbox,
    pub(super) clock: FakeClock,
    pub(super) calls: Calls,
}

/// The pages of the tests.
pub(super) fn pages() -> Pages {
    Pages::new("cookie")
        .brand(Brand::new("Shop"))
        .field(ProfileField::new("name").autocomplete("name"))
        .field(ProfileField::new("company").optional())
        .texts(
            "en",
            r#"{ "pages.field.name": "Your name", "pages.field.company": "Company", "pages.code.TOO_YOUNG": "Come back later." }"#,
        )
}

impl Rig {
    pub(super) fn new() -> Self {
        Self::with(pages(), |engine| engine)
    }

    /// An application whose pages and engine are changed.
    pub(super) fn with(pages: Pages, change: impl FnOnce(EngineBuilder<Store>) -> EngineBuilder<Store>) -> Self {
        let (mailbox, clock, calls) = (Mailbox::default(), FakeClock::start(), Calls::default());
        let hasher = Argon2id::new(Argon2Params::dangerous(8, 1, 1).unwrap());
        let mails = Mails::new("https://shop.example", mailbox.clone()).brand(Brand::new("Shop"));
        let builder = Engine::builder(Counted::new(MemoryStore::default(), calls.clone()))
            .backend(Backend::cookie("cookie", CookieOptions::default(), Database::new()))
            .hasher(hasher)
            .clock(clock.clone())
            .with(mails)
            .with(pages);
        #[cfg(feature = "totp")]
        let builder = builder.with(crate::factors::Totp::new("Shop"));
        let builder = builder.with(ApiKeys::new("shop"));
        let accounts = Accounts { engine: change(builder).build().unwrap() };
        Self { accounts: Arc::new(accounts), mailbox, clock, calls }
    }

    pub(super) fn browser(&self) -> Client {
        Client::new(crate::axum::router(self.accounts.clone()).unwrap())
    }

    /// A browser that is signed in as a verified user.
    pub(super) async fn ada(&self) -> Client {
        let browser = self.browser();
        browser.post_form("/account/sign-up", &sign_up(ADA)).await.expect(303);
        let link = self.link().await;
        browser.post_form("/account/verify", &[("token", token(&link))]).await.expect(303);
        sign_in(&browser).await;
        browser
    }

    /// Makes a user a superuser, and returns their id.
    pub(super) async fn promote(&self, email: &str) -> Uuid {
        let id = self.accounts.get_by_email(&EmailAddress::parse(email).unwrap()).await.unwrap().unwrap().id;
        self.accounts.set_superuser(&Admin::system("test"), &id, true, &Context::default()).await.unwrap();
        id
    }

    /// The link of the next mail to Ada.
    pub(super) async fn link(&self) -> String {
        self.mailbox.next(ADA).await.link.unwrap()
    }

    pub(super) fn later(&self, minutes: u64) {
        self.clock.advance(Duration::from_secs(60 * minutes));
    }
}

/// No limit that a test would meet by chance.
pub(super) fn unlimited(engine: EngineBuilder<Store>) -> EngineBuilder<Store> {
    engine.limits(Limits::dangerous_none())
}

pub(super) fn sign_up(email: &str) -> [(&str, &str); 3] {
    [("email", email), ("password", PASSWORD), ("name", "Ada")]
}

pub(super) fn token(link: &str) -> &str {
    link.split_once("token=").unwrap().1
}

pub(super) async fn sign_in<A: Application>(browser: &Client<A>) -> Reply {
    browser.post_form("/account/sign-in", &[("email", ADA), ("password", PASSWORD)]).await.expect(303)
}

/// HTML without its escapes.
fn unescaped(html: &str) -> String {
    html.replace("&quot;", "\"").replace("&#x2f;", "/").replace("&#x3d;", "=").replace("&amp;", "&")
}

/// A page as text: without the escapes of HTML.
pub(super) fn plain(reply: &Reply) -> String {
    unescaped(reply.text())
}

/// What stands on a page behind a text, up to the end of the attribute. JSON has its quotes escaped there.
#[track_caller]
pub(super) fn behind(reply: &Reply, text: &str) -> String {
    let rest = reply.text().split(text).nth(1);
    unescaped(rest.unwrap_or_else(|| panic!("no {text}: {}", reply.text())).split('"').next().unwrap())
}

/// The value of a hidden field.
#[track_caller]
pub(super) fn hidden(reply: &Reply, name: &str) -> String {
    behind(reply, &format!("name=\"{name}\" value=\""))
}

/// What a test looks for on a page.
pub(super) trait Seen {
    /// Where it redirects.
    fn to(&self) -> &str;
    /// That it says this.
    fn says(&self, text: &str) -> &Self;
    fn says_nothing_of(&self, text: &str) -> &Self;
    /// The notice that the next page shows.
    fn done(&self) -> &str;
}

impl Seen for Reply {
    #[track_caller]
    fn to(&self) -> &str {
        assert_eq!(self.status, 303, "{self:?}");
        self.header("location").unwrap()
    }

    #[track_caller]
    fn says(&self, text: &str) -> &Self {
        assert!(self.text().contains(text), "the page does not say `{text}`: {}", self.text());
        self
    }

    #[track_caller]
    fn says_nothing_of(&self, text: &str) -> &Self {
        assert!(!self.text().contains(text), "the page says `{text}`: {}", self.text());
        self
    }

    fn done(&self) -> &str {
        self.cookie("__Host-usermgr-done").unwrap_or_default()
    }
}
