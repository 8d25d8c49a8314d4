//! Register, login and `GET /users/me`, by hand and as fast as these crates allow: what usermgr is measured against. It takes the URL
//! of a database and says where it listens.

use std::{error::Error, sync::Arc, time};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use axum::{
    Form, Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sqlx::Row as _;
use subtle::ConstantTimeEq;
use tokio::sync::{Mutex, Semaphore};
use uuid::Uuid;

#[cfg(feature = "postgres")]
type Pool = sqlx::PgPool;
#[cfg(not(feature = "postgres"))]
type Pool = sqlx::SqlitePool;
type Failed = StatusCode;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS users (id TEXT NOT NULL PRIMARY KEY, email TEXT NOT NULL UNIQUE, hash TEXT NOT NULL, \
     stamp TEXT NOT NULL, is_active BOOLEAN NOT NULL, is_superuser BOOLEAN NOT NULL, is_verified BOOLEAN NOT NULL)";
const INSERT: &str = "INSERT INTO users (id, email, hash, stamp, is_active, is_superuser, is_verified) \
     VALUES ($1, $2, $3, $4, TRUE, FALSE, FALSE)";
const BY_ID: &str = "SELECT email, stamp, is_active, is_superuser, is_verified FROM users WHERE id = $1";
const BY_EMAIL: &str = "SELECT id, hash, stamp, is_active FROM users WHERE email = $1";
const HOUR: u64 = 3600;

struct App {
    readers: Pool,
    writer: Pool,
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    hashing: Semaphore,
    memory: Mutex<Vec<Vec<Block>>>,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: String,
    st: String,
    exp: u64,
}

#[derive(Deserialize)]
struct Registration {
    email: String,
    password: String,
}

#[derive(Deserialize)]
struct Login {
    username: String,
    password: String,
}

#[derive(Serialize)]
struct Token {
    access_token: String,
    token_type: &'static str,
}

#[derive(Serialize)]
struct User {
    id: String,
    email: String,
    is_active: bool,
    is_superuser: bool,
    is_verified: bool,
}

impl App {
    /// One hash for each processor at once, each in memory that was used before.
    async fn hash(&self, password: String, salt: Vec<u8>) -> Result<Vec<u8>, Failed> {
        let _place = self.hashing.acquire().await.map_err(internal)?;
        let mut blocks = self.memory.lock().await.pop().unwrap_or_default();
        let (blocks, tag) = tokio::task::spawn_blocking(move || {
            let params = Params::new(19_456, 2, 1, Some(32))?;
            blocks.resize(params.block_count(), Block::new());
            let mut tag = vec![0; 32];
            Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into_with_memory(
                password.as_bytes(),
                &salt,
                &mut tag,
                &mut blocks,
            )?;
            Ok::<_, argon2::Error>((blocks, tag))
        })
        .await
        .map_err(internal)?
        .map_err(internal)?;
        self.memory.lock().await.push(blocks);
        Ok(tag)
    }
}

async fn register(
    State(app): State<Arc<App>>,
    Json(new): Json<Registration>,
) -> Result<(StatusCode, Json<User>), Failed> {
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(internal)?;
    let (salt, stamp) = (random[..16].to_vec(), STANDARD_NO_PAD.encode(&random[16..]));
    let tag = app.hash(new.password, salt.clone()).await?;
    let hash =
        format!("$argon2id$v=19$m=19456,t=2,p=1${}${}", STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(tag));
    let (id, email) = (Uuid::now_v7().to_string(), new.email.to_lowercase());
    let insertion = sqlx::query(INSERT).bind(&id).bind(&email).bind(hash).bind(stamp).execute(&app.writer).await;
    insertion.map_err(|error| match error.as_database_error() {
        Some(error) if error.is_unique_violation() => StatusCode::BAD_REQUEST,
        _ => internal(error),
    })?;
    Ok((StatusCode::CREATED, Json(User { id, email, is_active: true, is_superuser: false, is_verified: false })))
}

async fn login(State(app): State<Arc<App>>, Form(login): Form<Login>) -> Result<Json<Token>, Failed> {
    let query = sqlx::query(BY_EMAIL).bind(login.username.to_lowercase());
    let row = query.fetch_optional(&app.readers).await.map_err(internal)?;
    // The work is the same for an account that is not there.
    let stored = row.as_ref().map_or(Ok(""), |row| row.try_get("hash")).map_err(internal)?;
    let mut parts = stored.rsplit('$').map(|part| STANDARD_NO_PAD.decode(part).unwrap_or_default());
    let (expected, salt) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_else(|| vec![0; 16]));
    let tag = app.hash(login.password, salt).await?;
    let row = row.filter(|_| bool::from(tag.ct_eq(&expected))).ok_or(StatusCode::BAD_REQUEST)?;
    if !row.try_get("is_active").map_err(internal)? {
        return Err(StatusCode::BAD_REQUEST);
    }
    let (sub, st) = (row.try_get("id").map_err(internal)?, row.try_get("stamp").map_err(internal)?);
    let claims = Claims { sub, st, exp: now() + HOUR };
    let access_token = jsonwebtoken::encode(&Header::default(), &claims, &app.encoding).map_err(internal)?;
    Ok(Json(Token { access_token, token_type: "bearer" }))
}

async fn me(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Json<User>, Failed> {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let token = bearer.ok_or(StatusCode::UNAUTHORIZED)?;
    let claims = jsonwebtoken::decode::<Claims>(token, &app.decoding, &app.validation);
    let claims = claims.map_err(|_| StatusCode::UNAUTHORIZED)?.claims;
    let row = sqlx::query(BY_ID).bind(&claims.sub).fetch_optional(&app.readers).await.map_err(internal)?;
    let row = row.ok_or(StatusCode::UNAUTHORIZED)?;
    let stamp: &str = row.try_get(1).map_err(internal)?;
    let flag = |index: usize| row.try_get::<bool, _>(index).map_err(internal);
    if stamp != claims.st || !flag(2)? {
        return Err(StatusCode::UNAUTHORIZED);
    }
    let email = row.try_get(0).map_err(internal)?;
    Ok(Json(User { id: claims.sub, email, is_active: true, is_superuser: flag(3)?, is_verified: flag(4)? }))
}

fn internal(_: impl Error) -> Failed {
    StatusCode::INTERNAL_SERVER_ERROR
}

fn now() -> u64 {
    time::SystemTime::now().duration_since(time::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(feature = "postgres")]
async fn connect(url: &str) -> Result<(Pool, Pool), sqlx::Error> {
    let pool = Pool::connect(url).await?;
    Ok((pool.clone(), pool))
}

/// The settings of `SqliteStore`: many readers, one writer, and a write is on the disk when it is acknowledged.
#[cfg(not(feature = "postgres"))]
async fn connect(url: &str) -> Result<(Pool, Pool), sqlx::Error> {
    use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
    let options = url.parse::<SqliteConnectOptions>()?.create_if_missing(true).foreign_keys(true);
    let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
    let pool = || SqlitePoolOptions::new().test_before_acquire(false);
    let writer = pool().max_connections(1).connect_with(options.clone()).await?;
    Ok((pool().connect_lazy_with(options), writer))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).ok_or("say the URL of a database")?;
    let (readers, writer) = connect(&url).await?;
    sqlx::query(TABLE).execute(&writer).await?;
    let mut secret = [0; 32];
    getrandom::fill(&mut secret)?;
    let app = App {
        readers,
        writer,
        encoding: EncodingKey::from_secret(&secret),
        decoding: DecodingKey::from_secret(&secret),
        validation: Validation::default(),
        hashing: Semaphore::new(std::thread::available_parallelism()?.get()),
        memory: Mutex::default(),
    };
    let routes = Router::new()
        .route("/auth/register", post(register))
        .route("/auth/jwt/login", post(login))
        .route("/users/me", get(me))
        .with_state(Arc::new(app));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, routes).await?;
    Ok(())
}
