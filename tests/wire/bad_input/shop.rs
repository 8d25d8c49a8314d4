//! An application over a SQLite file, in this process, so that hashes can be counted and rows compared. It is called without a socket, since
//! a server may close one before it has read a body that is too long.

use std::{error::Error, fmt, pin::Pin, rc::Rc, sync::Arc};

use actix_web::{
    App,
    test::{TestRequest, call_service, init_service, read_body},
};
use axum::{
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::{
    Column, Row, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteRow},
};
use tower::ServiceExt;
use usermgr::{
    Refresh,
    password::{Argon2Params, Argon2id},
    prelude::*,
    testing::{Calls, Counted, Probe},
    token::Reset,
};
use usermgr_tests::{Folder, Framework};

pub(crate) const GOOD: &str = "correct horse battery";

/// A profile with fields that can be wrong in many ways.
#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
pub(crate) struct Card {
    age: u8,
    colour: Colour,
    nickname: Option<String>,
    code: Option<Even>,
    tags: Option<Vec<u8>>,
    #[profile(server)]
    #[serde(default)]
    credits: u32,
    #[profile(server)]
    #[serde(default)]
    staff: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Colour {
    Red,
    Green,
}

/// A text of even length, whose error repeats it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Even(String);

#[derive(Debug)]
struct Odd(String);

impl fmt::Display for Odd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a code: {}", self.0)
    }
}

impl Error for Odd {}

impl TryFrom<String> for Even {
    type Error = Odd;

    fn try_from(text: String) -> Result<Self, Odd> {
        Err(Odd(text))
    }
}

impl From<Even> for String {
    fn from(even: Even) -> Self {
        even.0
    }
}

struct Accounts {
    engine: Engine<SqliteStore<Card>>,
    probe: Probe,
}

#[user_manager(store = SqliteStore<Card>, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {
    async fn on_after_forgot_password(&self, user: &User<Card>, token: &ResetToken) {
        self.probe.keep(&user.email, token);
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// With the headers, since nothing may be echoed there either.
    #[expect(dead_code, reason = "shown by Debug")]
    headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    fn new(status: u16, headers: HeaderMap, body: Bytes) -> Self {
        Self { status, headers, text: String::from_utf8(body.into()).unwrap() }
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// The application as a function.
type Front = Box<dyn Fn(Request<Bytes>) -> Pin<Box<dyn Future<Output = Answer>>>>;

fn axum(accounts: Arc<Accounts>) -> Front {
    let router = usermgr::axum::routes::<Accounts, Arc<Accounts>>()
        .merge(usermgr::axum::directory_routes())
        .merge(usermgr::axum::session_routes())
        .fallback(usermgr::axum::not_found)
        .with_state(accounts);
    Box::new(move |request| {
        let answer = router.clone().oneshot(request.map(Body::from));
        Box::pin(async {
            let (parts, body) = answer.await.unwrap().into_parts();
            Answer::new(parts.status.as_u16(), parts.headers, to_bytes(body, usize::MAX).await.unwrap())
        })
    })
}

async fn actix(accounts: Arc<Accounts>) -> Front {
    let app = Rc::new(init_service(App::new().configure(usermgr::actix::configure(accounts).unwrap())).await);
    Box::new(move |request| {
        let app = Rc::clone(&app);
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let method = actix_web::http::Method::from_bytes(parts.method.as_str().as_bytes()).unwrap();
            let mut request = TestRequest::with_uri(&parts.uri.to_string()).method(method).set_payload(body);
            for (name, value) in &parts.headers {
                request = request.append_header((name.as_str(), value.as_bytes()));
            }
            let answer = call_service(&*app, request.to_request()).await;
            let status = answer.status().as_u16();
            let headers = answer.headers().iter().map(|(name, value)| {
                (HeaderName::from_bytes(name.as_ref()).unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap())
            });
            Answer::new(status, headers.collect(), read_body(answer).await)
        })
    })
}

pub(crate) struct Shop {
    accounts: Arc<Accounts>,
    front: Front,
    hashes: Calls,
    folder: Folder,
    /// An ordinary user's id and token, and a superuser's token.
    pub(crate) ada: String,
    pub(crate) ada_token: String,
    pub(crate) root_token: String,
}

impl Shop {
    pub(crate) async fn open(framework: Framework) -> Self {
        let folder = Folder::new();
        let hashes = Calls::default();
        let hasher = Counted::new(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()), hashes.clone());
        let engine = Engine::builder(SqliteStore::open(folder.file("shop.db")).await.unwrap())
            .backend(Backend::bearer("bearer", Database::new()))
            .backend(Backend::bearer("renewing", Jwt::new().with_refresh(Refresh::new())))
            .hasher(hasher)
            .build()
            .unwrap();
        let accounts = Arc::new(Accounts { engine, probe: Probe::default() });
        let cx = Context::system("seed");
        let mut ids = Vec::new();
        let mut tokens = Vec::new();
        for (email, is_superuser) in [("ada@example.com", false), ("root@example.com", true)] {
            let profile = Card {
                age: 36,
                colour: Colour::Green,
                nickname: None,
                code: None,
                tags: None,
                credits: 3,
                staff: false,
            };
            let new = NewUser::new(EmailAddress::parse(email).unwrap(), profile);
            let new = new.password(GOOD).superuser(is_superuser);
            ids.push(accounts.create(new, &cx).await.unwrap().id.to_string());
            let login = accounts.login(Credentials::new(email, GOOD), "bearer", &cx).await.unwrap();
            tokens.push(login.token.expose().to_owned());
        }
        let front = match framework {
            Framework::Axum => axum(accounts.clone()),
            Framework::Actix => actix(accounts.clone()).await,
        };
        let [ada_token, root_token] = <[String; 2]>::try_from(tokens).unwrap();
        Self { accounts, front, hashes, folder, ada: ids.swap_remove(0), ada_token, root_token }
    }

    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        media: Option<&str>,
        body: Bytes,
    ) -> Answer {
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().unwrap();
        if let Some(media) = media {
            request.headers_mut().insert(header::CONTENT_TYPE, media.parse().unwrap());
        }
        if let Some(token) = token {
            let value = HeaderValue::from_bytes(format!("Bearer {token}").as_bytes()).unwrap();
            request.headers_mut().insert(header::AUTHORIZATION, value);
        }
        (self.front)(request).await
    }

    /// Asks with a body in JSON.
    pub(crate) async fn send(&self, method: &Method, path: &str, token: Option<&str>, body: &Value) -> Answer {
        self.ask(method.clone(), path, token, Some("application/json"), body.to_string().into()).await
    }

    pub(crate) fn hashes(&self) -> usize {
        self.hashes.all().len()
    }

    pub(crate) async fn settle(&self) {
        self.accounts.engine.settle().await;
    }

    pub(crate) async fn reset_token(&self) -> String {
        let user = self.accounts.get(&self.ada.parse().unwrap()).await.unwrap().unwrap();
        self.accounts.forgot_password(&user, &Context::default()).await.unwrap();
        self.accounts.probe.token::<Reset>("ada@example.com").unwrap().expose().to_owned()
    }

    async fn pool(&self) -> SqlitePool {
        let options = SqliteConnectOptions::new().filename(self.folder.file("shop.db")).read_only(true);
        SqlitePool::connect_with(options).await.unwrap()
    }

    /// The account of an address as it is stored, column by column, read past the library.
    pub(crate) async fn row(&self, email: &str) -> Vec<(String, Option<String>)> {
        let query = sqlx::query("SELECT * FROM usermgr_users WHERE email = ?").bind(email);
        cells(&query.fetch_one(&self.pool().await).await.unwrap())
    }

    /// The names of all columns of all tables.
    pub(crate) async fn columns(&self) -> Vec<String> {
        let tables = "SELECT c.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'";
        sqlx::query_scalar(tables).fetch_all(&self.pool().await).await.unwrap()
    }

    /// Every value of every row of ours, read past the library.
    pub(crate) async fn dump(&self) -> Vec<String> {
        let pool = self.pool().await;
        let mut lines = Vec::new();
        for query in ["SELECT * FROM usermgr_users ORDER BY id", "SELECT * FROM usermgr_sessions ORDER BY id"] {
            for row in sqlx::query(query).fetch_all(&pool).await.unwrap() {
                let cells = cells(&row).into_iter().map(|(name, value)| format!("{name}={value:?}"));
                lines.push(cells.collect::<Vec<_>>().join(" "));
            }
        }
        assert_eq!(lines.len(), 4, "two users with a session each: {lines:?}");
        lines
    }
}

/// Each column with its value as text.
fn cells(row: &SqliteRow) -> Vec<(String, Option<String>)> {
    let cell = |at| {
        let value = row.try_get_unchecked::<Option<Vec<u8>>, _>(at).unwrap();
        (row.column(at).name().to_owned(), value.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    };
    (0..row.len()).map(cell).collect()
}
