//! The application under test: pages with all that they can show, a provider beside them, and the mails for a script to read.

use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    extract::RawQuery,
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect},
    routing::get,
};
use reqwest::Url;
use serde::{Deserialize, Serialize};
use serde_json::json;
use usermgr::{
    clock::Clock as _,
    factors::Totp,
    mail::Mails,
    oauth::OAuth,
    pages::{Brand, Pages, ProfileField},
    password::{Argon2Params, Argon2id},
    prelude::*,
    session::CookieOptions,
    testing::{FakeClock, FakeProvider, Mailbox},
};
use usermgr_tests::{Framework, PASSWORD, free_port, serve_over};

/// More than the ten minutes for which a login is fresh.
const LATER: Duration = Duration::from_secs(11 * 60);

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
struct Customer {
    #[profile(claim = "name")]
    display_name: String,
    company: Option<String>,
}

struct Accounts {
    engine: Engine<MemoryStore<Customer>>,
}

#[user_manager(store = MemoryStore<Customer>, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {}

/// The application while it runs, and its neighbours.
pub(crate) struct Shop {
    /// Where it is.
    pub(crate) url: String,
    /// A neighbour of the same site, but of another origin: the provider, the mails and forged forms.
    pub(crate) beside: String,
    /// The same as another site.
    pub(crate) elsewhere: String,
    /// All mails.
    pub(crate) mailbox: Mailbox,
}

impl Shop {
    /// Opens it. `texts` are a language and its texts beside the shipped ones.
    pub(crate) async fn open(framework: Framework, texts: Option<(&str, String)>) -> Self {
        let (mailbox, clock) = (Mailbox::default(), FakeClock::start());
        let port = free_port();
        let beside = format!("http://localhost:{port}");
        let provider = FakeProvider::with_clock(&beside, clock.clone());
        let ada = json!({ "name": "Ada", "email": "ada@corp.example", "email_verified": true });
        provider.person("ada", ada);
        let store = MemoryStore::default();
        neighbour(port, provider.clone(), mailbox.clone(), clock.clone(), store.clone());
        let pages = Pages::new("cookie")
            .brand(Brand::new("Shop").accent("#0f766e"))
            .field(ProfileField::new("display_name").autocomplete("name"))
            .field(ProfileField::new("company").autocomplete("organization").optional())
            .texts("en", r#"{ "pages.field.display_name": "Your name", "pages.field.company": "Company" }"#);
        let pages = texts.into_iter().fold(pages, |pages, (language, texts)| pages.texts(language, texts));
        let mails = mailbox.clone();
        let address = serve_over(framework, |address| {
            // Browsers keep `Secure` cookies of `localhost` without TLS.
            let url = address.replace("127.0.0.1", "localhost");
            let oauth = OAuth::at(&url)
                .provider(provider.provider("corp").label("Corp"))
                .provider(provider.provider("other").label("Other"))
                .client(provider.clone())
                .dangerous_plain_http();
            let engine = Engine::builder(store)
                .clock(clock)
                .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
                .backend(Backend::cookie("cookie", CookieOptions::default(), Database::new()))
                .with(Mails::new(url, mails))
                .with(pages)
                .with(Totp::new("Shop"))
                .with(oauth);
            Accounts { engine: engine.build().unwrap() }
        })
        .await;
        let [url, elsewhere] = [address.replace("127.0.0.1", "localhost"), format!("http://127.0.0.2:{port}")];
        Self { url, beside, elsewhere, mailbox }
    }
}

/// What forged forms send: a form that is not refused would do something.
const FORGED: [(&str, &str); 4] =
    [("email", "ada@example.com"), ("password", PASSWORD), ("current_password", PASSWORD), ("display_name", "Eve")];

/// The value of a query.
fn value(query: Option<String>, wanted: &str) -> String {
    let url = Url::parse(&format!("http://localhost/?{}", query.unwrap_or_default())).unwrap();
    let found = url.query_pairs().find(|(name, _)| name == wanted);
    found.unwrap_or_else(|| panic!("`{url}` has no `{wanted}`")).1.into_owned()
}

/// Serves what is beside the shop, under every name of the machine.
fn neighbour(port: u16, provider: FakeProvider, mailbox: Mailbox, clock: FakeClock, store: MemoryStore<Customer>) {
    let authorize = async move |RawQuery(query): RawQuery| {
        let url = format!("http://localhost:{port}/authorize?{}", query.clone().unwrap_or_default());
        let redirect_uri = value(query, "redirect_uri");
        // The person agrees at one provider, and says no at the other.
        let answer = match redirect_uri.contains("/other/") {
            true => provider.deny(&url),
            false => provider.consent(&url, "ada"),
        };
        let back = Url::parse(&redirect_uri).unwrap().join(&answer).unwrap();
        Redirect::to(back.as_str()).into_response()
    };
    // The link of the next mail to someone. Mails that only inform have none.
    let mail = async move |RawQuery(query): RawQuery| {
        let to = value(query, "to");
        loop {
            if let Some(link) = mailbox.next(&to).await.link {
                return link;
            }
        }
    };
    // What an authenticator app sees on its own clock.
    let app = clock.clone();
    let now = async move || app.now().as_second().to_string();
    let later = async move || clock.advance(LATER);
    // As an operator makes the first superuser.
    let accounts = Arc::new(Accounts { engine: Engine::new(store) });
    let promote = async move |RawQuery(query): RawQuery| {
        let email = EmailAddress::parse(&value(query, "email")).unwrap();
        let user = accounts.get_by_email(&email).await.unwrap().unwrap();
        let cx = Context::system("test");
        accounts.set_superuser(&Admin::system("test"), &user.id, true, &cx).await.unwrap();
        // One superuser must remain when this one is deleted.
        let profile = Customer { display_name: "Root".to_owned(), company: None };
        let root = NewUser::new(EmailAddress::parse("root@example.com").unwrap(), profile);
        accounts.create(root.superuser(true), &cx).await.unwrap();
    };
    let forge = async |RawQuery(query): RawQuery| {
        let fields = FORGED.map(|(name, value)| (name.into(), value.into()));
        let page = super::page(&value(query.clone(), "to"), fields.into_iter());
        // `no-referrer` hides the origin of the page too.
        let policy = HeaderValue::try_from(value(query, "policy")).unwrap();
        ([(header::REFERRER_POLICY, policy)], page)
    };
    let routes = Router::new()
        .route("/authorize", get(authorize))
        .route("/mail", get(mail))
        .route("/later", get(later))
        .route("/now", get(now))
        .route("/promote", get(promote))
        .route("/forge", get(forge));
    let listener = TcpListener::bind(SocketAddr::from(([0, 0, 0, 0], port))).unwrap();
    listener.set_nonblocking(true).unwrap();
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
}
