//! Handlers of two managers in one application, typed by manager, on both frameworks; and tenants, whose manager is found per request.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use actix_web::{guard, web};
use axum::{
    Router,
    extract::{FromRef, Request, State},
    http::header,
    response::{IntoResponse as _, Response},
    routing::get,
};
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;
use tower::ServiceExt as _;
use usermgr::{http::Routes, prelude::*, sql::SqlOptions, testing::Client};

use crate::rig::{ADA, GOOD, SECRET, cheap, file, system};

#[derive(Clone, Debug, Default, Serialize, Deserialize, Profile)]
struct Badge {
    #[profile(server)]
    number: u32,
}

type StaffStore = SqliteStore<Badge, i64>;
type CustomerStore = SqliteStore<NoProfile, i64>;

struct Staff {
    engine: Engine<StaffStore>,
}

#[user_manager(store = StaffStore, secret = SECRET)]
impl Staff {}

struct Customers {
    engine: Engine<CustomerStore>,
}

#[user_manager(store = CustomerStore, secret = SECRET)]
impl Customers {}

fn engine<S: usermgr::store::SessionStore>(store: S) -> Engine<S> {
    Engine::builder(store)
        .backend(Backend::bearer("bearer", Database::new()))
        .backend(Backend::cookie("cookie", CookieOptions::default(), Database::new()))
        .hasher(cheap())
        .build()
        .unwrap()
}

/// The state of the application.
#[derive(Clone)]
struct Shop {
    staff: Arc<Staff>,
    customers: Arc<Customers>,
}

impl FromRef<Shop> for Arc<Staff> {
    fn from_ref(shop: &Shop) -> Self {
        shop.staff.clone()
    }
}

impl FromRef<Shop> for Arc<Customers> {
    fn from_ref(shop: &Shop) -> Self {
        shop.customers.clone()
    }
}

impl Shop {
    /// Ada of the staff, and Ada and Bob who are customers. The two Adas have one id.
    async fn open() -> Self {
        let path = file();
        let staff = SqlOptions::new().prefix("staff_").open(&path).await.unwrap();
        let customers = SqliteStore::open(&path).await.unwrap();
        let (staff, customers) = (Staff { engine: engine(staff) }, Customers { engine: engine(customers) });
        let address = |email| EmailAddress::parse(email).unwrap();
        let ada = NewUser::new(address(ADA), Badge { number: 7 }).password(GOOD);
        assert_eq!(staff.create(ada, &system()).await.unwrap().id, 1);
        for email in [ADA, "bob@example.com"] {
            customers.create(NewUser::new(address(email), NoProfile).password(GOOD), &system()).await.unwrap();
        }
        Self { staff: Arc::new(staff), customers: Arc::new(customers) }
    }

    /// The routes of both, each below a path, and routes of the application at the root that ask for one or the other.
    fn axum(self) -> Router {
        Router::new()
            .route("/badge", get(axum_badge))
            .route("/basket", get(axum_basket))
            .nest(
                "/staff",
                usermgr::axum::session_routes::<Staff, Self>().merge(usermgr::axum::routes::<Staff, Self>()),
            )
            .nest("/customers", usermgr::axum::routes::<Customers, Self>())
            .with_state(self)
    }
}

async fn axum_badge(who: usermgr::axum::CurrentUser<Staff>) -> String {
    format!("{} has badge {}", who.email, who.profile.number)
}

async fn axum_basket(
    who: usermgr::axum::CurrentUser<Customers>,
    staff: Option<usermgr::axum::CurrentUser<Staff>>,
    State(customers): State<Arc<Customers>>,
) -> String {
    let sessions = customers.sessions(&who, &system()).await.unwrap().len();
    format!("{} has {sessions} sessions, staff: {}", who.email, staff.is_some())
}

async fn actix_badge(who: usermgr::actix::CurrentUser<Staff>) -> String {
    format!("{} has badge {}", who.email, who.profile.number)
}

async fn actix_basket(
    who: usermgr::actix::CurrentUser<Customers>,
    staff: usermgr::actix::Optional<usermgr::actix::CurrentUser<Staff>>,
) -> String {
    format!("{}, staff: {}", who.email, staff.is_some())
}

/// Asks both kinds of handlers as both kinds of users.
macro_rules! asks_by_kind {
    ($client:expr, $prefixed:expr) => {
        let (client, prefixed) = ($client, $prefixed);
        let of = async |root: &str, email: &str| {
            let client = prefixed(root);
            client.login("bearer", email, GOOD).await.expect(200);
            client.token().unwrap()
        };
        let (staff, customer) = (of("/staff", ADA).await, of("/customers", ADA).await);
        let browser = prefixed("/staff");
        browser.login("cookie", ADA, GOOD).await.expect(204);
        let cookie = browser.cookie("__Host-usermgr-staff").unwrap();
        let ask = async |path: &str, token: &str| {
            let reply = client.get(path).header("authorization", &format!("Bearer {token}")).await;
            (reply.status.as_u16(), reply.text().to_owned())
        };
        assert_eq!(ask("/badge", &staff).await, (200, format!("{ADA} has badge 7")));
        assert_eq!(ask("/badge", &customer).await.0, 401);
        assert_eq!(ask("/basket", &staff).await.0, 401);
        let (status, text) = ask("/basket", &customer).await;
        assert!(status == 200 && text.starts_with(ADA) && text.ends_with("staff: false"), "{text}");
        // Both at once: each extractor finds its own.
        let both = client.get("/basket").header("authorization", &format!("Bearer {customer}"));
        let reply = both
            .header("cookie", &format!("__Host-usermgr-staff={cookie}"))
            .header("sec-fetch-site", "same-origin")
            .await;
        assert!(reply.expect(200).text().ends_with("staff: true"));
    };
}

#[tokio::test]
async fn ku9_an_extractor_finds_the_users_of_its_manager_on_axum() {
    let client = Client::new(Shop::open().await.axum());
    asks_by_kind!(client.clone(), |root: &str| client.clone().prefix(root));
}

#[tokio::test]
async fn ku9_an_extractor_finds_the_users_of_its_manager_on_actix() {
    let Shop { staff, customers } = Shop::open().await;
    let (staff_routes, customer_routes) =
        (usermgr::actix::routes(staff.clone()), usermgr::actix::routes(customers.clone()));
    let client = Client::actix(move |config: &mut web::ServiceConfig| {
        config
            .app_data(web::Data::from(staff))
            .app_data(web::Data::from(customers))
            .route("/badge", web::get().to(actix_badge))
            .route("/basket", web::get().to(actix_basket))
            .service(web::scope("/staff").configure(staff_routes))
            .service(web::scope("/customers").configure(customer_routes));
    })
    .await;
    asks_by_kind!(client.clone(), |root: &str| client.clone().prefix(root));
}

/// One type for all tenants, each with tables of its own.
struct Accounts {
    engine: Engine<SqliteStore>,
}

#[user_manager(store = SqliteStore, secret = SECRET)]
impl Accounts {}

async fn accounts(path: &str, tenant: &str) -> Arc<Accounts> {
    let store = SqlOptions::new().prefix(format!("{tenant}_")).open(path).await.unwrap();
    Arc::new(Accounts { engine: engine(store) })
}

async fn hello(who: usermgr::axum::CurrentUser<Accounts>, State(accounts): State<Arc<Accounts>>) -> String {
    format!("{} of {}", who.email, accounts.engine.realm().unwrap_or("none"))
}

/// The applications of the tenants, each made at the first request for it.
struct Tenants {
    path: String,
    known: [&'static str; 2],
    apps: Mutex<HashMap<String, Arc<OnceCell<Router>>>>,
    made: AtomicUsize,
}

impl Tenants {
    async fn app(&self, host: &str) -> Option<Router> {
        let tenant = host.strip_suffix(".example.com").filter(|tenant| self.known.contains(tenant))?;
        let app = self.apps.lock().unwrap().entry(tenant.to_owned()).or_default().clone();
        let made = app.get_or_init(async || {
            self.made.fetch_add(1, Ordering::SeqCst);
            let accounts = accounts(&self.path, tenant).await;
            Router::new().route("/hello", get(hello)).merge(usermgr::axum::routes()).with_state(accounts)
        });
        Some(made.await.clone())
    }
}

async fn by_host(State(tenants): State<Arc<Tenants>>, request: Request) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default().to_owned();
    match tenants.app(&host).await {
        Some(app) => app.oneshot(request).await.into_response(),
        None => usermgr::axum::not_found().await,
    }
}

#[tokio::test]
async fn ku10_a_request_reaches_the_manager_of_its_host_which_is_made_once() {
    let tenants =
        Tenants { path: file(), known: ["acme", "umbrella"], apps: Mutex::default(), made: AtomicUsize::new(0) };
    let tenants = Arc::new(tenants);
    let client = Client::new(Router::new().fallback(by_host).with_state(tenants.clone()));
    let at = |tenant: &str| client.clone().header("host", &format!("{tenant}.example.com"));
    // Many at once, before there is any.
    let (acme, umbrella) = (at("acme"), at("umbrella"));
    let get = || acme.get("/users/me");
    for reply in <[_; 4]>::from(tokio::join!(get(), get(), get(), get())) {
        reply.expect(401);
    }
    assert_eq!(tenants.made.load(Ordering::SeqCst), 1);

    // One address is a user of both, with a password for each.
    acme.register(ADA, GOOD).await.expect(201);
    umbrella.register(ADA, "another horse battery").await.expect(201);
    umbrella.login("bearer", ADA, GOOD).await.expect(400);
    acme.login("bearer", ADA, GOOD).await.expect(200);
    assert_eq!(acme.get("/hello").await.expect(200).text(), format!("{ADA} of acme"));
    let token = format!("Bearer {}", acme.token().unwrap());
    umbrella.get("/hello").header("authorization", &token).await.expect(401);
    at("initech").get("/hello").header("authorization", &token).await.expect(404);
    assert_eq!(tenants.made.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn ku10_a_scope_of_actix_has_the_manager_of_its_host() {
    let path = file();
    let (acme, umbrella) = (accounts(&path, "acme").await, accounts(&path, "umbrella").await);
    let tenants = [("acme", acme), ("umbrella", umbrella)]
        .map(|(tenant, accounts)| (format!("{tenant}.example.com"), usermgr::actix::configure(accounts).unwrap()));
    let client = Client::actix(move |config: &mut web::ServiceConfig| {
        for (host, routes) in tenants {
            config.service(web::scope("").guard(guard::Host(host)).configure(routes));
        }
    })
    .await;
    let at = |tenant: &str| client.clone().header("host", &format!("{tenant}.example.com"));
    let (acme, umbrella) = (at("acme"), at("umbrella"));
    acme.register(ADA, GOOD).await.expect(201);
    acme.login("bearer", ADA, GOOD).await.expect(200);
    assert_eq!(acme.get("/users/me").await.expect(200).json["email"], ADA);
    let token = format!("Bearer {}", acme.token().unwrap());
    umbrella.get("/users/me").header("authorization", &token).await.expect(401);
    umbrella.login("bearer", ADA, GOOD).await.expect(400);
    at("initech").get("/users/me").await.expect(404);
}

#[tokio::test]
async fn ku2_each_document_names_the_cookie_of_its_kind() {
    let path = file();
    for tenant in ["acme", "umbrella"] {
        let accounts = accounts(&path, tenant).await;
        let routes = Routes::new().prefix(&format!("/{tenant}"));
        let document = serde_json::to_string(&usermgr::openapi::document(&*accounts, &routes)).unwrap();
        let cookie = format!("\"__Host-usermgr-{tenant}\"");
        assert!(document.contains(&cookie) && document.contains(&format!("/{tenant}/users/me")), "{document}");
    }
}
