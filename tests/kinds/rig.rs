//! Staff and customers of a shop: two managers with the same secret over one database, below two paths of one router. The ids are numbers,
//! so that a user of one kind has the id of a user of the other.

use std::{cell::RefCell, sync::Arc};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Method, Request, header},
    routing::get,
};
use serde_json::Value;
use tower::ServiceExt as _;
use usermgr::{
    Limits,
    engine::{EngineBuilder, Factor, FactorContext, Part, Proof},
    http::Routes,
    oauth::OAuth,
    passkeys::{Passkeys, WebauthnRs},
    password::{Argon2Params, Argon2id},
    prelude::*,
    session::{Amr, Method as Way},
    sql::SqlOptions,
    store::{CredentialKind, CredentialStore, Directory, NewCredential, OutboxStore, SessionStore},
    testing::{FakeClock, FakeProvider, Probe},
    token::{KeySet, SigningKey},
};
use usermgr_tests::{Database, DatabaseServer, Folder};

pub(crate) const ADA: &str = "ada@example.com";
pub(crate) const GOOD: &str = "correct horse battery";
pub(crate) const NEW: &str = "another horse battery";
pub(crate) const SECRET: &str = "only-for-tests-0123456789abcdef-x";
pub(crate) const ORIGIN: &str = "https://shop.example";
/// The client and the URI of an application on a device.
pub(crate) const APP_URI: &str = "com.example.shop:/in";
pub(crate) const BADGE: CredentialKind = CredentialKind::new("shop:badge");
/// Below which paths the two are.
pub(crate) const ROOTS: [&str; 2] = ["/staff", "/customers"];

/// What the kinds ask of a store.
pub(crate) trait KindStore:
    SessionStore<Profile = NoProfile, Id = i64> + Directory + CredentialStore + OutboxStore + Clone + 'static
{
}

impl<S> KindStore for S where
    S: SessionStore<Profile = NoProfile, Id = i64> + Directory + CredentialStore + OutboxStore + Clone + 'static
{
}

type User = usermgr::User<NoProfile, i64>;

pub(crate) struct Accounts<S> {
    pub(crate) engine: Engine<S>,
    pub(crate) probe: Probe,
}

#[user_manager(store = S, secret = SECRET)]
impl<S: KindStore> Accounts<S> {
    async fn on_after_request_verify(&self, user: &User, token: &VerifyToken) {
        self.probe.keep(&user.email, token);
    }

    async fn on_after_forgot_password(&self, user: &User, token: &ResetToken) {
        self.probe.keep(&user.email, token);
    }

    async fn on_after_request_email_change(&self, user: &User, _: &EmailAddress, token: &ChangeEmailToken) {
        self.probe.keep(&user.email, token);
    }

    async fn on_after_request_login(&self, user: &User, mail: &LoginMail) {
        mail.link_token.iter().for_each(|token| self.probe.keep(&user.email, token));
        mail.code.iter().for_each(|code| self.probe.keep(&user.email, code));
    }

    async fn on_after_invite(&self, user: &User, token: &InvitationToken) {
        self.probe.keep(&user.email, token);
    }
}

#[derive(Clone, Copy, Permission)]
pub(crate) enum Can {
    #[permission("orders:read")]
    OrdersRead,
}

impl<S: KindStore> Permits for Accounts<S> {
    type Permission = Can;

    fn permits(&self, _: &User) -> Permissions<Can> {
        [Can::OrdersRead].into_iter().collect()
    }
}

/// The number on a badge, as a second factor.
struct Badges;

impl<S: CredentialStore> Part<S> for Badges {
    fn name(&self) -> &'static str {
        "shop:badge"
    }

    fn install(self, engine: &mut EngineBuilder<S>) {
        engine.add_factor(self);
    }
}

#[async_trait::async_trait]
impl<S> Factor<S> for Badges {
    fn kind(&self) -> CredentialKind {
        BADGE
    }

    fn methods(&self) -> Amr {
        Way::new("shop:badge").into()
    }

    async fn prove(&self, cx: &FactorContext<'_, S>, proof: &Proof) -> Result<bool, usermgr::Fault>
    where
        S: UserStore,
    {
        Ok(cx.of_kind(&BADGE).any(|badge| badge.data == proof.answer()))
    }
}

/// One of the kinds.
pub(crate) struct Kind<S: KindStore> {
    pub(crate) accounts: Arc<Accounts<S>>,
    pub(crate) store: S,
    pub(crate) root: &'static str,
}

/// Both, as one application.
pub(crate) struct Shop<S: KindStore> {
    pub(crate) kinds: [Kind<S>; 2],
    pub(crate) corp: FakeProvider,
    pub(crate) router: Router,
}

pub(crate) fn cheap() -> Argon2id {
    Argon2id::new(Argon2Params::dangerous(8, 1, 1).unwrap())
}

pub(crate) fn system() -> Context {
    Context::system("test")
}

fn keys() -> KeySet {
    KeySet::new(SigningKey::es256("key", include_bytes!("../../usermgr/src/token/key_set/test-keys/es256.pem")))
}

impl<S: KindStore> Kind<S> {
    /// An application as it would be without the other one, over one of two stores.
    fn new(store: S, root: &'static str, clock: &FakeClock, corp: &FakeProvider) -> Self {
        let probe = Probe::default();
        let engine = Engine::builder(store.clone())
            .backend(Backend::bearer("session", usermgr::Database::new()))
            .backend(Backend::cookie("cookie", CookieOptions::default(), usermgr::Database::new()))
            .backend(Backend::bearer("jwt", Jwt::new()))
            .backend(Backend::bearer("keys", Jwt::new().audience("keys").keys(keys())))
            .backend(Backend::bearer("revocable", Jwt::new().audience("revocable").revocable()))
            .backend(Backend::bearer("refresh", Jwt::new().audience("refresh").with_refresh(Refresh::new())))
            .hasher(cheap())
            .clock(clock.clone())
            .audit(probe.clone())
            .limits(Limits::dangerous_none())
            .outbox()
            .with(Badges)
            .with(MailLogin::new())
            .with(Invitations::new())
            .with(ApiKeys::new("shop"))
            .with(Passkeys::new(WebauthnRs::new("shop.example", [ORIGIN]).unwrap()))
            .with(
                OAuth::at(format!("{ORIGIN}{root}")).provider(corp.provider("corp")).app(APP_URI).client(corp.clone()),
            )
            .build()
            .unwrap();
        let accounts = Arc::new(Accounts { engine, probe });
        accounts.check().unwrap();
        Self { accounts, store, root }
    }

    /// One without the other.
    pub(crate) fn alone(store: S, root: &'static str) -> Self {
        let clock = FakeClock::start();
        Self::new(store, root, &clock, &FakeProvider::with_clock("https://id.corp.example", clock.clone()))
    }

    /// The routes, and one of the application that takes API keys.
    fn router(&self) -> Router {
        let routes = Routes::<Accounts<S>>::of_engine(&self.accounts.engine);
        usermgr::axum::mount::<_, Arc<Accounts<S>>>(routes)
            .route(
                "/orders",
                get(async |who: usermgr::axum::Requires<Accounts<S>, can::OrdersRead>| who.email.to_string()),
            )
            .fallback(usermgr::axum::not_found)
            .with_state(self.accounts.clone())
    }

    /// A user with [`GOOD`] for their password.
    pub(crate) async fn add(&self, email: &str, change: impl FnOnce(NewUser) -> NewUser) -> User {
        let new = NewUser::new(EmailAddress::parse(email).unwrap(), NoProfile).password(GOOD);
        self.accounts.create(change(new), &system()).await.unwrap()
    }

    /// Gives a user a badge.
    pub(crate) async fn give_badge(&self, user: &User) {
        let badge = NewCredential::new(user.id, BADGE, "1815", self.accounts.engine.now());
        self.insert(&badge).await;
    }

    pub(crate) async fn insert(&self, credential: &NewCredential<i64>) {
        let mut tx = self.store.begin().await.unwrap();
        self.store.insert_credential(&mut tx, credential).await.unwrap();
        self.store.commit(tx).await.unwrap();
    }

    /// Delivers what is due, and waits for what is done in the background.
    pub(crate) async fn settle(&self) {
        self.accounts.engine.settle().await;
        self.accounts.deliver_due().await.unwrap();
        self.accounts.engine.settle().await;
    }

    /// A token of a purpose that a hook was given for this address.
    pub(crate) fn token<P: usermgr::token::Purpose>(&self, email: &str) -> String {
        self.accounts.probe.token::<P>(email).expect("a token was sent").expose().to_owned()
    }
}

impl<S: KindStore> Shop<S> {
    pub(crate) fn new(stores: [S; 2]) -> Self {
        let clock = FakeClock::start();
        let corp = FakeProvider::with_clock("https://id.corp.example", clock.clone());
        corp.person("ada", serde_json::json!({ "email": ADA, "email_verified": true }));
        let [staff, customers] = stores;
        let kinds = [(staff, ROOTS[0]), (customers, ROOTS[1])];
        let kinds = kinds.map(|(store, root)| Kind::new(store, root, &clock, &corp));
        let router = kinds.iter().fold(Router::new(), |router, kind| router.nest(kind.root, kind.router()));
        Self { kinds, corp, router }
    }

    pub(crate) fn now(&self) -> jiff::Timestamp {
        self.kinds[0].accounts.engine.now()
    }

    pub(crate) async fn ask(&self, root: &str, ask: &Ask) -> Reply {
        let mut request = Request::new(Body::from(ask.body.as_ref().map(Value::to_string).unwrap_or_default()));
        *request.method_mut() = ask.method.clone();
        *request.uri_mut() = format!("{root}{}", ask.path).parse().unwrap();
        if ask.body.is_some() {
            request.headers_mut().insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
        }
        for (name, value) in &ask.headers {
            request.headers_mut().append(name, value.parse().unwrap());
        }
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let header =
            |name| parts.headers.get_all(name).iter().map(|value| value.to_str().unwrap().to_owned()).collect();
        Reply {
            status: parts.status.as_u16(),
            cookies: header(header::SET_COOKIE),
            location: header(header::LOCATION),
            text: String::from_utf8(body.into()).unwrap(),
        }
    }
}

/// A request, without the path of its kind.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: Vec<(header::HeaderName, String)>,
    pub(crate) body: Option<Value>,
}

impl Ask {
    pub(crate) fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), headers: Vec::new(), body: None }
    }

    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    pub(crate) fn post(path: impl Into<String>, body: Value) -> Self {
        Self { body: Some(body), ..Self::new(Method::POST, path) }
    }

    pub(crate) fn with(mut self, name: header::HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.with(header::AUTHORIZATION, format!("Bearer {token}"))
    }

    /// The same request with another text for one that it has.
    pub(crate) fn replaced(&self, from: &str, to: &str) -> Self {
        let headers = self.headers.iter().map(|(name, value)| (name.clone(), value.replace(from, to)));
        let body = self.body.as_ref().map(|body| serde_json::from_str(&body.to_string().replace(from, to)).unwrap());
        Self { method: self.method.clone(), path: self.path.replace(from, to), headers: headers.collect(), body }
    }
}

/// What came back.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) cookies: Vec<String>,
    pub(crate) location: Vec<String>,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }
}

thread_local! {
    /// What the test on this thread works in.
    static KEPT: RefCell<(Vec<Folder>, Vec<Database>)> = const { RefCell::new((Vec::new(), Vec::new())) };
}

/// A new file of SQLite.
pub(crate) fn file() -> String {
    let folder = Folder::over(None);
    let path = folder.file("users.db").to_str().unwrap().to_owned();
    KEPT.with_borrow_mut(|(folders, _)| folders.push(folder));
    path
}

/// A new database on a server. `None` if there is no server.
pub(crate) fn database(server: DatabaseServer) -> Option<String> {
    let database = server.database()?;
    let url = database.url().to_owned();
    KEPT.with_borrow_mut(|(_, databases)| databases.push(database));
    Some(url)
}

/// The stores of staff and of customers in one database. Those of customers have the usual prefix.
pub(crate) async fn sqlite() -> [SqliteStore<NoProfile, i64>; 2] {
    let path = file();
    let staff = SqlOptions::new().prefix("staff_").open(&path).await.unwrap();
    [staff, SqliteStore::open(&path).await.unwrap()]
}

pub(crate) async fn postgres() -> Option<[PgStore<NoProfile, i64>; 2]> {
    let url = database(DatabaseServer::Postgres)?;
    let staff = SqlOptions::new().prefix("staff_").connect(&url).await.unwrap();
    Some([staff, PgStore::connect(&url).await.unwrap()])
}

pub(crate) async fn mariadb() -> Option<[MysqlStore<NoProfile, i64>; 2]> {
    let url = database(DatabaseServer::MariaDb)?;
    let staff = SqlOptions::new().prefix("staff_").connect(&url).await.unwrap();
    Some([staff, MysqlStore::connect(&url).await.unwrap()])
}

/// Makes of each test one over each database.
macro_rules! over_every_database {
    ($($test:ident)+) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $test() {
                super::$test(crate::rig::sqlite().await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test]
            async fn $test() {
                let Some(stores) = crate::rig::postgres().await else { return };
                super::$test(stores).await;
            })+
        }
        mod mariadb {
            $(#[tokio::test]
            async fn $test() {
                let Some(stores) = crate::rig::mariadb().await else { return };
                super::$test(stores).await;
            })+
        }
    };
}
pub(crate) use over_every_database;
